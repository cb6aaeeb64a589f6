"""A record as it arrived on a topic: what archives keep, and what replays are made of."""

from __future__ import annotations

from typing import NamedTuple

Headers = tuple[tuple[str, bytes | None], ...]


class Arrived(NamedTuple):
    """One record of a topic, with all that Kafka knows of it.

    `topic` is the catalogue's name, without a system's prefix. `timestamp_ms` is Kafka's own time of the record,
    Unix milliseconds: when it arrived, by the clock of the broker (`log_append`) or of who sent it. A record of
    a file of lines never arrived: its `timestamp_ms` is None.
    """

    topic: str
    partition: int
    offset: int
    timestamp_ms: int | None
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    log_append: bool = False

    @property
    def where(self) -> str:
        """Topic, partition and offset, for people: `reports 2:17`."""
        return f"{self.topic} {self.partition}:{self.offset}"


def in_order(row: Arrived) -> tuple[int, str, int, int]:
    """The order of arrival, the same every time: Kafka's time, then topic, partition and offset."""
    return (-1 if row.timestamp_ms is None else row.timestamp_ms, row.topic, row.partition, row.offset)
