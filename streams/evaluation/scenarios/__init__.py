"""Scenario suites: small worlds as JSON Lines with what a careful analyst would say of each, played and judged.

docs/SCENARIOS.md documents the format. `streams.scenarios` has the scenarios that ship as code.
"""

from streams.evaluation.scenarios.playing import Failure, Verdict, chosen, judge, judge_all
from streams.evaluation.scenarios.reading import ScenarioError, World, read_file, read_folder

__all__ = [
    "Failure",
    "ScenarioError",
    "Verdict",
    "World",
    "chosen",
    "judge",
    "judge_all",
    "read_file",
    "read_folder",
]
