"""Exams: cuts at the same local hours, one to four days apart; and only what was known by then."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from streams.detection import Recurrence, recurrence
from topics import Origin, Outage, Place

ZONE = ZoneInfo("Asia/Damascus")
HOUR = 3_600


def outage(
    day: int, clock: str = "04:00", hours: float | None = 4.5, *, signal: str = "bgp", region: str = "T-1",
    step_s: int = 300, known_s: int | None = None, month: int = 6,
) -> Outage:  # fmt: skip
    from_s = int(dt.datetime.fromisoformat(f"2021-{month:02}-{day:02}T{clock}").replace(tzinfo=ZONE).timestamp())
    return Outage(
        id=f"{signal}/{from_s}/{region}",
        origin=Origin(source="ioda"),
        country="SY",
        place=Place(kind="region", country="SY", name="x", region=region, time_zone=ZONE.key),
        from_s=from_s,
        until_s=None if hours is None else from_s + round(hours * HOUR),
        from_uncertainty_s=step_s,
        until_uncertainty_s=step_s,
        lineage="ioda",
        series=f"ioda/region/{region}/{signal}",
        signals=(signal,),
        known_s=known_s,
    )


def test_exams_every_few_days() -> None:
    days = [1, 3, 6, 10]
    found = recurrence(outage(10), [outage(day) for day in days])
    assert found == Recurrence(times=3, days_apart=(4, 3, 2), off_s=0, same_end=3)


@pytest.mark.parametrize(("day", "times"), [(1, 0), (6, 1), (9, 1), (10, 0)])
def test_one_to_four_days(day: int, times: int) -> None:
    assert recurrence(outage(10), [outage(day)]).times == times


@pytest.mark.parametrize(
    ("clock", "step_s", "times", "off_s"),
    [("04:05", 300, 1, 300), ("04:06", 300, 0, 0), ("03:59", 10, 1, 60), ("03:58", 10, 0, 0), ("16:00", 300, 0, 0)],
)
def test_to_the_step_of_the_series(clock: str, step_s: int, times: int, off_s: int) -> None:
    found = recurrence(outage(9, step_s=step_s), [outage(8, clock, step_s=step_s)])
    assert (found.times, found.off_s) == (times, off_s)


def test_clock_times_around_midnight() -> None:
    found = recurrence(outage(9, "00:00"), [outage(7, "23:58")])
    assert (found.days_apart, found.off_s) == ((1,), 120)


def test_local_hours_stay_when_clocks_change() -> None:
    """Damascus went to summer time on 26 March 2021."""
    before, after = outage(25, month=3), outage(27, month=3)
    assert after.from_s - before.from_s == 47 * HOUR
    assert recurrence(after, [before]).off_s == 0
    assert recurrence(after, [before], zone="UTC").times == 0


def test_several_signals_of_one_morning_are_one() -> None:
    others = [outage(8, "04:05", signal="ping-slash24"), outage(8), outage(8, "04:05", signal="merit-nt")]
    assert recurrence(outage(9), others) == Recurrence(1, (1,), 0, 1)
    assert recurrence(outage(9), others[::-1]) == Recurrence(1, (1,), 0, 1)


def test_of_the_same_place_only() -> None:
    assert recurrence(outage(9), [outage(8, region="T-2")]).times == 0


def test_nothing_that_came_or_was_known_later() -> None:
    now = outage(9, known_s=outage(9).from_s + 600)
    assert recurrence(now, [outage(10), outage(11)]).times == 0
    late = outage(8, known_s=now.from_s + HOUR)
    assert recurrence(now, [late]).times == 0
    assert recurrence(now, [late], known_by_s=now.from_s + HOUR).times == 1


def test_the_end_counts_where_it_is_known() -> None:
    yesterday, longer = outage(8), outage(7, hours=6)
    assert recurrence(outage(9), [yesterday, longer]).same_end == 1
    assert recurrence(outage(9, hours=None), [yesterday]) == Recurrence(1, (1,), 0, 0)
