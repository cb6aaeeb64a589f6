"""The map: which region a point lies in, and how far one is from another.

Natural Earth's admin-1 polygons, cut into pieces of at most 64 vertices, in a tree of their boxes.
"""

from __future__ import annotations

from functools import cache, lru_cache, partial
from typing import Any

import numpy as np
import pyproj
import shapely

from streams.geography import tables

GRID = 1e-4
#: A point at sea belongs to the nearest region within so many km: coasts are drawn coarsely.
SNAP_KM = 25.0
KM_PER_DEGREE = 111.32

GEOD = pyproj.Geod(ellps="WGS84")


class Map:
    """The pieces, their tree, and which unit (a row of the gazetteer) each belongs to."""

    def __init__(self) -> None:
        arrays = tables.read_arrays("pieces")
        xy = np.empty((len(arrays["x"]), 2))
        np.multiply(np.cumsum(arrays["x"], dtype=np.int64), GRID, out=xy[:, 0])
        np.multiply(np.cumsum(arrays["y"], dtype=np.int64), GRID, out=xy[:, 1])
        rings = np.concatenate([[0], np.cumsum(arrays["rings"], dtype=np.int64)])
        parts = np.concatenate([[0], np.cumsum(arrays["pieces"], dtype=np.int64)])
        self.pieces = shapely.from_ragged_array(shapely.GeometryType.POLYGON, xy, (rings, parts))
        self.unit: np.ndarray = arrays["unit"]
        shapely.prepare(self.pieces)
        self.tree = shapely.STRtree(self.pieces)
        self.first = np.searchsorted(self.unit, np.arange(int(self.unit[-1]) + 2))

    def of_unit(self, row: int) -> Any:
        """The pieces of one unit."""
        return self.pieces[self.first[row] : self.first[row + 1]]

    def find(self, longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
        """The unit of each point, -1 where none is within `SNAP_KM`. On a border: the lowest row."""
        points = shapely.points(longitude, latitude)
        which, piece = self.tree.query(points, predicate="intersects")
        found = np.full(len(points), len(tables.gazetteer().keys), dtype=np.int64)
        np.minimum.at(found, which, self.unit[piece])
        missing = np.flatnonzero(found == len(tables.gazetteer().keys))
        found[missing] = [self.nearest(float(longitude[i]), float(latitude[i])) for i in missing]
        return found

    def nearest(self, longitude: float, latitude: float) -> int:
        """The unit nearest to a point within `SNAP_KM`, or -1."""
        best, unit = SNAP_KM, -1
        for piece in self._around(longitude, latitude, SNAP_KM):
            km = point_to_shapes_km(longitude, latitude, self.pieces[piece : piece + 1])
            if km < best or (km == best and int(self.unit[piece]) < unit):
                best, unit = km, int(self.unit[piece])
        return unit

    def _around(self, longitude: float, latitude: float, km: float) -> list[int]:
        high = km / KM_PER_DEGREE
        reach = min(90.0, abs(latitude) + high)
        wide = 180.0 if reach > 89.5 else min(180.0, high / np.cos(np.radians(reach)))
        found: set[int] = set()
        for turn in (-360.0, 0.0, 360.0):
            x = longitude + turn
            box = shapely.box(x - wide, latitude - high, x + wide, latitude + high)
            found.update(self.tree.query(box).tolist())
        return sorted(found)


@cache
def world() -> Map:
    """The map, read on first use."""
    return Map()


def point_to_shapes_km(longitude: float, latitude: float, shapes: Any) -> float:
    """Geodesic distance in km from a point to the nearest of some polygons; 0 inside one.

    The nearest point is sought on a map stretched so that degrees are as long both ways near the point,
    right to a fraction of a per cent over the few hundred km that matter; its distance is then geodesic.
    """
    squeeze = max(0.01, float(np.cos(np.radians(latitude))))
    best = np.inf
    point = shapely.Point(0.0, latitude)
    for x in _turned(shapes, longitude):
        moved = shapely.transform(shapes, partial(_squeezed, x=x, by=squeeze))
        flat = shapely.distance(moved, point)
        i = int(np.argmin(flat))
        if flat[i] == 0:
            return 0.0
        if flat[i] * KM_PER_DEGREE < best * 1.5 + 1:
            near = shapely.get_coordinates(shapely.shortest_line(moved[i], point))[0]
            _, _, metres = GEOD.inv(longitude, latitude, x + near[0] / squeeze, near[1])
            best = min(best, float(metres) / 1000)
    return best


def _squeezed(xy: np.ndarray, x: float, by: float) -> np.ndarray:
    return np.column_stack(((xy[:, 0] - x) * by, xy[:, 1]))


def _shifted(xy: np.ndarray, by: float) -> np.ndarray:
    return np.column_stack((xy[:, 0] + by, xy[:, 1]))


def _turned(shapes: Any, longitude: float) -> list[float]:
    west, _, east, _ = shapely.total_bounds(shapes)
    turns = [longitude]
    if longitude - west > 180:
        turns.append(longitude - 360)
    if east - longitude > 180:
        turns.append(longitude + 360)
    return turns


@lru_cache(maxsize=65_536)
def point_to_unit_km(longitude: float, latitude: float, row: int) -> float:
    """Geodesic distance in km from a point to a unit of the map; 0 inside."""
    return point_to_shapes_km(longitude, latitude, world().of_unit(row))


@lru_cache(maxsize=262_144)
def locate_point(lat: float, lon: float) -> tuple[str, str | None] | None:
    """Country (alpha-2) and region (`adm1_code`) of a point in degrees; None far out at sea.

    A point up to 25 km off the coast belongs to the nearest region. Longitudes may run over 180 degrees.
    Raises `ValueError` for a latitude beyond the poles or a number that is none.
    """
    if not -90 <= lat <= 90 or not -1e6 < lon < 1e6:
        raise ValueError(f"no point on Earth is at latitude {lat}, longitude {lon}")
    row = int(world().find(np.asarray([_wrap(lon)]), np.asarray([lat]))[0])
    if row < 0:
        return None
    known = tables.gazetteer()
    return known.codes[known.country[row]], known.keys[row]


def locate_points(latitudes: Any, longitudes: Any) -> np.ndarray:
    """Rows of regions for many points: arrays of degrees in, an array of `adm1_code` (empty: none) out."""
    lat = np.asarray(latitudes, dtype=float)
    lon = (np.asarray(longitudes, dtype=float) + 180) % 360 - 180
    keys = np.asarray([*tables.gazetteer().keys, ""])
    found: np.ndarray = keys[world().find(lon, lat)]
    return found


def _wrap(longitude: float) -> float:
    return longitude if -180 <= longitude <= 180 else (longitude + 180) % 360 - 180


@lru_cache(maxsize=8192)
def unit_bounds(row: int) -> tuple[float, float, float, float]:
    """West, south, east, north of a unit, in degrees."""
    west, south, east, north = shapely.total_bounds(world().of_unit(row))
    return float(west), float(south), float(east), float(north)


def shapes_km(first: Any, second: Any) -> float:
    """Geodesic distance in km between the nearest points of two sets of polygons.

    The nearest pairs are sought in degrees, the few nearest measured: within 1 % of the true distance.
    """
    tree = shapely.STRtree(np.asarray(second, dtype=object))
    best = np.inf
    for turn in (0.0, -360.0, 360.0):
        moved = shapely.transform(np.asarray(first, dtype=object), partial(_shifted, by=turn))
        (one, other), flat = tree.query_nearest(moved, return_distance=True, all_matches=False)
        for i in np.argsort(flat)[:16]:
            line = shapely.get_coordinates(shapely.shortest_line(moved[one[i]], tree.geometries[other[i]]))
            _, _, metres = GEOD.inv(line[0][0], line[0][1], line[1][0], line[1][1])
            best = min(best, float(metres) / 1000)
    return best
