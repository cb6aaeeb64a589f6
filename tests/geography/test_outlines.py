"""The shapes of places, as other programs will draw them."""

from __future__ import annotations

import pytest
import shapely

from streams import geography
from streams.geography.outlines import outline
from streams.geography.polygons import GEOD
from topics import Place


def city(longitude: float, latitude: float, radius_km: float = 25.0) -> Place:
    return Place(
        kind="city", country="FJ", name="x", city=1, longitude=longitude, latitude=latitude, radius_km=radius_km
    )


@pytest.mark.parametrize("code", ["KZ", "TD", "IN", "MV", "FJ"])
def test_a_country_holds_its_centre_and_is_well_drawn(code: str) -> None:
    place = geography.country_place(code)
    shape = outline(place)
    assert shape.is_valid
    assert place.longitude is not None
    assert place.latitude is not None
    assert shapely.distance(shape, shapely.Point(place.longitude, place.latitude)) < 3
    west, south, east, north = shape.bounds
    assert (-180 <= west <= east <= 180, -90 <= south <= north <= 90) == (True, True)


def test_a_region_lies_in_its_country() -> None:
    place = geography.find_place("Almaty Region", "KZ")
    assert place is not None
    country = outline(geography.country_place("KZ"))
    region = outline(place)
    assert region.area > 0
    assert shapely.intersection(region, country).area == pytest.approx(region.area, rel=0.02)


def test_only_real_holes_are_holes() -> None:
    """The map is cut into pieces; joined again, it has no slits. Lesotho is a hole in South Africa."""
    for code, holes in (("KZ", 0), ("ZA", 1)):
        parts = shapely.get_parts(outline(geography.country_place(code)))
        assert sum(shapely.get_num_interior_rings(part) for part in parts) == holes


def test_outer_rings_are_anticlockwise() -> None:
    for shape in (outline(geography.country_place("KZ")), outline(city(76.9, 43.25))):
        for part in shapely.get_parts(shape):
            assert shapely.is_ccw(shapely.get_exterior_ring(part))


def test_a_city_is_a_circle_on_the_globe() -> None:
    corners = shapely.get_coordinates(outline(city(76.9, 43.25)))
    metres = GEOD.inv([76.9] * len(corners), [43.25] * len(corners), corners[:, 0], corners[:, 1])[2]
    assert metres == pytest.approx([25_000.0] * len(corners))


@pytest.mark.parametrize("longitude", [179.95, -179.95])
def test_across_the_date_line_it_is_cut_in_two(longitude: float) -> None:
    shape = outline(city(longitude, -16.8))
    assert len(shapely.get_parts(shape)) == 2
    assert shape.bounds[0] >= -180
    assert shape.bounds[2] <= 180
    assert shape.area == pytest.approx(outline(city(170.0, -16.8)).area, rel=0.01)


def test_a_place_that_nobody_drew_is_empty() -> None:
    assert outline(Place(kind="region", country="KZ", name="x", region="XXX-1")).is_empty
    assert outline(Place(kind="city", country="KZ", name="x", city=1)).is_empty
