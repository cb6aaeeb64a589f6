"""Exams and curfews: outages that come back at the same local hours, one to four days apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol
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
    def id(self) -> str: ...
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
        others: any others, of which those count that are of the same place and began before it. Of several that
            begin on one local day, as several signals do, the one nearest in clock time counts.
        zone: IANA name of local time; that of the place by default.
        known_by_s: what was known later than this, or ended later, is not used; `one.known_s` by default.

    Two clock times are the same if they differ by no more than the uncertainty of either, or a minute.
    """
    clock = ZoneInfo(zone or one.place.time_zone)
    limit_s = one.known_s if known_by_s is None else known_by_s
    by_day: dict[int, tuple[int, Timed]] = {}
    for days, off_s, other in _before(one, others, clock, limit_s):
        if days not in by_day or (off_s, other.id) < (by_day[days][0], by_day[days][1].id):
            by_day[days] = off_s, other
    apart: list[int] = []
    chain: list[tuple[int, Timed]] = []
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
        same_end=sum(_same_end(one, other, clock, limit_s) for _, other in chain),
    )


def _before(
    one: Timed, others: Iterable[Timed], clock: ZoneInfo, limit_s: int | None
) -> Iterator[tuple[int, int, Timed]]:
    """Local days before `one`, seconds off its clock time of beginning, and which it is."""
    for other in others:
        if other.place.key != one.place.key or other.from_s >= one.from_s:
            continue
        if limit_s is not None and (other.known_s or other.from_s) > limit_s:
            continue
        days, off_s = _days_and_off(one.from_s, other.from_s, clock)
        if days >= 1 and off_s <= max(LEAST_S, one.from_uncertainty_s, other.from_uncertainty_s):
            yield days, off_s, other


def _same_end(one: Timed, other: Timed, clock: ZoneInfo, limit_s: int | None) -> bool:
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
