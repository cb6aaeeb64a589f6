"""The records that a stage's state is made anew from: its source topic, and where that begins later, an archive."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from streams import admin
from streams.rebuild.errors import RebuildError
from streams.replay.archive import Archive
from streams.replay.inputs import FromKafka
from streams.replay.records import Arrived
from streams.replay.selection import Selection
from streams.settings import Settings
from topics import Topic

Told = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Missed:
    """Records of a partition that are neither in Kafka nor in the archive: offsets, [begins, ends)."""

    partition: int
    begins: int
    ends: int


class Inputs:
    """A stage's source from its first record on, read as far as one wants, and later on from there."""

    def __init__(self, settings: Settings, source: Topic, archive: Archive | None) -> None:
        self._settings, self._source, self._archive = settings, source, archive
        #: The next offset to be read of each partition.
        self.at: dict[int, int] = {}
        #: Where the archive ends.
        self._archived: dict[int, int] = {}
        self.missed: list[Missed] = []
        self._missed_until: dict[int, int] = {}
        self._begins_ms = 0

    @property
    def name(self) -> str:
        """The topic's name in Kafka."""
        return self._settings.prefix + self._source.name

    def begin(self, client: Any) -> None:
        """Find out from where on there are records. `client` is from `admin.connected`.

        Raises:
            RebuildError: the archive is of another topic.
            StreamsError: Kafka doesn't answer, or has no such topic; the archive has faults.
        """
        there = admin.live(client, [self.name]).get(self.name)
        if there is None:
            raise RebuildError(f"there is no topic {self.name} at {self._settings.bootstrap}")
        spans = admin.persistently(lambda: admin.spans(client, {self.name: there.partitions}))
        self._look_at_archive(there.topic_id)
        for (_, partition), (first, _) in sorted(spans.items()):
            begins = self._archived.get(partition, 0)
            if first > begins:
                self.missed.append(Missed(partition, begins, first))
        for one in self.missed:
            self._missed_until[one.partition] = max(one.ends, self._missed_until.get(one.partition, 0))

    def _look_at_archive(self, topic_id: str) -> None:
        if self._archive is None:
            return
        position = self._archive.positions().get(self._source.name)
        if position is None:
            return
        if position.topic_id != topic_id:
            raise RebuildError(
                f"the archive {self._archive.folder.name} is of another {self.name} than the one there is: its "
                "offsets don't fit. Publish it anew with `shutdowns replay --into-kafka` instead"
            )
        self._archived = dict(position.offsets)
        batches = {file.mark.batch: file.mark for file in self._archive.contents().files[self._source.name]}
        gaps = [gap for mark in batches.values() for gap in mark.gaps if gap.why == "expired"]
        self.missed += [Missed(gap.partition, gap.begins, gap.ends) for gap in gaps]

    def rows(self, client: Any, told: Told) -> Iterator[Arrived]:
        """The records up to now that were not given before, each partition's in order."""
        partitions = admin.live(client, [self.name])[self.name].partitions
        spans = admin.persistently(lambda: admin.spans(client, {self.name: partitions}))
        ends = {part: end for (_, part), (_, end) in spans.items()}
        total = sum(max(0, end - self.at.get(part, 0)) for part, end in ends.items())
        for number, row in enumerate(chain(self._from_archive(ends), self._from_kafka(ends)), 1):
            self.at[row.partition] = row.offset + 1
            self._note_begin(row)
            yield row
            if number % 1_000 == 0:
                told(number, total)
        # Offsets that have no records, as markers of transactions, were passed nevertheless.
        self.at = {part: max(end, self.at.get(part, 0)) for part, end in ends.items()}
        told(total, total)

    def _from_archive(self, ends: Mapping[int, int]) -> Iterator[Arrived]:
        if self._archive is None or all(self.at.get(part, 0) >= end for part, end in self._archived.items()):
            return
        for batch in self._archive.rows([self._source.name])[self._source.name]:
            for row in batch:
                if self.at.get(row.partition, 0) <= row.offset < ends.get(row.partition, 0):
                    yield row

    def _from_kafka(self, ends: Mapping[int, int]) -> Iterator[Arrived]:
        wanted = {
            (self._source.name, part): (max(self.at.get(part, 0), self._archived.get(part, 0)), end)
            for part, end in ends.items()
        }
        if all(begin >= end for begin, end in wanted.values()):
            return
        source = FromKafka(self._settings, [self._source])
        yield from source.rows(Selection(offsets=wanted), lambda *_: None)

    def _note_begin(self, row: Arrived) -> None:
        """Where records are missed, what came before the first one after them may be missed as well."""
        if row.offset >= self._missed_until.get(row.partition, row.offset + 1):
            del self._missed_until[row.partition]
            self._begins_ms = max(self._begins_ms, row.timestamp_ms or 0)

    @property
    def begins_s(self) -> float:
        """From when on every record that arrived is here, Unix seconds: -inf if nothing is missed, inf where that
        is not known."""
        if self._missed_until:
            return math.inf
        return self._begins_ms / 1000 if self.missed else -math.inf
