"""Names spelt wrongly, or in another way of writing a language in Latin letters: the one name that is nearest."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from streams.geography import tables
from streams.geography.fold import fold
from streams.geography.sounds import sound_key
from streams.geography.tables import CITY

#: Shorter names have too many neighbours; from `LONG` letters on, two letters may be wrong.
LEAST, LONG = 5, 6
#: Of cities, only such are sought.
PEOPLE = 15_000


_VOWELS = re.compile("[aeiouyhw ]")


@lru_cache(maxsize=256)
def _names(country: int) -> tuple[str, ...]:
    """Folded Latin names of a country's regions, districts and larger cities."""
    known = tables.gazetteer()
    found = {
        fold(known.names[row])
        for row in known.rows_under(country)
        if known.kind[row] != CITY or known.population[row] >= PEOPLE
    }
    return tuple(sorted(name for name in found if len(name) >= LEAST and name.isascii()))


@lru_cache(maxsize=16_384)
def nearest(folded: str, country: int, units: frozenset[int] = frozenset()) -> tuple[tuple[int, int], ...]:
    """Rows and roles of the name nearest to a folded one; none where no name is near or several are as near.

    One letter may be wrong (left out, put in, another one, two swapped), in longer names two, but neither the
    first nor what is left without vowels: Budgam is Badgam, Shaktipur is not Shantipur. With `units`, only what
    lies there.

    >>> from streams.geography.tables import gazetteer
    >>> [gazetteer().names[row] for row, _ in nearest("budgam", gazetteer().number["IN"])][:1]
    ['Badgam']
    """
    if len(folded) < LEAST or not folded.isascii():
        return ()
    allowed = 2 if len(folded) >= LONG else 1
    near = process.extract(
        folded, _names(country), scorer=DamerauLevenshtein.distance, score_cutoff=allowed, limit=50
    )
    best: tuple[tuple[int, int], ...] = ()
    least = allowed + 1.0
    for name, distance, _ in sorted(near, key=lambda one: one[1]):
        rows = _rows(name, country, units)
        if name[0] != folded[0] or _bones(name) != _bones(folded) or not rows:
            continue
        if best and distance <= least:
            return ()
        if best:
            break
        best, least = rows, distance
    return best


def _bones(name: str) -> str:
    """What is left of a name without vowels and breaths, each consonant once where it is doubled."""
    return re.sub(r"(.)\1+", r"\1", _VOWELS.sub("", sound_key(name) or name))


def _rows(name: str, country: int, units: frozenset[int]) -> tuple[tuple[int, int], ...]:
    known = tables.gazetteer()
    return tuple(
        (row, role)
        for row, role in tables.names().rows(name)
        if known.under(row, country) and (not units or known.units(row) & units)
    )
