"""The seed case played through all stages without Kafka: every record of every topic, in order."""

from __future__ import annotations

from functools import cache
from typing import Any

from streams.correlation import CorrelateStage
from streams.pipeline import build_stage
from streams.scenarios import scenario_named
from streams.stage import SOURCES
from tests.correlation.evidence import claim, outage
from topics import Candidate, Record, Topic


@cache
def near_miss() -> Candidate:
    """A candidate: a drop that is claimed only by a copy of its measurement."""
    result = CorrelateStage().process([outage("o"), claim("c", lineage="ioda")], {})
    (found,) = [record for _, record in result.out if isinstance(record, Candidate)]
    return found


def played(name: str = "kazakhstan-2021-02-28") -> tuple[tuple[Topic, Record], ...]:
    """Topic and record of what a scenario publishes and what the stages make of it."""
    raw = scenario_named(name).records()
    found: list[tuple[Topic, Any]] = list(raw)
    for stage, source in SOURCES.items():
        taken = [record for topic, record in found if topic is source]
        found += build_stage(stage).process(taken, {}).out
    return tuple(found)
