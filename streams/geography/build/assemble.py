"""All tables in memory, in the shape in which they are written."""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely

from streams.geography.build import aliases, codes, pieces, places, raster, regions, sources, subdivisions
from streams.geography.build import countries as country_tables
from streams.geography.build.names import NameTable, plainer, worth_keeping
from streams.geography.fold import fold
from streams.geography.names import common
from streams.geography.tables import CITY, DISTRICT, GROUP, INSIDE, LESSER, LIKE, MAIN, OTHER, UNIT


def assemble(folder: Path, cldr: Path) -> dict[str, dict[str, Any]]:
    """Read everything under both folders and in the installed packages, and build the tables."""
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
    given = subdivisions.join(divisions, subdivisions.read(cldr))
    seats = _largest_city(cities, unit_of, len(units)).tolist()
    table = NameTable()
    nations = country_tables.country_names(rows)
    table.add_starts(nations)
    named = Named(units, crosswalk, districts, cities, divisions, seats)
    _name(table, named, _local_names(divisions, given), _sounding(rows))
    aliases.check(table, _bearers(named, columns), aliases.attested(_units_of(named, given)))
    _add_lesser(table, named)
    _add_plain_districts(table, named, {row["code"] for row in rows if row["scripts"] == ["latin"]})
    _add_directions(table, named)
    _add_aliases(table, named)
    return {
        "pieces": pieces.pack(cut) | {"unit": owner.astype(np.int32)},
        "raster": raster.rasterise([unit.geometry for unit in units], cut, owner),
        "places": columns,
        "names": table.pack(),
        "countries": {"countries": rows, "names": nations, "parts": country_tables.parts_named_as_countries()},
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


def _name(table: NameTable, named: Named, local: dict[int, list[str]], sounding: frozenset[str]) -> None:
    _name_regions(table, named, local, sounding)
    row = len(named.units) + len(named.crosswalk.groups)
    for district in named.districts:
        table.add(district.name, row, MAIN)
        table.add_all(district.names, row, OTHER)
        table.add_plainer(district.names, row, latin=False)
        if district.country in sounding:
            table.add_sound(district.name, row)
        row += 1
    for city in named.cities:
        table.add(city.name, row, MAIN)
        table.add_all(city.names, row, OTHER)
        table.add_plainer(city.names, row, latin=False)
        if city.country in sounding and city.population >= _SOUNDING_CITY:
            for name in (city.name, *city.names):
                table.add_sound(name, row)
        row += 1
    rows_of = _rows_of(named)
    _name_seats(table, named, rows_of)
    for geonames, names in country_tables.exemplar_cities(named.cities).items():
        table.add_all(names, rows_of[str(geonames)], OTHER)


def _rows_of(named: Named) -> dict[str, int]:
    """Rows by what the tables of aliases call them: the code of a region, the GeoNames id of a city."""
    regions_first = [unit.code for unit in named.units] + [group.code for group in named.crosswalk.groups]
    first = len(regions_first) + len(named.districts)
    return {code: row for row, code in enumerate(regions_first)} | {
        str(city.geonames): row for row, city in enumerate(named.cities, start=first)
    }


def _bearers(named: Named, columns: dict[str, np.ndarray]) -> list[aliases.Bearer]:
    """The rows as names are checked with."""
    groups = {
        row: frozenset(group.members) for row, group in enumerate(named.crosswalk.groups, start=len(named.units))
    }
    shown = _names_shown(columns)
    owners = [unit.country for unit in named.units] + [group.country for group in named.crosswalk.groups]
    owners += [district.country for district in named.districts] + [city.country for city in named.cities]
    return [
        aliases.Bearer(kind, owners[row], groups.get(row, frozenset((region,))), shown[row], people, radius_km)
        for row, (kind, region, people, radius_km) in enumerate(
            zip(*(columns[key].tolist() for key in ("kind", "region", "population", "radius_km")), strict=True)
        )
    ]


def _names_shown(columns: dict[str, np.ndarray]) -> list[str]:
    text, ends = columns["name"].tobytes(), np.cumsum(columns["length"], dtype=np.int64).tolist()
    return [text[start:end].decode() for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def _local_names(divisions: dict[int, sources.Division], given: dict[int, list[str]]) -> dict[int, list[str]]:
    """Number of a division -> its names in ISO 3166-2 and in CLDR."""
    iso = codes.read_names()
    return {number: [*iso.get(one.iso, ()), *given.get(number, ())] for number, one in divisions.items()}


def _units_of(named: Named, given: dict[int, list[str]]) -> dict[int, list[str]]:
    """Row of a unit or wider region -> the names that CLDR and the table of aliases have for it."""
    found: dict[int, list[str]] = defaultdict(list)
    walk = named.crosswalk
    for number, unit in (*walk.same.items(), *walk.newer.items()):
        found[unit] += given.get(number, [])
    for number, group in walk.group_of.items():
        found[len(named.units) + group] += given.get(number, [])
    rows_of = _rows_of(named)
    first = len(named.units) + len(walk.groups)
    for line in sources.table("place_aliases"):
        row = rows_of[line["place"]]
        if row < first and line["role"] == "other":
            found[row].append(line["name"])
    return found


def _add_lesser(table: NameTable, named: Named) -> None:
    """Let a district that has no town in GeoNames' list stand for the region that it lies in."""
    walk = named.crosswalk
    homes = {**walk.newer, **walk.same}
    known = {district.geonames for district in named.districts}
    units = [frozenset((unit,)) for unit in range(len(named.units))] + [frozenset(g.members) for g in walk.groups]
    units += [frozenset((district.unit,)) for district in named.districts]
    for division in named.divisions.values():
        home = homes.get(division.parent or 0)
        if division.level != 2 or division.geonames in known or home is None:
            continue
        for name in (division.name, *division.names):
            for written in (name, *plainer(name)):
                bearers = table.bears(written)
                in_place = any(row >= len(units) or home in units[row] for row in bearers)
                if worth_keeping(name) and not in_place and fold(written) not in common():
                    table.add(written, home, INSIDE | LESSER)


def _add_plain_districts(table: NameTable, named: Named, latin: set[str]) -> None:
    """Let "Maungdaw District" be found as Maungdaw where nothing else is called so.

    Not in countries that write Latin letters: there many districts are called after people.
    """
    first = len(named.units) + len(named.crosswalk.groups)
    for row, district in enumerate(named.districts, start=first):
        for name in (district.name, *district.names):
            for plain in plainer(name) if worth_keeping(name) and district.country not in latin else ():
                if plain.isascii() and not table.bears(plain) and plain not in common():
                    table.add(plain, row, OTHER | LIKE)


#: What districts of South Asia are called by directions, and by that in English.
_DIRECTIONS = (("purba", "east"), ("purbi", "east"), ("purvi", "east"), ("paschim", "west"), ("pashchim", "west"),
               ("pashchimi", "west"), ("uttar", "north"), ("dakshin", "south"), ("dakshina", "south"))  # fmt: skip


def _add_directions(table: NameTable, named: Named) -> None:
    """Let "Pashchim Champāran" be found as West Champaran too."""
    first = len(named.units) + len(named.crosswalk.groups)
    for row, district in enumerate(named.districts, start=first):
        for name in (district.name, *district.names):
            head, _, rest = fold(name).partition(" ")
            for native, english in _DIRECTIONS:
                if head == native and rest and district.country in ("IN", "BD", "NP"):
                    table.add(f"{english} {rest}", row, OTHER | LIKE)


def _add_aliases(table: NameTable, named: Named) -> None:
    """Add what the package's own table has, which is checked by hand."""
    rows_of = _rows_of(named)
    for line in sources.table("place_aliases"):
        if line["role"] == "not":
            table.remove(line["name"], rows_of[line["place"]])
        else:
            table.add(line["name"], rows_of[line["place"]], INSIDE if line["role"] == "inside" else OTHER)


def _name_regions(table: NameTable, named: Named, local: dict[int, list[str]], sounding: frozenset[str]) -> None:
    divisions = named.divisions
    local_of_unit: dict[int, list[str]] = defaultdict(list)
    for number, unit_index in named.crosswalk.same.items():
        local_of_unit[unit_index] += local[number]
    first = len(named.units)
    local_of_group = {first + group: local[number] for number, group in named.crosswalk.group_of.items()}
    for row, unit in enumerate(named.units):
        more = [name for name in local_of_unit[row] if name not in unit.names]
        for name, main in unit.names.items():
            table.add(name, row, MAIN if main else OTHER)
            if unit.country in sounding:
                table.add_sound(name, row)
        table.add_all(more, row, OTHER)
        table.add_plainer((*unit.names, *more), row, latin=True)
    for number, unit_index in named.crosswalk.newer.items():
        part = divisions[number]
        names = (part.name, *part.names, *local[number])
        table.add_all(names, unit_index, INSIDE)
        table.add_plainer(names, unit_index, latin=True, role=INSIDE)
    for row, group in enumerate(named.crosswalk.groups, start=first):
        for name, main in group.names.items():
            table.add(name, row, MAIN if main else OTHER)
        table.add_all(local_of_group.get(row, []), row, OTHER)
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
