"""Inside, touching, near and far."""

from __future__ import annotations

import pytest

from streams.geography import (
    contains,
    country_place,
    distance_km,
    entity_place,
    find_place,
    relation,
    touches,
    within_km,
)
from topics.place import Place


def city(name: str, country: str) -> Place:
    found = find_place(name, country)
    assert found is not None
    assert found.kind == "city"
    return found


def region(name: str, country: str) -> Place:
    found = entity_place("region", "0", name, country)
    assert found is not None
    return found


def point(lat: float, lon: float, radius: float = 0.0, country: str = "KZ") -> Place:
    return Place(kind="point", country=country, name="a point", latitude=lat, longitude=lon, radius_km=radius)


def test_the_city_of_almaty_lies_in_the_city_region_and_not_in_the_oblast() -> None:
    almaty, city_region, oblast = city("Almaty", "KZ"), region("Almaty City", "KZ"), region("Almaty", "KZ")
    assert city_region.region == "KAZ-4829"
    assert oblast.region == "KAZ-3207"
    assert contains(city_region, almaty)
    assert touches(city_region, almaty)
    assert not contains(oblast, almaty)
    assert not contains(oblast, city_region)
    assert not touches(oblast, city_region)


@pytest.mark.parametrize("name", ["Astana", "Nur-Sultan", "Нурсултан", "Нур-Султан", "Целиноград"])
@pytest.mark.parametrize("series", ["Astana", "Nur-Sultan"])
def test_old_and_new_names_of_the_capital_are_one_city_in_one_region(name: str, series: str) -> None:
    found = city(name, "KZ")
    assert found.city == 1526273
    assert contains(region(series, "KZ"), found)


def test_atyrau_lies_in_its_region_and_far_from_almaty() -> None:
    atyrau, almaty = city("Атырау", "KZ"), city("Алматы", "KZ")
    assert contains(region("Atyrau", "KZ"), atyrau)
    assert not touches(atyrau, almaty)
    assert distance_km(atyrau, almaty) == pytest.approx(2004, abs=5)
    assert distance_km(region("Almaty City", "KZ"), atyrau) == pytest.approx(1990, abs=20)


def test_a_country_contains_all_of_its_own_and_nothing_else() -> None:
    country = country_place("KZ")
    inside = [city("Almaty", "KZ"), region("Atyrau", "KZ"), point(48, 67), country]
    inside.append(entity_place("asn", "9198", "Kazakhtelecom", "KZ") or country)
    for place in inside:
        assert contains(country, place)
        assert touches(country, place)
        assert touches(place, country)
        assert distance_km(country, place) == 0
        assert contains(place, country) == (place is country)
    neighbour = country_place("KG")
    assert not contains(neighbour, country)
    assert not touches(neighbour, country)
    assert distance_km(neighbour, country) == pytest.approx(0, abs=1)


def test_a_place_contains_itself() -> None:
    for place in (country_place("IN"), region("Bihar", "IN"), city("Patna", "IN"), point(1, 2, 5, "GA")):
        assert contains(place, place)
        assert touches(place, place)
        assert distance_km(place, place) == 0


def test_a_network_is_in_its_country_and_nowhere_certain() -> None:
    network = entity_place("asn", "AS9198", "Kazakhtelecom", "KZ")
    assert network is not None
    assert network.key == "KZ/AS9198"
    assert contains(country_place("KZ"), network)
    assert not contains(country_place("RU"), network)
    assert not touches(region("Atyrau", "KZ"), network)
    assert not contains(network, city("Atyrau", "KZ"))


def test_points_by_geometry() -> None:
    city_region, oblast = region("Almaty City", "KZ"), region("Almaty", "KZ")
    centre, country_side = point(43.25, 76.92), point(45.0, 78.0)
    assert contains(city_region, centre)
    assert not contains(oblast, centre)
    assert contains(oblast, country_side)
    assert not touches(city_region, country_side)
    assert touches(city_region, point(45.0, 78.0, 250))


def test_circles() -> None:
    here, there = point(43.0, 77.0, 10), point(43.0, 77.3, 10)
    assert distance_km(here, there) == pytest.approx(24.5, abs=0.2)
    assert not touches(here, there)
    assert touches(here, point(43.0, 77.3, 15))
    assert contains(point(43.0, 77.0, 40), there)
    assert not contains(here, there)


def test_wider_regions_contain_their_members() -> None:
    ile, paris = find_place("Île-de-France", "FR"), region("Paris", "FR")
    scotland, glasgow = find_place("Scotland", "GB"), city("Glasgow", "GB")
    assert ile is not None
    assert scotland is not None
    assert contains(ile, paris)
    assert not contains(paris, ile)
    assert touches(ile, paris)
    assert contains(scotland, glasgow)
    assert not contains(ile, glasgow)


def test_disputed_areas_are_found_under_both_codes() -> None:
    crimea = region("Crimea", "UA")
    assert crimea == region("Crimea", "RU")
    assert contains(country_place("UA"), crimea)
    assert contains(country_place("RU"), crimea)


def test_across_the_antimeridian() -> None:
    west, east = point(-16.8, 179.9, 30, "FJ"), point(-16.8, -179.9, 30, "FJ")
    assert distance_km(west, east) == pytest.approx(21.3, abs=0.5)
    assert touches(west, east)


def test_a_region_of_keys_that_the_map_has_not() -> None:
    unknown = Place(kind="region", country="KZ", name="Nowhere", region="KAZ-9999")
    assert contains(country_place("KZ"), unknown)
    assert not contains(unknown, city("Almaty", "KZ"))
    assert not touches(unknown, region("Atyrau", "KZ"))


@pytest.mark.parametrize("most_km", [20.0, 100.0, 400.0])
def test_whether_two_places_are_near_agrees_with_their_distance(most_km: float) -> None:
    names = ("Almaty City", "Almaty", "Nur-Sultan", "Atyrau", "Mangystau", "East Kazakhstan")
    places = [*(region(name, "KZ") for name in names), city("Almaty", "KZ"), country_place("KG")]
    for a in places:
        for b in places:
            assert within_km(a, b, most_km) is (distance_km(a, b) <= most_km), (a.name, b.name)


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        (city("Almaty", "KZ"), city("Алма-Ата", "KZ"), "same"),
        (city("Almaty", "KZ"), region("Almaty City", "KZ"), "inside"),
        (country_place("KZ"), region("Atyrau", "KZ"), "contains"),
        (region("Atyrau", "KZ"), city("Almaty", "KZ"), "apart"),
        (point(43.0, 77.0, 10), point(43.0, 77.2, 10), "touches"),
        (point(43.0, 77.0, 1), point(43.0, 77.5, 1), "near"),
        (point(43.0, 77.0, 5), point(43.0, 77.0, 5), "same"),
        (point(-16.8, 179.9, 1, "FJ"), point(-16.8, -179.9, 1, "FJ"), "near"),
    ],
)
def test_relation(one: Place, other: Place, kind: str) -> None:
    found = relation(one, other)
    assert found.kind == kind
    assert found.km == distance_km(one, other)
    turned = {"inside": "contains", "contains": "inside"}
    assert relation(other, one) == (turned.get(kind, kind), found.km)


def test_how_near_is_near() -> None:
    one, other = point(43.0, 77.0), point(43.0, 77.5)
    assert relation(one, other, near_km=10).kind == "apart"
    assert relation(one, other, near_km=41).kind == "near"
