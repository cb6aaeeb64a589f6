"""Dates as feeds write them: RFC 822 and RFC 3339, what templates make of them, and the names of zones."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache, lru_cache
from pathlib import Path

from topics import EARLIEST_S, LATEST_S

#: The name of its zone is none that is known: the time is UTC's as far as one can tell, and may be half a day off.
ZONE_UNKNOWN = "time-zone-unknown"

_ZONES = Path(__file__).with_name("zones.tsv")
#: Longer texts are no dates.
_LONGEST = 100
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_CLOCK = r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?)?"
#: Between words there is one blank: `published` sees to it.
_OFFSET = r" ?([A-Za-z/_ ]{0,30}) ?([+-]\d{1,2}:?\d{0,2})? ?(?:\([^()]{0,40}\))? ?$"
#: `Sun, 28 Feb 2021 14:05:00 EAT`, `28-Feb-21`; `Sun Feb 28 14:05:00 EAT 2021`, `Feb 28, 2021 14:05`.
_DAY_FIRST = re.compile(
    r"^(?:[^\W\d]+[.,]*\s+)?(\d{1,2})[\s-]+([^\W\d]{3,})[.,]?[\s-]+(\d{4}|\d{2})" + _CLOCK + _OFFSET
)
_MONTH_FIRST = re.compile(
    r"^(?:[^\W\d]+[.,]*\s+)?([^\W\d]{3,})\.?\s+(\d{1,2}),?(?:\s+(\d{4}))?" + _CLOCK + r"\s*(.*)$"
)
_NUMBERS = re.compile(r"^(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?" + _CLOCK + _OFFSET)


@cache
def zones() -> dict[str, int]:
    """Names of zones -> minutes east of Greenwich."""
    rows = (
        line.split("\t") for line in _ZONES.read_text(encoding="utf-8").splitlines() if line[:1] not in ("#", "")
    )
    return {name: int(minutes) for name, minutes, *_ in rows if name != "name"}


@lru_cache(maxsize=4096)
def published(text: str) -> tuple[int | None, tuple[str, ...]]:
    """Unix seconds of a date, None where none can be read; and a flag where the name of its zone is unknown.

    Without a zone a time is UTC's, as RFC 822's readers have it.

    >>> published("Thu, 14 Jan 2021 14:05:00 EAT") == published("2021-01-14T14:05:00+03:00")
    True
    >>> published("Thu, 14 Jan 2021 14:05:00 XYZT")[1]
    ('time-zone-unknown',)
    """
    text = " ".join(text.split())
    if not text or len(text) > _LONGEST:
        return None, ()
    found = _standard(text) or _written(text) or _in_other_words(text)
    if found is None:
        return None, ()
    moment, flags = found
    try:
        moment_s = int(moment.timestamp())
    except (OverflowError, ValueError):
        return None, ()
    return (moment_s, flags) if EARLIEST_S <= moment_s <= LATEST_S else (None, ())


def _standard(text: str) -> tuple[dt.datetime, tuple[str, ...]] | None:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)), ()


def _written(text: str) -> tuple[dt.datetime, tuple[str, ...]] | None:
    day_first, month_first, numbers = _DAY_FIRST.match(text), _MONTH_FIRST.match(text), _NUMBERS.match(text)
    if day_first is not None:
        day, month, year, *clock, zone, offset = day_first.groups()
        return _moment(year, _month(month), day, clock, zone, offset)
    if month_first is not None and _month(month_first[1]):
        month, day, year, *clock, rest = month_first.groups()
        behind = re.match(r"^([A-Za-z/_]*) ?([+-]\d{1,2}:?\d{0,2})? ?(\d{4})?$", rest or "")
        if behind is None or not (year or behind[3]):
            return None
        return _moment(year or behind[3], _month(month), day, clock, behind[1], behind[2])
    if numbers is not None:
        year, month, day, *clock, zone, offset = numbers.groups()
        return _moment(year, int(month or 1), day or "1", clock, zone, offset)
    return None


def _month(name: str) -> int:
    """A month by its English name or the beginning of it; 0 for another word."""
    return _MONTHS.get(name.casefold()[:3], 0)


def _moment(
    year: str, month: int, day: str, clock: list[str | None], zone: str, offset: str | None
) -> tuple[dt.datetime, tuple[str, ...]] | None:
    number = int(year)
    if number < 100:
        number += 2000 if number < 70 else 1900
    minutes, flags = _offset(zone, offset)
    hour, minute, second = (int(part or 0) for part in clock)
    try:
        at = dt.datetime(number, month, int(day), tzinfo=dt.timezone(dt.timedelta(minutes=minutes)))
    except ValueError:
        return None
    # 24:00 and leap seconds are written, and no clock of Python's has them.
    return at + dt.timedelta(hours=hour, minutes=minute, seconds=second), flags


def _offset(zone: str, offset: str | None) -> tuple[int, tuple[str, ...]]:
    """Minutes east of Greenwich: an offset in figures before the name of a zone."""
    name = zone.strip().upper().removesuffix(" TIME").strip()
    if offset:
        digits = offset[1:].replace(":", "")
        hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
        east = int(hours) * 60 + int(minutes)
        if east <= 18 * 60:
            return (east if offset[0] == "+" else -east), ()
        return 0, (ZONE_UNKNOWN,)
    if not name or name in zones():
        return zones().get(name, 0), ()
    return 0, (ZONE_UNKNOWN,)


_ABSOLUTE = {"STRICT_PARSING": True, "RETURN_AS_TIMEZONE_AWARE": True, "PARSERS": ["absolute-time"]}


def _in_other_words(text: str) -> tuple[dt.datetime, tuple[str, ...]] | None:
    """A date in another language: "Вс, 28 фев 2021 14:05:00 +0300"."""
    import dateparser

    try:
        found = dateparser.parse(text, settings=_ABSOLUTE)
    except (ValueError, OverflowError, RecursionError, TypeError):
        return None
    return None if found is None else (found, ())
