"""Regions by the codes that other systems have for them, and on which day a code meant what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Literal

from streams.geography import tables
from topics.place import Place

System = Literal["iso", "hasc", "fips", "geonames", "adm1"]


def region_by_code(code: str, system: System = "iso", on: date | None = None) -> Place | None:
    """The region that a code means; None for a code that nothing, or more than one region, has.

    `system`: `iso` is ISO 3166-2 (KZ-75), `hasc` (KZ.AC), `fips` is FIPS 10-4 (KZ02) as GDELT writes it,
    `geonames` the id, `adm1` Natural Earth's own (KAZ-4829). ISO's codes were changed and used again: `on` is the
    day on which the code is read; without it, its last meaning counts. A region newer than the map is the one that
    contained it, marked approximate.

    >>> region_by_code("KZ-ALA", on=date(2021, 2, 28)).name, region_by_code("KZ-75").name
    ('Almaty City', 'Almaty City')
    >>> region_by_code("KZ-10").name, region_by_code("KZ-10").approximate      # Abai, of 2022
    ('East Kazakhstan', True)
    """
    known = tables.gazetteer()
    if system == "adm1":
        row = known.row_of_key.get(code)
        return None if row is None else known.place(row)
    if system == "iso":
        return _by_iso(code.upper(), on)
    rows = _rows(system).get(code.upper(), ())
    return known.place(rows[0]) if len(rows) == 1 else None


def _by_iso(code: str, on: date | None) -> Place | None:
    known = tables.gazetteer()
    meanings = _iso().get(code, [])
    for key, part, until in sorted(meanings, key=lambda one: one[2] or "9999"):
        # Until the day of its change a code means what it meant; a code with no such day still does.
        if not until or (on is None and len(meanings) == 1) or (on is not None and on.isoformat() < until):
            return known.place(known.row_of_key[key], approximate=part)
    return None


@cache
def _iso() -> dict[str, list[tuple[str, bool, str]]]:
    found: dict[str, list[tuple[str, bool, str]]] = {}
    for code, key, part, until in tables.gazetteer().details["codes"]:
        found.setdefault(code, []).append((key, part, until))
    return found


@cache
def _rows(system: str) -> dict[str, tuple[int, ...]]:
    values: Iterable[object] = tables.gazetteer().details[system]
    found: dict[str, tuple[int, ...]] = {}
    for row, value in enumerate(values):
        # FIPS codes of merged regions stand beside each other: "KZ02|KZ03".
        for code in str(value or "").upper().split("|"):
            if code and code != "0":
                found[code] = (*found.get(code, ()), row)
    return found


def codes_of(place: Place) -> dict[str, str]:
    """The codes of a region in the systems that have one for it, by the system's name; today's for ISO 3166-2."""
    known = tables.gazetteer()
    row = known.row_of_key.get(place.region or "")
    if row is None:
        return {}
    found = {"adm1": known.keys[row]}
    iso = [
        code
        for code, key, part, until in known.details["codes"]
        if key == known.keys[row] and not part and not until
    ]
    if iso:
        found["iso"] = iso[0]
    for system in ("hasc", "fips", "geonames"):
        values = known.details[system]
        if row < len(values) and values[row]:
            found[system] = str(values[row])
    return found
