"""One written place inside a country."""

from __future__ import annotations

from functools import lru_cache

from streams.geography import tables
from topics.place import Place


@lru_cache(maxsize=65_536)
def find_place(text: str, country: str) -> Place | None:
    """The place that `text` names inside a country (alpha-2): a region or a city; None when unsure.

    What follows a comma, or stands in brackets, narrows it: "Sopore town, Jammu and Kashmir". A place that
    the tables don't have, in one that they do, is that wider place, marked approximate. A district is a
    city with a wide radius: the point of its seat.
    """
    known = tables.gazetteer()
    if country not in known.number:
        return None
    from streams.geography.areas import read_area

    area = read_area(text, country)
    return area.places[0] if len(area.places) == 1 and not area.nationwide else None


def region_place(key: str) -> Place | None:
    """A region by its key (`adm1_code`, or the code of a wider region)."""
    known = tables.gazetteer()
    row = known.row_of_key.get(key)
    return None if row is None else known.place(row)


def city_place(geonames: int) -> Place | None:
    """A city or district by its GeoNames id."""
    known = tables.gazetteer()
    row = known.row_of_geonames.get(geonames)
    return None if row is None else known.place(row)
