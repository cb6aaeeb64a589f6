"""What every record of an input must pass on arrival: it is read, and bounded by when Kafka got it.

Who may write to a topic could otherwise close a country's shutdowns with coverage of years to come, or say with a
revision of the far future what nobody can correct.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from streams.located import piece_revision
from topics import (
    Coverage,
    Evidence,
    InvalidRecord,
    Measurement,
    NewsItem,
    Outage,
    Report,
    Topic,
    decode,
)

#: How far ahead of its arrival a record's event time may be: time zones, and clocks that differ. Seconds.
AHEAD_S = 2 * 86_400

#: How far ahead of its arrival a report may end, or begin if it says when it was published: an order for days to
#: come. Seconds.
ANNOUNCED_S = 400 * 86_400


def arrive(topic: Topic, value: bytes | None, arrived_s: float) -> Any:
    """Decode a record of a raw topic or of `evidence`, and refuse what claims to be from the future.

    Times may be `AHEAD_S` after `arrived_s`, and those that may be planned (`_bounded`) `ANNOUNCED_S`. Revisions of
    sources are counts or Unix times, in seconds or milliseconds: one above `AHEAD_S` after `arrived_s` in
    milliseconds is neither.

    Raises:
        InvalidRecord: see `topics.decode`; or a time or the revision is beyond these bounds.
    """
    record = decode(topic, value)
    for field, moment_s, most_s in _bounded(record, arrived_s):
        if moment_s - arrived_s > most_s:
            days = (moment_s - arrived_s) / 86_400
            raise InvalidRecord("absurd-time", f"its event time is {days:,.1f} days after it arrived", field)
    if getattr(record, "revision", 0) > _most_revision(record, arrived_s):
        raise InvalidRecord("out-of-bounds", f"its revision {record.revision:,} is of the future", "revision")
    return record


def begins_s(record: Measurement | Report | NewsItem | Evidence) -> int:
    """When what a record tells began, Unix seconds. A report's or news item's day is taken as UTC's.

    Raises:
        InvalidRecord: its date is none.
    """
    return _day_s(record.start, "start") if isinstance(record, Report | NewsItem) else record.from_s


def _day_s(moment: str, field: str) -> int:
    try:
        day = dt.date.fromisoformat(moment[:10])
    except ValueError as error:
        raise InvalidRecord("absurd-time", f"{moment!r}: {error}", field) from None
    return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp())


def _bounded(record: Any, arrived_s: float) -> Iterator[tuple[str, float, float]]:
    """The times of a record, by field, with how far after its arrival each may be.

    Of a frame that of the last value: values from the future would make those of today too late. What is measured
    has happened, its end too; what is said or planned may end later.
    """
    announced = isinstance(record, Report) and record.known_s is not None and record.known_s <= arrived_s + AHEAD_S
    begin_most_s = ANNOUNCED_S if announced else AHEAD_S
    if isinstance(record, Measurement):
        yield "from_s", record.until_s - record.step_s, AHEAD_S
    elif isinstance(record, Report | NewsItem):
        yield "start", begins_s(record), begin_most_s
        if record.end is not None:
            yield "end", _day_s(record.end, "end"), ANNOUNCED_S
    else:
        yield "from_s", record.from_s, begin_most_s
        if record.until_s is not None:
            yield "until_s", record.until_s, AHEAD_S if isinstance(record, Outage | Coverage) else ANNOUNCED_S
    if record.known_s is not None:
        yield "known_s", record.known_s, AHEAD_S


def _most_revision(record: Any, arrived_s: float) -> float:
    """The highest revision that a record may have: a Unix time in milliseconds, and of what is made of reports and
    news items, that of its pieces."""
    if arrived_s == float("inf"):
        return arrived_s
    most = int(arrived_s + AHEAD_S) * 1000
    return most if isinstance(record, Measurement | Report | NewsItem) else piece_revision(most, "fffff")
