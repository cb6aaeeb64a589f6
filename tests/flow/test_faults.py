"""Faults in the middle of the work, fewer and shorter than `python -m benchmarks.faults` causes them: what stands
in the end is what stands without Kafka."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.faults.bench import Bench, Outcome
from benchmarks.faults.causes import FAULTS
from streams.kafka import Broker
from streams.scenarios import scenario_named
from tests.flow.test_flood import flood
from topics import encode

pytestmark = pytest.mark.kafka

SCENARIO = scenario_named("kazakhstan-2021-02-28")


@pytest.fixture
def bench(kafka: Broker, tmp_path: Path) -> Iterator[Bench]:
    records = [(topic, topic.key(record), encode(record)) for topic, record in SCENARIO.records()]
    # The seed case comes in among reports of others, for a quarter of a minute.
    reports = list(flood(180))
    sent = [*reports[:90], *records, *reports[90:]]
    yield Bench(kafka, tmp_path, kills=6, pause_s=8, joins=1, sent=sent, at_once=7)
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.mark.parametrize("fault", ["kills", "storm", "corrupted-state", "state-disk-full"])
def test_nothing_is_lost_and_nothing_doubled(bench: Bench, fault: str) -> None:
    outcome: Outcome = bench.run(fault, FAULTS[fault])
    if outcome.lost is None:
        pytest.skip(outcome.note)
    assert outcome.good, outcome
