"""News items as protests: which places, what coordinates stand for, when."""

from __future__ import annotations

from typing import Any

import pytest

from streams.protests import ProtestsStage
from tests.claims.reports import DAY_S, MIDNIGHT_S, item, pieces, run
from topics import NewsItem, Origin, Protest

CENTRE: dict[str, Any] = {"latitude": 48.0, "longitude": 67.0}
ALMATY: dict[str, Any] = {"latitude": 43.2567, "longitude": 76.9286}


def protests(given: NewsItem) -> list[Protest]:
    return pieces(ProtestsStage(), given)


def where(**given: Any) -> list[tuple[str, str]]:
    return [(one.place.kind, one.place.name) for one in protests(item(**given))]


def test_the_stage_as_others_see_it() -> None:
    stage = ProtestsStage()
    assert (stage.name, stage.source.name, [one.name for one in stage.outputs]) == (
        "protests",
        "news",
        ["evidence"],
    )


def test_a_protest_a_place() -> None:
    given = item(
        places=("Almaty", "Атырау"), title="for the release of political prisoners", participants="hundreds",
        origin=Origin(source="news", reference="https://example.org"), known_s=1_614_600_000,
    )  # fmt: skip
    first, second = protests(given)
    assert (first.id, first.item) == (f"protest/news:n-1/{first.place.key}", "n-1")
    assert [one.place.name for one in (first, second)] == ["Almaty", "Atyrau"]
    assert (first.from_s, first.until_s, first.precision) == (MIDNIGHT_S, MIDNIGHT_S + DAY_S, "day")
    assert (first.title, first.participants) == ("for the release of political prisoners", "hundreds")
    assert (first.origin, first.known_s) == (given.origin, 1_614_600_000)
    assert first.lineage == second.lineage


def test_days_to_the_last_included() -> None:
    (found,) = protests(item(end="2021-03-01"))
    assert (found.from_s, found.until_s) == (MIDNIGHT_S, MIDNIGHT_S + 2 * DAY_S)


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (("Almaty", "national"), [("city", "Almaty"), ("country", "Kazakhstan")]),
        (("national",), [("country", "Kazakhstan")]),
        ((), [("country", "Kazakhstan")]),
        (("Almaty", "Nowhereburg"), [("city", "Almaty")]),
        (("Almaty", "Алматы"), [("city", "Almaty")]),
    ],
)
def test_places(places: tuple[str, ...], expected: list[tuple[str, str]]) -> None:
    assert where(places=places) == expected


@pytest.mark.parametrize("places", [(), ("Kazakhstan",), ("Nowhereburg",)])
def test_a_countrys_middle_locates_the_country_and_no_city(places: tuple[str, ...]) -> None:
    assert where(places=places, geo_precision="country", **CENTRE) == [("country", "Kazakhstan")]


@pytest.mark.parametrize("precision", ["region", None])
def test_a_regions_point_and_one_of_unknown_precision_are_the_region(precision: Any) -> None:
    assert where(places=(), geo_precision=precision, **ALMATY) == [("region", "Almaty City")]


def test_a_citys_point_is_a_point_in_its_region() -> None:
    (found,) = protests(item(places=("Nowhereburg",), geo_precision="city", **ALMATY))
    assert (found.place.kind, found.place.region, found.place.time_zone) == ("point", "KAZ-4829", "Asia/Almaty")


def test_names_go_before_coordinates() -> None:
    assert where(places=("Atyrau",), geo_precision="city", **ALMATY) == [("city", "Atyrau")]


@pytest.mark.parametrize(
    ("given", "reason", "field"),
    [
        ({"places": ("Nowhereburg",)}, "unknown-place", "places"),
        ({"country": "Atlantis"}, "unknown-place", "country"),
        (
            {"places": (), "latitude": 48.85, "longitude": 2.35, "geo_precision": "city"},
            "unknown-place",
            "latitude",
        ),
        ({"start": "2021-02-30"}, "absurd-time", "start"),
        ({"end": "2021-02-29"}, "absurd-time", "end"),
    ],
)
def test_what_is_refused(given: dict[str, Any], reason: str, field: str) -> None:
    result = run(ProtestsStage(), item(**given))
    assert not result.out
    assert [(one.reason, one.field) for one in result.refused] == [(reason, field)]


def test_lineages_of_news() -> None:
    text = "Dozens were detained at protests in several cities, among them the largest one, the police said."
    by_agency = protests(item("n-1", cites=("AFP",)))[0]
    copy, other_copy = protests(item("n-2", text=text))[0], protests(item("n-3", text=text.upper()))[0]
    alone, other = protests(item("n-4"))[0], protests(item("n-5"))[0]
    assert by_agency.lineage == "afp"
    assert copy.lineage == other_copy.lineage
    assert alone.lineage != other.lineage


def test_an_end_before_its_begin_is_left_out() -> None:
    assert protests(item(end="2021-02-27"))[0].until_s == protests(item())[0].until_s
