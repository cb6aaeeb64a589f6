"""The free text of a list's area column: which places, or all of the country, and what can't be told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from streams.geography import phrases, reading, spelling, tables
from streams.geography.cells import judge_cell
from streams.geography.fold import fold
from streams.geography.judging import Judged
from streams.geography.names import name_of_rows
from streams.geography.reading import Candidate, Token
from streams.geography.tables import CITY, DISTRICT, GROUP, INSIDE, UNIT
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
    words_ = reading.tokens(text)
    if number is None or not words_:
        return Area()
    said = phrases.said(text, words_)
    judged = judge_cell(words_, _with_misspelt(words_, text, number), number, text)
    rows = [(one.row, one) for one in judged if one.row is not None]
    kept = [row for row, one in rows if not said.excepts(one.candidate.start)]
    left_out = [row for row, one in rows if said.excepts(one.candidate.start)]
    newer = {row for row, one in rows if one.role & INSIDE}
    unresolved = tuple(
        text[low:high]
        for low, high in _unresolved(words_, judged)
        if _is_unknown(text[low:high], country) and not said.excepts(low)
    )
    own = _part_named_as_country(text, country, number)
    if own is not None:
        kept = [own]
    nationwide = (
        said.scope == "nationwide"
        or (not kept and country_code(text) == country)
        or (not kept and bool(left_out) and not said.unspecified)
    )
    finest = _finest(kept)
    approximate = bool(unresolved) and len(finest) == 1 and _narrows(words_, judged)
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


def _with_misspelt(words_: list[Token], text: str, country: int) -> list[Candidate]:
    """The names found and, of what is left, what is near enough to a name; inside the regions named, if any are."""
    found = reading.candidates(words_, text)
    judged = judge_cell(words_, found, country, text)
    known = tables.gazetteer()
    units = frozenset(
        unit
        for one in judged
        if one.row is not None and known.kind[one.row] in (UNIT, GROUP)
        for unit in known.units(one.row)
    )
    taken = {(one.candidate.first, one.candidate.last) for one in judged}
    more = []
    for first, last in _runs(words_, judged):
        folded = " ".join(token.word.folded for token in words_[first : last + 1])
        near = spelling.nearest(folded, country, units)
        if near:
            name = name_of_rows(near, words_[last].end - words_[first].start)
            more.append(Candidate(first, last, words_[first].start, folded, name))
    if not more:
        return found
    covered = {at for one in more for at in range(one.first, one.last + 1)}
    kept = [
        one for one in found if (one.first, one.last) in taken or covered.isdisjoint(range(one.first, one.last + 1))
    ]
    return sorted((*kept, *more), key=lambda one: one.first)


def _finest(rows: list[int]) -> list[int]:
    """Each row once, without those that only say where finer ones lie."""
    known = tables.gazetteer()
    kept: list[int] = []
    for at, row in enumerate(rows):
        # A district that is named before a place in it is one more of a list.
        finer = rows[:at] if known.kind[row] == DISTRICT else rows
        inside = known.kind[row] != CITY and any(
            known.kind[other] > known.kind[row] and _lies_in(other, row) for other in finer
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


def _runs(words_: list[Token], judged: list[Judged]) -> list[tuple[int, int]]:
    """First and last of runs of capitalised words between list marks that no place found covers."""
    covered = {at for one in judged for at in range(one.candidate.first, one.candidate.last + 1)}
    runs: list[tuple[int, int]] = []
    for at, token in enumerate(words_):
        word = token.word
        if at in covered or word.kind or word.folded.isdigit() or word.small:
            continue
        if runs and runs[-1][1] == at - 1 and not token.parted:
            runs[-1] = (runs[-1][0], at)
        else:
            runs.append((at, at))
    return runs


def _unresolved(words_: list[Token], judged: list[Judged]) -> list[tuple[int, int]]:
    """Where the names that were not found stand in the text."""
    return [(words_[first].start, words_[last].end) for first, last in _runs(words_, judged)]


def _is_unknown(written: str, country: str) -> bool:
    from streams.geography.countries import country_code

    return country_code(written) != country and bool(fold(written))


def _narrows(words_: list[Token], judged: list[Judged]) -> bool:
    """Whether the one place found comes after what was not found: "Lassipora area, Pulwama"."""
    return judged[0].candidate.first > 0 and len(words_) > 1
