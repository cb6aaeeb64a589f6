"""Geography: every place on Earth, in the languages that reports come in.

One public surface. Importing it costs nothing: each name is imported on its first use, and the tables of
places are read when something is first asked of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streams.geography.areas import Area, read_area
    from streams.geography.clocks import day_span, read_moment, zone
    from streams.geography.countries import country_code, country_place, time_zones
    from streams.geography.entities import entity_place
    from streams.geography.errors import GeographyError
    from streams.geography.finding import find_place
    from streams.geography.outlines import outline
    from streams.geography.polygons import locate_point, locate_points
    from streams.geography.relations import contains, distance_km, touches
    from streams.geography.texts import Found, Reading, find_places

_HOMES = {
    "Area": "areas",
    "Found": "texts",
    "GeographyError": "errors",
    "Reading": "texts",
    "contains": "relations",
    "country_code": "countries",
    "country_place": "countries",
    "day_span": "clocks",
    "distance_km": "relations",
    "entity_place": "entities",
    "find_place": "finding",
    "find_places": "texts",
    "locate_point": "polygons",
    "locate_points": "polygons",
    "outline": "outlines",
    "read_area": "areas",
    "read_moment": "clocks",
    "time_zones": "countries",
    "touches": "relations",
    "zone": "clocks",
}

__all__ = [
    "Area",
    "Found",
    "GeographyError",
    "Reading",
    "contains",
    "country_code",
    "country_place",
    "day_span",
    "distance_km",
    "entity_place",
    "find_place",
    "find_places",
    "locate_point",
    "locate_points",
    "outline",
    "read_area",
    "read_moment",
    "time_zones",
    "touches",
    "zone",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
