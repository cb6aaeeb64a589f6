"""Where a replay's records come from: an archive, a live Kafka, files of lines, or memory; always in one order."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from streams import security
from streams.admin import connected, live
from streams.errors import StreamsError
from streams.replay.archive import Archive
from streams.replay.recorder import arrived
from streams.replay.records import Arrived, in_order
from streams.replay.selection import Selection
from streams.settings import Settings
from topics import Record, Topic, encode

#: Bytes of a partition held ahead while others are waited for: past it, the partition is paused. Twice what a fetch
#: brings, since Kafka's client throws away what it has fetched of a partition that is paused.
AHEAD_BYTES = 16_777_216
FETCH_BYTES = 8_388_608


class Source(Protocol):
    """Where records are. `rows` gives those that a selection may want, in order of arrival, and as often as it is
    asked; `told` is called with how many were passed of how many there are, where that is known."""

    def rows(self, selection: Selection, told: Callable[[int, int | None], None]) -> Iterator[Arrived]: ...


class FromArchive:
    """The records of an archive. With `what_is_left`, those of one with faults."""

    def __init__(self, archive: Archive, *, what_is_left: bool = False) -> None:
        self._archive, self._what_is_left = archive, what_is_left

    def rows(self, selection: Selection, told: Callable[[int, int | None], None]) -> Iterator[Arrived]:
        """See `Source`."""
        from_ms, until_ms = selection.span_ms
        names = [topic.name for topic in selection.topics]
        files = self._archive.contents().files
        total = sum(file.mark.records for name in names for file in files.get(name, []))
        batches = self._archive.rows(names, from_ms=from_ms, until_ms=until_ms, what_is_left=self._what_is_left)
        passed = 0

        def counted(some: Iterable[list[Arrived]]) -> Iterator[list[Arrived]]:
            nonlocal passed
            for batch in some:
                yield batch
                passed += len(batch)
                told(passed, total)

        streams = [chain.from_iterable(counted(batches[name])) for name in names]
        yield from filter(selection.may_want, heapq.merge(*streams, key=in_order))


class FromMemory:
    """Records at hand: (topic, record) pairs, as a scenario or a source gives them. They never arrived."""

    def __init__(self, records: Iterable[tuple[Topic, Record]]) -> None:
        self._rows = [
            Arrived(topic.name, 0, number, None, topic.key(record).encode(), encode(record))
            for number, (topic, record) in enumerate(records)
        ]

    def rows(self, selection: Selection, told: Callable[[int, int | None], None]) -> Iterator[Arrived]:
        """See `Source`."""
        wanted = {topic.name for topic in selection.topics}
        for number, row in enumerate(self._rows, 1):
            told(number, len(self._rows))
            if row.topic in wanted and selection.may_want(row):
                yield row


class FromLines:
    """Files of `{"topic", "key", "value"}` lines, as `shutdowns ingest --out` writes them. They never arrived."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths

    def rows(self, selection: Selection, told: Callable[[int, int | None], None]) -> Iterator[Arrived]:
        """See `Source`."""
        from streams.sources.lines import read_lines

        wanted = {topic.name for topic in selection.topics}
        for number, (topic, key, value) in enumerate(read_lines(self._paths)):
            told(number + 1, None)
            row = Arrived(topic.name, 0, number, None, None if key is None else key.encode(), value)
            if topic.name in wanted and selection.may_want(row):
                yield row


class FromKafka:
    """The topics of a live Kafka, up to where they end when the replay begins. No group, no commits.

    `topics` are read instead of those that a selection is made of."""

    def __init__(self, settings: Settings, topics: Sequence[Topic] | None = None) -> None:
        self._settings = settings
        self._topics = topics

    def rows(self, selection: Selection, told: Callable[[int, int | None], None]) -> Iterator[Arrived]:
        """See `Source`.

        Raises:
            KafkaUnreachableError: no broker answers.
            StreamsError: a topic does not exist.
        """
        prefix = self._settings.prefix
        names = {prefix + topic.name: topic.name for topic in self._topics or selection.topics}
        with connected(self._settings) as client:
            missing = sorted(names.keys() - live(client, list(names)).keys())
        if missing:
            raise StreamsError(
                f"there is no topic {', '.join(missing)} at {self._settings.bootstrap}: give the --prefix that the "
                "topics have, or an archive's folder to replay"
            )
        from kafka import KafkaConsumer

        with closing(
            KafkaConsumer(
                **security.client(self._settings),
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                fetch_max_wait_ms=100,
                max_partition_fetch_bytes=FETCH_BYTES,
                max_poll_records=5_000,
            )
        ) as consumer:
            yield from filter(selection.may_want, _Merging(consumer, names, selection, told).rows())


class _Merging:
    """Partitions read together and given out in one order: a record waits until every partition shows its next."""

    def __init__(
        self,
        consumer: Any,
        names: dict[str, str],
        selection: Selection,
        told: Callable[[int, int | None], None],
    ) -> None:
        from kafka import TopicPartition

        self._consumer, self._names, self._told = consumer, names, told
        parts = [TopicPartition(name, one) for name in names for one in sorted(consumer.partitions_for_topic(name))]
        consumer.assign(parts)
        self._ends = self._until(parts, selection)
        begins = self._from(parts, selection)
        for part in parts:
            consumer.seek(part, min(begins[part], self._ends[part]))
        self._total = sum(max(0, self._ends[part] - begins[part]) for part in parts)
        self._held: dict[Any, deque[Arrived]] = {part: deque() for part in parts if begins[part] < self._ends[part]}
        self._bytes = dict.fromkeys(parts, 0)
        self._paused: set[Any] = {part for part in parts if part not in self._held}
        if self._paused:
            consumer.pause(*self._paused)

    def _from(self, parts: list[Any], selection: Selection) -> dict[Any, int]:
        found = dict(self._consumer.beginning_offsets(parts))
        from_ms = selection.span_ms[0]
        if from_ms is not None:
            at = self._consumer.offsets_for_times(dict.fromkeys(parts, from_ms))
            for part in parts:
                found[part] = max(found[part], self._ends[part] if at.get(part) is None else at[part].offset)
        for part in parts:
            given = selection.offsets.get((self._names[part.topic], part.partition))
            if given is not None:
                found[part] = max(found[part], given[0])
        return found

    def _until(self, parts: list[Any], selection: Selection) -> dict[Any, int]:
        found = dict(self._consumer.end_offsets(parts))
        for part in parts:
            given = selection.offsets.get((self._names[part.topic], part.partition))
            if given is not None and given[1] is not None:
                found[part] = min(found[part], given[1])
        return found

    def rows(self) -> Iterator[Arrived]:
        heads: list[tuple[tuple[int, str, int, int], Any]] = []
        waiting = set(self._held)
        passed = 0
        while True:
            while waiting:
                self._poll()
                for part in sorted(waiting, key=str):
                    if self._held[part]:
                        heapq.heappush(heads, (in_order(self._held[part][0]), part))
                        waiting.discard(part)
                    elif self._consumer.position(part) >= self._ends[part]:
                        waiting.discard(part)
            if not heads:
                return
            _, part = heapq.heappop(heads)
            row = self._held[part].popleft()
            self._bytes[part] -= _size(row)
            passed += 1
            if passed % 1_000 == 0:
                self._told(passed, self._total)
            yield row
            if self._held[part]:
                heapq.heappush(heads, (in_order(self._held[part][0]), part))
            elif self._consumer.position(part) < self._ends[part]:
                waiting.add(part)

    def _poll(self) -> None:
        resumed = {
            part
            for part in self._paused
            if self._bytes[part] <= AHEAD_BYTES // 2 and self._consumer.position(part) < self._ends[part]
        }
        if resumed:
            self._consumer.resume(*resumed)
            self._paused -= resumed
        for part, records in self._consumer.poll(timeout_ms=500).items():
            name = self._names[part.topic]
            rows = [arrived(name, one) for one in records if one.offset < self._ends[part]]
            self._held[part] += rows
            self._bytes[part] += sum(map(_size, rows))
            if self._bytes[part] > AHEAD_BYTES or self._consumer.position(part) >= self._ends[part]:
                self._consumer.pause(part)
                self._paused.add(part)


def _size(row: Arrived) -> int:
    return len(row.value or b"") + 200
