"""Offsets must follow each other: the proof, record by record, that Faust dropped nothing on the way.

A rebalance empties Faust's queues while records are on their way into them, and its bookkeeping counts what
is missing as done. The consumer here closes the windows that were found (see `consumer`); this is the check
that none is left.

A hole can be natural: retention deleted records, or a transactional producer's markers took offsets. One
between two records is natural if the client that fetches saw the same one. One before the first record
since the partition was assigned is checked by asking Kafka for the next record. Any other hole means that
records were lost on the way: the process must stop, and read again from what it committed.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol

log = logging.getLogger(__name__)

#: Offset of the first record at or after an offset of a topic's partition, asked of Kafka.
NextOffset = Callable[[str, int, int], Awaitable[int]]


class Message(Protocol):
    """Where a record stands."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...


class LostRecordsError(Exception):
    """Records were read from Kafka and did not arrive here."""


class Contiguity:
    """Watches the offsets of each partition since it was assigned."""

    def __init__(self, next_offset: NextOffset) -> None:
        self._next_offset = next_offset
        self._fetched: dict[tuple[str, int], int] = {}
        self._holes: set[tuple[str, int, int, int]] = set()
        self._expected: dict[tuple[str, int], int] = {}

    def reset(self) -> None:
        """Partitions were assigned: reading starts again."""
        self._fetched.clear()
        self._holes.clear()
        self._expected.clear()

    def start(self, topic: str, partition: int, offset: int) -> None:
        """Reading starts at that offset, which is committed, or at 0."""
        self._expected[topic, partition] = offset

    def fetched(self, records: Iterable[Any]) -> None:
        """What the client fetched, before Faust had it: its holes are natural."""
        for record in records:
            at = (record.topic, record.partition)
            last = self._fetched.get(at)
            if last is not None and record.offset != last + 1:
                self._holes.add((*at, last + 1, record.offset))
            self._fetched[at] = record.offset

    async def fresh(self, message: Message) -> bool:
        """Whether a record is the next one; False for one that was here already.

        Raises:
            LostRecordsError: there are records between the last one and this one.
        """
        at = (message.topic, message.partition)
        expected = self._expected.get(at, 0)
        if message.offset < expected:
            return False
        if message.offset > expected:
            await self._explain(message, expected)
        self._expected[at] = message.offset + 1
        return True

    async def _explain(self, message: Message, expected: int) -> None:
        hole = (message.topic, message.partition, expected, message.offset)
        if hole in self._holes:
            self._holes.remove(hole)
            return
        there = await self._next_offset(message.topic, message.partition, expected)
        if there < message.offset:
            raise LostRecordsError(
                f"{message.topic} partition {message.partition}: {message.offset} came, {there} was the next offset"
            )
        # A group that reads for the first time begins where retention left off; one that comes back missed some.
        log.log(
            logging.WARNING if expected else logging.INFO,
            "%s partition %d: there are no records at offsets %d to %d any more; it goes on behind them",
            message.topic, message.partition, expected, message.offset - 1,
        )  # fmt: skip
