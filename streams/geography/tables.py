"""The built tables, read once on first use. `python -m streams.geography.build` makes them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from zipfile import BadZipFile
from zlib import crc32

import numpy as np

from streams.geography.errors import GeographyError
from topics.place import Place

DATA = Path(__file__).parent / "data"

#: Of fewer towns than this a unit's people say nothing of its country: borders and GeoNames differ by a village.
LEAST_TOWNS = 3

#: Kinds of rows: a unit of the map, a wider region made of units, a district (admin-2), a city.
UNIT, GROUP, DISTRICT, CITY = range(4)
#: What a name is to a place: its first name, another one, the name of something inside it.
MAIN, OTHER, INSIDE = 1, 2, 4
#: The name is a key of its sound, see `sounds`.
SOUND = 8
#: With `INSIDE`: a district that the tables have no point of.
LESSER = 16
#: With `OTHER`: it reads like the first name.
LIKE = 32


def read_arrays(name: str) -> dict[str, np.ndarray]:
    """The arrays of one table. Raises `GeographyError` where its file is missing."""
    try:
        with np.load(DATA / f"{name}.npz", allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except (OSError, EOFError, ValueError, BadZipFile) as error:
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


#: The table of names is split by so many bits of the names' CRC-32: about one name in each part.
BUCKET_BITS = 20
#: Beginnings of names are told by so many bits of their CRC-32.
PREFIX_BITS = 23


#: The raster over the map: coarse cells of so many degrees, some of them split so many times both ways. A cell
#: holds a unit, or one of these: several units or the coast; nothing near.
COARSE, SPLIT = 0.2, 8
FINE = COARSE / SPLIT
MIXED, FAR = -1, -2


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
    #: GeoNames' figure; 0 where nobody lives for good.
    population: int
    zones: tuple[str, ...]
    #: The scripts that its people write.
    scripts: frozenset[str]


def ints(array: np.ndarray) -> Sequence[int]:
    """An array of whole numbers to be read one by one, each at once a Python number."""
    view: Any = np.ascontiguousarray(array).data
    found: Sequence[int] = view
    return found


def floats(array: np.ndarray) -> Sequence[float]:
    """The same for an array of decimal numbers."""
    view: Any = np.ascontiguousarray(array).data
    found: Sequence[float] = view
    return found


def _ends(length: np.ndarray) -> Sequence[int]:
    return ints(np.concatenate([[0], np.cumsum(length, dtype=np.int32)]).astype(np.int32))


class Strings:
    """Many strings in one block of bytes: 300,000 Python strings would take ten times the memory."""

    def __init__(self, text: np.ndarray, length: np.ndarray) -> None:
        self.text = text.tobytes()
        self.ends = _ends(length)

    def __len__(self) -> int:
        return len(self.ends) - 1

    def __getitem__(self, number: int) -> str:
        return self.text[self.ends[number] : self.ends[number + 1]].decode()


class Gazetteer:
    """Rows of places in the order units, groups, districts, cities; a row's number is its only key here."""

    def __init__(self) -> None:
        arrays = read_arrays("places")
        regions = read_json("regions")
        self.kind = arrays["kind"].tobytes()
        self.country = bytearray(arrays["country"].tobytes())
        self.region = ints(arrays["region"])
        self.population = ints(arrays["population"])
        self.latitude = floats(arrays["latitude"])
        self.longitude = floats(arrays["longitude"])
        self.radius_km = floats(arrays["radius_km"])
        self.largest = ints(arrays["largest"])
        self.geonames = ints(arrays["geonames"])
        self.names = Strings(arrays["name"], arrays["length"])
        self._zone = ints(arrays["zone"])
        self._zones = arrays["zones"].tobytes().decode().split("\n")
        self.codes = list(countries())
        self.number = {code: i for i, code in enumerate(self.codes)}
        self.keys: list[str] = regions["key"]
        self.row_of_key = {key: row for row, key in enumerate(self.keys)}
        self.members = {
            self.row_of_key[key]: frozenset(self.row_of_key[unit] for unit in units)
            for key, units in regions["members"].items()
        }
        self.also = {
            self.row_of_key[key]: tuple(self.number[code] for code in codes)
            for key, codes in regions["also"].items()
        }
        self.district = ints(arrays["district"])
        self.first_city = len(self.kind) - len(self.district)
        self.details = regions
        self._file_by_people()

    def _file_by_people(self) -> None:
        """File a unit under the country that GeoNames has most of its towns in, and find it under the map's too: of
        Western Sahara the map makes regions of Morocco, whose towns have a country code of their own."""
        towns: dict[int, Counter[int]] = defaultdict(Counter)
        for row in range(self.first_city, len(self.kind)):
            if self.region[row] >= 0:
                towns[self.region[row]][self.country[row]] += 1
        for unit, countries_of in towns.items():
            country, number = countries_of.most_common(1)[0]
            mapped = self.country[unit]
            if country != mapped and number >= LEAST_TOWNS and 2 * number > countries_of.total():
                self.also[unit] = (*self.also.get(unit, ()), mapped)
                self.country[unit] = country

    @cached_property
    def row_of_geonames(self) -> dict[int, int]:
        """GeoNames id -> row, of districts and cities."""
        return {number: row for row, number in enumerate(self.geonames) if number}

    def units(self, row: int) -> frozenset[int]:
        """The units of the map that a row is, is made of, or lies in."""
        if self.kind[row] == GROUP:
            return self.members[row]
        return frozenset((self.region[row],))

    def district_of(self, row: int) -> int:
        """The district (a row) that a city lies in, -1 where none is known."""
        return self.district[row - self.first_city] if row >= self.first_city else -1

    def rows_under(self, country: int) -> list[int]:
        """All rows filed under a country, or found under it too."""
        order, begins = self._by_country
        filed: list[int] = order[begins[country] : begins[country + 1]].tolist()
        return filed + self._found_under_too.get(country, [])

    @cached_property
    def _by_country(self) -> tuple[np.ndarray, list[int]]:
        """All rows in the order of the countries that they are filed under, and where each country begins."""
        of = np.frombuffer(bytes(self.country), np.uint8)
        counts = np.bincount(of, minlength=len(self.codes))
        return np.argsort(of, kind="stable").astype(np.int32), [0, *np.cumsum(counts).tolist()]

    @cached_property
    def _found_under_too(self) -> dict[int, list[int]]:
        """Country -> the rows of the map's units, and of what is made of them, that are found under it too."""
        found: dict[int, list[int]] = defaultdict(list)
        for row, region in enumerate(self.region[: len(self.keys)]):
            if region in self.also:
                for country in {*self.also[region], self.country[region]} - {self.country[row]}:
                    found[country].append(row)
        return dict(found)

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
            city=None if is_region else self.geonames[row],
            latitude=round(self.latitude[row], 4),
            longitude=round(self.longitude[row], 4),
            radius_km=round(self.radius_km[row], 1),
            time_zone=self._zones[self._zone[row]],
            approximate=approximate,
        )


class Names:
    """Folded name -> rows of the gazetteer that bear it, each with its role."""

    def __init__(self) -> None:
        arrays = read_arrays("names")
        self._strings = Strings(arrays["text"], arrays["length"])
        self._starts = _ends(arrays["bucket"])
        self._sorted = ints(arrays["sorted"])
        self._first = _ends(arrays["count"])
        self._places = ints(arrays["place"])
        self._roles = arrays["role"].tobytes()
        self._prefix = arrays["prefix"].tobytes()

    def goes_on(self, start: str) -> bool:
        """Whether some name may go on from these words, or letters where no spaces are; rarely a wrong yes."""
        bit = crc32(start.encode()) & ((1 << PREFIX_BITS) - 1)
        return bool(self._prefix[bit >> 3] >> (bit & 7) & 1)

    def __contains__(self, name: str) -> bool:
        return self.number(name) >= 0

    def __len__(self) -> int:
        return len(self._strings)

    def __getitem__(self, number: int) -> str:
        """A name by its number: they are in order, so one can bisect."""
        return self._strings[number]

    def number(self, name: str) -> int:
        """The number of a folded name, or -1: found by the first bits of its CRC-32, then compared."""
        coded = name.encode()
        bucket = crc32(coded) >> (32 - BUCKET_BITS)
        text, ends = self._strings.text, self._strings.ends
        for i in range(self._starts[bucket], self._starts[bucket + 1]):
            number = self._sorted[i]
            if text[ends[number] : ends[number + 1]] == coded:
                return number
        return -1

    def rows(self, name: str) -> list[tuple[int, int]]:
        """Row and role of every place with this folded name."""
        number = self.number(name)
        if number < 0:
            return []
        start, end = self._first[number], self._first[number + 1]
        return [(self._places[i], self._roles[i]) for i in range(start, end)]


@cache
def countries() -> dict[str, Country]:
    """Countries by alpha-2."""
    rows = read_json("countries")["countries"]
    return {
        row["code"]: Country(**{**row, "zones": tuple(row["zones"]), "scripts": frozenset(row["scripts"])})
        for row in rows
    }


@cache
def country_names() -> dict[str, str]:
    """Folded name of a country in any language -> alpha-2."""
    found = read_json("countries")["names"]
    assert isinstance(found, dict)
    return found


@cache
def parts_named_as_countries() -> dict[str, str]:
    """Folded name of a part that lists give as a country (Gaza) -> alpha-2 of the country it is filed under."""
    found = read_json("countries")["parts"]
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
