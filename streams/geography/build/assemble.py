"""All tables in memory, in the shape in which they are written."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely

from streams.geography.build import countries as country_tables
from streams.geography.build import pieces, places, raster, regions, sources
from streams.geography.build.names import NameTable
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
    table = NameTable()
    _name(table, units, crosswalk, districts, cities, divisions)
    return {
        "pieces": pieces.pack(cut) | {"unit": owner.astype(np.int32)},
        "raster": raster.rasterise([unit.geometry for unit in units], cut, owner),
        "places": columns,
        "names": table.pack(),
        "countries": {"countries": rows, "names": country_tables.country_names(rows)},
        "regions": _regions(units, crosswalk),
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
        rows.append(Row(GROUP, 0, code[group.country], len(rows), *extent, 0, zone, group.name))
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


def _name(
    table: NameTable,
    units: list[sources.Unit],
    crosswalk: regions.Crosswalk,
    districts: list[places.District],
    cities: list[sources.City],
    divisions: dict[int, sources.Division],
) -> None:
    row = 0
    for unit in units:
        for name, main in unit.names.items():
            table.add(name, row, MAIN if main else OTHER)
        row += 1
    for number, unit_index in crosswalk.newer.items():
        table.add_all((divisions[number].name, *divisions[number].names), unit_index, INSIDE)
    for group in crosswalk.groups:
        for name, main in group.names.items():
            table.add(name, row, MAIN if main else OTHER)
        row += 1
    for district in districts:
        table.add(district.name, row, MAIN)
        table.add_all(district.names, row, OTHER)
        row += 1
    rows_of = {unit.code: i for i, unit in enumerate(units)}
    for city in cities:
        table.add(city.name, row, MAIN)
        table.add_all(city.names, row, OTHER)
        rows_of[str(city.geonames)] = row
        row += 1
    for line in sources.table("place_aliases"):
        if line["role"] == "not":
            table.remove(line["name"], rows_of[line["place"]])
        else:
            table.add(line["name"], rows_of[line["place"]], INSIDE if line["role"] == "inside" else OTHER)
