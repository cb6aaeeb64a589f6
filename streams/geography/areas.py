"""The free text of a list's area column: which places, or all of the country, and what can't be told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from streams.geography import finding, phrases, reading, scanning, spelling, tables, words
from streams.geography.fold import fold
from streams.geography.tables import DISTRICT, GROUP, INSIDE, UNIT
from topics.place import Place


@dataclass(frozen=True, slots=True)
class Area:
    """What an area column says. `unresolved` are the parts, as written, that name places not found.

    `exceptions` are the places left out ("National except Kurdish areas"), `unspecified` tells of places that
    are not named ("several cities", "12 districts of Rajasthan").
    """

    places: tuple[Place, ...] = ()
    nationwide: bool = False
    unresolved: tuple[str, ...] = ()
    exceptions: tuple[Place, ...] = ()
    unspecified: bool = False


@lru_cache(maxsize=16_384)
def read_area(text: str, country: str) -> Area:
    """Read an area column's text, `country` its alpha-2 code.

    "Rohtak, Sonipat and Jhajjar (Haryana)" gives three districts of Haryana, and Haryana not, as it only
    says where they are. "Nationwide" and the country's own name give `nationwide`. A name spelt wrongly is the
    nearest one, if one alone is near.

    >>> area = read_area("Sopore town, Jammu and Kashmir", "IN")
    >>> [(place.name, place.region) for place in area.places]
    [('Sopur', 'IND-2431')]
    """
    from streams.geography.countries import country_code

    known = tables.gazetteer()
    number = known.number.get(country)
    parts = scanning.tokens(text)
    if number is None or not parts:
        return Area()
    said = phrases.said(text, reading.tokens(text))
    found = _with_misspelt(parts, scanning.mentions(parts, number), number)
    rows = finding.resolve(found)
    kept, left_out = _split(found, rows, said)
    newer = {row for row, mention in zip(rows, found, strict=True) if dict(mention.rows).get(row or 0) == INSIDE}
    unresolved = tuple(
        text[low:high] for low, high in _unresolved(parts, found, rows) if _is_unknown(text[low:high], country)
        and not said.excepts(low)
    )  # fmt: skip
    own = _part_named_as_country(text, country, number)
    if own is not None:
        kept = [own]
    nationwide = (
        said.scope == "nationwide"
        or (not kept and country_code(text) == country)
        or (not kept and bool(left_out) and not said.unspecified)
    )
    finest = _finest(kept)
    approximate = bool(unresolved) and len(finest) == 1 and _narrows(parts, found, rows)
    return Area(
        tuple(known.place(row, approximate=approximate or row in newer) for row in finest),
        nationwide,
        () if approximate else unresolved,
        tuple(known.place(row, approximate=row in newer) for row in _finest(left_out)),
        said.unspecified,
    )


def _part_named_as_country(text: str, country: str, number: int) -> int | None:
    """The unit of a country that a name means which is also said of all of the country: Gaza. A part is never told
    as the country, unless it is what the country itself is called by."""
    from streams.geography.countries import country_code, country_place

    folded = fold(text)
    if country_code(text) != country or folded == fold(country_place(country).name):
        return None
    known = tables.gazetteer()
    rows = {row for row, _ in tables.names().rows(folded) if known.kind[row] == UNIT and known.under(row, number)}
    return rows.pop() if len(rows) == 1 else None


def _split(
    found: list[scanning.Mention], rows: list[int | None], said: phrases.Said
) -> tuple[list[int], list[int]]:
    """The rows named, and those named as left out."""
    kept: list[int] = []
    left_out: list[int] = []
    for mention, row in zip(found, rows, strict=True):
        if row is not None:
            (left_out if said.excepts(mention.start) else kept).append(row)
    return kept, left_out


def _with_misspelt(
    parts: list[scanning.Token], found: list[scanning.Mention], country: int
) -> list[scanning.Mention]:
    """The names found and, of what is left, what is near enough to a name; inside the regions named, if any are."""
    rows = finding.resolve(found)
    known = tables.gazetteer()
    units = frozenset(
        unit for row in rows if row is not None and known.kind[row] in (UNIT, GROUP) for unit in known.units(row)
    )
    more = []
    for first, last in _runs(parts, found, rows):
        name = " ".join(part.folded for part in parts[first : last + 1])
        near = spelling.nearest(name, country, units)
        if near:
            more.append(scanning.Mention(first, last, parts[first].start, parts[last].end, list(near)))
    if not more:
        return found
    everything = sorted((*found, *more), key=lambda mention: mention.first)
    scanning.read_kinds(parts, everything)
    return everything


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
    if known.district_of(inner) >= 0:
        return known.district_of(inner) == outer
    from streams.geography.polygons import GEOD

    lon, lat = known.longitude, known.latitude
    km = float(GEOD.inv(lon[inner], lat[inner], lon[outer], lat[outer])[2]) / 1000
    return km <= float(known.radius_km[outer]) + 15


def _runs(
    parts: list[scanning.Token], found: list[scanning.Mention], rows: list[int | None]
) -> list[tuple[int, int]]:
    """First and last of runs of capitalised words between list marks that no found name covers."""
    covered = {
        i
        for mention, row in zip(found, rows, strict=True)
        if row is not None
        for i in range(mention.first, mention.last + 1)
    }
    known = words.classes()
    runs: list[tuple[int, int]] = []
    for i, part in enumerate(parts):
        small = part.text.islower() and part.text.upper() != part.text
        if i in covered or part.folded in known or part.folded.isdigit() or small:
            continue
        if runs and runs[-1][1] == i - 1 and not any(char in ",;/()" for char in part.before):
            runs[-1] = (runs[-1][0], i)
        else:
            runs.append((i, i))
    return runs


def _unresolved(
    parts: list[scanning.Token], found: list[scanning.Mention], rows: list[int | None]
) -> list[tuple[int, int]]:
    """Where the names that were not found stand in the text."""
    return [(parts[first].start, parts[last].end) for first, last in _runs(parts, found, rows)]


def _is_unknown(written: str, country: str) -> bool:
    from streams.geography.countries import country_code

    return country_code(written) != country and bool(fold(written))


def _narrows(parts: list[scanning.Token], found: list[scanning.Mention], rows: list[int | None]) -> bool:
    """Whether the one place found comes after what was not found: "Lassipora area, Pulwama"."""
    first = next(mention.first for mention, row in zip(found, rows, strict=True) if row is not None)
    return first > 0 and len(parts) > 1
