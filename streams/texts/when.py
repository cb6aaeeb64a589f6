"""Since when and until when, by the clocks of the place: days, clock times and durations of a sentence together.

Seen from the moment of publication there. A clock time without a day is the last one before publication; one that
may be before or after noon is the later of the two that have passed. A part of the day stands for its middle.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from streams.texts.clocks import Clock, Words, clocks
from streams.texts.days import Day, days, years

#: Older than this is a memory, not a report.
OLD_DAYS = 60

_UNITS = {
    "minute": 60,
    "hour": 3600,
    "day": 86_400,
    "week": 7 * 86_400,
    "months": 30 * 86_400,
    "year": 365 * 86_400,
}

#: A clock time may be so much after publication: clocks differ.
_AHEAD = dt.timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class When:
    """A stretch of time in words of the topics: see `topics.reports.Moment`. `start` empty: nothing was said."""

    start: str = ""
    end: str = ""
    approximate: bool = False
    #: It was said to go on from `start`.
    going_on: bool = False
    old: bool = False


@dataclass(frozen=True, slots=True)
class _Point:
    day: dt.date
    clock: Clock | None
    minute: int = 0

    @property
    def moment(self) -> str:
        if self.clock is None:
            return self.day.isoformat()
        text = f"{self.day.isoformat()}T{self.minute // 60:02}:{self.minute % 60:02}"
        if self.clock.offset_h is None:
            return text
        return text + ("Z" if self.clock.offset_h == 0 else f"{self.clock.offset_h:+03}:00")


def when(sentence: Words, published: dt.datetime, around: Iterable[Day] = ()) -> When:
    """What a sentence says of time. `published` is the local moment; `around` are the days that others name.

    Days of other sentences count where this one has clock times and no day of its own.
    """
    named = days(sentence, published.date())
    if _is_old(named, years(sentence), published.date()):
        return When(old=True)
    told = [one for one in clocks(sentence) if not any(_inside(one, day) for day in named if not one.vague)]
    lasting = _lasting(sentence, told, published)
    if lasting is not None and not any(not one.vague for one in told):
        return lasting
    if told:
        return _clocked(told, named or list(around)[:1], published)
    return _daily(named)


def _inside(clock: Clock, day: Day) -> bool:
    return clock.first <= day.last and day.first <= clock.last


def _is_old(named: list[Day], told: list[int], published: dt.date) -> bool:
    if named:
        return max(one.until or one.day for one in named) < published - dt.timedelta(days=OLD_DAYS)
    return bool(told) and max(told) < (published - dt.timedelta(days=OLD_DAYS)).year


def _daily(named: list[Day]) -> When:
    if not named:
        return When()
    begins = [one for one in named if one.role != "until"] or named
    first = begins[0]
    ends = [one.day for one in named if one.role == "until"]
    last = first.until or (ends[0] if ends and ends[0] >= first.day else None)
    if first.role == "until":
        return When()
    end = last.isoformat() if last is not None and last != first.day else ""
    return When(first.day.isoformat(), end, going_on=first.role == "since" and not end)


def _clocked(told: list[Clock], named: list[Day], published: dt.datetime) -> When:
    begins = [one for one in told if one.role != "until"]
    begin = next((one for one in begins if one.role == "since"), begins[0] if begins else None)
    if begin is None:
        return _daily(named) if named else When()
    ends = [
        one
        for one in told
        if one is not begin and one.first > begin.last and (one.role == "until" or _follows(one, begin))
    ]
    day = _day_of(begin, named)
    first = _point(begin, day, published)
    approximate = begin.vague or begin.either
    going_on = begin.role == "since" and not ends
    if not ends:
        return When(first.moment, "", approximate, going_on)
    last = _point(_later(ends[0], begin, first), first.day, published)
    if last.minute <= first.minute:
        last = replace(last, day=last.day + dt.timedelta(days=1))
    return When(first.moment, last.moment, approximate or ends[0].vague)


def _follows(one: Clock, begin: Clock) -> bool:
    """Whether a clock time is the other end of a range: "14:00-17:00", "between two and five"."""
    return begin.role in ("since", None) and one.first - begin.last <= 2 and not one.vague


def _later(end: Clock, begin: Clock, first: _Point) -> Clock:
    """The end of a range on the side of noon on which its begin is."""
    if end.either and end.minute + 720 > first.minute >= end.minute:
        return replace(end, minute=end.minute + 720, either=False)
    offset = begin.offset_h if end.offset_h is None else end.offset_h
    return replace(end, either=False, offset_h=offset)


def _day_of(clock: Clock, named: list[Day]) -> dt.date | None:
    if not named:
        return None
    return min(named, key=lambda day: min(abs(day.first - clock.last), abs(clock.first - day.last))).day


def _point(clock: Clock, day: dt.date | None, published: dt.datetime) -> _Point:
    minutes = [clock.minute, clock.minute + 720] if clock.either else [clock.minute]
    offset = dt.timedelta() if clock.offset_h is None else dt.timedelta(hours=clock.offset_h)
    now = published.replace(tzinfo=None)
    if clock.offset_h is not None:
        now = published.astimezone(dt.UTC).replace(tzinfo=None) + offset
    dates = [day] if day is not None else [now.date(), now.date() - dt.timedelta(days=1)]
    tried = [
        (dt.datetime.combine(one, dt.time(minute // 60 % 24, minute % 60)), minute % 1440)
        for one in dates
        for minute in minutes
    ]
    passed = [one for one in tried if one[0] <= now + _AHEAD]
    if not passed and clock.vague:
        # "This evening", said in the afternoon: it begins now.
        return _Point(now.date(), clock, now.hour * 60 + now.minute)
    moment, minute = max(passed) if passed else min(tried)
    return _Point(moment.date(), clock, minute)


def _lasting(words: Words, told: list[Clock], published: dt.datetime) -> When | None:
    """ "2 hours ago", "for three days": counted back from publication."""
    for hit in words.hits:
        seconds = _UNITS.get(hit.kind)
        if seconds is None or any(one.first <= hit.first <= one.last for one in told if not one.vague):
            continue
        found = _counted(words, hit.first, hit.last)
        if found is None:
            continue
        count, first, last = found
        ago = words.near(first, last, "ago", before=2, after=2)
        marked = ago or words.near(first, last, "lasting", "since", before=3, after=3)
        if marked is None or count > 400:
            continue
        start = published.replace(tzinfo=None) - dt.timedelta(seconds=count * seconds)
        if published.date() - start.date() > dt.timedelta(days=OLD_DAYS):
            return When(old=True)
        going_on = ago is None or words.near(first, last, "since", before=3, after=3) is not None
        if seconds >= 86_400:
            return When(start.date().isoformat(), going_on=going_on)
        return When(start.strftime("%Y-%m-%dT%H:%M"), approximate=True, going_on=going_on)
    return None


def _counted(words: Words, first: int, last: int) -> tuple[int, int, int] | None:
    """How many of a unit, and from which token to which: the number before it, or a dual."""
    if words.at(first, "dual"):
        return 2, first, last
    for step in (1, 2, 3):
        found = words.count(first - step)
        if found is not None and found[1] < first:
            return found[0], first - step, last
    return None
