"""What several countries have in common, through Kafka: the same as without it, twice, and after a kill."""

from __future__ import annotations

from random import Random

import msgspec
import pytest

from streams.reading import read_topic
from streams.stage import SOURCES
from tests.flow.system import Flow, Sent, offline
from tests.rebuild.harness import rebuild
from tests.rebuild.test_rebuild import NOTHING
from tests.renaming import contents
from tests.watch.drops import COAST, FAR, standing
from tests.watch.test_flow import WORLD, at_once, common, outage
from topics import DROPS, EVIDENCE, CommonDrop, Outage, decode, encode

pytestmark = pytest.mark.kafka


def sent(world: list[Outage]) -> list[Sent]:
    return [(EVIDENCE, EVIDENCE.key(one), encode(one)) for one in world]


def given_out(flow: Flow) -> dict[str, CommonDrop]:
    """The common drops that stand on `evidence`, and no revision with two meanings."""
    pieces = (decode(EVIDENCE, row.value) for row in read_topic(flow.settings, EVIDENCE))
    return standing(piece for piece in pieces if isinstance(piece, CommonDrop))


def test_through_kafka_it_is_the_offline_run(flow: Flow) -> None:
    world = sent(WORLD) * 2
    Random(3).shuffle(world)
    worker = flow.worker().ready()
    flow.publish(world[: len(world) // 2])
    worker.kill()
    flow.publish(world[len(world) // 2 :])
    flow.worker("b").ready()
    flow.settle()
    found = given_out(flow)
    assert {one.country for one in found.values()} == {*COAST, *FAR} - {"NZ"}
    assert found == common(at_once(WORLD).evidence())
    assert contents(flow.shutdowns()) == contents(offline(world))


def test_a_rebuild_finds_it_as_it_stands_and_goes_on(flow: Flow) -> None:
    worker = flow.worker().ready()
    flow.publish(sent(WORLD))
    flow.settle()
    assert worker.stop() == 0
    assert rebuild(flow.settings).counts == dict.fromkeys(SOURCES, NOTHING)
    # What came while nothing ran is said by the rebuild itself: first the drop, then what it comes to.
    merit = outage("PE", "merit-nt", 5)
    flow.publish(sent([merit]))
    counts = rebuild(flow.settings).counts
    assert (counts["watch"].corrected, counts["watch"].new) == (4, 0)
    assert sum(1 for row in read_topic(flow.settings, DROPS) if decode(DROPS, row.value).id == merit.id) == 1
    assert given_out(flow) == common(at_once([*WORLD, merit]).evidence())
    # The worker goes on above the revisions that were published.
    flow.worker("b").ready()
    gone = msgspec.structs.replace(merit, revision=1, withdrawn=True)
    flow.publish(sent([gone]))
    flow.settle()
    assert given_out(flow) == common(at_once(WORLD).evidence())
    assert contents(flow.shutdowns()) == contents(offline(sent([*WORLD, merit, gone])))
