"""The free text of a list's area column: which places, or all of the country, and what can't be told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from streams.geography import finding, scanning, tables, words
from streams.geography.fold import fold
from streams.geography.tables import DISTRICT, GROUP, INSIDE, UNIT
from topics.place import Place


@dataclass(frozen=True, slots=True)
class Area:
    """What an area column says. `unresolved` are the parts, as written, that name places not found."""

    places: tuple[Place, ...] = ()
    nationwide: bool = False
    unresolved: tuple[str, ...] = ()


@lru_cache(maxsize=16_384)
def read_area(text: str, country: str) -> Area:
    """Read an area column's text, `country` its alpha-2 code.

    "Rohtak, Sonipat and Jhajjar (Haryana)" gives three districts of Haryana, and Haryana not, as it only
    says where they are. "Nationwide" and the country's own name give `nationwide`.
    """
    from streams.geography.countries import country_code

    known = tables.gazetteer()
    number = known.number.get(country)
    parts = scanning.tokens(text)
    if number is None or not parts:
        return Area()
    found = scanning.mentions(parts, number)
    rows = finding.resolve(found)
    named = [row for row in rows if row is not None]
    newer = {row for row, mention in zip(rows, found, strict=True) if dict(mention.rows).get(row or 0) == INSIDE}
    unresolved = _unresolved(text, parts, found, rows, country)
    nationwide = _says_whole(parts) or (not named and country_code(text) == country)
    kept = _finest(named)
    approximate = bool(unresolved) and len(kept) == 1 and _narrows(parts, found, rows)
    places = tuple(known.place(row, approximate=approximate or row in newer) for row in kept)
    return Area(places, nationwide, () if approximate else unresolved)


def _finest(rows: list[int]) -> list[int]:
    """Each row once, without those that only say where finer ones lie."""
    known = tables.gazetteer()
    kept: list[int] = []
    for row in rows:
        inside = any(
            other != row
            and known.kind[other] > known.kind[row]
            and known.kind[row] in (UNIT, GROUP, DISTRICT)
            and _lies_in(other, row)
            for other in rows
        )
        if not inside and row not in kept:
            kept.append(row)
    return kept


def _lies_in(inner: int, outer: int) -> bool:
    known = tables.gazetteer()
    if known.kind[outer] in (UNIT, GROUP):
        return known.units(inner) <= known.units(outer)
    from streams.geography.polygons import GEOD

    lon, lat = known.longitude, known.latitude
    km = float(GEOD.inv(lon[inner], lat[inner], lon[outer], lat[outer])[2]) / 1000
    return km <= float(known.radius_km[outer]) + 15


def _says_whole(parts: list[scanning.Token]) -> bool:
    text = f" {' '.join(part.folded for part in parts)} "
    return any(f" {phrase} " in text for phrase in words.of_class("whole"))


def _unresolved(
    text: str,
    parts: list[scanning.Token],
    found: list[scanning.Mention],
    rows: list[int | None],
    country: str,
) -> tuple[str, ...]:
    """Runs of capitalised words between list marks that no found name covers."""
    from streams.geography.countries import country_code

    covered = {
        i
        for mention, row in zip(found, rows, strict=True)
        if row is not None
        for i in range(mention.first, mention.last + 1)
    }
    known = words.classes()
    runs: list[list[int]] = []
    for i, part in enumerate(parts):
        small = part.text.islower() and part.text.upper() != part.text
        if i in covered or part.folded in known or part.folded.isdigit() or small:
            continue
        if runs and runs[-1][-1] == i - 1 and not any(char in ",;/()" for char in part.before):
            runs[-1].append(i)
        else:
            runs.append([i])
    written = [text[parts[run[0]].start : parts[run[-1]].end] for run in runs]
    return tuple(run for run in written if country_code(run) != country and fold(run))


def _narrows(parts: list[scanning.Token], found: list[scanning.Mention], rows: list[int | None]) -> bool:
    """Whether the one place found comes after what was not found: "Lassipora area, Pulwama"."""
    first = next(mention.first for mention, row in zip(found, rows, strict=True) if row is not None)
    return first > 0 and len(parts) > 1
