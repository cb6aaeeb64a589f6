"""Scenario tables: what meets what in time and place, both sides of every boundary."""

from __future__ import annotations

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


# claim of the local day 28 Feb: |27 Feb 18:00 UTC ==== 28 Feb 18:00 UTC|, and 24 h either side
@pytest.mark.parametrize(
    ("begin", "hours", "meets"),
    [
        ("2021-02-28T14:00", 3, True),
        ("2021-02-27T00:00", 1, True),
        ("2021-02-26T22:00", 2, True),  # ends as the window begins
        ("2021-02-26T22:00", 1.9, False),
        ("2021-03-02T00:00", 1, True),  # begins as the window ends: 48 h after the day began
        ("2021-03-02T00:01", 1, False),
    ],
)
def test_a_day_claim_meets_an_outage_a_day_either_side(begin: str, hours: float, meets: bool) -> None:
    dropped = outage("o", from_s=local(begin), hours=hours)
    assert (("corroborated", "Almaty") in levels(dropped, day_claim("c", "2021-02-28"))) is meets


# The local day has 23 hours: clocks go forward. |28 Mar 00:00 EET === 29 Mar 00:00 EEST|, 24 h before, 48 h after
@pytest.mark.parametrize(
    ("from_s", "until_s", "meets"),
    [
        (-30 * HOUR_S, -24 * HOUR_S, True),
        (-30 * HOUR_S, -24 * HOUR_S - 1, False),
        (48 * HOUR_S, 50 * HOUR_S, True),  # 48 h after the day began, 25 after it ended
        (48 * HOUR_S + 1, 50 * HOUR_S, False),
    ],
)
def test_a_day_on_which_clocks_change_has_the_same_window(from_s: int, until_s: int, meets: bool) -> None:
    helsinki = msgspec.structs.replace(ALMATY, time_zone="Europe/Helsinki")
    begin, end = local("2021-03-28T00:00", "Europe/Helsinki"), local("2021-03-29T00:00", "Europe/Helsinki")
    assert end - begin == 23 * HOUR_S
    said = claim("c", helsinki, begin, 23, precision="day")
    dropped = outage("o", from_s=begin + from_s, hours=(until_s - from_s) / HOUR_S)
    assert (("corroborated", "Almaty") in levels(dropped, said)) is meets


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


@pytest.mark.parametrize(("days", "meets"), [(7.9, True), (8.1, False)])
def test_a_claims_span_is_cut_at_seven_days(days: float, meets: bool) -> None:
    said = day_claim("c", "2021-02-28", days=400)
    dropped = outage("o", from_s=int(said.from_s + days * DAY_S), hours=1)
    assert (("corroborated", "Almaty") in levels(dropped, said)) is meets


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


# |==o1==| 1 h |==o2==|
@pytest.mark.parametrize(("gap_s", "number"), [(0, 1), (HOUR_S, 1), (HOUR_S + 1, 2)])
def test_outages_of_one_place_chain_over_an_hour(gap_s: int, number: int) -> None:
    later = outage("o2", from_s=START_S + 3 * HOUR_S + gap_s, signals=("bgp",))
    assert len(conclude(outage("o1"), later)) == number


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
    found = conclude(outage("n", COUNTRY), outage("a"), claim("c", ATYRAU))
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
    # The claim's span is cut at 7 days, and reaches one further.
    assert [shutdown.level for shutdown in found] == ["corroborated"] * 8 + ["measured"] * 2
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
        ("nnn", ALMATY_REGION, "too-coarse", "reported"),
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


@pytest.mark.parametrize(("gap_s", "number"), [(DAY_S, 1), (DAY_S + 1, 2)])
def test_incidents_hold_what_follows_within_a_day(gap_s: int, number: int) -> None:
    later = outage("o2", ASTANA, from_s=START_S + 3 * HOUR_S + gap_s)
    assert len({shutdown.incident for shutdown in conclude(outage("o1"), later)}) == number


def test_an_outage_that_is_not_over_keeps_the_shutdown_open() -> None:
    (shutdown,) = conclude(outage("o", hours=None), claim("c"))
    assert (shutdown.status, shutdown.until_s) == ("open", None)


def test_orders_are_acknowledged_beside_the_level() -> None:
    (shutdown,) = conclude(claim("c", ordered_by="Ministry of the Interior"))
    assert shutdown.acknowledged == ("ordered by: Ministry of the Interior (form)",)
    assert [piece.role for piece in shutdown.evidence] == ["acknowledges"]


def test_the_words_fit_the_numbers() -> None:
    (shutdown,) = conclude(outage("o"), claim("a"), claim("b"), claim("c", lineage="a"))
    words = shutdown.why[0].words
    assert words == "Active probing dropped in Almaty City region, and 2 independent sources say that it was cut."


def test_records_stay_small_whatever_comes_in() -> None:
    long: dict[str, Any] = {"services": ("s" * 400,), "ordered_by": "y" * 20_000}
    (shutdown,) = conclude(outage("o"), *(claim(f"c{number}" + "x" * 200, **long) for number in range(600)))
    assert len(encode(shutdown)) < RECORD_LIMIT_BYTES
    assert "601" not in shutdown.why[0].words
    assert "600 independent sources" in shutdown.why[0].words
