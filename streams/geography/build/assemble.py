"""All tables in memory, in the shape in which they are written."""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely

from streams.geography.build import codes, pieces, places, raster, regions, sources
from streams.geography.build import countries as country_tables
from streams.geography.build.names import NameTable
from streams.geography.fold import fold
from streams.geography.tables import CITY, DISTRICT, GROUP, INSIDE, MAIN, OTHER, UNIT


def assemble(folder: Path) -> dict[str, dict[str, Any]]:
    """Read everything under `folder` and in the installed packages, and build the tables."""
    units = sources.read_units(folder)
    divisions, cities = sources.read_divisions(), sources.read_cities()
    regions.settle_countries(units, sources.read_countries())
    regions.name_units(units)
    cut, owner = pieces.cut([unit.geometry for unit in units])
    longitude = np.asarray([city.longitude for city in cities])
    latitude = np.asarray([city.latitude for city in cities])
    by_polygon = places.units_of_points(cut, owner, longitude, latitude)
    crosswalk = regions.cross(units, divisions, cities, by_polygon)
    regions.add_groups(crosswalk, units)
    unit_of = places.settle_units(cities, units, by_polygon)
    districts = places.districts_of(cities, divisions, unit_of)
    rows = country_tables.describe(units, cities)
    columns = _places(units, crosswalk, districts, cities, unit_of, rows)
    iso = codes.read_names()
    seats = _largest_city(cities, unit_of, len(units)).tolist()
    table = NameTable()
    nations = country_tables.country_names(rows)
    table.add_starts(nations)
    _name(table, Named(units, crosswalk, districts, cities, divisions, seats), iso, _sounding(rows))
    return {
        "pieces": pieces.pack(cut) | {"unit": owner.astype(np.int32)},
        "raster": raster.rasterise([unit.geometry for unit in units], cut, owner),
        "places": columns,
        "names": table.pack(),
        "countries": {"countries": rows, "names": nations},
        "regions": _regions(units, crosswalk) | {"codes": codes.history(units, crosswalk, divisions)},
    }


def _regions(units: list[sources.Unit], crosswalk: regions.Crosswalk) -> dict[str, Any]:
    return {
        "key": [unit.code for unit in units] + [group.code for group in crosswalk.groups],
        "also": {unit.code: list(unit.also) for unit in units if unit.also},
        "members": {group.code: [units[i].code for i in group.members] for group in crosswalk.groups},
        "iso": [unit.properties["iso_3166_2"] for unit in units] + [g.iso for g in crosswalk.groups],
        "hasc": [unit.properties["code_hasc"] for unit in units],
        "fips": [str(unit.properties.get("fips") or "") for unit in units],
        "geonames": [int(unit.properties.get("gn_id") or 0) for unit in units],
    }


class Row(NamedTuple):
    """One row of the table of places, as `streams.geography.tables.Gazetteer` reads it."""

    kind: int
    geonames: int
    country: int
    region: int
    latitude: float
    longitude: float
    radius_km: float
    population: int
    zone: str
    name: str


TYPES: dict[str, Any] = {
    "kind": np.uint8,
    "geonames": np.int64,
    "country": np.uint8,
    "region": np.int32,
    "latitude": np.float32,
    "longitude": np.float32,
    "radius_km": np.float32,
    "population": np.int32,
}


def _places(
    units: list[sources.Unit],
    crosswalk: regions.Crosswalk,
    districts: list[places.District],
    cities: list[sources.City],
    unit_of: np.ndarray,
    countries: list[dict[str, Any]],
) -> dict[str, np.ndarray]:
    code = {row["code"]: i for i, row in enumerate(countries)}
    largest = _largest_city(cities, unit_of, len(units))
    rows = _region_rows(units, crosswalk.groups, largest, cities, code)
    for d in districts:
        at = (d.latitude, d.longitude, d.radius_km)
        rows.append(Row(DISTRICT, d.geonames, code[d.country], d.unit, *at, d.population, d.zone, d.name))
    for city, unit in zip(cities, unit_of.tolist(), strict=True):
        radius = 15 if city.population < 100_000 else 20 if city.population < 1_000_000 else 25
        at = (city.latitude, city.longitude, radius)
        rows.append(Row(CITY, city.geonames, code[city.country], unit, *at, city.population, city.zone, city.name))
    columns = dict(zip(Row._fields, zip(*rows, strict=True), strict=True))
    zones = sorted(set(columns["zone"]))
    number = {zone: i for i, zone in enumerate(zones)}
    arrays = {key: np.asarray(columns[key], kind) for key, kind in TYPES.items()}
    arrays["zone"] = np.asarray([number[zone] for zone in columns["zone"]], np.uint16)
    arrays["zones"] = np.frombuffer("\n".join(zones).encode(), dtype=np.uint8)
    coded = [name.encode() for name in columns["name"]]
    arrays["name"] = np.frombuffer(b"".join(coded), dtype=np.uint8)
    arrays["length"] = np.asarray([len(name) for name in coded], np.uint8)
    first = len(rows) - len(cities)
    within = np.full(len(cities), -1, dtype=np.int32)
    for row, district in enumerate(districts, start=first - len(districts)):
        within[list(district.cities)] = row
    arrays["district"] = within
    arrays["largest"] = _shift(largest, first).astype(np.int32)
    return arrays


def _region_rows(
    units: list[sources.Unit],
    groups: list[regions.Group],
    largest: np.ndarray,
    cities: list[sources.City],
    code: dict[str, int],
) -> list[Row]:
    renamed = {row["place"]: row["name"] for row in sources.table("names_shown")}
    rows = []
    for i, unit in enumerate(units):
        name = renamed.get(unit.code) or next((n for n, main in unit.names.items() if main), unit.code)
        zone = _zone(unit, largest[i], cities)
        rows.append(Row(UNIT, 0, code[unit.country], i, *_extent(unit.geometry), 0, zone, name))
    for group in groups:
        extent = _extent(shapely.union_all([units[i].geometry for i in group.members]))
        main = max(group.members, key=lambda i: cities[largest[i]].population if largest[i] >= 0 else -1)
        zone = _zone(units[main], largest[main], cities)
        name = renamed.get(group.code, group.name)
        rows.append(Row(GROUP, 0, code[group.country], len(rows), *extent, 0, zone, name))
    return rows


def _shift(largest: np.ndarray, by: int) -> np.ndarray:
    return np.where(largest >= 0, largest + by, -1)


def _largest_city(cities: list[sources.City], unit_of: np.ndarray, n: int) -> np.ndarray:
    people = np.asarray([city.population for city in cities])
    found = np.full(n, -1, dtype=np.int64)
    for i in np.argsort(people, kind="stable").tolist():
        if unit_of[i] >= 0:
            found[unit_of[i]] = i
    return found


def _zone(unit: sources.Unit, largest: int, cities: list[sources.City]) -> str:
    if largest >= 0:
        return cities[largest].zone
    from tzfpy import get_tz

    point = shapely.point_on_surface(unit.geometry)
    return str(get_tz(point.x, point.y) or "UTC")


def _extent(shape: Any) -> tuple[float, float, float]:
    """Latitude and longitude of a point inside, and the radius in km of a circle of the same area."""
    point = shapely.centroid(shape)
    if not shapely.intersects(shape, point):
        point = shapely.point_on_surface(shape)
    area = shapely.area(shape) * country_tables.SQUARE_KM_PER_DEGREE * math.cos(math.radians(point.y))
    return round(point.y, 4), round(point.x, 4), round(max(1.0, math.sqrt(area / math.pi)), 1)


class Named(NamedTuple):
    """Everything that has names, in the order of the rows."""

    units: list[sources.Unit]
    crosswalk: regions.Crosswalk
    districts: list[places.District]
    cities: list[sources.City]
    divisions: dict[int, sources.Division]
    #: The index of the largest city of each unit, -1 for none.
    seats: list[int]


#: Scripts whose words are looked up by their sound too, see `streams.geography.roman`.
_SOUNDING = {"ethiopic", "devanagari", "bengali"}
#: Cities found by their sound have at least so many inhabitants.
_SOUNDING_CITY = 10_000


def _sounding(countries: list[dict[str, Any]]) -> frozenset[str]:
    return frozenset(row["code"] for row in countries if _SOUNDING & set(row["scripts"]))


def _name(table: NameTable, named: Named, iso: dict[str, list[str]], sounding: frozenset[str]) -> None:
    _name_regions(table, named, iso, sounding)
    row = len(named.units) + len(named.crosswalk.groups)
    for district in named.districts:
        table.add(district.name, row, MAIN)
        table.add_all(district.names, row, OTHER)
        table.add_plainer(district.names, row, latin=False)
        if district.country in sounding:
            table.add_sound(district.name, row)
        row += 1
    rows_of = {unit.code: i for i, unit in enumerate(named.units)}
    rows_of |= {group.code: i for i, group in enumerate(named.crosswalk.groups, start=len(named.units))}
    for city in named.cities:
        table.add(city.name, row, MAIN)
        table.add_all(city.names, row, OTHER)
        table.add_plainer(city.names, row, latin=False)
        if city.country in sounding and city.population >= _SOUNDING_CITY:
            for name in (city.name, *city.names):
                table.add_sound(name, row)
        rows_of[str(city.geonames)] = row
        row += 1
    _name_seats(table, named, rows_of)
    for geonames, names in country_tables.exemplar_cities(named.cities).items():
        table.add_all(names, rows_of[str(geonames)], OTHER)
    for line in sources.table("place_aliases"):
        if line["role"] == "not":
            table.remove(line["name"], rows_of[line["place"]])
        else:
            table.add(line["name"], rows_of[line["place"]], INSIDE if line["role"] == "inside" else OTHER)


def _name_regions(table: NameTable, named: Named, iso: dict[str, list[str]], sounding: frozenset[str]) -> None:
    divisions = named.divisions
    iso_of_unit: dict[int, list[str]] = defaultdict(list)
    for number, unit_index in named.crosswalk.same.items():
        iso_of_unit[unit_index] += iso.get(divisions[number].iso, [])
    for row, unit in enumerate(named.units):
        more = [name for name in iso_of_unit[row] if name not in unit.names]
        for name, main in unit.names.items():
            table.add(name, row, MAIN if main else OTHER)
            if unit.country in sounding:
                table.add_sound(name, row)
        table.add_all(more, row, OTHER)
        table.add_plainer((*unit.names, *more), row, latin=True)
    for number, unit_index in named.crosswalk.newer.items():
        part = divisions[number]
        names = (part.name, *part.names, *iso.get(part.iso, []))
        table.add_all(names, unit_index, INSIDE)
        table.add_plainer(names, unit_index, latin=True, role=INSIDE)
    for row, group in enumerate(named.crosswalk.groups, start=len(named.units)):
        for name, main in group.names.items():
            table.add(name, row, MAIN if main else OTHER)
        table.add_all(iso.get(group.iso, []), row, OTHER)
        table.add_plainer(group.names, row, latin=True)


def _name_seats(table: NameTable, named: Named, rows_of: dict[str, int]) -> None:
    """A region's largest city that shares a name with it has its other names of one word too."""
    for unit, city in zip(named.units, named.seats, strict=True):
        if city < 0:
            continue
        seat = named.cities[city]
        folded = {fold(name) for name in (seat.name, *seat.names)}
        own = [fold(name) for name in unit.names]
        if folded & set(own):
            table.add_all(
                (name for name in unit.names if " " not in fold(name)), rows_of[str(seat.geonames)], OTHER
            )
