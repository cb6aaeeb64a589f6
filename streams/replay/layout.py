"""How an archive lies on disk: one Parquet file a topic, day and batch, each saying what it holds.

    FOLDER/topic=reports/day=2021-02-28/batch-00000042.parquet

A batch is what was read of one topic at a time: of each partition the offsets from `begins` to `ends`. Its files
are one for each UTC day of Kafka's timestamps. Every file's footer has the batch's `Mark`, so that what is missing,
doubled or cut off shows without any other record of it: batches are numbered without holes, and each begins at the
offsets where the one before ended.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import pyarrow as pa

from streams.replay.records import Arrived

#: Version of the files. Readers refuse others.
FORMAT = 1

#: The key of the mark among a Parquet file's own metadata.
MARK_KEY = b"shutdown-streams"

SCHEMA = pa.schema(
    [
        pa.field("partition", pa.int32(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
        pa.field("arrived", pa.timestamp("ms", tz="UTC"), nullable=False),
        pa.field("log_append", pa.bool_(), nullable=False),
        pa.field("key", pa.binary()),
        pa.field("value", pa.binary()),
        pa.field(
            "headers",
            pa.list_(pa.struct([pa.field("key", pa.string(), nullable=False), pa.field("value", pa.binary())])),
            nullable=False,
        ),
    ]
)

Why = Literal["expired", "compacted", "markers"]

#: What became of offsets that hold no record, in words.
WHY_WORDS: dict[Why, str] = {
    "expired": "removed from Kafka before they were archived",
    "compacted": "compacted away before they were archived, or markers of transactions",
    "markers": "no records: markers of transactions, or records of aborted ones",
}


class Gap(msgspec.Struct, frozen=True):
    """Offsets of a partition, [begins, ends), that Kafka had no records of when they were archived."""

    partition: int
    begins: int
    ends: int
    why: Why


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """What a file is part of. `begins` and `ends` are offsets by partition, of the whole batch."""

    format: int
    topic: str
    topic_id: str
    batch: int
    begins: dict[int, int]
    ends: dict[int, int]
    days: tuple[str, ...]
    day: str
    records: int
    gaps: tuple[Gap, ...] = ()
    code: str


def day_of(timestamp_ms: int) -> str:
    """The UTC day of a time in Unix milliseconds, `2021-02-28`.

    Milliseconds that no calendar has, which a producer with a broken clock can send, count to the nearest day
    that it has.
    """
    low, high = -62_135_596_800_000, 253_402_300_799_000
    moment = dt.datetime.fromtimestamp(min(max(timestamp_ms, low), high) // 1000, dt.UTC)
    return moment.date().isoformat()


def file_of(topic: str, day: str, batch: int) -> str:
    """A file's path under the archive's folder."""
    return f"topic={topic}/day={day}/batch-{batch:08d}.parquet"


_PATH = re.compile(r"topic=([^/]+)/day=(\d{4}-\d{2}-\d{2})/([^/]+)\.parquet")


def topic_and_day(path: str) -> tuple[str, str] | None:
    """Topic and day of a data file by its path under the folder; None of what is none."""
    found = _PATH.fullmatch(path)
    return None if found is None else (found.group(1), found.group(2))


def table_of(rows: Sequence[Arrived], mark: Mark) -> pa.Table:
    """The rows of one day as a table with its mark."""
    columns: dict[str, list[Any]] = {
        "partition": [row.partition for row in rows],
        "offset": [row.offset for row in rows],
        "arrived": [row.timestamp_ms for row in rows],
        "log_append": [row.log_append for row in rows],
        "key": [row.key for row in rows],
        "value": [row.value for row in rows],
        "headers": [[{"key": key, "value": value} for key, value in row.headers] for row in rows],
    }
    schema = SCHEMA.with_metadata({MARK_KEY: msgspec.json.encode(mark)})
    return pa.Table.from_pydict(columns, schema=schema)


def rows_of(batch: pa.RecordBatch, topic: str) -> list[Arrived]:
    """The rows of a table as records, in the table's order."""
    arrived = batch.column("arrived").cast(pa.int64()).to_pylist()
    headers = batch.column("headers")
    some = len(headers.flatten()) > 0
    told: list[Any] = headers.to_pylist() if some else [()] * batch.num_rows
    return [
        Arrived(topic, partition, offset, ms, key, value, tuple((one["key"], one["value"]) for one in head), append)
        for partition, offset, ms, append, key, value, head in zip(
            batch.column("partition").to_pylist(),
            batch.column("offset").to_pylist(),
            arrived,
            batch.column("log_append").to_pylist(),
            batch.column("key").to_pylist(),
            batch.column("value").to_pylist(),
            told,
            strict=True,
        )
    ]


def gaps_of(rows: Sequence[Arrived], mark_begins: dict[int, int], ends: dict[int, int], why: Why) -> list[Gap]:
    """The offsets of a batch that no row has. `rows` are in order of partition and offset."""
    found: list[Gap] = []
    at = dict(mark_begins)
    for row in rows:
        if row.offset > at[row.partition]:
            found.append(Gap(row.partition, at[row.partition], row.offset, why))
        at[row.partition] = row.offset + 1
    found += [Gap(part, at[part], end, why) for part, end in sorted(ends.items()) if at[part] < end]
    return found
