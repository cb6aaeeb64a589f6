"""Days of the Persian and the Ethiopian calendar as days of the Gregorian one."""

from __future__ import annotations

import datetime as dt

#: Leap years of the Persian calendar's 33-year cycle (Birashk's rule; exact from 1925 to 2087).
_LEAPS = frozenset((1, 5, 9, 13, 17, 22, 26, 30))
_PERSIAN_ANCHOR = (1399, dt.date(2020, 3, 20))
_ETHIOPIAN_EPOCH = 2796  # proleptic ordinal of 1 Meskerem of year 1: 29 August 8, Julian


def persian(year: int, month: int, day: int) -> dt.date:
    """The day of a date of the Persian calendar, years 1300 to 1466.

    Raises:
        ValueError: there is no such day.

    >>> persian(1399, 12, 10), persian(1401, 7, 1)
    (datetime.date(2021, 2, 28), datetime.date(2022, 9, 23))
    """
    leap = year % 33 in _LEAPS
    longest = 31 if month <= 6 else 30 if month <= 11 or leap else 29
    if not (1300 <= year <= 1466 and 1 <= month <= 12 and 1 <= day <= longest):
        raise ValueError(f"the Persian calendar has no {year}-{month}-{day}")
    anchor, first = _PERSIAN_ANCHOR
    among = range(min(anchor, year), max(anchor, year))
    days = sum(366 if one % 33 in _LEAPS else 365 for one in among) * (1 if year >= anchor else -1)
    within = 31 * min(month - 1, 6) + 30 * max(month - 7, 0) + day - 1
    return first + dt.timedelta(days=days + within)


def ethiopian(year: int, month: int, day: int) -> dt.date:
    """The day of a date of the Ethiopian calendar: twelve months of 30 days, and five or six more.

    Raises:
        ValueError: there is no such day.

    >>> ethiopian(2013, 6, 21), ethiopian(2013, 1, 1)
    (datetime.date(2021, 2, 28), datetime.date(2020, 9, 11))
    """
    longest = 30 if month <= 12 else 6 if year % 4 == 3 else 5
    if not (1900 <= year <= 2100 and 1 <= month <= 13 and 1 <= day <= longest):
        raise ValueError(f"the Ethiopian calendar has no {year}-{month}-{day}")
    return dt.date.fromordinal(_ETHIOPIAN_EPOCH + 365 * (year - 1) + year // 4 + 30 * (month - 1) + day - 1)
