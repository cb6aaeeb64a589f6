"""Entities of measurement sources as places: countries, regions by their names, networks."""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec.structs import replace

from streams.geography import tables
from streams.geography.countries import country_code, country_place
from streams.geography.finding import find_place
from streams.geography.fold import fold
from topics.place import Place

#: A network's name with a region's behind it, in brackets.
_PART = re.compile(r"(.+) \(([^()]+)\)$")
_NETWORK = re.compile(r"(?:AS)?(\d+)", re.IGNORECASE)


@lru_cache(maxsize=65_536)
def entity_place(type: str, code: str, name: str, country: str) -> Place | None:  # noqa: A002
    """The place of an entity as IODA has them: `country`, `region`, `asn` or `geoasn`; None if unknown.

    Regions are matched by country and name, since their numbers are the source's own. IODA's are Natural
    Earth's of 2014 to 2017. A `geoasn` is the part of a network in a country or region, whose name stands in
    brackets behind its own: `Kazakhtelecom (Almaty City)`. A `county` is named with its region behind a comma.
    """
    if type == "country":
        found = country_code(code) or country_code(name) or country_code(country)
        return country_place(found) if found else None
    home = country_code(country)
    if home is None:
        return None
    if type in ("asn", "geoasn"):
        region = _PART.match(name) if type == "geoasn" else None
        return _network(code, name, home) if region is None else _part(code, region, home)
    if type == "county":
        return _county(name, home)
    if type != "region":
        return None
    row = region_row(name, home)
    if row is not None:
        return tables.gazetteer().place(row)
    # A territory with a code of its own that its source files as a region: Hong Kong of China.
    territory = country_code(name)
    return country_place(territory) if territory and territory != home else None


def _part(code: str, named: re.Match[str], country: str) -> Place | None:
    """The part of a network in a region; None where the region is on no map."""
    network, row = _network(code, named.group(1).strip(), country), region_row(named.group(2), country)
    if network is None or row is None:
        return None
    region = tables.gazetteer().place(row)
    return replace(network, region=region.region, time_zone=region.time_zone)


def _county(name: str, country: str) -> Place | None:
    """A county by its name and its region's: `Ashley, Arkansas`. It may be called as its region is."""
    county, _, region = name.partition(",")
    tries = (find_place(words, country) for words in (f"{county} County,{region}", name))
    return next((found for found in tries if found is not None and found.kind == "city"), None)


def _network(code: str, name: str, country: str) -> Place | None:
    match = _NETWORK.match(code)
    if match is None:
        return None
    whole = country_place(country)
    return Place(
        kind="network",
        country=country,
        name=name or f"AS{match.group(1)}",
        network=int(match.group(1)),
        time_zone=whole.time_zone,
    )


@lru_cache(maxsize=65_536)
def region_row(name: str, country: str) -> int | None:
    """The unit of the map that a region's name means in a country (alpha-2), or None if none or several."""
    known = tables.gazetteer()
    number = known.number.get(country)
    folded = fold(name)
    if number is None or not folded:
        return None
    rows = [
        (row, role)
        for row, role in tables.names().rows(folded)
        if known.kind[row] == tables.UNIT and known.under(row, number)
    ]
    for wanted in (tables.MAIN, tables.OTHER):
        units = {row for row, role in rows if role & wanted}
        if len(units) == 1:
            return units.pop()
        if units:
            return None
    return None
