"""How two places lie to each other: by their keys where these tell, by geometry otherwise; geodesic.

A region is its polygon, known exactly; a city or point is a circle of its `radius_km`, its uncertainty; a
country is its regions. A network lies somewhere in its country (or region, if it names one), and where in
it is not known. Two regions that only share a border don't touch: nothing is uncertain about either.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal, NamedTuple

from topics.place import Place

#: Places no farther apart than this are near, if nobody says otherwise.
NEAR_KM = 50.0


class Relation(NamedTuple):
    """How one place lies to another, and how far their points and borders are apart in km."""

    kind: Literal["same", "inside", "contains", "touches", "near", "apart"]
    km: float


def relation(a: Place, b: Place, near_km: float = NEAR_KM) -> Relation:
    """How `a` lies to `b`: the same, inside it, containing it, touching it, near, apart.

    They touch where they meet once each is grown by its uncertainty, and are near up to `near_km`. `km` is 0 where
    one contains the other; else see `distance_km`.

    >>> from streams.geography import find_place
    >>> almaty, oblast = find_place("Almaty", "KZ"), find_place("Almaty oblast", "KZ")
    >>> relation(almaty, almaty).kind, relation(almaty, oblast).kind
    ('same', 'touches')
    """
    km = distance_km(a, b)
    if a.key == b.key and a.kind != "point":
        return Relation("same", km)
    inside, contained = contains(b, a), contains(a, b)
    if inside and contained:
        return Relation("same", km)
    if inside:
        return Relation("inside", km)
    if contained:
        return Relation("contains", km)
    if touches(a, b):
        return Relation("touches", km)
    return Relation("near" if km <= near_km else "apart", km)


def contains(outer: Place, inner: Place) -> bool:
    """Whether all of `inner` lies in `outer`: country, region, city or point, in that order; itself too."""
    if outer.key == inner.key:
        return outer.kind != "point" or outer.radius_km >= inner.radius_km
    if outer.kind == "country":
        return _in_country(outer.country, inner)
    if outer.kind == "region":
        return _in_region(outer, inner)
    if outer.kind == "network" and inner.kind == "network":
        return outer.network == inner.network and outer.country == inner.country and outer.region is None
    if outer.kind in ("city", "point") and inner.kind in ("city", "point"):
        return _has_point(outer) and _has_point(inner) and _circle_holds(outer, inner)
    return False


def touches(a: Place, b: Place) -> bool:
    """Whether two places meet once each is grown by its uncertainty. The same both ways round."""
    if contains(a, b) or contains(b, a):
        return True
    if a.kind == "network" or b.kind == "network":
        return False
    if a.kind in ("country", "region") and b.kind in ("country", "region"):
        return bool(_units(a) & _units(b))
    if a.kind in ("country", "region"):
        a, b = b, a
    if not _has_point(a):
        return False
    if b.kind in ("country", "region"):
        return any(_to_unit_km(a, row) <= a.radius_km for row in _near_units(a, b))
    return _has_point(b) and _between_km(a, b) <= a.radius_km + b.radius_km


def distance_km(a: Place, b: Place) -> float:
    """Geodesic distance in km: 0 where one contains the other, else between points and polygons.

    Cities and points count from their points, without their uncertainty; countries and regions from their
    nearest border. A network counts as its country.
    """
    if contains(a, b) or contains(b, a):
        return 0.0
    areal = ("country", "region", "network")
    if a.kind in areal and b.kind in areal:
        return _areas_km(a, b)
    if a.kind in areal:
        a, b = b, a
    if not _has_point(a):
        return float("inf")
    if b.kind in areal:
        nearest = min((_to_unit_km(a, row) for row in _units(b)), default=None)
        if nearest is not None:
            return nearest
    return _between_km(a, b) if _has_point(b) else float("inf")


def within_km(a: Place, b: Place, most_km: float) -> bool:
    """Whether two places are at most so far apart, see `distance_km`; quick where boxes tell it."""
    areal = ("country", "region", "network")
    if a.kind not in areal or b.kind not in areal or contains(a, b) or contains(b, a):
        return distance_km(a, b) <= most_km
    first, second = _units(a), _units(b)
    if not first or not second:
        return distance_km(a, b) <= most_km
    near = _unit_sets_within_km(first, second, most_km)
    return distance_km(a, b) <= most_km if near is None else near


@lru_cache(maxsize=16_384)
def _unit_sets_within_km(first: frozenset[int], second: frozenset[int], most_km: float) -> bool | None:
    """Whether units are that near, where boxes or degrees tell it; None where only geodesics do."""
    from streams.geography.polygons import shapes_within_degrees, unit_bounds, world

    near = [
        (one, other)
        for one in first
        for other in second
        if _apart_km(unit_bounds(one), unit_bounds(other)) <= most_km
    ]
    if not near:
        return False
    rows = [sorted({pair[side] for pair in near}) for side in (0, 1)]
    own, others = ([piece for row in some for piece in world().of_unit(row)] for some in rows)
    # A degree is at most 111.7 km long, whichever way, and least along the parallel nearest to a pole.
    if shapes_within_degrees(own, others, most_km / 111.7):
        return True
    boxes = [unit_bounds(row) for some in rows for row in some]
    high = min(89.0, max(max(abs(south), abs(north)) for _, south, _, north in boxes))
    one_sided = max(east for _, _, east, _ in boxes) - min(west for west, _, _, _ in boxes) <= 180
    far = most_km / (110.5 * math.cos(math.radians(high)))
    return False if one_sided and not shapes_within_degrees(own, others, far) else None


def _apart_km(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    """How far two boxes of degrees (west, south, east, north) are apart at the least."""
    west, south, east, north = one
    w, s, e, n = other
    high = min(89.0, max(abs(south), abs(north), abs(s), abs(n)))
    across = max(0.0, min(max(w - east, west - e), 360 - (max(east, e) - min(west, w))))
    return max(max(s - north, south - n, 0.0) * 110.5, across * 111.0 * math.cos(math.radians(high)))


def _in_country(country: str, inner: Place) -> bool:
    if inner.country == country:
        return True
    if inner.kind == "country":
        units = _units(inner)
        return bool(units) and units <= country_units(country)
    return inner.region is not None and bool(_units(inner)) and _units(inner) <= country_units(country)


def _in_region(outer: Place, inner: Place) -> bool:
    if inner.kind == "country" or (inner.kind == "network" and inner.region is None):
        return False
    if inner.region is not None:
        return bool(_units(inner)) and _units(inner) <= _units(outer)
    return _has_point(inner) and any(_to_unit_km(inner, row) == 0 for row in _near_units(inner, outer))


def _has_point(place: Place) -> bool:
    return place.latitude is not None and place.longitude is not None


def _circle_holds(outer: Place, inner: Place) -> bool:
    return _between_km(outer, inner) + inner.radius_km <= outer.radius_km


def _units(place: Place) -> frozenset[int]:
    """The units of the map that a place is made of or, for a city, lies in."""
    if place.region is not None:
        return region_units(place.region)
    return country_units(place.country) if place.kind in ("country", "network") else frozenset()


@lru_cache(maxsize=8192)
def region_units(key: str) -> frozenset[int]:
    from streams.geography import tables

    known = tables.gazetteer()
    row = known.row_of_key.get(key)
    return frozenset() if row is None else known.units(row)


@lru_cache(maxsize=512)
def country_units(country: str) -> frozenset[int]:
    from streams.geography import tables

    known = tables.gazetteer()
    number = known.number.get(country)
    if number is None:
        return frozenset()
    rows = range(len(known.keys))
    return frozenset(row for row in rows if known.kind[row] == tables.UNIT and known.under(row, number))


def _near_units(point: Place, area: Place) -> list[int]:
    """The units of an area whose circles come anywhere near a point: the others need no geometry."""
    from streams.geography.polygons import unit_bounds

    assert point.latitude is not None
    reach = point.radius_km / 111.0 + 0.01
    found = []
    for row in sorted(_units(area)):
        _west, south, _east, north = unit_bounds(row)
        if south - reach <= point.latitude <= north + reach:
            found.append(row)
    return found


def _to_unit_km(place: Place, row: int) -> float:
    from streams.geography.polygons import point_to_unit_km

    assert place.latitude is not None
    assert place.longitude is not None
    return point_to_unit_km(place.longitude, place.latitude, row)


def _between_km(a: Place, b: Place) -> float:
    assert a.latitude is not None
    assert a.longitude is not None
    assert b.latitude is not None
    assert b.longitude is not None
    return _points_km(a.latitude, a.longitude, b.latitude, b.longitude)


@lru_cache(maxsize=65_536)
def _points_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    from streams.geography.polygons import GEOD

    return float(GEOD.inv(lon1, lat1, lon2, lat2)[2]) / 1000


def _areas_km(a: Place, b: Place) -> float:
    first, second = _units(a), _units(b)
    if not first or not second:
        return _between_km(a, b) if _has_point(a) and _has_point(b) else float("inf")
    return 0.0 if first & second else _unit_sets_km(first, second)


@lru_cache(maxsize=16_384)
def _unit_sets_km(first: frozenset[int], second: frozenset[int]) -> float:
    from streams.geography.polygons import shapes_km, world

    return shapes_km(
        [piece for row in sorted(first) for piece in world().of_unit(row)],
        [piece for row in sorted(second) for piece in world().of_unit(row)],
    )
