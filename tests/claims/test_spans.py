"""When a claim was: local days and clocks of its place, in UTC. Almaty was UTC+6 in 2021 and is UTC+5 now."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.claims import ClaimsStage
from tests.claims.reports import DAY_S, MIDNIGHT_S, TWO_PM_S, pieces, report, run
from topics import Claim

HOUR_S = 3600


def claim(**given: Any) -> Claim:
    (found,) = pieces(ClaimsStage(), report(**given))
    assert isinstance(found, Claim)
    return found


@pytest.mark.parametrize(
    ("given", "from_s", "until_s", "precision"),
    [
        ({"start": "2021-02-28"}, MIDNIGHT_S, MIDNIGHT_S + DAY_S, "day"),
        ({"start": "2021-02-28", "end": "2021-02-28"}, MIDNIGHT_S, MIDNIGHT_S + DAY_S, "day"),
        ({"start": "2021-02-28", "end": "2021-03-02"}, MIDNIGHT_S, MIDNIGHT_S + 3 * DAY_S, "day"),
        ({"start": "2021-02-28", "ongoing": True}, MIDNIGHT_S, None, "day"),
        ({"start": "2021-02-28", "end": "2021-03-02", "ongoing": True}, MIDNIGHT_S, None, "day"),
        ({"start": "2021-02-28T14:00"}, TWO_PM_S, None, "minute"),
        ({"start": "2021-02-28T14:00", "end": "2021-02-28T17:00"}, TWO_PM_S, TWO_PM_S + 3 * HOUR_S, "minute"),
        (
            {"start": "2021-02-28T08:00Z", "end": "2021-02-28T16:30+05:30"},
            TWO_PM_S,
            TWO_PM_S + 3 * HOUR_S,
            "minute",
        ),
        ({"start": "2021-02-28T14:00", "end": "2021-02-28"}, TWO_PM_S, MIDNIGHT_S + DAY_S, "minute"),
        ({"start": "2021-02-28", "end": "2021-02-28T17:00"}, MIDNIGHT_S, TWO_PM_S + 3 * HOUR_S, "day"),
        ({"start": "2021-02-28T14:00", "end": "2021-02-28T14:00"}, TWO_PM_S, TWO_PM_S, "minute"),
    ],
)
def test_spans(given: dict[str, Any], from_s: int, until_s: int | None, precision: str) -> None:
    found = claim(**given)
    assert (found.from_s, found.until_s, found.precision) == (from_s, until_s, precision)
    # A clock time without an end doesn't say that it goes on.
    assert found.ongoing is given.get("ongoing", False)


@pytest.mark.parametrize(
    ("given", "uncertainties"),
    [
        ({"start": "2021-02-28T14:00", "end": "2021-02-28T17:00"}, (300, 300)),
        ({"start": "2021-02-28T14:00", "end": "2021-02-28T17:00", "approximate": True}, (1800, 1800)),
        ({"start": "2021-02-28", "approximate": True}, (0, 0)),
        ({"start": "2021-02-28T14:00"}, (300, 0)),
        ({"start": "2021-02-28T14:00", "end": "2021-02-28"}, (300, 10 * HOUR_S)),
        ({"start": "2021-02-28", "end": "2021-02-28T17:00"}, (0, 300)),
    ],
)
def test_uncertainties(given: dict[str, Any], uncertainties: tuple[int, int]) -> None:
    found = claim(**given)
    assert (found.from_uncertainty_s, found.until_uncertainty_s) == uncertainties


def test_days_are_those_of_each_place_and_of_the_date() -> None:
    almaty, atyrau = pieces(ClaimsStage(), report(places=("Almaty", "Atyrau")))
    assert atyrau.from_s - almaty.from_s == HOUR_S
    assert claim(start="2025-02-28").from_s % DAY_S == 19 * HOUR_S, "Almaty has been UTC+5 since March 2024"


def test_a_day_has_the_hours_that_it_has() -> None:
    changed = claim(country="DE", places=("Berlin",), start="2021-03-28")
    assert (changed.until_s or 0) - changed.from_s == 23 * HOUR_S


@given(st.dates(min_value=dt.date(1990, 1, 3), max_value=dt.date(2099, 12, 29)), st.integers(0, 20))
def test_any_days_at_any_place_begin_and_end_at_midnight(day: dt.date, more: int) -> None:
    end = min(day + dt.timedelta(days=more), dt.date(2099, 12, 29))
    found = claim(country="IN", places=("Srinagar",), start=day.isoformat(), end=end.isoformat())
    assert found.until_s is not None
    zone = ZoneInfo("Asia/Kolkata")
    first, last = (dt.datetime.fromtimestamp(one, zone) for one in (found.from_s, found.until_s))
    assert (first.date(), first.time()) == (day, dt.time())
    assert (last.date(), last.time()) == (end + dt.timedelta(days=1), dt.time())


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"start": "2021-02-30"}, "start"),
        ({"start": "2021-13-01"}, "start"),
        ({"start": "2021-02-28T25:00"}, "start"),
        ({"start": "1021-02-28"}, "start"),
        ({"start": "9999-12-31"}, "start"),
        ({"start": "0000-00-00"}, "start"),
        ({"start": "2021-02-28", "end": "2021-02-29"}, "end"),
        ({"start": "2021-02-28", "end": "2100-01-02"}, "end"),
    ],
)
def test_absurd_times_are_refused(given: dict[str, Any], field: str) -> None:
    result = run(ClaimsStage(), report(**given))
    assert not result.out
    assert [(one.reason, one.field) for one in result.refused] == [("absurd-time", field)]


@pytest.mark.parametrize(
    ("start", "end", "alone"),
    [
        ("2021-02-28", "2021-02-27", (MIDNIGHT_S, MIDNIGHT_S + DAY_S)),
        ("2021-02-28T14:00", "2021-02-28T13:59", (TWO_PM_S, None)),
        ("2021-02-28T14:00", "2021-02-28T13:59+06:00", (TWO_PM_S, None)),
    ],
)
def test_an_end_before_its_begin_is_left_out_and_flagged(start: str, end: str, alone: tuple[int, Any]) -> None:
    found = claim(start=start, end=end, flags=("doubtful",))
    assert (found.from_s, found.until_s) == alone
    assert found.flags == ("ends-before-it-begins", "doubtful")
    assert claim(start=start, end=start).flags == ()
