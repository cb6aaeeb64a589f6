"""The shape of a place, for maps and for files that others draw: polygons in degrees, WGS 84."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import shapely

from streams.geography.relations import _units
from topics.place import Place

#: Corners of a circle.
CORNERS = 48

#: Holes smaller than this (square degrees), or less round than this (1 is a circle), are none.
TINY_DEGREES2, THIN = 1e-4, 0.02


def outline(place: Place, *, within_degrees: float = 0.01) -> Any:
    """The shape of a place as a shapely polygon, of several parts where it has them; empty where none is known.

    A region is its polygon, a country all of its regions, a city or point the circle of its uncertainty, a network
    its country (or region, if it names one). Rings are as RFC 7946 wants them: outer ones anticlockwise, none
    across the date line. `within_degrees` is how far the shape may be from the map's, which is drawn coarsely too.
    """
    if place.kind in ("city", "point"):
        if place.latitude is None or place.longitude is None:
            return shapely.Polygon()
        return _circle(place.longitude, place.latitude, max(place.radius_km, 1.0))
    return _union(_units(place), within_degrees)


@lru_cache(maxsize=2048)
def _union(units: frozenset[int], within_degrees: float) -> Any:
    whole = _whole(units)
    simple = shapely.simplify(whole, within_degrees, preserve_topology=True) if within_degrees > 0 else whole
    return shapely.orient_polygons(simple)


@lru_cache(maxsize=256)
def _whole(units: frozenset[int]) -> Any:
    from streams.geography.polygons import GRID, world

    if not units:
        return shapely.Polygon()
    pieces = np.concatenate([world().of_unit(row) for row in sorted(units)])
    try:
        whole = shapely.union_all(pieces, grid_size=GRID)
    except shapely.errors.GEOSException:
        # Atolls: rings thinner than the grid of the map. Without snapping they can be joined.
        whole = shapely.union_all(shapely.make_valid(pieces))
    return shapely.multipolygons([_filled(part) for part in shapely.get_parts(whole)])


def _filled(part: Any) -> Any:
    """A polygon without the slits that remain where the map was cut into pieces: holes that are thin or tiny."""
    holes = shapely.get_rings(part)[1:]
    areas, lengths = shapely.area(shapely.polygons(holes)), shapely.length(holes)
    real = (areas > TINY_DEGREES2) & (4 * np.pi * areas > THIN * lengths**2)
    return shapely.polygons(shapely.get_exterior_ring(part), holes[real])


def _circle(longitude: float, latitude: float, radius_km: float) -> Any:
    """A geodesic circle, cut in two where it lies across the date line."""
    from streams.geography.polygons import GEOD

    bearings = -np.linspace(0, 360, CORNERS, endpoint=False)
    centre = np.full(CORNERS, longitude), np.full(CORNERS, latitude)
    x, y, _ = GEOD.fwd(*centre, bearings, np.full(CORNERS, radius_km * 1000))
    x = longitude + (np.asarray(x) - longitude + 180) % 360 - 180
    ring = shapely.Polygon(np.column_stack([x, y]))
    if x.min() >= -180 and x.max() <= 180:
        return shapely.orient_polygons(ring)
    here, there = shapely.box(-180, -90, 180, 90), -360 if x.max() > 180 else 360
    moved = shapely.transform(ring, lambda xy: xy + np.array([there, 0]))
    parts = [shapely.intersection(one, here) for one in (ring, moved)]
    return shapely.orient_polygons(shapely.union_all(parts))
