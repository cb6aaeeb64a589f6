"""Offsets must follow each other: the proof, record by record, that Faust dropped nothing on the way.

A rebalance empties Faust's queues while records are on their way into them, and its bookkeeping counts what
is missing as done. The consumer here closes the windows that were found (see `consumer`); this is the check
that none is left. A gap can be natural: retention deleted records, or a transactional producer's markers
took offsets. So at a gap Kafka itself is asked for the next record; only if it is another one, records were
lost on the way, and the process must stop and read again from what it committed.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

log = logging.getLogger(__name__)

#: Offset of the first record at or after an offset of a topic's partition.
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

    def __init__(self, committed: Callable[[str, int], int | None], next_offset: NextOffset) -> None:
        self._committed = committed
        self._next_offset = next_offset
        self._expected: dict[tuple[str, int], int] = {}

    def reset(self) -> None:
        """Partitions were assigned: reading starts again at what is committed."""
        self._expected.clear()

    async def fresh(self, message: Message) -> bool:
        """Whether a record is the next one; False for one that was here already.

        Raises:
            LostRecordsError: there are records between the last one and this one.
        """
        at = (message.topic, message.partition)
        expected = self._expected.get(at)
        if expected is None:
            expected = self._committed(*at) or 0
        if message.offset < expected:
            return False
        if message.offset > expected:
            await self._explain(message, expected)
        self._expected[at] = message.offset + 1
        return True

    async def _explain(self, message: Message, expected: int) -> None:
        there = await self._next_offset(message.topic, message.partition, expected)
        if there < message.offset:
            raise LostRecordsError(
                f"{message.topic} partition {message.partition}: {message.offset} came, {there} was the next offset"
            )
        log.info(
            "%s partition %d: no records at offsets %d to %d, retention or a transaction took them",
            message.topic, message.partition, expected, message.offset - 1,
        )  # fmt: skip
