"""The rules of correlation as data: named, versioned, explained, read from one TOML file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property
from importlib import resources
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

from streams.errors import StreamsError
from streams.files import small_text
from topics import digest


class RulesError(StreamsError):
    """A rule file that can't be used; the message says which rule and why."""


@dataclass(frozen=True)
class Rule:
    """One rule: its id, value (seconds where the id ends in `_s`, km in `_km`), version, and why it is so."""

    id: str
    value: float
    version: int
    why: str


#: Windows in time: none of these may exceed the lateness bound, or late evidence would be joined by chance.
WINDOWS = (
    "outage_claim_clock_s",
    "outage_claim_day_before_s",
    "outage_claim_day_after_s",
    "claim_long_s",
    "claim_open_s",
    "outage_gap_s",
    "interruption_s",
    "nested_lead_s",
    "campaign_apart_s",
    "claim_claim_clock_s",
    "protest_s",
    "incident_gap_s",
    "burst_s",
    "near_clock_s",
    "near_day_s",
)

#: The least and the most that a rule may be, where that is not just 0 and anything.
BOUNDS: dict[str, tuple[float, float]] = {
    "nested_share": (0.01, 1),
    "weight_individual": (0.01, 1),
    "copy_likeness": (50, 100),
    "claim_long_s": (3600, 10**9),
    "claim_ongoing_s": (3600, 10**9),
    "interruption_share": (0, 1),
    "long_share": (0.01, 1),
    "long_days": (1, 1000),
    "long_rate_days": (1, 1000),
    "campaign_days": (2, 1000),
    "off_day_worth": (0, 1),
    "campaign_worth": (0, 1),
    "campaign_share": (0, 1),
    "drop_enough": (0, 1),
    "whole_depth": (0, 1),
    "whole_share": (0, 1),
    "deny_drop": (0.01, 1),
    "deny_covers": (0.01, 1),
    "network_share": (0, 1),
    "partial_share": (0, 1),
    "vague_depth": (0, 1),
    "step_share": (0.1, 100),
    "blocking_networks": (1, 1000),
    "claim_open_s": (3600, 10**9),
    "individuals_shown": (1, 1000),
    "burst_individuals": (2, 10**6),
    "evidence_listed": (1, 200),
    "claims_counted": (1, 1000),
    "protests_counted": (1, 10_000),
    "repeats_counted": (1, 1000),
    "outage_claim_day_after_s": (90_000, 10**9),
}

#: No rule is more than this: a billion years in seconds, and a number that JSON has.
MOST = 2**53

#: Pairs of rules of which the first may not be more than the second, and what would be if it were.
ORDER = (
    *((name, "lateness_s", "evidence would be joined or not by the order in which it comes") for name in WINDOWS),
    ("lateness_s", "expiry_s", "evidence would be refused as too old that is not yet late"),
    ("claim_open_s", "claim_ongoing_s", "a claim that is over would reach further than one that goes on"),
    ("outage_gap_s", "interruption_s", "outages would be one by one rule and two by the other"),
    ("claim_open_s", "silence_s", "a shutdown would be closed as silent while its claim still reaches"),
    ("outage_claim_clock_s", "outage_claim_day_before_s", "a day would have to agree better than a clock time"),
    ("near_clock_s", "near_day_s", "a clock time could miss by more than a day"),
    ("weight_individuals", "weight_organisation", "individuals together would outweigh an organisation"),
    ("burst_individuals", "claims_counted", "fewer people would count than it takes to look coordinated"),
    ("individuals_shown", "burst_individuals", "people would look coordinated who are too few to be shown"),
)


class Conflict(NamedTuple):
    """Rules that can't be as they are, by id, and why."""

    rules: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class Rules:
    """A rule set. Two sets with the same `hash` conclude the same from the same evidence.

    Raises:
        RulesError: rules are out of bounds or conflict.
    """

    all: tuple[Rule, ...]

    def __post_init__(self) -> None:
        if found := conflicts(self.all):
            raise RulesError("; ".join(conflict.words for conflict in found))

    @cached_property
    def _values(self) -> dict[str, float]:
        return {rule.id: rule.value for rule in self.all}

    def seconds(self, name: str) -> int:
        """A rule's value in whole seconds."""
        return int(self._values[name])

    def count(self, name: str) -> int:
        """A rule's value, where it is a number of things."""
        return int(self._values[name])

    def number(self, name: str) -> float:
        """A rule's value."""
        return self._values[name]

    @cached_property
    def _cited(self) -> dict[str, str]:
        return {rule.id: f"{rule.id}/{rule.version}" for rule in self.all}

    @cached_property
    def hash(self) -> str:
        """Fingerprint of all ids, versions and values, 12 hex digits."""
        return digest([[rule.id, rule.version, rule.value] for rule in self.all])[:12]

    def cite(self, name: str) -> str:
        """A rule as events name it: id and version."""
        return self._cited[name]


def conflicts(rules: Iterable[Rule]) -> list[Conflict]:
    """What is wrong with rules taken together, or with one of them alone."""
    values = {rule.id: rule.value for rule in rules}
    found = [
        Conflict((name,), f"`{name}` is {value:g}; no rule is more than {MOST:g}")
        for name, value in values.items()
        if value > MOST
    ]
    for name, (least, most) in BOUNDS.items():
        if not least <= values[name] <= most:
            words = f"`{name}` is {_number(values[name])}; it must be from {_number(least)} to {_number(most)}"
            found.append(Conflict((name,), words))
    for name, other, words in ORDER:
        if values[name] > values[other]:
            both = f"`{name}` is {_number(values[name])}, more than `{other}`, which is {_number(values[other])}"
            found.append(Conflict((name, other), f"{both}: {words}"))
    return found


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:g}"


def load_rules(path: Path | None = None) -> Rules:
    """The default rules, or those of a file that has the same rules with other values.

    Raises:
        RulesError: the file can't be read, lacks a rule, has one that nobody knows, or has values that are out of
            bounds or conflict. The message names the lines.
    """
    if path is None:
        return read_rules(default_text(), "the default rules")
    try:
        text = small_text(path)
    except (OSError, ValueError) as error:
        raise RulesError(f"{path}: can't be read: {error}") from error
    return read_rules(text, str(path))


@cache
def default_rules() -> Rules:
    """The rule set that ships with the package."""
    return load_rules()


def default_text() -> str:
    """The default rules as the TOML file that they are."""
    return (resources.files("streams.correlation") / "rules.toml").read_text(encoding="utf-8")


def read_rules(text: str, where: str) -> Rules:
    """Rules from the text of a TOML file; `where` it is from is what errors begin with.

    Raises:
        RulesError: see `load_rules`.
    """
    try:
        tables: dict[str, Any] = tomllib.loads(text)
    # A number of thousands of digits is a ValueError of another kind.
    except (ValueError, RecursionError) as error:
        raise RulesError(f"{where}: not TOML: {error}") from error
    lines = _lines(text)
    known = tomllib.loads(default_text()).keys()
    faults = [f"{where}: `[{name}]` is missing" for name in sorted(known - tables.keys())]
    for name in sorted(tables.keys() - known):
        close = get_close_matches(name, known, 1)
        hint = f"did you mean `[{close[0]}]`?" if close else "`shutdowns rules show` lists them"
        faults.append(f"{where}, line {lines.get(name, 1)}: `[{name}]` is not a rule; {hint}")
    if faults:
        raise RulesError("\n".join(faults))
    rules = tuple(
        _rule(name, table, f"{where}, line {lines.get(name, 1)}") for name, table in sorted(tables.items())
    )
    if found := conflicts(rules):
        raise RulesError("\n".join(_located(conflict, where, lines) for conflict in found))
    return Rules(rules)


def _located(conflict: Conflict, where: str, lines: Mapping[str, int]) -> str:
    numbers = " and ".join(str(lines.get(f"{name}.value", lines.get(name, 1))) for name in conflict.rules)
    return f"{where}, line{'s' * (len(conflict.rules) > 1)} {numbers}: {conflict.words}"


def _lines(text: str) -> dict[str, int]:
    """The line of each rule's heading, and under `NAME.value` that of its value."""
    found: dict[str, int] = {}
    name = ""
    for number, line in enumerate(text.splitlines(), 1):
        if heading := re.match(r"\s*\[\s*([\w-]+)\s*\]", line):
            name = heading.group(1)
            found[name] = number
        elif re.match(r"\s*value\s*=", line):
            found[f"{name}.value"] = number
    return found


def _rule(name: str, table: Any, where: str) -> Rule:
    if not isinstance(table, dict) or table.keys() != {"value", "version", "why"}:
        raise RulesError(f"{where}: `[{name}]` needs exactly `value`, `version` and `why`")
    value, version = table["value"], table["version"]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < inf:
        raise RulesError(f"{where}: `[{name}]` value must be a number of at least 0, not {value!r}")
    if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version <= MOST:
        raise RulesError(f"{where}: `[{name}]` version must be a whole number from 1, not {version!r}")
    if not isinstance(table["why"], str) or not table["why"].strip():
        raise RulesError(f"{where}: `[{name}]` needs its reason: `why` must be words")
    return Rule(name, value, version, table["why"])
