"""The map: which region a point lies in, and how far one is from another.

Natural Earth's admin-1 polygons, cut into pieces of at most 64 vertices, in a tree of their boxes.
"""

from __future__ import annotations

import math
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
import pyproj
import shapely

from streams.geography import tables
from streams.geography.tables import FAR, FINE, MIXED, SPLIT

GRID = 1e-4
#: A point at sea belongs to the nearest region within so many km: coasts are drawn coarsely.
SNAP_KM = 25.0
KM_PER_DEGREE = 111.32

#: The raster's fine cells from west to east, and from south to north.
WIDTH, HEIGHT = round(360 / FINE), round(180 / FINE)

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
        self.tree = shapely.STRtree(self.pieces)
        raster = tables.read_arrays("raster")
        self.coarse, self.fine = raster["coarse"], raster["fine"]
        self._coarse_one, self._fine_one = tables.ints(self.coarse), tables.ints(self.fine)
        self.first = np.searchsorted(self.unit, np.arange(int(self.unit[-1]) + 2))

    def of_unit(self, row: int) -> Any:
        """The pieces of one unit."""
        return self.pieces[self.first[row] : self.first[row + 1]]

    def find(self, longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
        """The unit of each point, -1 where none is within `SNAP_KM`. On a border: the lowest row."""
        found = self._cells(longitude, latitude)
        unclear = np.flatnonzero(found == MIXED)
        points = shapely.points(longitude[unclear], latitude[unclear])
        which, piece = self.tree.query(points, predicate="intersects")
        none = np.iinfo(np.int64).max
        exact = np.full(len(points), none, dtype=np.int64)
        np.minimum.at(exact, which, self.unit[piece])
        sea = np.flatnonzero(exact == none)
        exact[sea] = self.nearest(longitude[unclear[sea]], latitude[unclear[sea]])
        found[unclear] = exact
        return np.where(found == FAR, -1, found)

    def _cells(self, longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
        x = np.minimum((longitude + 180) / FINE, WIDTH - 1).astype(np.int64)
        y = np.minimum((latitude + 90) / FINE, HEIGHT - 1).astype(np.int64)
        cell = self.coarse[y // SPLIT * (WIDTH // SPLIT) + x // SPLIT].astype(np.int64)
        split = np.flatnonzero(cell <= -10)
        inside = y[split] % SPLIT * SPLIT + x[split] % SPLIT
        cell[split] = self.fine[(-10 - cell[split]) * SPLIT * SPLIT + inside]
        found: np.ndarray = cell
        return found

    def find_one(self, longitude: float, latitude: float) -> int:
        """The same for one point."""
        x, y = min(int((longitude + 180) / FINE), WIDTH - 1), min(int((latitude + 90) / FINE), HEIGHT - 1)
        cell = self._coarse_one[y // SPLIT * (WIDTH // SPLIT) + x // SPLIT]
        if cell <= -10:
            cell = self._fine_one[(-10 - cell) * SPLIT * SPLIT + y % SPLIT * SPLIT + x % SPLIT]
        if cell != MIXED:
            return max(cell, -1)
        point = shapely.Point(longitude, latitude)
        hits = self.tree.query(point, predicate="intersects")
        if len(hits):
            return int(self.unit[hits].min())
        return int(self.nearest(np.asarray([longitude]), np.asarray([latitude]))[0])

    def nearest(self, longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
        """The unit nearest to each point within `SNAP_KM`, or -1."""
        found = np.full(len(latitude), -1, dtype=np.int64)
        bands = np.minimum(np.floor(latitude), 89).astype(np.int64)
        for band in np.unique(bands).tolist():
            rows = np.flatnonzero(bands == band)
            tree, unit, squeeze = _band(band)
            points = shapely.points(longitude[rows] * squeeze, latitude[rows])
            which, piece = _nearest_pairs(points, tree)
            lines = shapely.shortest_line(points[which], tree.geometries[piece])
            ends = shapely.get_coordinates(lines).reshape(-1, 2, 2)
            x, y = ends[:, :, 0] / squeeze, ends[:, :, 1]
            _, _, metres = GEOD.inv(x[:, 0], y[:, 0], x[:, 1], y[:, 1])
            close = np.asarray(metres) <= 1000 * SNAP_KM
            found[rows[which[close]]] = unit[piece[close]]
        return found


def _nearest_pairs(points: np.ndarray, tree: Any) -> tuple[np.ndarray, np.ndarray]:
    """For each point with a piece near, the point's number and the nearest piece's."""
    x, y = shapely.get_x(points), shapely.get_y(points)
    reach = 1.1 * SNAP_KM / 111.0
    which, piece = tree.query(shapely.box(x - reach, y - reach, x + reach, y + reach))
    flat = shapely.distance(points[which], tree.geometries[piece])
    order = np.lexsort((piece, flat, which))
    first = np.flatnonzero(np.diff(which[order], prepend=-1))
    return which[order][first], piece[order][first]


@cache
def _coast() -> np.ndarray:
    """The numbers of pieces with a corner that no other piece has: those at the coast, and few others."""
    whole = world()
    xy = np.round(shapely.get_coordinates(whole.pieces) / GRID).astype(np.int64)
    owner = np.repeat(np.arange(len(whole.pieces)), shapely.get_num_coordinates(whole.pieces))
    corner = xy[:, 0] * 4_000_000 + xy[:, 1]
    _, which, times = np.unique(corner, return_inverse=True, return_counts=True)
    # A ring's first corner is also its last: it counts twice for one piece.
    last = np.flatnonzero(np.diff(owner, append=-1))
    times = times - np.bincount(which[last], minlength=len(times))
    return np.unique(owner[times[which] <= 1])


@cache
def _band(south: int) -> tuple[Any, np.ndarray, float]:
    """The pieces near one degree of latitude on a map on which degrees are as long both ways there.

    Gives their tree, their units, and by how much longitudes are squeezed. What lies at the date line is
    there on both sides.
    """
    whole = world()
    squeeze = math.cos(math.radians(min(abs(south), abs(south + 1)) / 2 + max(abs(south), abs(south + 1)) / 2))
    margin = 1.2 * SNAP_KM / 111.0
    pieces, units = [], []
    for turn in (0.0, -360.0, 360.0):
        reach = 180.0 if not turn else margin / squeeze
        box = shapely.box(-180 - turn - reach, south - margin, 180 - turn + reach, south + 1 + margin)
        rows = np.intersect1d(whole.tree.query(box), _coast())
        pieces.append(shapely.transform(whole.pieces[rows], partial(_moved, by=turn, squeeze=squeeze)))
        units.append(whole.unit[rows])
    return shapely.STRtree(np.concatenate(pieces)), np.concatenate(units), squeeze


def _moved(xy: np.ndarray, by: float, squeeze: float) -> np.ndarray:
    return np.column_stack(((xy[:, 0] + by) * squeeze, xy[:, 1]))


@cache
def world() -> Map:
    """The map, read on first use."""
    return Map()


def nearest_shape_km(longitude: float, latitude: float, shapes: Any) -> tuple[float, int]:
    """Geodesic distance in km from a point to the nearest of some polygons, and which: 0 inside one.

    The nearest point is sought on a map stretched so that degrees are as long both ways near the point,
    right to a fraction of a per cent over the few hundred km that matter; its distance is then geodesic.
    """
    squeeze = max(0.01, math.cos(math.radians(latitude)))
    best, which = math.inf, 0
    point = shapely.Point(0.0, latitude)
    for x in _turned(shapes, longitude):
        moved = shapely.transform(shapes, partial(_moved, by=-x, squeeze=squeeze))
        flat = shapely.distance(moved, point)
        i = int(np.argmin(flat))
        if flat[i] == 0:
            return 0.0, i
        near = shapely.get_coordinates(shapely.shortest_line(moved[i], point))[0]
        _, _, metres = GEOD.inv(longitude, latitude, x + near[0] / squeeze, near[1])
        if metres / 1000 < best:
            best, which = float(metres) / 1000, i
    return best, which


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
    return nearest_shape_km(longitude, latitude, world().of_unit(row))[0]


class Location(NamedTuple):
    """Where a point lies: its country (alpha-2) and its region (`adm1_code`)."""

    country: str
    region: str


@lru_cache(maxsize=262_144)
def locate(lat: float, lon: float) -> Location | None:
    """Country and region of a point in degrees; None far out at sea.

    A point up to 25 km off the coast belongs to the nearest region. Longitudes may run over 180 degrees. Points
    asked for again come from a cache; for many at once see `locate_points`.

    Raises:
        ValueError: a latitude beyond the poles, or a number that is none.

    >>> locate(43.25, 76.92)
    Location(country='KZ', region='KAZ-4829')
    """
    if not -90 <= lat <= 90 or not -1e6 < lon < 1e6:
        raise ValueError(f"no point on Earth is at latitude {lat}, longitude {lon}")
    row = world().find_one(_wrap(lon), lat)
    if row < 0:
        return None
    known = tables.gazetteer()
    return Location(known.codes[known.country[row]], known.keys[row])


def locate_points(latitudes: Any, longitudes: Any) -> np.ndarray:
    """The regions of many points: arrays of degrees in, an array of `adm1_code` (empty: none) out.

    >>> locate_points([43.25, 0.0], [76.92, -30.0]).tolist()
    ['KAZ-4829', '']
    """
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
        moved = shapely.transform(np.asarray(first, dtype=object), partial(_moved, by=turn, squeeze=1.0))
        (one, other), flat = tree.query_nearest(moved, return_distance=True, all_matches=False)
        for i in np.argsort(flat)[:16]:
            line = shapely.get_coordinates(shapely.shortest_line(moved[one[i]], tree.geometries[other[i]]))
            _, _, metres = GEOD.inv(line[0][0], line[0][1], line[1][0], line[1][1])
            best = min(best, float(metres) / 1000)
    return best


def shapes_within_degrees(first: Any, second: Any, degrees: float) -> bool:
    """Whether any two of two sets of polygons are that near, on a map where a degree is as long both ways."""
    tree = shapely.STRtree(np.asarray(second, dtype=object))
    return bool(tree.query(np.asarray(first, dtype=object), predicate="dwithin", distance=degrees).size)
