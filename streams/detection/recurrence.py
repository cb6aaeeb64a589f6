"""Exams and curfews: outages that come back at the same local hours, one to four days apart."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from streams.detection.rules import DAY_S
from topics import Place

#: The next one of a series of exams is at most so many days later: weekends and days without a paper lie between.
MOST_DAYS = 4

#: Clock times that differ by less are the same whatever the step of the series: seconds.
LEAST_S = 60


class Timed(Protocol):
    """What recurs: an `Outage`, or a `Shutdown`."""

    @property
    def place(self) -> Place: ...
    @property
    def from_s(self) -> int: ...
    @property
    def until_s(self) -> int | None: ...
    @property
    def from_uncertainty_s(self) -> int: ...
    @property
    def until_uncertainty_s(self) -> int: ...
    @property
    def known_s(self) -> int | None: ...


class Cut(NamedTuple):
    """When something was out: Unix seconds, with uncertainties either side, and when that was known."""

    from_s: int
    until_s: int | None
    from_uncertainty_s: int = 0
    until_uncertainty_s: int = 0
    known_s: int | None = None


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Earlier outages at the same local hours, from the last one back, each 1 to 4 days before the next.

    Attributes:
        times: how many there are; 0 is none.
        days_apart: local days from each to the one after it.
        off_s: the largest difference between their clock times of beginning and this one's; 0 is to the minute.
        same_end: how many of them also ended at the same clock time as this one, as far as that is known.
    """

    times: int = 0
    days_apart: tuple[int, ...] = ()
    off_s: int = 0
    same_end: int = 0


def recurrence(
    one: Timed, others: Iterable[Timed], *, zone: str | None = None, known_by_s: int | None = None
) -> Recurrence:
    """How often what is at the same place came before at the same local hours. Causal: it sees nothing later.

    Args:
        one: an outage or a shutdown.
        others: any others, of which those of the same place count, see `recurrence_of`.
        zone: IANA name of local time; that of the place by default.
        known_by_s: what was known later than this, or ended later, is not used; `one.known_s` by default.
    """
    same = (_cut(other) for other in others if other.place.key == one.place.key)
    limit_s = one.known_s if known_by_s is None else known_by_s
    return recurrence_of(_cut(one), same, zone or one.place.time_zone, known_by_s=limit_s)


def _cut(one: Timed) -> Cut:
    return Cut(one.from_s, one.until_s, one.from_uncertainty_s, one.until_uncertainty_s, one.known_s)


def recurrence_of(one: Cut, others: Iterable[Cut], zone: str, *, known_by_s: int | None = None) -> Recurrence:
    """The same for cuts of one entity. Those that began before `one` count.

    Two clock times are the same if they differ by no more than the uncertainty of either, or a minute. Of several
    cuts that began on one local day, as those of several signals do, the one nearest in clock time counts.

    >>> exam = Cut(1_622_509_200, 1_622_525_400, 300, 300)  # 1 June 2021, 04:00 to 08:30 in Damascus
    >>> later = [exam._replace(from_s=exam.from_s + 86_400 * day, until_s=None) for day in (2, 5)]
    >>> recurrence_of(later[1], [exam, later[0]], "Asia/Damascus")
    Recurrence(times=2, days_apart=(3, 2), off_s=0, same_end=0)
    """
    clock = ZoneInfo(zone)
    by_day: dict[int, tuple[int, Cut]] = {}
    for days, off_s, other in _before(one, others, clock, known_by_s):
        by_day[days] = min(by_day.get(days, (off_s, other)), (off_s, other), key=_nearest)
    apart: list[int] = []
    chain: list[tuple[int, Cut]] = []
    last = 0
    for days in sorted(by_day):
        if days - last > MOST_DAYS:
            break
        apart.append(days - last)
        chain.append(by_day[days])
        last = days
    return Recurrence(
        times=len(chain),
        days_apart=tuple(apart),
        off_s=max((off_s for off_s, _ in chain), default=0),
        same_end=sum(_same_end(one, other, clock, known_by_s) for _, other in chain),
    )


def _nearest(found: tuple[int, Cut]) -> tuple[int, int, float]:
    off_s, cut = found
    return off_s, cut.from_s, math.inf if cut.until_s is None else cut.until_s


def _before(
    one: Cut, others: Iterable[Cut], clock: ZoneInfo, limit_s: int | None
) -> Iterator[tuple[int, int, Cut]]:
    """Local days before `one`, seconds off its clock time of beginning, and which it is."""
    for other in others:
        if other.from_s >= one.from_s or (limit_s is not None and (other.known_s or other.from_s) > limit_s):
            continue
        days, off_s = _days_and_off(one.from_s, other.from_s, clock)
        if days >= 1 and off_s <= max(LEAST_S, one.from_uncertainty_s, other.from_uncertainty_s):
            yield days, off_s, other


def _same_end(one: Cut, other: Cut, clock: ZoneInfo, limit_s: int | None) -> bool:
    if one.until_s is None or other.until_s is None or (limit_s is not None and other.until_s > limit_s):
        return False
    _, off_s = _days_and_off(one.until_s, other.until_s, clock)
    return off_s <= max(LEAST_S, one.until_uncertainty_s, other.until_uncertainty_s)


def _days_and_off(later_s: int, earlier_s: int, clock: ZoneInfo) -> tuple[int, int]:
    """Whole days between two moments by the clocks of a place, and by how much they miss them, seconds."""
    passed = _wall(later_s, clock) - _wall(earlier_s, clock)
    days = (passed + DAY_S // 2) // DAY_S
    return days, abs(passed - days * DAY_S)


def _wall(at_s: int, clock: ZoneInfo) -> int:
    offset = dt.datetime.fromtimestamp(at_s, clock).utcoffset()
    assert offset is not None
    return at_s + int(offset.total_seconds())
