"""Single values with their times to a column of a frame: every step there, missing ones null."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import pairwise

from streams.sources.files import SourceError
from streams.sources.frames import Column
from streams.sources.rows import Refusal
from topics import EARLIEST_S, LATEST_S, Series
from topics.measurements import Value

#: A series has no more steps than this: ten years of minutes, or of the finest export of the whole past.
MOST_STEPS = 6_000_000

#: A column has no more than so many steps between two values: a longer gap begins another.
GAP_STEPS = 2_000


def columns(country: str, series: Series, points: Mapping[int, Value], step_s: int | None = None) -> list[Column]:
    """Values by time (Unix seconds) as columns. Without `step_s` the step is the smallest distance of two times,
    of a single one an hour. A time between two steps counts for the one before it.

    Raises:
        SourceError: they would be far too many.
    """
    times = sorted(points)
    if not times:
        return []
    step = step_s or min((b - a for a, b in pairwise(times)), default=3600)
    found: list[Column] = []
    values: list[Value] = []
    first, filled = times[0], 0
    for time_s in times:
        at = (time_s - first) // step
        if at - len(values) > GAP_STEPS:
            found.append(Column(country, series, first, step, values))
            first, values, at = time_s, [], 0
        if at < len(values):
            continue
        filled += at - len(values)
        if filled > MOST_STEPS:
            what = f"{series.signal} of {series.entity.code}"
            raise SourceError(f"{what} has values {step} s apart, and years without any")
        values += [None] * (at - len(values))
        values.append(points[time_s])
    return [*found, Column(country, series, first, step, values)]


def moment(text: str) -> int:
    """Unix seconds of an ISO 8601 date or time, UTC where no offset is given; of digits, those seconds.

    Raises:
        Refusal: it is none, or not of our time.
    """
    try:
        if text.isascii() and text.isdigit() and len(text) >= 9:
            at = int(text)
        else:
            time = dt.datetime.fromisoformat(text)
            at = int((time if time.tzinfo else time.replace(tzinfo=dt.UTC)).timestamp())
    except ValueError:
        raise Refusal("time can't be read" if text else "no time", text[:80]) from None
    if not EARLIEST_S <= at <= LATEST_S:
        raise Refusal("absurd time", text[:80])
    return at


def iso(at: int) -> str:
    """A moment as services are asked for it: `2022-01-05T10:30:00Z`."""
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def number(cell: object) -> float | None:
    """A value: a number of at least 0, or None where it is missing.

    Raises:
        Refusal: it is neither.
    """
    if cell is None or (isinstance(cell, str) and cell.strip().casefold() in ("", "nan", "null", "none")):
        return None
    try:
        value = float(cell) if isinstance(cell, str | int | float) and not isinstance(cell, bool) else -1.0
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise Refusal("a value is no number of at least 0", str(cell)[:80])
    return value
