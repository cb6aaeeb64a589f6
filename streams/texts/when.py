"""Since when and until when, by the clocks of the place: days, clock times and durations of a sentence together.

Seen from the moment of publication there. A clock time without a day is the last one before publication; one that
may be before or after noon is the later of the two that have passed. A part of the day stands for its middle.
What is announced, and until when something lasts, is the next such time instead.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice

from streams.texts.clocks import Clock, Words, clocks
from streams.texts.days import Day, Seen, days, years
from streams.texts.durations import Duration, durations

#: Older than this is a memory, not a report.
OLD_DAYS = 60

#: A clock time may be so much after publication: clocks differ.
_AHEAD = dt.timedelta(minutes=20)

#: Words between a clock time and the day that it is of: "5 pm on the 6th".
OF_DAY = 3

#: What is only known to have ended at some time was down just before it.
JUST_BEFORE = dt.timedelta(minutes=1)

#: A duration that leads from the begin to within this share of it before publication tells how long it has gone on.
_SO_FAR = 0.25


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
    def local(self) -> dt.datetime:
        return dt.datetime.combine(self.day, dt.time(self.minute // 60 % 24, self.minute % 60))

    @property
    def moment(self) -> str:
        if self.clock is None:
            return self.day.isoformat()
        text = f"{self.day.isoformat()}T{self.minute // 60:02}:{self.minute % 60:02}"
        if self.clock.offset_h is None:
            return text
        return text + ("Z" if self.clock.offset_h == 0 else f"{self.clock.offset_h:+03}:00")


def moment_of(published: dt.datetime) -> str:
    """A moment in words of the topics, in UTC.

    >>> moment_of(dt.datetime(2021, 2, 28, 14, 5, tzinfo=dt.UTC))
    '2021-02-28T14:05Z'
    """
    return published.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="minutes") + "Z"


def when(
    sentence: Words,
    published: dt.datetime,
    around: Callable[[], Iterable[Day]] = tuple,
    *,
    country: str = "",
    ahead: bool = False,
) -> When:
    """What a sentence says of time.

    Args:
        sentence: its words.
        published: the local moment of publication.
        around: gives the days that other sentences name; they count where this one has clock times and no day.
        country: alpha-2; it says whether numbers are written month first.
        ahead: it is told as something that is still to come.
    """
    seen = Seen(published.date(), country, ahead)
    named = days(sentence, seen)
    if not ahead and _is_old(named, years(sentence), published.date()):
        return When(old=True)
    told = [one for one in clocks(sentence) if not any(_inside(one, day) for day in named if not one.vague)]
    lasting = durations(sentence, told)
    exact = any(not one.vague for one in told)
    begun = any(day.role == "since" for day in named)
    back = None if exact else _counted_back([one for one in lasting if one.role == "ago" or not begun], published)
    if back is not None:
        return back
    if told:
        found = _clocked(told, named or list(islice(around(), 1)), published, ahead=ahead)
    else:
        found = _daily(named, published.date())
    return _with_length(found, lasting, published)


def _inside(clock: Clock, day: Day) -> bool:
    return clock.first <= day.last and day.first <= clock.last


def _is_old(named: list[Day], told: list[int], published: dt.date) -> bool:
    if named:
        return max(one.until or one.day for one in named) < published - dt.timedelta(days=OLD_DAYS)
    return bool(told) and max(told) < (published - dt.timedelta(days=OLD_DAYS)).year


def _daily(named: list[Day], published: dt.date) -> When:
    if not named:
        return When()
    ends = [one.day for one in named if one.role == "until"]
    begins = [one for one in named if one.role != "until"]
    if not begins:
        # What lasted until a day that is over is told as of that day.
        return When("", ends[0].isoformat()) if ends[0] >= published else When(ends[0].isoformat())
    first = next((one for one in begins if one.role == "since"), begins[0])
    last = first.until or (ends[0] if ends and ends[0] >= first.day else None)
    end = last.isoformat() if last is not None and last != first.day else ""
    return When(first.day.isoformat(), end, going_on=first.role == "since" and not end)


def _clocked(told: list[Clock], named: list[Day], published: dt.datetime, *, ahead: bool) -> When:
    told = [replace(one, role="until") if _is_of_an_end(one, named) else one for one in told]
    begins = [one for one in told if one.role != "until"]
    begin = next((one for one in begins if one.role == "since"), begins[0] if begins else None)
    if begin is None or (begin.vague and begin is not told[0] and told[0].role == "until"):
        return _ending(told[0], named, published)
    ends = [
        one
        for one in told
        if one is not begin and one.first > begin.last and (one.role == "until" or _follows(one, begin))
    ]
    until = next((one for one in named if one.role == "until" and one.first > begin.last), None)
    # "From 14:00 until Monday": the day of the end is not that of the begin.
    day = _day_of(begin, [one for one in named if one.role != "until"], late=False)
    since = begin.role == "since" or any(one.role == "since" and one.day == day for one in named)
    first = _point(begin, day, published, ahead=ahead)
    approximate = begin.vague or begin.either
    if not ends:
        if until is not None and until.day > first.day:
            return When(first.moment, until.day.isoformat(), approximate)
        return When(first.moment, "", approximate, since)
    last_day = _day_of(ends[0], named, late=True) if len(named) > 1 else None
    last = _point(_later(ends[0], begin, first), max(last_day or first.day, first.day), published, ahead=ahead)
    if last_day is not None and ends[0].minute == 0:
        last = replace(last, day=last.day + dt.timedelta(days=1))
    if last.local <= first.local:
        last = replace(last, day=last.day + dt.timedelta(days=1))
    return When(first.moment, last.moment, approximate or ends[0].vague)


def _is_of_an_end(clock: Clock, named: list[Day]) -> bool:
    """Whether a clock time belongs to the day before it, which is said to be the end: "until 8 February at 8"."""
    if clock.role == "since":
        return False
    return any(day.role == "until" and 0 < clock.first - day.last <= OF_DAY for day in named)


def _ending(end: Clock, named: list[Day], published: dt.datetime) -> When:
    """A time until which it lasts, with no word of since when."""
    begins = [one for one in named if one.role == "since"]
    days_ = [_to_come(one, published.date()) for one in named if one not in begins]
    day = _day_of(end, days_, late=True)
    last = _point(end, day, published, ahead=True)
    if day is not None and end.minute == 0:
        # Until midnight of a day is until that day ends.
        last = replace(last, day=day + dt.timedelta(days=1))
    start = begins[0].day.isoformat() if begins else ""
    return When(start, last.moment, end.vague or end.either)


def between(
    sentence: Words, begin: Clock | None, end: Clock | None, published: dt.datetime, *, country: str
) -> When:
    """The stretch between two clock times of a sentence that is over; one that only ended began just before."""
    named = days(sentence, Seen(published.date(), country))
    if begin is not None and end is None:
        first = _point(begin, _day_of(begin, named, late=False), published, ahead=False)
        return When(first.moment, moment_of(published), begin.either)
    if end is None:
        return When()
    last = _point(end, _day_of(end, named, late=True), published, ahead=False)
    if begin is None:
        before = last.local - JUST_BEFORE
        first = replace(last, day=before.date(), minute=before.hour * 60 + before.minute)
        return When(first.moment, last.moment, approximate=True)
    first = _point(begin, _day_of(begin, named, late=False), published, ahead=False)
    if first.local >= last.local:
        first = replace(first, day=first.day - dt.timedelta(days=1))
    return When(first.moment, last.moment, begin.either or end.either)


def _to_come(day: Day, published: dt.date) -> Day:
    """A day that an end is of: of days of the week the next."""
    return replace(day, day=day.day + dt.timedelta(days=7)) if day.weekday and day.day < published else day


def _follows(one: Clock, begin: Clock) -> bool:
    """Whether a clock time is the other end of a range: "14:00-17:00", "between two and five"."""
    return begin.role in ("since", None) and one.first - begin.last <= 2 and not one.vague


def _later(end: Clock, begin: Clock, first: _Point) -> Clock:
    """The end of a range on the side of noon on which its begin is."""
    if end.either and end.minute + 720 > first.minute >= end.minute:
        return replace(end, minute=end.minute + 720, either=False)
    offset = begin.offset_h if end.offset_h is None else end.offset_h
    return replace(end, either=False, offset_h=offset)


def _day_of(clock: Clock, named: list[Day], *, late: bool) -> dt.date | None:
    """The day that a clock time is of: the nearest; of two that are as near the second is an end's."""
    if not named:
        return None

    def distance(day: Day) -> tuple[int, int]:
        apart = min(abs(day.first - clock.last), abs(clock.first - day.last))
        # An end's day follows it: "from 5 pm of 4 April to 5 pm of 6 April".
        follows = late and 0 < day.first - clock.last <= OF_DAY
        return (0 if follows else apart), -day.first if late else day.first

    return min(named, key=distance).day


def _point(clock: Clock, day: dt.date | None, published: dt.datetime, *, ahead: bool) -> _Point:
    minutes = [clock.minute, clock.minute + 720] if clock.either else [clock.minute]
    offset = dt.timedelta() if clock.offset_h is None else dt.timedelta(hours=clock.offset_h)
    now = published.replace(tzinfo=None)
    if clock.offset_h is not None:
        now = published.astimezone(dt.UTC).replace(tzinfo=None) + offset
    near = [now.date(), now.date() + dt.timedelta(days=1 if ahead else -1)]
    tried = [
        (dt.datetime.combine(one, dt.time(minute // 60 % 24, minute % 60)), minute % 1440)
        for one in ([day] if day is not None else near)
        for minute in minutes
    ]
    if ahead:
        coming = [one for one in tried if one[0] >= now - _AHEAD]
        moment, minute = min(coming) if coming else max(tried)
        # What is to come today, at an hour that has passed, comes in the night.
        later = dt.timedelta(days=1 if not coming and day == now.date() else 0)
        return _Point((moment + later).date(), clock, minute)
    passed = [one for one in tried if one[0] <= now + _AHEAD]
    if not passed and clock.vague:
        # "This evening", said in the afternoon: it begins now.
        return _Point(now.date(), clock, now.hour * 60 + now.minute)
    moment, minute = max(passed) if passed else min(tried)
    return _Point(moment.date(), clock, minute)


def _counted_back(lasting: list[Duration], published: dt.datetime) -> When | None:
    """ "2 hours ago", "for three days": counted back from publication."""
    one = next((one for one in lasting if one.role in ("ago", "lasting")), None)
    if one is None:
        return None
    start = published.replace(tzinfo=None) - dt.timedelta(seconds=one.seconds)
    if published.date() - start.date() > dt.timedelta(days=OLD_DAYS):
        return When(old=True)
    if one.in_days:
        return When(start.date().isoformat(), going_on=one.going_on)
    return When(start.strftime("%Y-%m-%dT%H:%M"), approximate=True, going_on=one.going_on)


def _with_length(found: When, lasting: list[Duration], published: dt.datetime) -> When:
    """A stretch with the end that its length gives it: "for the next 24 hours", "for 48 hours from 6 pm today"."""
    if found.end:
        return found
    one = next((one for one in lasting if one.role == "ahead" or (found.start and one.role != "ago")), None)
    if one is None:
        return found
    length = dt.timedelta(seconds=one.seconds)
    if not found.start:
        last = published.replace(tzinfo=None) + length
        return When("", last.strftime("%Y-%m-%dT%H:%M"), going_on=False)
    first = dt.datetime.fromisoformat(found.start)
    now = published if first.tzinfo is not None else published.replace(tzinfo=None)
    if one.role != "ahead" and abs((now - first) - length) <= length * _SO_FAR:
        return found
    if one.role != "ahead" and not found.going_on and "T" in found.start and first + length > now:
        # "It's now 8 pm, where there has been no internet for three hours".
        return _counted_back([one], published) or found
    if "T" not in found.start:
        if not one.in_days:
            return found
        last_day = first + length - dt.timedelta(days=1)
        return replace(found, end=last_day.date().isoformat(), going_on=False)
    text = (first + length).isoformat(timespec="minutes").replace("+00:00", "Z")
    return replace(found, end=text, going_on=False)
