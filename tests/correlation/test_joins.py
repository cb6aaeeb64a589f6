"""Scenario tables: what is one shutdown, what measurements say of a claim, protests and words."""

from __future__ import annotations

import re
from typing import Any

import pytest

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
    outage,
    protest,
)
from tests.correlation.runs import conclude
from topics import RECORD_LIMIT_BYTES, Evidence, Place, encode


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
    assert "Active probing dropped" in words
    assert "Almaty City region" in words.partition(",")[0]
    # What is claimed is the city, and not all that dropped.
    assert re.search(r"\bAlmaty was\b", words.partition(",")[2]), words


def test_records_stay_small_whatever_comes_in() -> None:
    long: dict[str, Any] = {"services": ("s" * 400,), "ordered_by": "y" * 20_000}
    (shutdown,) = conclude(outage("o"), *(claim(f"c{number}" + "x" * 200, **long) for number in range(600)))
    assert len(encode(shutdown)) < RECORD_LIMIT_BYTES
    assert "601" not in shutdown.why[0].words
    assert "600 independent sources" in shutdown.why[0].words
