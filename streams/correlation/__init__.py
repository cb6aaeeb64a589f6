"""Evidence to shutdowns. Pure: no Kafka, no clock, no I/O; the rules are data."""

from streams.correlation.country import Changes, CountryState
from streams.correlation.rules import Rule, Rules, RulesError, default_rules, load_rules
from streams.correlation.stage import CorrelateStage

__all__ = [
    "Changes",
    "CorrelateStage",
    "CountryState",
    "Rule",
    "Rules",
    "RulesError",
    "default_rules",
    "load_rules",
]
