"""Dates as lists write them, and dates inside the links that they cite."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

#: A link's date and the row's may differ by so many days: reports come days late.
AGREE_DAYS = 7

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    "oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
#: Links that carry a date have a year between marks, or the name of a month: most have neither.
_DATED = re.compile(rf"(?<!\d)(?:19|20)\d\d[-/_]|[-/_](?:19|20)\d\d(?!\d)|(?:{_MONTH})[-_/]\d")
_YEAR = r"(?P<year>(?:19|20)\d{2})"
_LINK = re.compile(r"https?://[^\s;,]+(?:,(?!\s*http)[^\s;,]+)*")
_PATH = re.compile(r"(?:https?://)?[^/]*([^?#]*)")

_EDGE, _END = r"(?<![0-9a-z])", r"(?![0-9a-z]|\.\d)"
_IN_LINKS = tuple(
    re.compile(_EDGE + pattern + _END)
    for pattern in (
        _YEAR + r"([-/_])(?P<month>\d{1,2})\2(?P<day>\d{1,2})",
        _YEAR + rf"[-/_](?P<month>{_MONTH})[-/_](?P<day>\d{{1,2}})",
        rf"(?P<day>\d{{1,2}})[-/_](?P<month>{_MONTH})[-/_]" + _YEAR,
        rf"(?P<month>{_MONTH})[-_](?P<day>\d{{1,2}})(?:[-_]" + _YEAR + ")?",
    )
)


@dataclass(frozen=True, slots=True)
class ListDate:
    """A cell with a date: the day if one can be read, and what else is in the cell."""

    day: dt.date | None
    ongoing: bool = False
    flags: tuple[str, ...] = ()


@lru_cache(maxsize=16_384)
def read_date(text: str, name: str) -> ListDate:
    """A date cell: `2019-01-08 00:00:00`, `1/8/2019` (month first), `Ongoing`, `Unknown`, words, or nothing.

    `name` begins the flags: `end-in-words` when words follow the date, `end-unreadable` when no date is
    found, `end-day-first` when the month can only be the second number.
    """
    text = text.strip()
    folded = text.casefold().strip(" .")
    if folded in ("ongoing", "on-going"):
        return ListDate(None, ongoing=True)
    if not text or folded in ("unknown", "unkown", "uknown", "n/a", "none", "-"):
        return ListDate(None)
    iso, slashed = _ISO.match(text), _SLASHED.match(text)
    match = iso or slashed
    if match is None:
        return ListDate(None, flags=(f"{name}-unreadable",))
    one, two, three = (int(part) for part in match.groups())
    year, month, day = (one, two, three) if iso else (three, one, two)
    flags = [] if match.end() == len(text) else [f"{name}-in-words"]
    if not iso:
        year += 2000 if year < 100 else 0
        if month > 12 >= day:
            month, day = day, month
            flags.append(f"{name}-day-first")
    try:
        return ListDate(dt.date(year, month, day), flags=tuple(flags))
    except ValueError:
        return ListDate(None, flags=(f"{name}-unreadable",))


def links(text: str) -> list[str]:
    """The addresses in a cell, in order, however they are separated."""
    return [found.rstrip(".,;)") for found in _LINK.findall(text)]


def dates_in_links(addresses: Iterable[str], near: dt.date) -> Iterator[dt.date]:
    """The dates that addresses carry: `/2021/2/28/`, `/2018/jul/24/`, `feb-28`, `2021-02-28`, `05-May-2018`.

    One without a year is taken in the year that brings it nearest to `near`. What follows `?` or `#` says what
    was searched for, not when it was written.
    """
    for address in addresses:
        match = _PATH.match(address)
        path = match.group(1).casefold() if match else ""
        if not _DATED.search(path):
            continue
        for pattern in _IN_LINKS:
            for match in pattern.finditer(path):
                parts = match.groupdict()
                month = parts["month"]
                number = int(month) if month.isdigit() else _MONTHS.index(month[:3]) + 1
                found = _nearest(parts["year"], number, int(parts["day"]), near)
                if found is not None:
                    yield found


def _nearest(year: str | None, month: int, day: int, near: dt.date) -> dt.date | None:
    years = [int(year)] if year else [near.year - 1, near.year, near.year + 1]
    found = []
    for one in years:
        try:
            found.append(dt.date(one, month, day))
        except (ValueError, OverflowError):
            continue
    return min(found, key=lambda day: abs(day - near), default=None)


def links_disagree(addresses: Iterable[str], start: dt.date, end: dt.date | None, *, ongoing: bool = False) -> bool:
    """Whether the links carry dates and none is within `AGREE_DAYS` of the row's days.

    What goes on, goes on: any later date agrees with it.
    """
    last = dt.date.max if ongoing else (end or start)
    far = [max(start - day, day - last, dt.timedelta()) for day in dates_in_links(addresses, start)]
    return bool(far) and min(far).days > AGREE_DAYS
