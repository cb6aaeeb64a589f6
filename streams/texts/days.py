"""Days in a sentence: "yesterday", "on Monday", "28 February", "1/3/2021", "۱۰ اسفند", "የካቲት 21"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from streams.texts.calendars import ethiopian, persian
from streams.texts.clocks import Role, Words

_BACK = {"tomorrow": -1, "today": 0, "yesterday": 1, "before-yesterday": 2}

#: Countries where numbers are written month first, in English and Spanish: all others write the day first.
MONTH_FIRST = frozenset({"AS", "FM", "GU", "MH", "MP", "PH", "PR", "PW", "US", "VI"})
_MONTH_FIRST_LANGUAGES = frozenset({"en", "es"})

#: A day without a year that is longer past than this is the one to come, if that is not farther: "until 8
#: February".
FAR_DAYS = 60
_WEEKDAYS = {f"weekday{number}": number for number in range(7)}


@dataclass(frozen=True, slots=True)
class Day:
    """A day and where it stands; `until` is the last day of "5-8 January"."""

    first: int
    last: int
    day: dt.date
    until: dt.date | None = None
    role: Role | None = None
    #: Only a day of the week was said.
    weekday: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """Whence days are seen: the local day of publication, the country (alpha-2), whether they are to come."""

    published: dt.date
    country: str = ""
    ahead: bool = False


def days(words: Words, seen: Seen) -> list[Day]:
    """The days that a sentence names, in order."""
    found: list[Day] = []
    place = 0
    order = ""
    telling = {hit.first for hit in words.hits if hit.kind in _DAYS}
    while place < len(words.tokens):
        if place in words.hidden or not (place in telling or words.tokens[place].text[0].isdecimal()):
            place += 1
            continue
        order = order or _order(words, seen)
        day = _dotted(words, place, seen, order) or _named(words, place, seen) or _relative(words, place, seen)
        if day is not None:
            found.append(day)
            place = day.last + 1
        else:
            place += 1
    return found


def years(words: Words) -> list[int]:
    """The years that stand in a sentence, of this calendar."""
    return [token.number for token in words.tokens if token.number is not None and 1900 <= token.number <= 2100]


def _relative(words: Words, place: int, seen: Seen) -> Day | None:
    hits = words.beginning(place)
    if {"yesterday", "tomorrow"} <= {hit.kind for hit in hits}:
        # One word for yesterday and tomorrow, as in Hindi: the tense says which.
        hits = [hit for hit in hits if hit.kind != ("yesterday" if seen.ahead else "tomorrow")]
    for hit in hits:
        back = _BACK.get(hit.kind)
        if back is None and hit.kind not in _WEEKDAYS:
            continue
        role = _role(words, place, hit.last)
        if hit.kind in _WEEKDAYS:
            back = (seen.published.weekday() - _WEEKDAYS[hit.kind]) % 7
            if seen.ahead or role == "until":
                back = -((_WEEKDAYS[hit.kind] - seen.published.weekday()) % 7)
        day = seen.published - dt.timedelta(days=back or 0)
        return Day(place, hit.last, day, role=role, weekday=hit.kind in _WEEKDAYS)
    return None


def _order(words: Words, seen: Seen) -> str:
    """In which order a sentence writes days and months in numbers: as its country does, or as alone is possible."""
    for place, token in enumerate(words.tokens):
        numbers = _numbers(words, place)[0] if token.text[0].isdecimal() else []
        if len(numbers) == 3 and max(numbers[:2]) <= 31 and (numbers[0] > 12) is not (numbers[1] > 12):
            return "DMY" if numbers[0] > 12 else "MDY"
    order = words.words.settings.get("dates", "DMY")
    if words.words.language in _MONTH_FIRST_LANGUAGES:
        order = "MDY" if seen.country in MONTH_FIRST else "DMY"
    return order


def _numbers(words: Words, place: int) -> tuple[list[int], str]:
    """Up to three numbers from a place on that one mark joins, and the mark."""
    numbers: list[int] = []
    mark = ""
    for token in words.tokens[place : place + 3]:
        if token.number is None or (numbers and token.gap not in ((mark,) if mark else (".", "-", "/", "–"))):
            break
        mark = token.gap if numbers else ""
        numbers.append(token.number)
    return numbers, mark


def _dotted(words: Words, place: int, seen: Seen, order: str) -> Day | None:
    """`28.02.2021`, `2021-02-28`, `28/2`: in the order of the sentence; dots put the day first everywhere."""
    numbers, mark = _numbers(words, place)
    last = place + len(numbers) - 1
    role = _role(words, place, last) if numbers else None
    month_first = order == "MDY" and mark != "."
    if len(numbers) == 3:
        running = role == "since" and not seen.ahead
        day = _in_order(numbers, seen, month_first=month_first, running=running)
    elif len(numbers) == 2 and mark in (".", "/") and len(words.tokens[place + 1].text) <= 2:
        pair = numbers if month_first else numbers[::-1]
        day = _nearest(lambda year: dt.date(year, pair[0], pair[1]), None, seen)
    else:
        return None
    return None if day is None else Day(place, last, day, role=role)


def _in_order(numbers: list[int], seen: Seen, *, month_first: bool, running: bool) -> dt.date | None:
    """The day of three numbers. What is running began before publication, in whichever order that is."""
    one, two, three = numbers
    if one > 1000:
        make = persian if one < 1500 else dt.date
        return _nearest(lambda _: make(one, two, three), one, seen)
    year = three + 2000 if three < 100 else three
    make = persian if 1300 <= year < 1500 else dt.date
    pairs = [(one, two), (two, one)] if month_first else [(two, one), (one, two)]
    found = [_nearest(lambda _, m=month, d=day: make(year, m, d), year, seen) for month, day in pairs]  # type: ignore[misc]
    there = [day for day in found if day is not None]
    if running:
        return next((day for day in there if day <= seen.published), there[0] if there else None)
    return there[0] if there else None


def _named(words: Words, place: int, seen: Seen) -> Day | None:
    """A month's name with a day beside it, before or after, and maybe a year."""
    for hit in words.beginning(place):
        month = _MONTHS.get(hit.kind)
        if month is not None:
            return _around(words, hit.first, hit.last, month, seen)
    return None


@dataclass(frozen=True, slots=True)
class _Month:
    """A month of a calendar; `ahead` is how many years that calendar is behind, or one less."""

    make: Callable[[int, int, int], dt.date]
    month: int
    ahead: int

    def day(self, day: int, year: int | None, seen: Seen) -> dt.date | None:
        ahead = self.ahead if year is None else 0
        return _nearest(lambda one: self.make(one - ahead, self.month, day), year, seen)


_MONTHS = {
    f"{calendar}{month}": _Month(make, month, ahead)
    for calendar, make, ahead in (("month", dt.date, 0), ("jalali", persian, 621), ("ethiopian", ethiopian, 8))
    for month in range(1, 13)
}


def _around(words: Words, first: int, last: int, month: _Month, seen: Seen) -> Day | None:
    tokens = words.tokens
    before_at = _without_ordinal(words, first)
    before = tokens[before_at].number if before_at >= 0 else None
    after = tokens[last + 1].number if last + 1 < len(tokens) else None
    begin, end, until = first, last, None
    if before is not None and before <= 31:
        day, begin = before, before_at
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
    found = month.day(day, year, seen)
    if found is None:
        return None
    last_day = None if until is None else month.day(until, year, seen)
    return Day(begin, end, found, last_day, _role(words, begin, end))


#: What is written behind the number of a day: 1er juin, 5th of May, 3-го марта.
_ORDINALS = frozenset({"er", "st", "nd", "rd", "th", "го", "е", "ое", "o", "a", "de", "of", "inci", "nci"})


def _without_ordinal(words: Words, first: int) -> int:
    """Where the number of a day stands before a month: over its ending and small words."""
    at = first - 1
    while at > 0 and first - at <= 2 and words.tokens[at].folded in _ORDINALS:
        at -= 1
    return at


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


#: Classes of words that name a day, or a month.
_DAYS = frozenset((*_BACK, *_WEEKDAYS, *_MONTHS))

_LAST_YEAR = 2200


def _nearest(make: Callable[[int], dt.date], year: int | None, seen: Seen) -> dt.date | None:
    """The day in its year; without a year the last one before publication, or a day after.

    That which is to come counts where it is told as such, or where the last one is long past and it is near.
    """
    found = []
    for one in [year] if year is not None else [seen.published.year + step for step in (-1, 0, 1)]:
        try:
            found.append(make(one))
        except (ValueError, OverflowError):
            continue
    if year is not None:
        # Nobody tells of days behind the end of calendars, after which there is no next one.
        return found[0] if found and found[0].year <= _LAST_YEAR else None
    past = max((day for day in found if day <= seen.published + dt.timedelta(days=1)), default=None)
    coming = min((day for day in found if day >= seen.published), default=None)
    far = dt.timedelta(days=FAR_DAYS)
    if (
        coming is not None
        and coming - seen.published <= far
        and (seen.ahead or past is None or seen.published - past > far)
    ):
        return coming
    return past


def _role(words: Words, first: int, last: int) -> Role | None:
    hit = words.leading(first, last, "since", "until", before=2)
    hit = hit or (words.near(first, last, "since", "until", after=2) if words.words.roles_follow else None)
    if hit is None or (hit.kind == "until" and words.at(hit.first, "at")):
        # A word that means "at" as well ends nothing by itself: "hier à Bamako".
        return None
    return "until" if hit.kind == "until" else "since"
