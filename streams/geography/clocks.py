"""Local clocks: days and times of a place as UTC seconds.

Time zones come from the `tzdata` package that is pinned with this one, never from the system: two machines
must agree on what midnight was, also where the system's zones are older or newer.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

from streams.geography.errors import GeographyError
from topics.place import Place

_MOMENT = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?(Z|[+-]\d{2}:\d{2})?)?", re.ASCII)

#: Names of zones are shorter than this.
_LONGEST = 64


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """A time zone by its IANA name. Raises `GeographyError` where there is none of that name."""
    parts = name.split("/")
    if len(name) <= _LONGEST and all(re.fullmatch(r"[A-Za-z0-9_+-]+", part) for part in parts):
        file = resources.files("tzdata").joinpath("zoneinfo", *parts)
        # Beside the zones lie lists that are none: ValueError.
        with suppress(ValueError):
            if file.is_file():
                with file.open("rb") as stream:
                    return ZoneInfo.from_file(stream, key=name)
    raise GeographyError(f"no time zone is called {name!r}: give an IANA name, e.g. 'Asia/Almaty'")


def day_span(day: date, time_zone: str) -> tuple[int, int]:
    """Unix seconds of a local day's midnight and of the next one.

    23, 24 or 25 hours apart where clocks change, and other lengths where a place changed its offset. A
    midnight that clocks jump over is the moment they jump; one that happens twice is the first. A day that
    a place left out (Samoa, 30 December 2011) is empty.
    """
    return _midnight(day, time_zone), _midnight(day + timedelta(days=1), time_zone)


def local_day(day: date, place: Place) -> tuple[int, int]:
    """Unix seconds of a local day of a place: from its first midnight to its last.

    A country of several time zones has the union of their days: in Russia a day lasts 34 hours.

    >>> from streams.geography import country_place
    >>> start, end = local_day(date(2024, 2, 29), country_place("RU"))
    >>> (end - start) // 3600
    34
    """
    from streams.geography.countries import time_zones

    spans = [day_span(day, name) for name in time_zones(place)]
    return min(start for start, _ in spans), max(end for _, end in spans)


@lru_cache(maxsize=16_384)
def _midnight(day: date, time_zone: str) -> int:
    return _instant(datetime(day.year, day.month, day.day, tzinfo=zone(time_zone)))


def _instant(local: datetime) -> int:
    """The first moment at which the local clock showed this time or, in a gap, jumped over it."""
    moment = int(local.replace(fold=0).timestamp())
    back = datetime.fromtimestamp(moment, tz=local.tzinfo).replace(tzinfo=None)
    if back == local.replace(tzinfo=None, fold=0):
        return moment
    # In a gap: fold=0 reads the time by the offset before the jump, which is after the jump by the clock.
    # The jump is where the offset changes between the two readings.
    early, late = sorted((moment, int(local.replace(fold=1).timestamp())))
    offset = _offset(early, local)
    while late - early > 1:
        middle = (early + late) // 2
        early, late = (middle, late) if _offset(middle, local) == offset else (early, middle)
    return late


def _offset(moment: int, local: datetime) -> timedelta | None:
    return datetime.fromtimestamp(moment, tz=local.tzinfo).utcoffset()


def read_moment(text: str, time_zone: str) -> tuple[int, int, bool]:
    """A `topics.reports.Moment` as Unix seconds: from, until, and whether it is a whole local day.

    A day is `[midnight, next midnight)` at the place; a clock time is one moment, both ends the same, read
    by the place's clock unless it brings its own offset. A clock time that happened twice is the first.

    Raises `ValueError` for dates and times that don't exist.

    >>> read_moment("2021-02-28", "Asia/Almaty")
    (1614448800, 1614535200, True)
    >>> read_moment("2021-02-28T14:00", "Asia/Almaty")
    (1614499200, 1614499200, False)
    """
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        raise ValueError(
            f"{text!r} is no moment: write a day (2021-02-28), a local time (2021-02-28T14:00) "
            "or a time with its offset (2021-02-28T08:00Z)"
        )
    year, month, day, hour, minute, second, offset = match.groups()
    try:
        when = date(int(year), int(month), int(day))
        if hour is None:
            return *day_span(when, time_zone), True
        clock = datetime(when.year, when.month, when.day, int(hour), int(minute), int(second or 0), tzinfo=UTC)
        if offset is not None:
            moment = int(clock.timestamp()) - _seconds(offset)
        else:
            moment = _instant(clock.replace(tzinfo=zone(time_zone)))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is no real date or time: {error}") from error
    return moment, moment, False


def _seconds(offset: str) -> int:
    if offset == "Z":
        return 0
    hours, minutes = int(offset[1:3]), int(offset[4:6])
    if hours > 18 or minutes > 59:
        raise ValueError(f"no place is {offset} from UTC")
    return (hours * 3600 + minutes * 60) * (-1 if offset[0] == "-" else 1)
