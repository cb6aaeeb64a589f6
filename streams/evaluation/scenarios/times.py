"""Moments and durations as people write them in scenario files."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from topics import EARLIEST_S, LATEST_S

_UNITS_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION = re.compile(r"(\d+)([smhd])")


class Moment(int):
    """A moment, Unix seconds. Written as `2021-02-28`, `2021-02-28T08:00` (UTC) or `2021-02-28T14:00+06:00`."""


class Length(int):
    """A length of time, seconds. Written as `90s`, `10m`, `3h` or `2d`."""


def read_moment(text: str) -> Moment:
    """Return the moment that `text` names; without an offset it is UTC.

    Raises:
        ValueError: it names none, or one outside the bounds of all records.
    """
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        forms = "2021-02-28, 2021-02-28T08:00 or 2021-02-28T14:00+06:00"
        raise ValueError(f"{text!r} is no moment: write {forms}") from None
    found = int((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp())
    if not EARLIEST_S <= found <= LATEST_S:
        raise ValueError(f"{text!r} is outside 1990 to 2099")
    return Moment(found)


def read_length(text: str) -> Length:
    """Return the length of time that `text` names.

    >>> read_length("90s"), read_length("10m"), read_length("2d")
    (90, 600, 172800)

    Raises:
        ValueError: it names none.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no length of time: write 90s, 10m, 3h or 2d")
    return Length(int(match.group(1)) * _UNITS_S[match.group(2)])


def decode_time(kind: type, value: Any) -> Any:
    """Decode what msgspec does not know by itself: the two types above."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r} must be in quotes")
    return read_moment(value) if kind is Moment else read_length(value)


def utc_words(moment_s: int | None) -> str:
    """Return a moment as it is written in scenario files; `open` for None."""
    if moment_s is None or moment_s >= LATEST_S:
        return "open"
    return dt.datetime.fromtimestamp(moment_s, dt.UTC).strftime("%Y-%m-%dT%H:%M")
