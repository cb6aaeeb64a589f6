"""Cities and districts: where they lie, and in which region."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
import shapely

from streams.geography.build.sources import City, Division, Unit
from streams.geography.fold import fold

#: A city whose coordinates fall into the sea belongs to the nearest region within so many degrees (~25 km).
SNAP_DEGREES = 0.25
EARTH_KM = 6371.0088


@dataclass(slots=True)
class District:
    """A second-level division with the point of its seat."""

    geonames: int
    name: str
    names: tuple[str, ...]
    country: str
    unit: int
    latitude: float
    longitude: float
    radius_km: float
    population: int
    zone: str
    #: The rows of its cities.
    cities: tuple[int, ...]


def units_of_points(
    pieces: np.ndarray, owner: np.ndarray, longitude: np.ndarray, latitude: np.ndarray
) -> np.ndarray:
    """The index of the unit of each point, -1 where there is none within `SNAP_DEGREES`."""
    tree = shapely.STRtree(pieces)
    points = shapely.points(longitude, latitude)
    found = np.full(len(points), -1, dtype=np.int64)
    which, piece = tree.query(points, predicate="intersects")
    found[which[::-1]] = owner[piece[::-1]]
    missing = np.flatnonzero(found < 0)
    which, piece = tree.query_nearest(points[missing], max_distance=SNAP_DEGREES, all_matches=False)
    found[missing[which]] = owner[piece]
    return found


def settle_units(cities: list[City], units: list[Unit], by_polygon: np.ndarray) -> np.ndarray:
    """The unit of each city. GeoNames' own code wins where the map has the same code close by.

    The map's city regions are coarse: a city at their edge may lie in the polygon next to its own.
    """
    by_code = {unit.properties.get("gn_a1_code"): i for i, unit in enumerate(units)}
    settled = by_polygon.copy()
    near: dict[int, list[int]] = defaultdict(list)
    for i, city in enumerate(cities):
        coded = by_code.get(f"{city.country}.{city.admin1}")
        if coded is not None and coded != by_polygon[i] and units[coded].country == city.country:
            near[coded].append(i)
    for coded, rows in near.items():
        shapely.prepare(units[coded].geometry)
        points = shapely.points([(cities[i].longitude, cities[i].latitude) for i in rows])
        close = shapely.dwithin(units[coded].geometry, points, SNAP_DEGREES)
        settled[np.asarray(rows)[close]] = coded
    return settled


def districts_of(cities: list[City], divisions: dict[int, Division], unit_of: np.ndarray) -> list[District]:
    """Second-level divisions with at least one city: their point is the seat's, or else the cities' centre."""
    within: dict[int, list[int]] = defaultdict(list)
    named: dict[tuple[int, str], list[int]] = defaultdict(list)
    for i, city in enumerate(cities):
        for number in city.divisions:
            if divisions[number].level == 2:
                within[number].append(i)
        tops = [number for number in city.divisions if divisions[number].level == 1]
        if tops:
            named[tops[0], fold(city.name)].append(i)
    found = []
    for number, division in divisions.items():
        if division.level != 2 or not division.geonames:
            continue
        rows = within.get(number) or _namesakes(division, named)
        if rows:
            found.append(_district(division, rows, cities, unit_of))
    return found


def _namesakes(division: Division, named: dict[tuple[int, str], list[int]]) -> list[int]:
    if division.parent is None:
        return []
    for name in (division.name, *division.names):
        rows = named.get((division.parent, fold(name)), [])
        if rows:
            return rows
    return []


def _district(division: Division, rows: list[int], cities: list[City], unit_of: np.ndarray) -> District:
    bare = {fold(name) for name in (division.name, *division.names)}
    bare |= {name.removesuffix(" district") for name in bare}
    largest = max(rows, key=lambda i: (cities[i].population, -cities[i].geonames))
    seats = [i for i in rows if bare & {fold(cities[i].name), *map(fold, cities[i].names)}]
    seat = max(seats, key=lambda i: (cities[i].population, -cities[i].geonames)) if seats else largest
    at = (cities[seat].latitude, cities[seat].longitude)
    spread = sorted(_km(at, (cities[i].latitude, cities[i].longitude)) for i in rows)
    units = Counter(unit_of[rows].tolist())
    return District(
        division.geonames,
        division.name,
        division.names,
        cities[seat].country,
        max(units, key=lambda unit: (units[unit], -unit)),
        *at,
        radius_km=round(min(60.0, max(20.0, spread[int(0.9 * (len(spread) - 1))])), 1),
        population=sum(cities[i].population for i in rows),
        zone=cities[seat].zone,
        cities=tuple(rows),
    )


def _km(a: tuple[float, float], b: tuple[float, float]) -> float:
    lat1, lon1, lat2, lon2 = (math.radians(part) for part in (*a, *b))
    step = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(step))
