"""Other names of places checked against a second source, and against the places that share them.

GeoNames and Natural Earth have names on the wrong place: a region's on its neighbour or on its largest city, a
city's in one language on another of a like sound. A name is taken from a place where another place has the better
claim: CLDR gives it to a region, or it reads as the first name of another place and not as this one's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz

from streams.geography.build.names import NameTable
from streams.geography.fold import fold
from streams.geography.names import CITY_REGION_KM
from streams.geography.tables import CITY, DISTRICT, GROUP, INSIDE, LIKE, MAIN, OTHER, SOUND, UNIT
from streams.geography.variants import variants

#: Names read alike from this much on, and don't below that much (consonants in common, 0 to 1).
ALIKE, UNLIKE = 0.75, 0.5
#: Another spelling of a first name in Latin letters reads like it by so much.
SAME = 0.9
#: A city has a name of the region around it for its own where it reads like its first name by so much.
OWN = 0.85
#: A city of so many times the people keeps a name in any case: what it is called abroad reads as it likes.
FAMOUS = 10
_NOT_LATIN = re.compile(r"[^\x00-\u024f\u1e00-\u1eff]")
_SAME = (("ph", "f"), ("kh", "h"), ("gh", "g"), ("sh", "s"), ("ch", "s"), ("zh", "s"), ("ts", "s"), ("dj", "j"),
         ("c", "k"), ("q", "k"), ("g", "k"), ("j", "s"), ("z", "s"), ("b", "p"), ("v", "f"), ("w", "f"), ("d", "t"),
         ("x", "ks"))  # fmt: skip


class Bearer(NamedTuple):
    """A row of the table of places, as much of it as names are checked with."""

    kind: int
    country: str
    #: The units that it is, is made of, or lies in.
    units: frozenset[int]
    name: str
    population: int
    radius_km: float


@lru_cache(maxsize=1_000_000)
def bones(name: str) -> str:
    """The consonants of a name in any script, those that sound alike as one."""
    from anyascii import anyascii

    letters = re.sub("[^a-z]", "", anyascii(name).lower())
    for old, new in _SAME:
        letters = letters.replace(old, new)
    return re.sub(r"(.)\1+", r"\1", re.sub("[aeiouyh]", "", letters))


@lru_cache(maxsize=1_000_000)
def likeness(name: str, first: str) -> float:
    """How far a name reads as a first name, 0 to 1."""
    one, other = bones(name), bones(first)
    return fuzz.ratio(one, other) / 100 if one and other else 0.0


def attested(names: dict[int, list[str]]) -> dict[str, set[int]]:
    """Folded name -> the units that a source gives it to."""
    found: dict[str, set[int]] = {}
    for unit, its in names.items():
        for name in its:
            found.setdefault(fold(name), set()).add(unit)
    return found


def check(table: NameTable, rows: list[Bearer], given: dict[str, set[int]]) -> None:
    """Take names from places that have them wrongly; `given` is what the second source has."""
    for name, roles in table.all():
        homes = given.get(name, set())
        wrong = {*_of_other_regions(roles, rows, homes), *_of_its_region(name, roles, rows, _around(name, given))}
        if len(roles) > 1 and _NOT_LATIN.search(name):
            wrong |= {row for row in _unlike(name, roles, rows) if row not in homes}
        for row in sorted(wrong):
            table.remove(name, row)
        for row, role in roles.items():
            spelling = role == OTHER and row not in wrong and not _NOT_LATIN.search(name)
            if spelling and likeness(name, rows[row].name) >= SAME:
                table.add(name, row, LIKE)


def _around(name: str, given: dict[str, set[int]]) -> set[int]:
    """The regions that a name means in the second source, also by a form of it: "Житомирщина"."""
    return given.get(name, set()).union(*(given.get(form, set()) for form in variants(name) if " " in form))


def _of_other_regions(roles: dict[int, int], rows: list[Bearer], homes: set[int]) -> Iterable[int]:
    """Regions of a country that have a name which the second source gives to another region of it."""
    countries = {rows[home].country for home in homes}
    for row, role in roles.items():
        one = rows[row]
        if (
            one.kind in (UNIT, GROUP)
            and row not in homes
            and one.country in countries
            and not role & (MAIN | INSIDE)
        ):
            yield row


def _of_its_region(name: str, roles: dict[int, int], rows: list[Bearer], homes: set[int]) -> Iterable[int]:
    """Towns that have the name of the region around them, and don't read so: Kazan is not "Татарстан"."""
    units = {unit for home in homes if rows[home].radius_km >= CITY_REGION_KM for unit in rows[home].units}
    for row, role in roles.items():
        one = rows[row]
        if (
            one.kind in (CITY, DISTRICT)
            and not role & MAIN
            and one.units & units
            and likeness(name, one.name) < OWN
        ):
            yield row


def _unlike(name: str, roles: dict[int, int], rows: list[Bearer]) -> Iterable[int]:
    """Places that don't read as a name that is another's first one."""
    like = {row: likeness(name, rows[row].name) for row, role in roles.items() if not role & (INSIDE | SOUND)}
    best = max(like, key=lambda row: like[row], default=None)
    if best is None or like[best] < ALIKE:
        return
    for row, how in like.items():
        one = rows[row]
        famous = one.kind == CITY and rows[best].kind != UNIT and one.population > FAMOUS * rows[best].population
        if how < UNLIKE and not famous and one.kind != GROUP and not roles[row] & MAIN:
            yield row
