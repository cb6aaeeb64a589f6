"""A worker whose clock jumps, while that of Kafka is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agents.harness import System, ticks, until
from tests.agents.test_faults import check
from tests.agents.toys import TALLIES, TICKS
from tests.clock import WrongClock

pytestmark = pytest.mark.kafka

DAY_S = 86_400


def test_clocks_that_jump_lose_nothing(system: System, tmp_path: Path) -> None:
    clock = WrongClock(tmp_path / "clock")
    worker = system.worker(**clock.environment).ready()
    records = ticks(names=20, each=40)
    clock.set(-3 * DAY_S)
    system.publish_ticks(records[:200])
    system.settle()
    # What it makes of a record is not known before that record: else it would look as if from the future.
    assert min(row.at_ms for row in system.read(TALLIES)) >= min(row.at_ms for row in system.read(TICKS))
    clock.set(600)
    system.publish_ticks(records[200:400])
    system.settle()
    assert worker.exits() == []
    # Kafka takes no record that is more than an hour ahead.
    clock.set(DAY_S)
    system.publish_ticks(records[400:600])
    until(worker.exits, 30, "the stage to give up")
    assert system.behind() > 0
    clock.set(0)
    system.publish_ticks(records[600:])
    system.settle()
    assert set(worker.exits()) == {"exit code 70"}
    check(system, records)
