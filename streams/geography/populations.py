"""How many people live in a place, and which share of them lives in another place too.

The model is GeoNames' settlements, each with its inhabitants at a point. A country or region is all settlements of
its units. A city is itself and the smaller settlements of its own unit within its circle (suburbs, and the quarters
that GeoNames lists apart). A district is the settlements filed under it. A point is what lies in its circle. A
share compares two such sets, so it is monotone: what contains more covers more.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from streams.geography import tables
from streams.geography.relations import contains, country_units, region_units, touches
from topics.place import Place

#: Two places are one for measuring where each holds at least so much of the other's people.
SAME_SHARE = 0.8
EARTH_KM = 6371.0088


def population(place: Place) -> int | None:
    """Return how many people live in a place, or None where no figure is known: a point, a network.

    A city's and a country's figure are GeoNames' own; a region's is the sum of its settlements.
    """
    if place.kind == "country":
        known = tables.countries().get(place.country)
        return None if known is None else known.population or None
    if place.kind == "city":
        row = _city_row(place)
        return None if row is None else tables.gazetteer().population[row] or None
    if place.kind == "region":
        return int(_settlements().of_units(region_units(place.region or ""))) or None
    return None


@lru_cache(maxsize=131_072)
def share(part: Place, whole: Place) -> float | None:
    """Return which share of the people of `whole` live in the overlap with `part`, 0 to 1.

    It is 1.0 where `part` contains `whole` and 0.0 where they don't meet. It is None where it can't be known: of a
    network, and of places without a known settlement that meet in part.

    >>> from streams.geography import find_place, region_by_code
    >>> almaty, its_region = find_place("Almaty", "KZ"), region_by_code("KZ-75")
    >>> round(share(almaty, its_region), 2), share(its_region, almaty)
    (1.0, 1.0)
    """
    if part.kind == "network" or whole.kind == "network":
        return None
    if part.key == whole.key and part.kind != "point":
        return 1.0
    inner, outer = _extent(whole), _extent(part)
    people = _people(inner)
    if people > 0 and not _is_empty(outer):
        return min(1.0, _people(_overlap(inner, outer)) / people)
    if contains(part, whole):
        return 1.0
    return None if touches(part, whole) else 0.0


def same_extent(a: Place, b: Place) -> bool:
    """Return whether two places are one for measuring: each holds nearly all people of the other.

    So are Almaty and the region Almaty City. No network is the same as anything.
    """
    one, other = share(a, b), share(b, a)
    return one is not None and other is not None and min(one, other) >= SAME_SHARE


class Extent(NamedTuple):
    """The settlements of a place: all of some units of the map, or single rows (in order)."""

    units: frozenset[int]
    rows: tuple[int, ...] = ()


class Settlements:
    """GeoNames' settlements by unit of the map. `people` counts at least one in each."""

    def __init__(self) -> None:
        known = tables.gazetteer()
        self.first = known.first_city
        self.people = np.maximum(np.asarray(known.population)[self.first :], 1)
        self.unit = np.asarray(known.region)[self.first :]
        self.latitude = np.radians(np.asarray(known.latitude)[self.first :])
        self.longitude = np.radians(np.asarray(known.longitude)[self.first :])
        placed = self.unit >= 0
        self._by_unit = np.bincount(self.unit[placed], weights=self.people[placed], minlength=len(known.keys))
        self._order = np.argsort(self.unit, kind="stable")
        self._sorted = self.unit[self._order]

    def of_units(self, units: frozenset[int]) -> float:
        """The people of whole units."""
        return float(self._by_unit[sorted(units)].sum()) if units else 0.0

    def of_rows(self, rows: tuple[int, ...]) -> float:
        """The people of some settlements."""
        return float(self.people[[row - self.first for row in rows]].sum()) if rows else 0.0

    def within_km(self, latitude: float, longitude: float, km: float, units: frozenset[int]) -> np.ndarray:
        """Return the indexes of the settlements within `km` of a point: those of `units`, of all without any."""
        own = np.concatenate([self._indexes(unit) for unit in sorted(units)]) if units else self._order
        north, east = np.radians(latitude), np.radians(longitude)
        half = np.sin((self.latitude[own] - north) / 2) ** 2
        half += np.cos(north) * np.cos(self.latitude[own]) * np.sin((self.longitude[own] - east) / 2) ** 2
        found: np.ndarray = own[2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))) <= km]
        return found

    def _indexes(self, unit: int) -> np.ndarray:
        start, end = np.searchsorted(self._sorted, [unit, unit + 1])
        found: np.ndarray = self._order[start:end]
        return found


@cache
def _settlements() -> Settlements:
    return Settlements()


@cache
def _rows_of_districts() -> dict[int, tuple[int, ...]]:
    known = tables.gazetteer()
    found: dict[int, list[int]] = {}
    for row, district in enumerate(known.district, start=known.first_city):
        if district >= 0:
            found.setdefault(district, []).append(row)
    return {district: tuple(rows) for district, rows in found.items()}


def _city_row(place: Place) -> int | None:
    return None if place.city is None else tables.gazetteer().row_of_geonames.get(place.city)


@lru_cache(maxsize=16_384)
def _extent(place: Place) -> Extent:
    if place.kind == "country":
        return Extent(country_units(place.country))
    if place.kind == "region":
        return Extent(region_units(place.region or ""))
    row = _city_row(place) if place.kind == "city" else None
    if row is None:
        return _circle(place)
    known = tables.gazetteer()
    if known.kind[row] == tables.DISTRICT:
        return Extent(frozenset(), _rows_of_districts().get(row, ()))
    return Extent(frozenset(), _city_rows(row))


def _city_rows(row: int) -> tuple[int, ...]:
    known, all_of = tables.gazetteer(), _settlements()
    at = known.latitude[row], known.longitude[row], known.radius_km[row]
    near = all_of.within_km(*at, frozenset({known.region[row]} - {-1}))
    own = row - all_of.first
    smaller = near[all_of.people[near] < all_of.people[own]].tolist()
    return tuple(sorted({row, *(index + all_of.first for index in smaller)}))


def _circle(place: Place) -> Extent:
    if place.latitude is None or place.longitude is None:
        return Extent(frozenset())
    all_of = _settlements()
    units = frozenset[int]() if place.region is None else region_units(place.region)
    near = all_of.within_km(place.latitude, place.longitude, place.radius_km, units)
    return Extent(frozenset(), tuple(sorted(index + all_of.first for index in near.tolist())))


def _is_empty(extent: Extent) -> bool:
    return not extent.units and not extent.rows


def _people(extent: Extent) -> float:
    return _settlements().of_units(extent.units) or _settlements().of_rows(extent.rows)


def _overlap(one: Extent, other: Extent) -> Extent:
    if one.units and other.units:
        return Extent(one.units & other.units)
    if other.units:
        one, other = other, one
    if one.units:
        region = tables.gazetteer().region
        return Extent(frozenset(), tuple(row for row in other.rows if region[row] in one.units))
    kept = set(other.rows)
    return Extent(frozenset(), tuple(row for row in one.rows if row in kept))
