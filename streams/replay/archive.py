"""An archive: topics copied to Parquet, every offset exactly once.

>>> from streams.replay import Archive
>>> archive = Archive("/var/lib/archive")                      # doctest: +SKIP
>>> for row in archive.rows(["reports"]): ...                  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from streams.errors import UNREADABLE
from streams.replay.errors import ArchiveError
from streams.replay.faults import Fault, File, judged
from streams.replay.folder import UNFINISHED, Folder
from streams.replay.layout import (
    FORMAT,
    MARK_KEY,
    SCHEMA,
    Gap,
    Mark,
    Why,
    day_of,
    file_of,
    gaps_of,
    rows_of,
    table_of,
    topic_and_day,
)
from streams.replay.records import Arrived, in_order
from streams.replay.version import code_version

#: Rows of a file that are decoded at once: bounds the memory of reading.
READ_ROWS = 20_000


@dataclass(slots=True)
class Contents:
    """What an archive holds: by topic the files in order of their batches, and what is wrong."""

    files: dict[str, list[File]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


class Archive:
    """A folder of topics. `where` is a path or a URI that pyarrow knows (`s3://…`, `gs://…`, `fsspec+…://…`), or
    with `filesystem` a path on that."""

    def __init__(self, where: str | Path, filesystem: pafs.FileSystem | None = None) -> None:
        self.folder = Folder(where, filesystem)

    # ------------------------------------------------------------------ what is there

    def contents(self) -> Contents:
        """Every file's mark, and the faults that marks tell: see `verify` for those that only reading tells."""
        if not self.folder.exists():
            raise ArchiveError(f"there is no archive at {self.folder.name}: make one with `shutdowns archive`")
        found = Contents()
        by_topic: dict[str, list[File]] = {}
        for path in self.folder.files():
            if path.endswith(UNFINISHED) or path.rsplit("/", 1)[-1].startswith("."):
                continue
            file = self._file(path)
            if isinstance(file, Fault):
                found.faults.append(file)
            elif file is not None:
                by_topic.setdefault(file.mark.topic, []).append(file)
        for topic, files in sorted(by_topic.items()):
            found.files[topic], faults = judged(topic, files)
            found.faults += faults
        return found

    def _file(self, path: str) -> File | Fault | None:
        known = topic_and_day(path)
        if known is None:
            return Fault("stranger", path, "is no file of an archive", topic=None)
        try:
            with self.folder.open(path) as stream:
                footer = pq.read_metadata(stream)
        except (pa.ArrowException, OSError) as error:
            return Fault("truncated", path, f"can't be read: {_short(error)}", topic=known[0], day=known[1])
        raw = (footer.metadata or {}).get(MARK_KEY)
        if raw is None:
            return Fault("stranger", path, "is Parquet, but not of an archive", topic=known[0], day=known[1])
        try:
            version = msgspec.json.decode(raw, type=dict[str, object]).get("format")
            if version != FORMAT:
                words = f"has format {version}, this version reads format {FORMAT}"
                return Fault("version", path, words, topic=known[0], day=known[1])
            mark = msgspec.json.decode(raw, type=Mark)
        except UNREADABLE as error:
            return Fault("version", path, f"has a mark that can't be read: {error}", topic=known[0], day=known[1])
        if not footer.schema.to_arrow_schema().remove_metadata().equals(SCHEMA):
            return Fault("version", path, "has other columns than an archive's", topic=known[0], day=known[1])
        if (mark.topic, mark.day) != known or footer.num_rows != mark.records:
            words = (
                f"says it holds {mark.records:,} records of {mark.topic}, {mark.day}, and has {footer.num_rows:,}"
            )
            return Fault("stranger", path, words, topic=known[0], day=known[1])
        return File(path, mark, footer.serialized_size)

    # ------------------------------------------------------------------ reading

    def rows(
        self,
        topics: Iterable[str] | None = None,
        *,
        from_ms: int | None = None,
        until_ms: int | None = None,
        what_is_left: bool = False,
    ) -> dict[str, Iterator[list[Arrived]]]:
        """By topic, its records batch by batch, in each in order of arrival; memory does not grow with them.

        Args:
            topics: the topics wanted. None is all that the archive has.
            from_ms: only what arrived at this time or after, Unix milliseconds; days before it are not opened.
            until_ms: only what arrived before this time.
            what_is_left: use what is good of an archive with faults, each offset once.

        Raises:
            ArchiveError: the archive has faults, and `what_is_left` was not said; the message names them.
        """
        found = self.contents()
        names = sorted(found.files) if topics is None else list(topics)
        bad = [fault for fault in found.faults if fault.matters and fault.topic in (None, *names)]
        if bad and not what_is_left:
            raise ArchiveError(_refusal(self.folder.name, bad))
        span = (from_ms, until_ms)
        return {name: self._rows(found.files.get(name, []), span, what_is_left) for name in names}

    def _rows(
        self, files: Sequence[File], span: tuple[int | None, int | None], what_is_left: bool
    ) -> Iterator[list[Arrived]]:
        given: dict[int, int] = {}
        for _, batch in groupby(files, key=lambda file: file.mark.batch):
            same, kept = list(batch), list[Arrived]()
            for file in same:
                if not _in_days(file.mark.day, span):
                    continue
                try:
                    for rows in self.read(file):
                        fresh = (row for row in rows if row.offset >= given.get(row.partition, 0))
                        kept += [row for row in fresh if _within(row.timestamp_ms, span)]
                except ArchiveError:
                    if not what_is_left:
                        raise
            kept.sort(key=in_order)
            yield kept
            for part, end in same[0].mark.ends.items():
                given[part] = max(end, given.get(part, 0))

    def read(self, file: File) -> Iterator[list[Arrived]]:
        """One file's records, some thousands at a time; pages are checked against their checksums.

        Raises:
            ArchiveError: the file is damaged.
        """
        try:
            with self.folder.open(file.path) as stream:
                parquet = pq.ParquetFile(stream, page_checksum_verification=True)
                for batch in parquet.iter_batches(READ_ROWS, use_threads=False):
                    yield rows_of(batch, file.mark.topic)
        except (pa.ArrowException, OSError) as error:
            raise ArchiveError(
                f"{self.folder.name}/{file.path} is damaged: {_short(error)}. "
                "Run `shutdowns archive verify`; what is left is used with --what-is-left"
            ) from error

    def examine(self, file: File) -> list[Fault]:
        """What is wrong inside a file, every record of which is read. `contents` tells what marks tell."""
        mark, count, last = file.mark, 0, dict[int, int]()
        wrong: list[str] = []
        try:
            for rows in self.read(file):
                count += len(rows)
                for row in rows:
                    if not mark.begins.get(row.partition, 0) <= row.offset < mark.ends.get(row.partition, 0):
                        wrong.append(f"offset {row.offset} of partition {row.partition} is not of its batch")
                    if row.offset <= last.get(row.partition, -1):
                        wrong.append(f"offset {row.offset} of partition {row.partition} comes twice or too late")
                    if row.timestamp_ms is None or day_of(row.timestamp_ms) != mark.day:
                        wrong.append(f"offset {row.offset} of partition {row.partition} is of another day")
                    last[row.partition] = row.offset
        except ArchiveError as error:
            return [Fault("damaged", file.path, str(error), topic=mark.topic, day=mark.day)]
        if count != mark.records:
            wrong.append(f"it has {count:,} records, not {mark.records:,}")
        return [Fault("damaged", file.path, wrong[0], topic=mark.topic, day=mark.day)] if wrong else []

    # ------------------------------------------------------------------ writing

    def recover(self) -> list[str]:
        """Take away what an interrupted run left: files not finished, and a last batch that lacks some of its.

        Raises:
            ArchiveError: there are faults of other kinds, on which nothing should be built.
        """
        if not self.folder.exists():
            return []
        gone = [path for path in self.folder.files() if path.endswith(UNFINISHED)]
        found = self.contents()
        bad = [fault for fault in found.faults if fault.matters]
        if bad:
            raise ArchiveError(_refusal(self.folder.name, bad, "Repair it, or archive into another folder."))
        gone += [fault.path for fault in found.faults if fault.kind == "unfinished"]
        for path in gone:
            self.folder.remove(path)
        return gone

    def positions(self) -> dict[str, Position]:
        """By topic, where its last batch ended."""
        if not self.folder.exists():
            return {}
        return {
            topic: Position(files[-1].mark.batch + 1, dict(files[-1].mark.ends), files[-1].mark.topic_id)
            for topic, files in self.contents().files.items()
            if files
        }

    def append(
        self,
        topic: str,
        rows: Sequence[Arrived],
        position: Position,
        ends: Mapping[int, int],
        *,
        expired: Sequence[Gap] = (),
        why: Why = "markers",
    ) -> Position:
        """Write a batch: `rows`, the records that Kafka had from `position` to the offsets `ends`. Atomic: when a
        crash leaves a part of it, `recover` takes that away. Gives the position after it.

        Args:
            expired: offsets that were gone before they could be read; the rows begin after them.
            why: what to call other offsets without a record.
        """
        ordered = sorted(rows, key=lambda row: (row.partition, row.offset))
        begins = {part: position.offsets.get(part, 0) for part in ends}
        read_from = {**begins, **{gap.partition: gap.ends for gap in expired}}
        gaps = (*expired, *gaps_of(ordered, read_from, dict(ends), why))
        by_day: dict[str, list[Arrived]] = {}
        for row in ordered:
            assert row.timestamp_ms is not None
            by_day.setdefault(day_of(row.timestamp_ms), []).append(row)
        days = tuple(sorted(by_day))
        for day in days:
            mark = Mark(
                format=FORMAT,
                topic=topic,
                topic_id=position.topic_id,
                batch=position.batch,
                begins=begins,
                ends=dict(ends),
                days=days,
                day=day,
                records=len(by_day[day]),
                gaps=gaps,
                code=code_version(),
            )
            sink = pa.BufferOutputStream()
            pq.write_table(
                table_of(by_day[day], mark),
                sink,
                compression="zstd",
                write_page_checksum=True,
                use_dictionary=False,
            )
            self.folder.put(file_of(topic, day, position.batch), sink.getvalue())
        return Position(position.batch + 1, dict(ends), position.topic_id)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a topic's archive goes on: the number of its next batch, and the next offset of each partition."""

    batch: int = 0
    offsets: dict[int, int] = field(default_factory=dict)
    topic_id: str = ""


def _refusal(name: str, faults: Sequence[Fault], advice: str | None = None) -> str:
    told = "; ".join(fault.words for fault in faults[:5])
    more = f"; and {len(faults) - 5} more" if len(faults) > 5 else ""
    advice = advice or "Use what is left of it with --what-is-left."
    return (
        f"the archive {name} has faults: {told}{more}. `shutdowns archive verify {name}` lists them all. {advice}"
    )


def _short(error: BaseException) -> str:
    return str(error).split("\n", 1)[0].rstrip(".")[:200]


def _in_days(day: str, span: tuple[int | None, int | None]) -> bool:
    from_ms, until_ms = span
    return (from_ms is None or day >= day_of(from_ms)) and (until_ms is None or day <= day_of(until_ms))


def _within(at_ms: int | None, span: tuple[int | None, int | None]) -> bool:
    from_ms, until_ms = span
    assert at_ms is not None
    return (from_ms is None or at_ms >= from_ms) and (until_ms is None or at_ms < until_ms)
