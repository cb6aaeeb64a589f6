"""Knowledge time: when something could first be known. Pure.

There are two clocks, and a replay says which it means:

- **arrival**: Kafka's own time of the record. What *this system* had, and when. The default.
- **publication**: when the world could have known: the record's `known_s`. It answers for lists that were loaded
  long after the fact, all of whose records arrived on one day. Where a source gives no `known_s`, a measurement is
  taken to be known when it was measured, value by value; a report or news item is not known at all, since nobody
  says when it was published: a claim of knowing it would be made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from topics import Blocking, CommonDrop, Coverage, Measurement, Outage

Clock = Literal["arrival", "publication"]

#: Frames without `known_s` are known in slices of this length, seconds: as a live source brings them.
SLICE_S = 3600


def published_s(record: Any) -> int | None:
    """When a record of a raw topic or of `evidence` was published, Unix seconds; None where nobody says.

    Of a measurement, an outage, coverage, blocking and a common drop without `known_s` it is their end: they tell
    of what was measured.
    """
    if record.known_s is not None:
        known: int = record.known_s
        return known
    if isinstance(record, Measurement | Outage | Coverage | CommonDrop | Blocking):
        return record.until_s
    return None


def as_published(record: Any, by_s: int) -> Any | None:
    """What of a record was published by a time, Unix seconds; None for nothing.

    A frame without `known_s` is cut there: of its values those remain whose step was over.
    """
    known_s = published_s(record)
    if known_s is not None and known_s <= by_s:
        return record
    if isinstance(record, Measurement) and record.known_s is None:
        steps = (by_s - record.from_s) // record.step_s
        return _columns(record, 0, steps) if steps > 0 else None
    return None


def sliced(record: Any) -> Iterator[Any]:
    """A record as it would have come live: a frame without `known_s` in slices of `SLICE_S`, others whole."""
    if not isinstance(record, Measurement) or record.known_s is not None:
        yield record
        return
    steps, count = max(1, SLICE_S // record.step_s), len(record.values[0])
    for first in range(0, count, steps):
        yield _columns(record, first, min(count, first + steps))


def _columns(record: Measurement, first: int, end: int) -> Measurement:
    """The steps [first, end) of a frame."""
    values = tuple(row[first:end] for row in record.values)
    return msgspec.structs.replace(record, from_s=record.from_s + first * record.step_s, values=values)
