"""Scenario tables: which claim meets which drop in time, both sides of every boundary."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from tests.correlation.evidence import (
    ALMATY,
    ASTANA,
    DAY_S,
    HOUR_S,
    START_S,
    claim,
    day_claim,
    local,
    outage,
)
from tests.correlation.runs import conclude
from topics import Evidence


def levels(*pieces: Evidence) -> list[tuple[str, str]]:
    return [(shutdown.level, shutdown.place.name) for shutdown in conclude(*pieces)]


def level_of(key: str, *pieces: Evidence) -> str:
    """The level of the shutdown whose own outage has an id."""
    (level,) = {one.level for one in conclude(*pieces) if key in {row.id for row in one.evidence}}
    return level


#: An outage of a region that one signal sees, and a claim of its city: the city is what both agree on.
CORROBORATED = [("corroborated", "Almaty")]


# outage   ............|08:00====11:00|............
# claim                          2 h --->|13:00
@pytest.mark.parametrize(
    ("from_h", "hours", "meets"),
    [
        (0, 3, True),
        (5, 1, True),  # begins exactly 2 h after the end
        (5 + 1 / 60, 1, False),
        (-4, 2, True),  # ends exactly 2 h before the begin
        (-4, 2 - 1 / 60, False),
        (-12, 24, True),  # around it
        (1, 0, True),  # a moment inside it
    ],
)
def test_a_clock_claim_meets_an_outage_within_two_hours(from_h: float, hours: float, meets: bool) -> None:
    said = claim("c", from_s=int(START_S + from_h * HOUR_S), hours=hours)
    assert (levels(outage("o"), said) == CORROBORATED) is meets


# claim of the local day 28 Feb:    |00:00 ======== 24:00|
@pytest.mark.parametrize(
    ("begin", "hours", "meets"),
    [
        ("2021-02-28T14:00", 3, True),
        ("2021-02-27T10:00", 48, True),  # around it
        ("2021-02-27T22:00", 2, True),  # ends as the day begins
        ("2021-02-27T22:00", 1.9, False),
        ("2021-03-01T00:00", 1, True),  # begins as it ends
        ("2021-03-01T00:01", 1, False),
    ],
)
def test_a_day_claim_meets_any_outage_on_its_days(begin: str, hours: float, meets: bool) -> None:
    dropped = outage("o", from_s=local(begin), hours=hours)
    assert (level_of("o", dropped, day_claim("c", "2021-02-28")) == "corroborated") is meets


# |-24 h ......|00:00 ======== 24:00|...... +48 h| after the day began, of strong drops of an hour or more
@pytest.mark.parametrize(
    ("begin", "hours", "severity", "meets"),
    [
        ("2021-02-26T22:00", 2, "critical", True),  # ends as the window begins
        ("2021-02-26T22:00", 1.9, "critical", False),
        ("2021-03-02T00:00", 1, "critical", True),  # begins as the window ends
        ("2021-03-02T00:01", 1, "critical", False),
        ("2021-02-27T10:00", 1, "critical", True),
        ("2021-02-27T10:00", 0.99, "critical", False),  # shorter than an hour
        ("2021-02-27T10:00", 5, "warning", False),  # weak
    ],
)
def test_a_day_claim_meets_strong_outages_beside_its_days(
    begin: str, hours: float, severity: str, meets: bool
) -> None:
    dropped = outage("o", from_s=local(begin), hours=hours, severity=severity)
    assert (level_of("o", dropped, day_claim("c", "2021-02-28")) == "corroborated") is meets


def test_two_signals_make_an_outage_beside_the_day_strong() -> None:
    begin = local("2021-02-27T10:00")
    pair = [outage("o", from_s=begin), outage("b", from_s=begin, signals=("bgp",))]
    assert level_of("o", *pair, day_claim("c", "2021-02-28")) == "corroborated"


@pytest.mark.parametrize(
    ("on_the_day", "beside_it"),
    [
        ({}, "measured"),  # it answers the claim, and the day before is another matter
        ({"ratio_min": 0.99}, "corroborated"),  # too small to answer it
        ({"place": ASTANA}, "corroborated"),  # elsewhere
    ],
)
def test_a_drop_on_the_claimed_day_leaves_none_for_the_day_before(
    on_the_day: dict[str, Any], beside_it: str
) -> None:
    before = outage("before", from_s=local("2021-02-27T10:00"), severity="critical")
    on_day = outage("on", from_s=local("2021-02-28T14:00"), **on_the_day)
    assert level_of("before", before, on_day, day_claim("c", "2021-02-28")) == beside_it


@pytest.mark.parametrize(("days", "level"), [(7, "corroborated"), (8, "measured")])
def test_only_claims_of_single_days_reach_beside_them(days: int, level: str) -> None:
    before = outage("o", from_s=local("2021-02-27T10:00"), severity="critical")
    assert level_of("o", before, day_claim("c", "2021-02-28", days=days)) == level


@pytest.mark.parametrize(("begin", "side"), [("2021-02-27T10:00", "before"), ("2021-03-01T10:00", "after")])
def test_an_outage_beside_the_day_weighs_less_and_says_how_far_off(begin: str, side: str) -> None:
    (inside,) = conclude(outage("o", from_s=local("2021-02-28T10:00")), day_claim("c", "2021-02-28"))
    dropped = outage("o", from_s=local(begin), severity="critical")
    (beside,) = conclude(dropped, day_claim("c", "2021-02-28"))
    assert beside.support == pytest.approx(0.6 * inside.support)
    words = " ".join(reason.words for reason in beside.why)
    # It ended 11 h before the day, or began 10 h after it.
    assert re.search(rf"1[01](\.0)? h(ours)? {side}", words), words
    assert f" {side} " not in inside.why[0].words


# The local day has 23 hours: clocks go forward. |28 Mar 00:00 EET === 29 Mar 00:00 EEST|, 24 h before, 48 h after
@pytest.mark.parametrize(
    ("from_s", "until_s", "severity", "meets"),
    [
        (-30 * HOUR_S, -24 * HOUR_S, "critical", True),
        (-30 * HOUR_S, -24 * HOUR_S - 1, "critical", False),
        (48 * HOUR_S, 50 * HOUR_S, "critical", True),  # 48 h after the day began, 25 after it ended
        (48 * HOUR_S + 1, 50 * HOUR_S, "critical", False),
        (23 * HOUR_S, 25 * HOUR_S, "warning", True),  # the day itself has 23 hours
        (23 * HOUR_S + 1, 25 * HOUR_S, "warning", False),
    ],
)
def test_a_day_on_which_clocks_change_has_the_same_window(
    from_s: int, until_s: int, severity: str, meets: bool
) -> None:
    helsinki = msgspec.structs.replace(ALMATY, time_zone="Europe/Helsinki")
    begin, end = local("2021-03-28T00:00", "Europe/Helsinki"), local("2021-03-29T00:00", "Europe/Helsinki")
    assert end - begin == 23 * HOUR_S
    said = claim("c", helsinki, begin, 23, precision="day")
    dropped = outage("o", from_s=begin + from_s, hours=(until_s - from_s) / HOUR_S, severity=severity)
    assert (level_of("o", dropped, said) == "corroborated") is meets


@pytest.mark.parametrize(("gap_s", "meets"), [(2 * HOUR_S, True), (2 * HOUR_S + 1, False)])
def test_windows_are_literal_however_uncertain_times_are(gap_s: int, meets: bool) -> None:
    vague = outage("o", from_uncertainty_s=1800, until_uncertainty_s=1800)
    said = claim("c", from_s=START_S + 3 * HOUR_S + gap_s, hours=1, from_uncertainty_s=1800)
    assert (levels(vague, said) == CORROBORATED) is meets


# |said since 14:00, no end ==== a day ====|
@pytest.mark.parametrize(("after_h", "meets"), [(26, True), (26 + 1 / 60, False)])
def test_a_clock_time_without_an_end_reaches_a_day(after_h: float, meets: bool) -> None:
    dropped = outage("o", from_s=int(START_S + after_h * HOUR_S))
    assert (("corroborated", "Almaty") in levels(dropped, claim("c", hours=None))) is meets


# |claim, no end ======== 28 days ========|  a drop at its end is a fifth of it: 5.6 days
@pytest.mark.parametrize(("late_s", "level"), [(0, "corroborated"), (1, "measured")])
def test_a_claim_that_goes_on_reaches_four_weeks(late_s: int, level: str) -> None:
    said = claim("c", hours=None, ongoing=True)
    begin = START_S + 28 * DAY_S - 28 * DAY_S // 5 + late_s
    assert level_of("o", outage("o", from_s=begin, hours=10 * 24), said) == level


# |claim ==== first 7 days ====|==== later ====|
@pytest.mark.parametrize(("late_s", "level"), [(0, "corroborated"), (1, "measured")])
def test_a_long_claim_meets_any_drop_of_its_first_week(late_s: int, level: str) -> None:
    said = day_claim("c", "2021-02-28", days=400)
    dropped = outage("o", from_s=said.from_s + 7 * DAY_S + late_s, hours=1)
    assert level_of("o", dropped, said) == level


@pytest.mark.parametrize(("short_s", "level"), [(0, "corroborated"), (1, "measured")])
def test_a_long_claim_meets_what_lasts_a_fifth_of_it(short_s: int, level: str) -> None:
    said = day_claim("c", "2021-02-28", days=20)
    dropped = outage("o", from_s=said.from_s + 10 * DAY_S, hours=4 * 24 - short_s / HOUR_S)
    assert level_of("o", dropped, said) == level


@pytest.mark.parametrize(
    ("days", "inside", "outside", "level"),
    [
        (28, (8, 20, 26), (), "corroborated"),  # three days
        (28, (8, 20), (), "measured"),  # two
        (42, (8, 20, 26), (), "corroborated"),  # one in every two weeks
        (43, (8, 20, 26), (), "measured"),
        (28, (8, 20, 26), (-5, 35), "corroborated"),  # three times as often as in the weeks before and after
        (28, (8, 20, 26), (-5, -9, 35), "measured"),
        (28, (8, 20, 26), (-40, -41, 70), "corroborated"),  # what is further off says nothing
        (28, (8, 8.1, 20), (), "measured"),  # two on one day count once
    ],
)
def test_a_long_claim_meets_a_pattern(
    days: int, inside: tuple[float, ...], outside: tuple[float, ...], level: str
) -> None:
    said = claim("c", from_s=local("2021-02-28T00:00"), hours=days * 24, precision="day")
    drops = [
        outage(f"o{number}", from_s=int(said.from_s + day * DAY_S) + number * 2 * HOUR_S, hours=1)
        for number, day in enumerate((*inside, *outside))
    ]
    found = conclude(*drops, said)
    own = {row.id: one.level for one in found for row in one.evidence if row.kind == "outage"}
    assert {own[f"o{number}"] for number in range(len(inside))} == {level}
    assert {own[f"o{number}"] for number in range(len(inside), len(drops))} <= {"measured"}
