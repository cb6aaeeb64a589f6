"""Where a coded event was: its coordinates decide, and its place's name is given where both agree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from streams import geography
from topics import Place
from topics.news import GeoPrecision

#: A place of that name so far from the coordinates is another one, km.
AGREE_KM = 50.0


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The fields of a news item that say where it was."""

    places: tuple[str, ...] = ()
    latitude: float | None = None
    longitude: float | None = None
    precision: GeoPrecision | None = None
    flags: tuple[str, ...] = ()


@lru_cache(maxsize=65_536)
def whereabouts(country: str, name: str, latitude: str, longitude: str, precision: GeoPrecision) -> Whereabouts:
    """What is known of a place in a country (alpha-2), by its name and its coordinates as written.

    Coordinates that stand for a country locate nothing in it: they are left out. So are those that can't be read
    or lie in another country, with a flag; then the name alone is left.
    """
    if precision == "country":
        return Whereabouts(precision="country")
    named = (name,) if name else ()
    try:
        point = float(latitude), float(longitude)
        located = geography.locate(*point)
    except ValueError:
        return Whereabouts(named, flags=("coordinates-unreadable",) if latitude or longitude else ())
    if located is None or located[0] != country:
        return Whereabouts(named, flags=("coordinates-in-another-country",))
    if named and not _agrees(geography.find_place(name, country), point, precision):
        named = ()
    return Whereabouts(named, *point, precision)


def _agrees(place: Place | None, point: tuple[float, float], precision: GeoPrecision) -> bool:
    if place is None or (precision == "city") == (place.kind == "region"):
        return False
    here = Place(kind="point", country=place.country, name="", latitude=point[0], longitude=point[1])
    return geography.distance_km(place, here) <= AGREE_KM
