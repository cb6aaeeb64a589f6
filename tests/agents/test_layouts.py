"""State says of which layout it is, and a program that reads another doesn't touch it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from kafka.admin import ConfigResource, ConfigResourceType

from streams import admin
from streams.stage import LAYOUT_KEY
from tests.agents.harness import System, ticks
from tests.agents.toys import TICKS
from topics import Topic

pytestmark = pytest.mark.kafka


def changelog(system: System) -> Topic:
    return Topic(system.settings.changelog(system.stage).removeprefix(system.settings.prefix), (), "", "", str, "")


def marks(system: System) -> set[tuple[int, bytes | None]]:
    return {(row.partition, row.value) for row in system.read(changelog(system)) if row.key == LAYOUT_KEY}


def test_state_of_another_layout_is_refused_and_left_as_it_is(system_of: Callable[[str], System]) -> None:
    system = system_of("relaid")
    # State without a mark, as it was written before there were marks, is of the first layout.
    system.publish(changelog(system), [(b"n%d" % name, b"2 2 3") for name in range(8)])
    first = system.worker().ready()
    system.publish_ticks(ticks(8, 3))
    system.settle()
    assert {(one.count, one.seen) for one in system.tallies() if one.id.endswith("/3")} == {(3, 6)}
    assert first.stop() == 0
    assert marks(system) == {(partition, b"1") for partition in range(TICKS.partitions)}

    other = system.worker(TOY_LAYOUT="2")
    assert other.process.wait(120) == 1
    words = "state of relaid is of layout 1, this program reads 2: run `shutdowns rebuild --stage relaid"
    assert words in other.log()
    assert marks(system) == {(partition, b"1") for partition in range(TICKS.partitions)}

    system.worker("b").ready()
    system.publish_ticks(ticks(8, 1, first=4))
    system.settle()
    last = {tally.name: tally for tally in system.tallies() if tally.id.endswith("/4")}
    assert {(one.count, one.seen) for one in last.values()} == {(4, 10)}


def test_nobody_starts_on_state_that_is_not_whole(system: System) -> None:
    """What a rebuild makes is not compacted until it is whole."""
    name = system.settings.changelog(system.stage)
    with admin.connected(system.settings) as client:
        configs = {"cleanup.policy": "delete"}
        client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs=configs)])
    worker = system.worker()
    assert worker.process.wait(120) == 1
    assert f"{name} is being made anew, or was and is not whole" in worker.log()
    assert "shutdowns rebuild --stage counting" in worker.log()
    steps = {step.wanted.name: step for step in admin.create_topics(system.settings, system.sources)}
    assert steps[name].action == "refuse", "`topics create` would let workers start on half of the state"
