"""Places that a text tells to lie in others: "Paris, Texas", "Athens (Georgia)", "Rampur, Kathua, Punjab"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from streams.geography import tables
from streams.geography.evidence import KINDS
from streams.geography.reading import Candidate, Token
from streams.geography.tables import DISTRICT, GROUP, UNIT

#: What stands between a place and the wider one that it lies in.
WITHIN = re.compile(r"^\s*[,(\[،、，（]\s*$")
_MARK = re.compile(r"[,(\[،、，（]")


class Wider(NamedTuple):
    """A wider place that a name is told to lie in: "Paris, Texas". Units of the map, countries, or a district."""

    units: frozenset[int] = frozenset()
    countries: frozenset[int] = frozenset()
    districts: frozenset[int] = frozenset()

    def holds(self, row: int) -> bool:
        """Whether a row lies in it."""
        known = tables.gazetteer()
        return (
            known.region[row] in self.units
            or any(known.under(row, country) for country in self.countries)
            or known.district_of(row) in self.districts
        )


def inside(words_: list[Token], found: list[Candidate], text: str, only: int | None) -> dict[int, Wider]:
    """Candidates told to lie in what is named behind them, as "Paris, Texas" or "Athens (Georgia)" do."""
    told: dict[int, Wider] = {}
    if not _MARK.search(text):
        return told
    wider: Wider | None = None
    for i in range(len(found) - 2, -1, -1):
        between = text[words_[found[i].last].end : words_[found[i + 1].first].start]
        apart = found[i].last >= found[i + 1].first or not _MARK.search(between)
        if apart or not WITHIN.match(_bare(between, words_, found, i)):
            wider = None
            continue
        own = _wider(found[i + 1], only)
        wider = own if wider is None else _joined(own, wider)
        if any(wider.holds(row) for row in _rows(found[i])) and not _is_list(words_, found, i, wider):
            told[i] = wider
    return told


def _bare(between: str, words_: list[Token], found: list[Candidate], i: int) -> str:
    """What stands between two names but the words for the kind of place: "Haspura Block, Aurangabad"."""
    for at in range(found[i].last + 1, found[i + 1].first):
        if words_[at].word.kind in KINDS or words_[at].word.kind in ("part", "thing"):
            between = between.replace(words_[at].text, "", 1)
    return between.replace("  ", " ")


def _rows(candidate: Candidate) -> Iterator[int]:
    name = candidate.name
    seen = (*name.meanings, *(one for its in name.by_unit.values() for one in its))
    yield from dict.fromkeys(one.row for one in (*seen, *(o for its in name.by_country.values() for o in its)))


def _wider(candidate: Candidate, only: int | None) -> Wider:
    """What a name means as one that others lie in."""
    known = tables.gazetteer()
    units: set[int] = set()
    districts: set[int] = set()
    for row in _rows(candidate):
        if only is not None and not known.under(row, only):
            continue
        if known.kind[row] in (UNIT, GROUP):
            units |= known.units(row)
        elif known.kind[row] == DISTRICT:
            districts.add(row)
    number = known.number.get(candidate.name.country or "")
    return Wider(
        frozenset(units), frozenset(() if number is None or only is not None else (number,)), frozenset(districts)
    )


def _joined(one: Wider, other: Wider) -> Wider:
    """Wider places of two names of a chain: "Rampur, Kathua, Jammu and Kashmir"."""
    return Wider(one.units | other.units, one.countries | other.countries, one.districts | other.districts)


def _is_list(words_: list[Token], found: list[Candidate], i: int, wider: Wider) -> bool:
    """Whether a name is as wide as what follows: "Texas, Florida" is a list; so is "Niger, Nigeria and Chad"."""
    known, name = tables.gazetteer(), found[i].name
    if name.country is not None:
        following = found[i + 2 : i + 3]
        between = words_[found[i + 1].last + 1 : following[0].first] if following else []
        listed = all(token.word.kind == "link" for token in between)
        return bool(following) and following[0].name.country is not None and listed
    top = name.meanings[:1]
    if not top or known.kind[top[0].row] not in (UNIT, GROUP) or wider.holds(top[0].row):
        return False
    within = Wider(countries=wider.countries)
    return not any(known.kind[row] in (UNIT, GROUP) and within.holds(row) for row in _rows(found[i]))
