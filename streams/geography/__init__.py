"""Geography: every place on Earth, in the languages that reports come in.

One public surface. Importing it costs nothing: each name is imported on its first use, and the tables of
places are read when something is first asked of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streams.geography.areas import Area, read_area
    from streams.geography.clocks import day_span, local_day, read_moment, zone
    from streams.geography.codes import codes_of, region_by_code
    from streams.geography.countries import country_code, country_place, time_zones
    from streams.geography.entities import entity_place
    from streams.geography.errors import GeographyError
    from streams.geography.finding import find_place
    from streams.geography.outlines import outline
    from streams.geography.polygons import Location, locate, locate_points
    from streams.geography.populations import population, same_extent, share
    from streams.geography.relations import Relation, contains, distance_km, relation, touches, within_km
    from streams.geography.texts import Found, Reading, find_all, find_places

_HOMES = {
    "Area": "areas",
    "Found": "texts",
    "GeographyError": "errors",
    "Location": "polygons",
    "Reading": "texts",
    "Relation": "relations",
    "codes_of": "codes",
    "contains": "relations",
    "country_code": "countries",
    "country_place": "countries",
    "day_span": "clocks",
    "distance_km": "relations",
    "entity_place": "entities",
    "find_all": "texts",
    "find_place": "finding",
    "find_places": "texts",
    "local_day": "clocks",
    "locate": "polygons",
    "locate_points": "polygons",
    "outline": "outlines",
    "population": "populations",
    "read_area": "areas",
    "read_moment": "clocks",
    "region_by_code": "codes",
    "region_place": "finding",
    "relation": "relations",
    "same_extent": "populations",
    "share": "populations",
    "time_zones": "countries",
    "touches": "relations",
    "within_km": "relations",
    "zone": "clocks",
}

__all__ = [
    "Area",
    "Found",
    "GeographyError",
    "Location",
    "Reading",
    "Relation",
    "codes_of",
    "contains",
    "country_code",
    "country_place",
    "day_span",
    "distance_km",
    "entity_place",
    "find_all",
    "find_place",
    "find_places",
    "local_day",
    "locate",
    "locate_points",
    "outline",
    "population",
    "read_area",
    "read_moment",
    "region_by_code",
    "region_place",
    "relation",
    "same_extent",
    "share",
    "time_zones",
    "touches",
    "within_km",
    "zone",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
