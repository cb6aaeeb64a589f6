"""How many people a place has, and which share of one place another covers."""

from __future__ import annotations

import itertools
import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.geography import contains, country_place, find_place, population, same_extent, share, tables
from streams.geography.finding import region_place
from topics.place import Place


def city(name: str, country: str) -> Place:
    found = find_place(name, country)
    assert found is not None
    assert found.kind == "city"
    return found


def region_of(place: Place) -> Place:
    found = region_place(place.region or "")
    assert found is not None
    return found


def point(latitude: float, longitude: float, radius_km: float, country: str = "KZ") -> Place:
    return Place(
        kind="point", country=country, name="x", latitude=latitude, longitude=longitude, radius_km=radius_km
    )


NETWORK = Place(kind="network", country="KZ", name="AS9198", network=9198)


def test_a_city_and_a_country_have_geonames_figures() -> None:
    assert population(city("Almaty", "KZ")) == 1_977_011
    assert population(country_place("KZ")) == 18_276_499


def test_a_region_has_the_people_of_its_settlements() -> None:
    almaty = city("Almaty", "KZ")
    own, around = population(region_of(almaty)), population(almaty)
    assert own is not None
    assert around is not None
    assert around <= own <= 1.05 * around


def test_points_and_networks_have_no_figure() -> None:
    assert population(point(43.25, 76.92, 15)) is None
    assert population(NETWORK) is None


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("Almaty", "KZ"),
        ("Astana", "KZ"),
        ("Kyiv", "UA"),
        ("Minsk", "BY"),
        ("Bangkok", "TH"),
        ("Delhi", "IN"),
        ("Beijing", "CN"),
        ("Shanghai", "CN"),
        ("Caracas", "VE"),
        ("Kinshasa", "CD"),
        ("Moscow", "RU"),
        ("Buenos Aires", "AR"),
        ("Baghdad", "IQ"),
        ("Addis Ababa", "ET"),
        ("Khartoum", "SD"),
        ("Yangon", "MM"),
        ("Islamabad", "PK"),
        ("Mogadishu", "SO"),
    ],
)
def test_a_city_that_is_most_of_its_region_is_the_same_extent(name: str, country: str) -> None:
    place = city(name, country)
    covered = share(place, region_of(place))
    assert covered is not None
    assert covered >= 0.85
    assert same_extent(place, region_of(place))


@pytest.mark.parametrize(
    ("name", "country", "most"),
    [
        ("Qulsary", "KZ", 0.15),
        ("Atyrau", "KZ", 0.75),
        ("Srinagar", "IN", 0.5),
        ("Howrah", "IN", 0.3),
        ("Chongqing", "CN", 0.4),
        ("Karachi", "PK", 0.6),
    ],
)
def test_a_city_among_others_is_a_part_of_its_region(name: str, country: str, most: float) -> None:
    place = city(name, country)
    covered = share(place, region_of(place))
    assert covered is not None
    assert 0 < covered <= most
    assert share(region_of(place), place) == 1.0
    assert not same_extent(place, region_of(place))


def test_a_city_region_has_no_share_of_the_region_around_it() -> None:
    kyiv = city("Kyiv", "UA")
    around = region_place("UKR-321")
    assert around is not None
    assert around.name == "Kiev"
    assert share(kyiv, around) == 0.0
    assert share(around, kyiv) == 0.0


def test_the_regions_of_a_country_share_it_out() -> None:
    country = country_place("KZ")
    known = tables.gazetteer()
    number = known.number["KZ"]
    shares = [
        share(known.place(row), country)
        for row in range(len(known.keys))
        if known.kind[row] == tables.UNIT and known.under(row, number)
    ]
    assert sum(one or 0.0 for one in shares) == pytest.approx(1.0)


def test_a_disputed_area_is_part_of_each_country_it_is_found_under() -> None:
    crimea = region_place("RUS-283")
    assert crimea is not None
    for code in ("UA", "RU"):
        assert share(country_place(code), crimea) == 1.0
        assert 0 < (share(crimea, country_place(code)) or 0.0) < 0.1


def test_the_share_of_a_network_is_not_known() -> None:
    assert share(NETWORK, country_place("KZ")) is None
    assert share(country_place("KZ"), NETWORK) is None
    assert not same_extent(NETWORK, NETWORK)


def test_a_point_without_settlements_goes_by_the_map() -> None:
    steppe = point(47.2, 62.0, 2)
    assert share(country_place("KZ"), steppe) == 1.0
    assert share(city("Almaty", "KZ"), steppe) == 0.0
    assert share(point(47.2, 62.01, 2), steppe) is None


def test_a_known_share_takes_under_two_microseconds() -> None:
    almaty = city("Almaty", "KZ")
    around = region_of(almaty)
    share(almaty, around)
    fastest = min(timeit.repeat(lambda: share(almaty, around), number=10_000, repeat=20))
    assert fastest / 10_000 < 2e-6


@st.composite
def chains(draw: st.DrawFn) -> tuple[Place, Place, Place]:
    """A settlement, its region and its country."""
    known = tables.gazetteer()
    rows = st.integers(known.first_city, len(known.kind) - 1).filter(lambda row: known.region[row] >= 0)
    place = known.place(draw(rows))
    region = region_of(place)
    return place, region, country_place(region.country)


@given(chains(), chains())
def test_a_share_is_a_share_and_whole_of_itself(one: tuple[Place, ...], other: tuple[Place, ...]) -> None:
    for a, b in itertools.product(one, other):
        covered = share(a, b)
        assert covered is not None
        assert 0.0 <= covered <= 1.0
    assert all(share(place, place) == 1.0 for place in one)


@given(chains(), chains())
def test_what_contains_more_covers_more(one: tuple[Place, ...], other: tuple[Place, ...]) -> None:
    for whole in (*one, *other):
        covered = [share(part, whole) or 0.0 for part in one]
        assert covered == sorted(covered)


@given(chains(), chains())
def test_an_area_that_contains_a_place_covers_all_of_it(one: tuple[Place, ...], other: tuple[Place, ...]) -> None:
    assert share(one[1], one[0]) == share(one[2], one[1]) == 1.0
    for outer, inner in itertools.product(one, other):
        if outer.kind != "city" and contains(outer, inner):
            assert share(outer, inner) == 1.0


@given(chains(), chains())
def test_the_same_extent_holds_both_ways(one: tuple[Place, ...], other: tuple[Place, ...]) -> None:
    for a, b in itertools.product(one, other):
        assert same_extent(a, b) == same_extent(b, a)
