"""What part of the Earth a map shows, so that a place is seen in its country."""

from __future__ import annotations

import math
from functools import lru_cache

import shapely

from streams import geography
from topics import Place


@lru_cache(maxsize=512)
def region_keys(place: Place) -> tuple[str, ...]:
    """The `adm1_code` of every unit of the map that a country or region is made of."""
    from streams.geography import tables
    from streams.geography.relations import _units

    known = tables.gazetteer()
    return tuple(known.keys[row] for row in sorted(_units(place)))


@lru_cache(maxsize=512)
def main_bounds(country: str) -> tuple[float, float, float, float]:
    """West, south, east, north of a country without its far and small parts, degrees."""
    whole = geography.outline(geography.country_place(country), within_degrees=0.1)
    parts = shapely.get_parts(whole)
    if not len(parts):
        place = geography.country_place(country)
        x, y = place.longitude or 0.0, place.latitude or 0.0
        return x - 1, y - 1, x + 1, y + 1
    areas = shapely.area(parts)
    largest = parts[int(areas.argmax())]
    reach = 1.5 * max(math.sqrt(float(areas.max())), 1.0)
    main = [part for part in parts if part.area > areas.max() / 500 and shapely.distance(part, largest) < reach]
    west, south, east, north = (float(value) for value in shapely.total_bounds(main))
    return west, south, east, north


def around(place: Place, aspect: float) -> tuple[float, float, float, float]:
    """West, south, east, north of a map of a place in its country, of the given aspect (width over height) as it
    looks there: at a latitude's own width of degrees.

    A place outside the country's main part is shown with its own surroundings.
    """
    west, south, east, north = main_bounds(place.country)
    own = geography.outline(place, within_degrees=0.1)
    if not own.is_empty and place.kind != "country":
        x0, y0, x1, y1 = own.bounds
        if x0 < west or x1 > east or y0 < south or y1 > north:
            pad = 3 * max(x1 - x0, y1 - y0)
            west, south, east, north = x0 - pad, y0 - pad, x1 + pad, y1 + pad
    pad = 0.04 * max(east - west, north - south) + 0.05
    west, south, east, north = west - pad, max(-89.5, south - pad), east + pad, min(89.5, north + pad)
    squeeze = max(0.2, math.cos(math.radians((south + north) / 2)))
    wide, high = (east - west) * squeeze, north - south
    if wide / high < aspect:
        more = (high * aspect - wide) / squeeze / 2
        west, east = west - more, east + more
    else:
        more = (wide / aspect - high) / 2
        south, north = south - more, north + more
    return west, south, east, north
