"""Which countries a text is likelier about, by letters that only some languages have."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from streams.geography import tables

_FILE = Path(__file__).with_name("writings.tsv")


@cache
def _rows() -> tuple[tuple[frozenset[str], frozenset[int]], ...]:
    number = tables.gazetteer().number
    rows = []
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", "letters")):
            letters, countries = line.split("\t")
            rows.append((frozenset(letters), frozenset(number[code] for code in countries.split(" "))))
    return tuple(rows)


@cache
def _telling() -> re.Pattern[str]:
    return re.compile("[" + "".join(sorted(frozenset().union(*(letters for letters, _ in _rows())))) + "]")


def written_in(text: str) -> frozenset[int]:
    """The countries (by number) whose languages have all the telling letters of a text; none where it has none.

    >>> from streams.geography.tables import gazetteer
    >>> [gazetteer().codes[number] for number in written_in("Інтернет у Дубні вимкнули, є новини")]
    ['UA']
    """
    told = frozenset(_telling().findall(text.lower()))
    if not told:
        return frozenset()
    return frozenset(country for letters, countries in _rows() if told <= letters for country in countries)
