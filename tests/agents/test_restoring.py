"""State read back from a changelog in large batches: all of it, once, up to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from aiokafka import TopicPartition

from streams import security
from streams.agents.restoring import Row, restore
from tests.agents.harness import System, producing, ticks
from tests.agents.test_faults import check
from tests.agents.toys import TALLIES, TICKS
from topics import Topic

ROWS = 12_000


class Copy:
    """What was written, and in how many steps."""

    def __init__(self) -> None:
        self.state: dict[tuple[int, bytes], bytes] = {}
        self.known: dict[int, int] = {}
        self.steps = 0

    def write(self, partition: int, rows: Sequence[Row], known: int) -> None:
        self.steps += 1
        self.known[partition] = known
        for key, value in rows:
            if value is None:
                self.state.pop((partition, key), None)
            else:
                self.state[partition, key] = value


def restored(system: System, topic: Topic, known: dict[int, int], ends: dict[int, int]) -> Copy:
    name, copy = system.settings.prefix + topic.name, Copy()
    at = {TopicPartition(name, one): last for one, last in known.items()}
    end = {TopicPartition(name, one): last for one, last in ends.items()}
    asyncio.run(restore(security.client(system.settings), at, end, copy.write))
    assert at == end, "what is known is what there is"
    return copy


@pytest.mark.kafka
def test_a_changelog_is_read_in_few_steps_to_its_end_with_its_deletions(system: System) -> None:
    system.publish(TALLIES, ((f"k{n % 5000}".encode(), str(n).encode()) for n in range(ROWS)), partition=1)
    system.publish(TALLIES, [(b"k7", None), (b"other", b"1")], partition=1)
    system.publish(TALLIES, [(b"k7", b"of another partition")], partition=2)
    copy = restored(system, TALLIES, {0: -1, 1: -1, 2: -1}, {0: -1, 1: ROWS + 1, 2: 0})
    wanted = {(1, f"k{n % 5000}".encode()): str(n).encode() for n in range(ROWS)}
    del wanted[1, b"k7"]
    assert copy.state == wanted | {(1, b"other"): b"1", (2, b"k7"): b"of another partition"}
    assert copy.known == {1: ROWS + 1, 2: 0}
    assert copy.steps < ROWS / 100


@pytest.mark.kafka
def test_what_is_known_is_not_read_again_and_what_came_since_counts_as_the_end(system: System) -> None:
    system.publish(TICKS, ((b"k", str(n).encode()) for n in range(10)), partition=0)
    copy = restored(system, TICKS, {0: 6}, {0: 8})
    assert copy.state == {(0, b"k"): b"9"}
    assert copy.known == {0: 9}
    assert restored(system, TICKS, {0: 9}, {0: 9}).steps == 0


@pytest.mark.kafka
def test_last_offsets_that_hold_no_record_are_an_end_too(system: System) -> None:
    """Compaction leaves such, and so do transactions, whose markers are offsets that nobody is given."""
    from kafka import KafkaProducer

    name = system.settings.prefix + TICKS.name
    with producing(KafkaProducer(bootstrap_servers=system.settings.bootstrap, transactional_id=name)) as producer:
        producer.init_transactions()
        producer.begin_transaction()
        producer.send(name, key=b"k", value=b"1", partition=0)
        producer.commit_transaction()
    copy = restored(system, TICKS, {0: -1}, {0: 1})
    assert (copy.state, copy.known) == ({(0, b"k"): b"1"}, {0: 1})


@pytest.mark.kafka
def test_workers_that_lose_their_folder_while_others_come_and_go_end_where_they_would_have(system: System) -> None:
    records = ticks(names=40, each=60)
    system.publish_ticks(records[:1_200])
    system.worker("a").ready()
    system.settle()
    # Two more, without a folder, one after the other: partitions move while their state is being read.
    system.worker("b")
    system.worker("c").ready()
    system.publish_ticks(records[1_200:])
    system.settle()
    check(system, records)
