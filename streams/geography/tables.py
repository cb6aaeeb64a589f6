"""The built tables, read once on first use. `python -m streams.geography.build` makes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from streams.geography.errors import GeographyError
from topics.place import Place

DATA = Path(__file__).parent / "data"

#: Kinds of rows: a unit of the map, a wider region made of units, a district (admin-2), a city.
UNIT, GROUP, DISTRICT, CITY = range(4)
#: What a name is to a place: its first name, another one, the name of something inside it.
MAIN, OTHER, INSIDE = 1, 2, 4


def read_arrays(name: str) -> dict[str, np.ndarray]:
    """The arrays of one table. Raises `GeographyError` where its file is missing."""
    try:
        with np.load(DATA / f"{name}.npz", allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except (OSError, ValueError) as error:
        raise GeographyError(
            f"the table of places {name}.npz can't be read ({error}): reinstall the package, "
            "or build it with `python -m streams.geography.build`"
        ) from error


def read_json(name: str) -> dict[str, Any]:
    """One table kept as JSON. Raises `GeographyError` where its file is missing."""
    try:
        found = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise GeographyError(
            f"the table of places {name}.json can't be read ({error}): reinstall the package, "
            "or build it with `python -m streams.geography.build`"
        ) from error
    assert isinstance(found, dict)
    return found


@dataclass(frozen=True)
class Country:
    """A country or territory with an ISO 3166-1 code of its own."""

    code: str
    iso3: str
    numeric: int
    fips: str
    name: str
    latitude: float
    longitude: float
    radius_km: float
    zones: tuple[str, ...]


class Gazetteer:
    """Rows of places in the order units, groups, districts, cities; a row's number is its only key here."""

    def __init__(self) -> None:
        arrays = read_arrays("places")
        regions = read_json("regions")
        self.kind: list[int] = arrays["kind"].tolist()
        self.geonames: np.ndarray = arrays["geonames"]
        self.region: list[int] = arrays["region"].tolist()
        self.latitude: np.ndarray = arrays["latitude"]
        self.longitude: np.ndarray = arrays["longitude"]
        self.radius_km: np.ndarray = arrays["radius_km"]
        self.population: list[int] = arrays["population"].tolist()
        self.country: bytes = arrays["country"].astype(np.uint8).tobytes()
        self.largest: list[int] = arrays["largest"].tolist()
        self._zone: np.ndarray = arrays["zone"]
        self._zones = _lines(arrays["zones"])
        self._names = arrays["name"]
        self.codes = list(countries())
        self.keys: list[str] = regions["key"]
        self.row_of_key = {key: row for row, key in enumerate(self.keys)}
        self.members = {
            self.row_of_key[key]: frozenset(self.row_of_key[unit] for unit in units)
            for key, units in regions["members"].items()
        }
        number = {code: i for i, code in enumerate(self.codes)}
        self.also = {
            self.row_of_key[key]: tuple(number[code] for code in codes) for key, codes in regions["also"].items()
        }
        self.details = regions
        self.number = number

    @cached_property
    def names(self) -> list[str]:
        """The name of each row, to be read by people."""
        return _lines(self._names)

    @cached_property
    def row_of_geonames(self) -> dict[int, int]:
        """GeoNames id -> row, of districts and cities."""
        return {number: row for row, number in enumerate(self.geonames.tolist()) if number}

    def units(self, row: int) -> frozenset[int]:
        """The units of the map that a row is, is made of, or lies in."""
        if self.kind[row] == GROUP:
            return self.members[row]
        return frozenset((self.region[row],))

    def under(self, row: int, country: int) -> bool:
        """Whether a row is filed under a country, or can be found under it too."""
        if self.country[row] == country:
            return True
        region = self.region[row]
        return region in self.also and (country in self.also[region] or self.country[region] == country)

    def place(self, row: int, *, approximate: bool = False) -> Place:
        """A row as the `Place` that records carry. A district is a city with a wide radius."""
        region = self.region[row]
        is_region = self.kind[row] in (UNIT, GROUP)
        return Place(
            kind="region" if is_region else "city",
            country=self.codes[self.country[row]],
            name=self.names[row],
            region=self.keys[region] if region >= 0 else None,
            city=None if is_region else int(self.geonames[row]),
            latitude=round(float(self.latitude[row]), 4),
            longitude=round(float(self.longitude[row]), 4),
            radius_km=round(float(self.radius_km[row]), 1),
            time_zone=self._zones[self._zone[row]],
            approximate=approximate,
        )


class Names:
    """Folded name -> rows of the gazetteer that bear it, each with its role."""

    def __init__(self) -> None:
        arrays = read_arrays("names")
        text = _lines(arrays["text"])
        self._number = dict(zip(text, range(len(text)), strict=True))
        ends = np.cumsum(arrays["count"].astype(np.int64))
        self._ends = ends
        self._places: np.ndarray = arrays["place"]
        self._roles: np.ndarray = arrays["role"]

    def __contains__(self, name: str) -> bool:
        return name in self._number

    def rows(self, name: str) -> list[tuple[int, int]]:
        """Row and role of every place with this folded name."""
        number = self._number.get(name)
        if number is None:
            return []
        start = int(self._ends[number - 1]) if number else 0
        end = int(self._ends[number])
        return list(zip(self._places[start:end].tolist(), self._roles[start:end].tolist(), strict=True))


def _lines(array: np.ndarray) -> list[str]:
    return array.tobytes().decode().split("\n")


@cache
def countries() -> dict[str, Country]:
    """Countries by alpha-2."""
    rows = read_json("countries")["countries"]
    return {row["code"]: Country(**{**row, "zones": tuple(row["zones"])}) for row in rows}


@cache
def country_names() -> dict[str, str]:
    """Folded name of a country in any language -> alpha-2."""
    found = read_json("countries")["names"]
    assert isinstance(found, dict)
    return found


@cache
def gazetteer() -> Gazetteer:
    """The table of places."""
    return Gazetteer()


@cache
def names() -> Names:
    """The table of names."""
    return Names()
