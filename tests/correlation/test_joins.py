"""Scenario tables: what meets what in time and place, both sides of every boundary."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from streams.correlation import CountryState, default_rules
from tests.correlation.evidence import (
    ALMATY,
    ALMATY_REGION,
    ASTANA,
    ATYRAU,
    COUNTRY,
    DAY_S,
    HOUR_S,
    START_S,
    claim,
    coverage,
    day_claim,
    local,
    outage,
    protest,
)
from topics import RECORD_LIMIT_BYTES, Evidence, Place, Shutdown, encode


def conclude(*pieces: Evidence) -> list[Shutdown]:
    state = CountryState(default_rules())
    for piece in pieces:
        assert state.load(piece)
    state.settle()
    return state.standing()


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


@pytest.mark.parametrize(
    ("said_of", "dropped_in", "meets"),
    [
        (ALMATY, ALMATY_REGION, True),  # a city by its region's series
        (COUNTRY, ALMATY_REGION, True),  # a national claim by any region
        (ALMATY, COUNTRY, True),
        (ASTANA, ALMATY_REGION, False),
        (ATYRAU, ALMATY_REGION, False),
    ],
)
def test_places_must_touch(said_of: Place, dropped_in: Place, meets: bool) -> None:
    found = [shutdown.level for shutdown in conclude(outage("o", dropped_in), claim("c", said_of))]
    assert (found == ["corroborated"]) is meets


# |==o1==| gap |==o2==|
@pytest.mark.parametrize(
    ("first_h", "gap_s", "second_h", "number"),
    [
        (1, 0, 1, 1),
        (1, HOUR_S, 1, 1),  # a gap of an hour, however short the drops
        (1, HOUR_S + 1, 1, 2),
        (2, HOUR_S + 1, 2, 2),
        (3, 1.5 * HOUR_S, 3, 1),  # an interruption: half of either drop
        (3, 1.5 * HOUR_S + 1, 3, 2),
        (3, 1.5 * HOUR_S + 1, 12, 2),  # … of the shorter one, whichever that is
        (12, 1.5 * HOUR_S + 1, 3, 2),
        (12, 3 * HOUR_S, 12, 1),  # 3 h at most
        (12, 3 * HOUR_S + 1, 12, 2),
    ],
)
def test_outages_of_one_place_chain(first_h: int, gap_s: float, second_h: int, number: int) -> None:
    later = outage("o2", from_s=int(START_S + first_h * HOUR_S + gap_s), hours=second_h, signals=("bgp",))
    assert len(conclude(outage("o1", hours=first_h), later)) == number


def test_a_cut_that_flaps_is_as_long_as_its_parts_together() -> None:
    # Drops of half an hour with pauses of an hour make episodes, and the pause after them is short beside these.
    flapping = [outage(f"o{one}", from_s=START_S + one * 5400, hours=0.5) for one in range(4)]
    later = outage("later", from_s=START_S + 5 * HOUR_S + 2 * HOUR_S, hours=5)
    (one,) = conclude(*flapping, later)
    assert (one.from_s, one.until_s) == (START_S, START_S + 12 * HOUR_S)


def test_signals_of_one_place_make_one_shutdown() -> None:
    (shutdown,) = conclude(outage("o1"), outage("o2", signals=("bgp",), from_s=START_S + 600, hours=2))
    assert shutdown.signals == ("bgp", "ping-slash24")
    assert (shutdown.from_s, shutdown.until_s) == (START_S, START_S + 3 * HOUR_S)


def test_a_dark_country_takes_up_its_regions() -> None:
    (shutdown,) = conclude(outage("n", COUNTRY, severity="critical"), outage("a"), outage("b", ASTANA))
    assert (shutdown.place.name, shutdown.scope, len(shutdown.evidence)) == ("Kazakhstan", "national", 3)


def test_a_countrys_dip_is_the_echo_of_its_regions() -> None:
    found = conclude(outage("n", COUNTRY), outage("a"), outage("b", ASTANA))
    assert [shutdown.place.name for shutdown in found] == ["Almaty City", "Nur-Sultan"] or [
        shutdown.place.name for shutdown in found
    ] == ["Nur-Sultan", "Almaty City"]
    assert all("n" in {piece.id for piece in shutdown.evidence} for shutdown in found)


def test_the_echo_brings_no_claims_from_elsewhere() -> None:
    found = conclude(outage("n", COUNTRY, ratio_min=0.9), outage("a"), claim("c", ATYRAU))
    assert sorted((shutdown.level, shutdown.place.name) for shutdown in found) == [
        ("measured", "Almaty City"),
        ("reported", "Atyrau"),
    ]


def test_a_region_that_stays_dark_for_days_is_no_part_of_an_hour_of_the_country() -> None:
    found = conclude(outage("n", COUNTRY, hours=1, severity="critical"), outage("a", hours=100))
    assert sorted(shutdown.place.name for shutdown in found) == ["Almaty City", "Kazakhstan"]


def test_a_ten_day_claim_over_ten_nightly_cuts_is_ten_shutdowns_of_one_incident() -> None:
    nights = [outage(f"o{night}", from_s=START_S + night * DAY_S, hours=8) for night in range(10)]
    found = conclude(*nights, day_claim("c", "2021-02-28", days=10))
    assert len(found) == 10
    assert {shutdown.incident for shutdown in found} == {found[0].incident}
    assert [shutdown.level for shutdown in found] == ["corroborated"] * 10
    assert all(shutdown.until_s == shutdown.from_s + 8 * HOUR_S for shutdown in found)


def test_days_do_not_weld_clocks() -> None:
    clocks = [claim(f"c{night}", from_s=START_S + night * DAY_S) for night in range(3)]
    found = conclude(*clocks, day_claim("d", "2021-02-28", days=3))
    assert [(shutdown.from_s, shutdown.until_s) for shutdown in found] == [
        (one.from_s, one.until_s) for one in clocks
    ]
    assert all("d" in {piece.id for piece in shutdown.evidence} for shutdown in found)


# |==c1==| 2 h |==c2==|
@pytest.mark.parametrize(("gap_s", "number"), [(2 * HOUR_S, 1), (2 * HOUR_S + 1, 2)])
def test_clock_claims_of_one_place_chain_over_two_hours(gap_s: int, number: int) -> None:
    assert len(conclude(claim("c1"), claim("c2", from_s=START_S + 3 * HOUR_S + gap_s))) == number


def test_claims_of_two_days_are_two_shutdowns_and_of_one_day_one() -> None:
    assert len(conclude(day_claim("a", "2021-02-27"), day_claim("b", "2021-02-28"))) == 2
    assert len(conclude(day_claim("a", "2021-02-28"), day_claim("b", "2021-02-28"))) == 1


def test_a_blocked_service_is_no_claim_of_a_cut() -> None:
    found = conclude(outage("o"), claim("c", extent="service", services=("telegram",)))
    assert sorted(shutdown.level for shutdown in found) == ["measured", "reported"]
    assert {shutdown.incident for shutdown in found} == {found[0].incident}


@pytest.mark.parametrize(
    ("lineages", "level"),
    [((), "measured"), (("ioda",), "measured"), (("ips",), "corroborated"), (("ioda", "ips"), "corroborated")],
)
def test_a_claim_that_repeats_the_measurement_corroborates_nothing(lineages: tuple[str, ...], level: str) -> None:
    said = [claim(f"c{number}", lineage=lineage) for number, lineage in enumerate(lineages)]
    (shutdown,) = conclude(outage("o"), *said)
    assert shutdown.level == level


@pytest.mark.parametrize(
    ("letters", "place", "state", "level"),
    [
        (None, ALMATY, "no-series", "reported"),
        ("nnn", ALMATY, "normal", "contradicted"),
        ("nnnn", ALMATY, "normal", "contradicted"),
        ("nn", ALMATY, "missing", "reported"),  # not there for the whole time
        ("nmn", ALMATY, "missing", "reported"),
        ("nun", ALMATY, "missing", "reported"),
        ("ndn", ALMATY, "dropped", "reported"),
        ("nnn", ALMATY_REGION, "normal", "contradicted"),  # the city is the region
        ("nnn", COUNTRY, "too-coarse", "reported"),
        ("nnn", ATYRAU, "no-series", "reported"),
    ],
)
def test_what_measurements_say_of_a_claim(letters: str | None, place: Place, state: str, level: str) -> None:
    pieces: list[Evidence] = [claim("c")]
    if letters is not None:
        pieces.append(coverage("v", letters, place))
    (shutdown,) = conclude(*pieces)
    assert (shutdown.measurement, shutdown.level) == (state, level)
    assert shutdown.why[0].rule == "level/1"


@pytest.mark.parametrize(
    ("signals", "said", "level"),
    [
        (("ping-slash24",), {}, "contradicted"),
        (("bgp",), {}, "reported"),  # routing alone never contradicts
        (("merit-nt",), {}, "reported"),  # nor does a telescope
        (("bgp", "merit-nt"), {}, "reported"),
        (("dns-queries",), {}, "reported"),  # half of what it takes
        (("dns-queries", "mozilla"), {}, "reported"),  # one kind is one, however many series
        (("dns-queries", "connectivity-index"), {}, "contradicted"),  # two kinds
        (("ping-slash24",), {"networks": ("mobile",)}, "reported"),  # probing sees little of mobile networks
        (("ping-slash24",), {"networks": ("broadband",)}, "contradicted"),
        (("gtr",), {"networks": ("mobile",)}, "contradicted"),  # people's traffic does
        (("ping-slash24",), {"partial": True}, "reported"),  # of a part that the map doesn't know
        (("ping-slash24",), {"hours": 40 * 24}, "reported"),  # of more than 28 days
    ],
)
def test_only_series_that_would_have_shown_a_claim_contradict_it(
    signals: tuple[str, ...], said: dict[str, Any], level: str
) -> None:
    told = claim("c", **said)
    assert told.until_s is not None
    hours = "n" * ((told.until_s - told.from_s) // HOUR_S)
    normal = [
        coverage(f"{signal}/{start}", hours[start : start + 240], ALMATY, START_S + start * HOUR_S,
                 series=signal, signal=signal)
        for signal in signals
        for start in range(0, len(hours), 240)
    ]  # fmt: skip
    (shutdown,) = conclude(told, *normal)
    assert shutdown.level == level


def test_one_series_that_is_missing_takes_the_contradiction_back() -> None:
    normal = coverage("v1", "nnn", ALMATY, series="a")
    missing = coverage("v2", "mmm", ALMATY, series="b")
    assert [shutdown.level for shutdown in conclude(claim("c"), normal, missing)] == ["reported"]


def test_only_a_full_cut_is_contradicted() -> None:
    (shutdown,) = conclude(claim("c", extent=None), coverage("v", "nnn", ALMATY))
    assert (shutdown.measurement, shutdown.level) == ("normal", "reported")


@pytest.mark.parametrize(
    ("day", "near"), [("2021-02-26", 0), ("2021-02-27", 1), ("2021-02-28", 1), ("2021-03-01", 1), ("2021-03-02", 0)]
)
def test_protests_a_day_either_side_are_context(day: str, near: int) -> None:
    (shutdown,) = conclude(outage("o"), protest("p", day))
    assert (shutdown.protests, shutdown.level) == (near, "measured")


@pytest.mark.parametrize(
    ("dropped_in", "protest_in", "near"),
    [
        (ALMATY_REGION, ALMATY, 1),
        (COUNTRY, ATYRAU, 1),
        (COUNTRY, COUNTRY, 1),
        (ALMATY_REGION, ATYRAU, 0),
        (ALMATY_REGION, COUNTRY, 0),  # a country's centroid is near no city
    ],
)
def test_protests_are_context_of_their_place(dropped_in: Place, protest_in: Place, near: int) -> None:
    (shutdown,) = conclude(outage("o", dropped_in), protest("p", "2021-02-28", protest_in))
    assert shutdown.protests == near


def test_protests_alone_are_no_shutdown() -> None:
    assert conclude(protest("p", "2021-02-28")) == []


def incidents(*pieces: Evidence) -> int:
    """How many incidents the shutdowns make, of which there is more than one."""
    found = conclude(*pieces)
    assert len(found) > 1
    return len({shutdown.incident for shutdown in found})


@pytest.mark.parametrize(
    ("place", "gap_s", "number"),
    [
        (ALMATY_REGION, DAY_S, 1),
        (ALMATY_REGION, DAY_S + 1, 2),
        (ASTANA, 0, 2),  # what is elsewhere on that day is another matter
        (ASTANA, -3 * HOUR_S, 2),
    ],
)
def test_incidents_hold_what_follows_within_a_day_at_one_place(place: Place, gap_s: int, number: int) -> None:
    later = outage("o2", place, from_s=START_S + 3 * HOUR_S + gap_s)
    # Another hour and a claim of its own: only place and time can link them.
    assert incidents(outage("o1"), later) == number


@pytest.mark.parametrize(("from_h", "number"), [(3, 1), (3 + 1 / 60, 2)])
def test_incidents_hold_what_lies_inside_a_measured_place_while_they_overlap(from_h: float, number: int) -> None:
    national = outage("n", COUNTRY, severity="critical", hours=3)
    inside = outage("o", from_s=int(START_S + from_h * HOUR_S), hours=9, severity="critical")
    assert incidents(national, inside) == number


@pytest.mark.parametrize(("measured", "number"), [(True, 1), (False, 3)])
def test_a_vague_national_claim_swallows_no_towns(measured: bool, number: int) -> None:
    towns = [claim("a", ALMATY), claim("b", ATYRAU)]
    national: Evidence = (
        outage("n", COUNTRY, severity="critical", ratio_min=0.8) if measured else claim("n", COUNTRY, extent=None)
    )
    assert incidents(*towns, national) == number


@pytest.mark.parametrize(("report", "number"), [("c1", 1), ("c2", 2)])
def test_incidents_hold_what_one_report_claims(report: str, number: int) -> None:
    second = msgspec.structs.replace(claim("c2", ATYRAU), report=report)
    assert incidents(claim("c1", ALMATY), second) == number


@pytest.mark.parametrize(
    ("days", "claimed", "signals", "number"),
    [
        ((0, 10, 20), True, ("ping-slash24",), 1),
        ((0, 10), True, ("ping-slash24",), 2),  # two may be chance
        ((0, 10, 20), False, ("bgp", "ping-slash24"), 1),
        ((0, 10, 20), False, ("ping-slash24",), 3),  # nobody claims any, and one signal alone dropped
    ],
)
def test_incidents_hold_a_campaign(
    days: tuple[int, ...], claimed: bool, signals: tuple[str, ...], number: int
) -> None:
    cuts = [outage(f"o{day}", from_s=START_S + day * DAY_S, signals=signals) for day in days]
    assert incidents(*cuts, *[claim("c")] * claimed) == number


def test_an_outage_that_is_not_over_keeps_the_shutdown_open() -> None:
    (shutdown,) = conclude(outage("o", hours=None), claim("c"))
    assert (shutdown.status, shutdown.until_s) == ("open", None)


def test_orders_are_acknowledged_beside_the_level() -> None:
    (shutdown,) = conclude(claim("c", ordered_by="Ministry of the Interior"))
    assert shutdown.acknowledged == ("ordered by: Ministry of the Interior (form)",)
    assert [piece.role for piece in shutdown.evidence] == ["acknowledges"]


@pytest.mark.parametrize(
    ("claims", "who"),
    [
        ((claim("a"),), r"\b1 independent source says\b"),
        ((claim("a"), claim("b"), claim("c", lineage="a")), r"\b2 independent sources say\b"),
        ((claim("a"), claim("b", lineage="ioda")), r"\b1 independent source says\b"),  # a copy of the measurement
    ],
)
def test_the_words_say_what_dropped_where_and_who_says_so(claims: tuple[Evidence, ...], who: str) -> None:
    (shutdown,) = conclude(outage("o"), *claims)
    words = shutdown.why[0].words
    assert re.search(who, words), words
    assert "active probing dropped" in words
    assert "Almaty City region" in words.partition(",")[0]
    # What is claimed is the city, and not all that dropped.
    assert re.search(r"\bAlmaty was\b", words.partition(",")[2]), words


def test_records_stay_small_whatever_comes_in() -> None:
    long: dict[str, Any] = {"services": ("s" * 400,), "ordered_by": "y" * 20_000}
    (shutdown,) = conclude(outage("o"), *(claim(f"c{number}" + "x" * 200, **long) for number in range(600)))
    assert len(encode(shutdown)) < RECORD_LIMIT_BYTES
    assert "601" not in shutdown.why[0].words
    assert "600 independent sources" in shutdown.why[0].words
