"""Services that answer with a whole list each time: what is new in it, what has changed, what is gone.

What is as it was is not published again. What has changed is a revision: its number is the time of the round, or
one more than the last where clocks went back. What is missing from `MISSES` whole lists in a row is withdrawn,
unless it is so old that the list needn't have it any more, or the list can't show it at present.

What was said of each is remembered in as many cursors
as `BUCKETS`, by the id, so that none grows large and few change in a round.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from streams.sources.polling import Batch
from streams.sources.rows import Accepted, Rejected, Row
from topics import NewsItem, Outage, Record, Report, Topic, digest, topic_named

MISSES = 3
BUCKETS = 32

Listed = Outage | Report | NewsItem


class Known(msgspec.Struct, array_like=True):
    """A record as it was last published: its fingerprint, revision, topic and content, and in how many lists in a
    row it was missing since."""

    digest: str
    revision: int
    topic: str
    content: dict[str, Any]
    misses: int = 0


def compared(
    name: str,
    rows: Iterable[Row],
    cursors: Mapping[str, Any],
    now_s: int,
    *,
    over: Callable[[Listed], bool],
    wanted: Callable[[Listed], bool] = lambda _: True,
    shown: Callable[[Listed], bool] = lambda _: True,
) -> Iterator[Batch]:
    """Batches of what a whole list says anew, one a bucket. `over` says which records a list may leave out
    since they are too old for it, and which are forgotten then; `wanted` which are asked for at all; `shown` which
    a list would have if they were still true: the absence of any other says nothing, and it is remembered.
    """
    found: list[dict[str, tuple[Topic, Listed]]] = [{} for _ in range(BUCKETS)]
    refused: list[str] = []
    for row in rows:
        if isinstance(row, Rejected):
            refused.append(row.reason)
        elif isinstance(row.record, Listed) and wanted(row.record):
            bucket = found[zlib.crc32(row.record.id.encode()) % BUCKETS]
            bucket[row.record.id] = (row.topic, row.record)
    yield Batch(f"{name}/refused", None, (), refused)
    for number, bucket in enumerate(found):
        part = f"{name}/{number:02}"
        before = msgspec.convert(cursors.get(part) or {}, dict[str, Known])
        after, records = _told(bucket, before, now_s, over, shown)
        yield Batch(part, msgspec.to_builtins(after), records)


def _told(
    found: Mapping[str, tuple[Topic, Listed]],
    before: Mapping[str, Known],
    now_s: int,
    over: Callable[[Listed], bool],
    shown: Callable[[Listed], bool],
) -> tuple[dict[str, Known], Sequence[tuple[Topic, Record]]]:
    after: dict[str, Known] = {}
    records: list[tuple[Topic, Record]] = []
    for key, (topic, record) in found.items():
        content = msgspec.to_builtins(replace(record, revision=0))
        fingerprint, known = digest(content), before.get(key)
        if known is not None and known.digest == fingerprint:
            after[key] = replace(known, misses=0)
            continue
        revision = _next(known, now_s)
        after[key] = Known(fingerprint, revision, topic.name, content)
        records.append((topic, replace(record, revision=revision, known_s=record.known_s or now_s)))
    for key, known in before.items():
        if key in found:
            continue
        topic, gone = topic_named(known.topic), _record(known)
        if over(gone):
            continue
        if not shown(gone):
            after[key] = replace(known, misses=0)
            continue
        if known.misses + 1 < MISSES:
            after[key] = replace(known, misses=known.misses + 1)
        else:
            records.append((topic, replace(gone, revision=_next(known, now_s), withdrawn=True)))
    return after, records


def revised(name: str, changed: Iterable[Listed], cursors: Mapping[str, Any], now_s: int) -> Iterator[Batch]:
    """Batches of records of a list that have changed by another word than the list's own. Those that were not
    published, or were published as they are, are left out.
    """
    buckets: dict[int, list[Listed]] = {}
    for record in changed:
        buckets.setdefault(zlib.crc32(record.id.encode()) % BUCKETS, []).append(record)
    for number, bucket in sorted(buckets.items()):
        part = f"{name}/{number:02}"
        known = msgspec.convert(cursors.get(part) or {}, dict[str, Known])
        records: list[tuple[Topic, Record]] = []
        for record in bucket:
            before = known.get(record.id)
            content = msgspec.to_builtins(replace(record, revision=0))
            if before is not None and before.digest != digest(content):
                revision = _next(before, now_s)
                known[record.id] = Known(digest(content), revision, before.topic, content)
                records.append((topic_named(before.topic), replace(record, revision=revision)))
        yield Batch(part, msgspec.to_builtins(known), records)


def remembered(name: str, cursors: Mapping[str, Any]) -> Iterator[Listed]:
    """The records that `compared` has published under a name and holds to be true."""
    for number in range(BUCKETS):
        known = msgspec.convert(cursors.get(f"{name}/{number:02}") or {}, dict[str, Known])
        yield from map(_record, known.values())


def _record(known: Known) -> Listed:
    found = next(
        msgspec.convert(known.content, kind)
        for kind in topic_named(known.topic).records
        if kind.__struct_config__.tag == known.content["schema"]
    )
    assert isinstance(found, Listed)
    return found


def _next(known: Known | None, now_s: int) -> int:
    return now_s if known is None else max(now_s, known.revision + 1)


def accepted(rows: Iterable[Row]) -> tuple[list[tuple[Topic, Record]], list[str]]:
    """Records of the accepted rows with their topics, and the reasons of the others."""
    records: list[tuple[Topic, Record]] = []
    refused: list[str] = []
    for row in rows:
        if isinstance(row, Accepted):
            records.append((row.topic, row.record))
        else:
            refused.append(row.reason)
    return records, refused
