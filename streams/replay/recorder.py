"""Topics of a live Kafka into an archive: from where it ended to where they end now, or on and on.

Reads beside the workers, in no consumer group, and commits nothing: where an archive goes on is told by its files.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from streams import security
from streams.admin import Live, connected, live
from streams.errors import StreamsError
from streams.replay.archive import Archive, Position
from streams.replay.errors import ArchiveError
from streams.replay.layout import Gap
from streams.replay.records import Arrived
from streams.settings import Settings
from topics import Topic

#: A batch is written when it has so many bytes, whatever its age.
BATCH_BYTES = 64_000_000
#: Most bytes of one fetch: Kafka's client holds as much of each partition.
FETCH_BYTES = 8_388_608


@dataclass(slots=True)
class _Open:
    """A topic's batch that is not written yet."""

    topic: Topic
    position: Position
    why: str
    rows: list[Arrived] = field(default_factory=list)
    expired: list[Gap] = field(default_factory=list)
    size: int = 0


@dataclass(slots=True)
class Progress:
    """How far a recording is: records of `total` (those there at the start), written ones, batches, offsets that
    Kafka no longer had."""

    total: int = 0
    read: int = 0
    written: int = 0
    batches: int = 0
    lost: int = 0


class Recorder:
    """Copies topics into an archive. `stopped` is asked between polls: if so, what was read is written."""

    def __init__(
        self,
        settings: Settings,
        archive: Archive,
        topics: Sequence[Topic],
        *,
        every_s: float = 300.0,
        batch_bytes: int = BATCH_BYTES,
        told: Callable[[Progress], None] = lambda _: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._settings, self._archive, self._topics = settings, archive, topics
        self._every_s, self._batch_bytes = every_s, batch_bytes
        self._told, self._stopped = told, stopped
        self.progress = Progress()
        self._open: dict[str, _Open] = {}
        self._parts: dict[str, list[Any]] = {}

    def run(self, *, follow: bool) -> Progress:
        """Copy up to where the topics end now; with `follow`, go on until `stopped`.

        Raises:
            KafkaUnreachableError: no broker answers.
            ArchiveError: the archive has faults or is another's, or a topic was made anew since.
        """
        there = self._demand_topics()
        with self._archive.folder.alone():
            self._archive.recover()
            self._begin(there)
            with closing(self._consumer()) as consumer:
                ends = self._assign(consumer)
                self._copy(consumer, ends, follow=follow)
                for one in self._open.values():
                    self._write(consumer, one)
        self._told(self.progress)
        return self.progress

    def _demand_topics(self) -> Mapping[str, Live]:
        names = [self._settings.prefix + topic.name for topic in self._topics]
        with connected(self._settings) as client:
            there = live(client, names)
        missing = [name for name in names if name not in there]
        if missing:
            raise StreamsError(
                f"there is no topic {', '.join(missing)} at {self._settings.bootstrap}; "
                "run `shutdowns topics create` first"
            )
        return there

    def _begin(self, there: Mapping[str, Live]) -> None:
        known = self._archive.positions()
        for topic in self._topics:
            found = there[self._settings.prefix + topic.name]
            position = known.get(topic.name, Position(topic_id=found.topic_id))
            if position.topic_id != found.topic_id:
                raise ArchiveError(
                    f"{found.name} was made anew since it was archived into {self._archive.folder.name}: "
                    "its offsets begin again. Archive it into another folder"
                )
            why = "compacted" if "compact" in found.config.get("cleanup.policy", "") else "markers"
            self._open[found.name] = _Open(topic, position, why)

    def _consumer(self) -> Any:
        from kafka import KafkaConsumer

        return KafkaConsumer(
            **security.client(self._settings),
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=200,
            max_partition_fetch_bytes=FETCH_BYTES,
            max_poll_records=5_000,
        )

    def _assign(self, consumer: Any) -> dict[Any, int]:
        """Assign all partitions, each from where the archive ended; where they end now."""
        from kafka import TopicPartition

        for name in self._open:
            found = sorted(consumer.partitions_for_topic(name) or ())
            self._parts[name] = [TopicPartition(name, one) for one in found]
        parts = [part for some in self._parts.values() for part in some]
        consumer.assign(parts)
        firsts, ends = consumer.beginning_offsets(parts), consumer.end_offsets(parts)
        for part in parts:
            one = self._open[part.topic]
            at = one.position.offsets.get(part.partition, 0)
            if at > ends[part]:
                raise ArchiveError(
                    f"{part.topic} partition {part.partition} ends at offset {ends[part]:,}, before {at:,} where "
                    "the archive ended: Kafka lost records. Archive it into another folder"
                )
            if at < firsts[part]:
                one.expired.append(Gap(part.partition, at, firsts[part], "expired"))
                self.progress.lost += firsts[part] - at
            consumer.seek(part, max(at, firsts[part]))
            self.progress.total += ends[part] - max(at, firsts[part])
        return dict(ends)

    def _copy(self, consumer: Any, ends: Mapping[Any, int], *, follow: bool) -> None:
        written = time.monotonic()
        while not self._stopped():
            if not follow and all(consumer.position(part) >= end for part, end in ends.items()):
                return
            for part, records in consumer.poll(timeout_ms=200).items():
                self._take(self._open[part.topic], records)
            self._told(self.progress)
            due = time.monotonic() - written >= self._every_s
            for one in self._open.values():
                if due or one.size >= self._batch_bytes:
                    self._write(consumer, one)
            if due:
                written = time.monotonic()

    def _take(self, one: _Open, records: Sequence[Any]) -> None:
        for record in records:
            one.rows.append(arrived(one.topic.name, record))
            one.size += len(record.value or b"") + len(record.key or b"") + 100
        self.progress.read += len(records)

    def _write(self, consumer: Any, one: _Open) -> None:
        if not one.rows:
            return
        name = self._settings.prefix + one.topic.name
        ends = {part.partition: int(consumer.position(part)) for part in self._parts[name]}
        one.position = self._archive.append(
            one.topic.name,
            one.rows,
            one.position,
            ends,
            expired=one.expired,
            why=one.why,  # type: ignore[arg-type]
        )
        self.progress.written += len(one.rows)
        self.progress.batches += 1
        one.rows, one.expired, one.size = [], [], 0


def arrived(topic: str, record: Any) -> Arrived:
    """A record of kafka-python's as ours."""
    headers = tuple((key, value) for key, value in record.headers)
    at_ms = max(0, record.timestamp or 0)
    return Arrived(
        topic, record.partition, record.offset, at_ms, record.key, record.value, headers, record.timestamp_type == 1
    )
