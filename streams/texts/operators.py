"""Which countries an operator that a text names works in: `words/operators.tsv`."""

from __future__ import annotations

from functools import cache

from streams.geography.fold import fold
from streams.texts.lexicon import DOUBTFUL, WORDS, lines


@cache
def _countries() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for column, names in lines(WORDS / "operators.tsv"):
        countries = frozenset(column.split(" ")[1:])
        for name in names:
            folded = fold(name.removeprefix(DOUBTFUL))
            found[folded] = found.get(folded, frozenset()) | countries
    return found


def countries_of(name: str) -> frozenset[str]:
    """Return the countries (alpha-2) where an operator of this name works; none where the name is unknown.

    >>> sorted(countries_of("Safaricom"))
    ['ET', 'KE']
    """
    return _countries().get(fold(name), frozenset())
