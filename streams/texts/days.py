"""Days in a sentence: "yesterday", "on Monday", "28 February", "1/3/2021", "۱۰ اسفند", "የካቲት 21"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from streams.texts.calendars import ethiopian, persian
from streams.texts.clocks import Role, Words

_BACK = {"today": 0, "yesterday": 1, "before-yesterday": 2}
_WEEKDAYS = {f"weekday{number}": number for number in range(7)}


@dataclass(frozen=True, slots=True)
class Day:
    """A day and where it stands; `until` is the last day of "5-8 January"."""

    first: int
    last: int
    day: dt.date
    until: dt.date | None = None
    role: Role | None = None


def days(words: Words, published: dt.date) -> list[Day]:
    """The days that a sentence names, in order, as seen from the local day on which it was published."""
    found: list[Day] = []
    place = 0
    while place < len(words.tokens):
        day = (
            _dotted(words, place, published)
            or _named(words, place, published)
            or _relative(words, place, published)
        )
        if day is not None:
            found.append(day)
            place = day.last + 1
        else:
            place += 1
    return found


def years(words: Words) -> list[int]:
    """The years that stand in a sentence, of this calendar."""
    return [token.number for token in words.tokens if token.number is not None and 1900 <= token.number <= 2100]


def _relative(words: Words, place: int, published: dt.date) -> Day | None:
    for hit in words.beginning(place):
        back = _BACK.get(hit.kind)
        if hit.kind in _WEEKDAYS:
            back = (published.weekday() - _WEEKDAYS[hit.kind]) % 7
        if back is not None:
            return Day(place, hit.last, published - dt.timedelta(days=back), role=_role(words, place, hit.last))
    return None


def _dotted(words: Words, place: int, published: dt.date) -> Day | None:
    """`28.02.2021`, `2021-02-28`, `28/2`: in the order that the language has."""
    numbers: list[int] = []
    at = place
    mark = ""
    while at < len(words.tokens) and len(numbers) < 3:
        token = words.tokens[at]
        if token.number is None or (numbers and token.gap not in ((mark,) if mark else (".", "-", "/", "–"))):
            break
        mark = token.gap if numbers else ""
        numbers.append(token.number)
        at += 1
    if len(numbers) == 3:
        day = _in_order(numbers, words, published)
    elif len(numbers) == 2 and mark in (".", "/") and len(words.tokens[place + 1].text) <= 2:
        order = words.words.settings.get("dates", "DMY")
        pair = numbers if order == "MDY" and mark == "/" else numbers[::-1]
        day = _nearest(lambda year: dt.date(year, pair[0], pair[1]), None, published)
    else:
        return None
    return None if day is None else Day(place, at - 1, day, role=_role(words, place, at - 1))


def _in_order(numbers: list[int], words: Words, published: dt.date) -> dt.date | None:
    one, two, three = numbers
    if one > 1000:
        make = persian if one < 1500 else dt.date
        return _nearest(lambda _: make(one, two, three), one, published)
    year = three + 2000 if three < 100 else three
    month, day = (one, two) if words.words.settings.get("dates") == "MDY" and one <= 12 else (two, one)
    make = persian if 1300 <= year < 1500 else dt.date
    return _nearest(lambda _: make(year, month, day), year, published)


def _named(words: Words, place: int, published: dt.date) -> Day | None:
    """A month's name with a day beside it, before or after, and maybe a year."""
    for hit in words.beginning(place):
        month = _MONTHS.get(hit.kind)
        if month is not None:
            return _around(words, hit.first, hit.last, month, published)
    return None


@dataclass(frozen=True, slots=True)
class _Month:
    """A month of a calendar; `ahead` is how many years that calendar is behind, or one less."""

    make: Callable[[int, int, int], dt.date]
    month: int
    ahead: int

    def day(self, day: int, year: int | None, published: dt.date) -> dt.date | None:
        ahead = self.ahead if year is None else 0
        return _nearest(lambda one: self.make(one - ahead, self.month, day), year, published)


_MONTHS = {
    f"{calendar}{month}": _Month(make, month, ahead)
    for calendar, make, ahead in (("month", dt.date, 0), ("jalali", persian, 621), ("ethiopian", ethiopian, 8))
    for month in range(1, 13)
}


def _around(words: Words, first: int, last: int, month: _Month, published: dt.date) -> Day | None:
    tokens = words.tokens
    before = tokens[first - 1].number if first else None
    after = tokens[last + 1].number if last + 1 < len(tokens) else None
    begin, end, until = first, last, None
    if before is not None and before <= 31:
        day, begin = before, first - 1
        year_at = last + 1
        from_ = _range(words, begin)
        if from_ is not None:
            until, (day, begin) = day, from_
    elif after is not None and after <= 31:
        day, end = after, last + 1
        year_at = last + 2
    else:
        return None
    while year_at < len(tokens) and tokens[year_at].folded in words.words.function:
        year_at += 1
    year = tokens[year_at].number if year_at < len(tokens) else None
    year = year if year is not None and year > 1000 else None
    end = year_at if year is not None else end
    found = month.day(day, year, published)
    if found is None:
        return None
    last_day = None if until is None else month.day(until, year, published)
    return Day(begin, end, found, last_day, _role(words, begin, end))


def _range(words: Words, place: int) -> tuple[int, int] | None:
    """The first number of "5-8 January", which ends at `place`, and where it stands."""
    for step in (1, 2):
        at = place - step
        if at < 0:
            return None
        number = words.tokens[at].number
        joined = (
            words.tokens[place].gap.strip() in ("-", "–") if step == 1 else words.at(at + 1, "until") is not None
        )
        if number is not None and 1 <= number <= 31 and joined:
            return number, at
    return None


_LAST_YEAR = 2200


def _nearest(make: Callable[[int], dt.date], year: int | None, published: dt.date) -> dt.date | None:
    """The day in its year; without a year in the one that puts it last before publication, or a day after."""
    found = []
    for one in [year] if year is not None else [published.year - 1, published.year, published.year + 1]:
        try:
            found.append(make(one))
        except (ValueError, OverflowError):
            continue
    if year is not None:
        # Nobody tells of days behind the end of calendars, after which there is no next one.
        return found[0] if found and found[0].year <= _LAST_YEAR else None
    return max((day for day in found if day <= published + dt.timedelta(days=1)), default=None)


def _role(words: Words, first: int, last: int) -> Role | None:
    hit = words.leading(first, last, "since", "until", before=2)
    hit = hit or (words.near(first, last, "since", "until", after=2) if words.words.roles_follow else None)
    return None if hit is None else "until" if hit.kind == "until" else "since"
