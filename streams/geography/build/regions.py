"""Regions: Natural Earth's units, what else they are called, and the wider and newer regions around them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from streams.geography.build.sources import City, Division, Unit, table
from streams.geography.fold import fold

#: A division is the same as a unit when this share of each one's cities lies in the other.
SAME_SHARE = 0.6
#: A division is a roll-up of the units of which this share of the cities, and of their people, lies in it.
MEMBER_SHARE = 0.75


@dataclass(slots=True)
class Group:
    """A wider region: several units that people know under one name."""

    code: str
    country: str
    name: str
    members: tuple[int, ...]
    iso: str = ""
    names: dict[str, bool] = field(default_factory=dict)


def add_name(names: dict[str, bool], text: Any, *, main: bool = False) -> None:
    """Keep a name; `main` ones are what the thing is called first of all."""
    if isinstance(text, str) and text.strip() and text.strip() != "?":
        names[text.strip()] = names.get(text.strip(), False) or main


def settle_countries(units: list[Unit], countries: dict[str, dict[str, Any]]) -> None:
    """Set `country` and `also` of every unit: the map's, or an overseas part's own, or the disputed table's."""
    disputed = {row["code"]: row for row in table("disputed")}
    unknown = disputed.keys() - {unit.code for unit in units}
    if unknown:
        raise SystemExit(f"the table of disputed areas names units that the map has not: {sorted(unknown)}")
    for unit in units:
        iso = unit.properties["iso_3166_2"].split("-")
        if unit.code in disputed:
            unit.country = disputed[unit.code]["country"]
            unit.also = tuple(disputed[unit.code]["also"].split())
        elif len(iso) == 2 and iso[1] in countries and _is_overseas(unit, countries[iso[1]]):
            unit.country, unit.also = iso[1], (unit.properties["iso_a2"],)
        else:
            unit.country = unit.properties["iso_a2"]


def _is_overseas(unit: Unit, country: dict[str, Any]) -> bool:
    words = {fold(str(unit.properties.get(key) or "")) for key in ("geonunit", "name_en", "name")}
    return bool(words & {fold(country["name"])})


def name_units(units: list[Unit]) -> None:
    """Gather the names that the map itself has."""
    for unit in units:
        row = unit.properties
        main = row.get("name") or row.get("name_en") or row.get("gn_name")
        add_name(unit.names, main, main=True)
        for key, value in row.items():
            if key.startswith("name_") and key not in ("name_len", "name_alt"):
                add_name(unit.names, value)
        for key in ("gn_name", "gns_name", "woe_name", "name_local"):
            add_name(unit.names, row.get(key))
        for part in str(row.get("name_alt") or "").split("|"):
            add_name(unit.names, part)


@dataclass(slots=True)
class Crosswalk:
    """Where each first-level division went, by the division's number."""

    same: dict[int, int] = field(default_factory=dict)
    newer: dict[int, int] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)
    group_of: dict[int, int] = field(default_factory=dict)


def cross(units: list[Unit], divisions: dict[int, Division], cities: list[City], unit_of: np.ndarray) -> Crosswalk:
    """Match divisions to units by the cities they share, then by name and code.

    `unit_of` holds, for each city, the index of the unit whose polygon it lies in (-1: none).
    """
    shared: dict[int, Counter[int]] = defaultdict(Counter)
    sizes: Counter[int] = Counter()
    # Counted by people too: the city of Minsk is none of the region around it, though some of its suburbs are.
    people: dict[int, Counter[int]] = defaultdict(Counter)
    inhabitants: Counter[int] = Counter()
    for city, unit in zip(cities, unit_of.tolist(), strict=True):
        top = next((n for n in city.divisions if divisions[n].level == 1), None)
        if top is not None and unit >= 0:
            shared[top][unit] += 1
            sizes[unit] += 1
            people[top][unit] += city.population + 1
            inhabitants[unit] += city.population + 1
    found = Crosswalk()
    by_code = {unit.properties.get("gn_a1_code"): i for i, unit in enumerate(units)}
    for number, division in divisions.items():
        if division.level == 1:
            wider = {
                unit
                for unit, n in people[number].items()
                if n >= MEMBER_SHARE * inhabitants[unit]
                and division.country in (units[unit].country, *units[unit].also)
            }
            _place_division(found, division, shared[number], sizes, units, by_code.get(division.code), wider)
    for number, unit_index in found.same.items():
        for name in (divisions[number].name, *divisions[number].names):
            add_name(units[unit_index].names, name)
    return found


def _place_division(
    found: Crosswalk,
    division: Division,
    shared: Counter[int],
    sizes: Counter[int],
    units: list[Unit],
    coded: int | None,
    wider: set[int],
) -> None:
    total = sum(shared.values())
    members = [unit for unit, n in shared.items() if unit in wider and n >= MEMBER_SHARE * sizes[unit]]
    names = {fold(name) for name in (division.name, *division.names)}
    alike = [u for u in shared if names & {fold(name) for name in units[u].names}]
    best = max(shared, key=lambda unit: (shared[unit], -unit), default=coded)
    if best is None:
        return
    if len(members) >= 2 and not (alike and shared[best] >= 0.9 * total):
        found.group_of[division.number] = len(found.groups)
        names_kept = dict.fromkeys((division.name, *division.names), False) | {division.name: True}
        found.groups.append(
            Group(
                f"{units[best].properties['adm0_a3']}+{division.iso or division.code}",
                division.country,
                division.name,
                tuple(sorted(members)),
                division.iso,
                names_kept,
            )
        )
    elif not shared or best in alike or coded == best or shared[best] >= SAME_SHARE * sizes[best]:
        found.same[division.number] = alike[0] if len(alike) == 1 and coded is None else best
    elif shared[best] >= SAME_SHARE * total and division.iso:
        found.newer[division.number] = best


def add_groups(found: Crosswalk, units: list[Unit]) -> None:
    """Add the wider regions that no system of codes has, from this package's own table."""
    row_of = {unit.code: i for i, unit in enumerate(units)}
    for line in table("wider_regions"):
        members = tuple(sorted(row_of[code] for code in line["members"].split()))
        name, *others = line["names"].split("|")
        names = dict.fromkeys(others, False) | {name: True}
        found.groups.append(Group(line["code"], units[members[0]].country, name, members, "", names))
