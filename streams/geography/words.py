"""The words around names: what kind of place, how much of it, and how lists are written."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from streams.geography.fold import fold

#: Classes of phrases about places as a whole.
PHRASES = frozenset(("whole", "some", "except", "but", "bar", "every"))

_FILE = Path(__file__).with_name("words.tsv")


@cache
def classes() -> dict[str, str]:
    """Folded word or phrase -> its class, as `words.tsv` describes them."""
    found = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            word, kind = line.split("\t")
            found[fold(word)] = kind.rstrip("+")
    del found["word"]
    return found


@cache
def of_class(kind: str) -> frozenset[str]:
    """All folded words of one class."""
    return frozenset(word for word, its in classes().items() if its == kind)


@cache
def plurals() -> frozenset[str]:
    """Folded words for several places of a kind: those after a `+` in their class ("districts", "области")."""
    found = set()
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#") and line.endswith("+"):
            found.add(fold(line.split("\t")[0]))
    return frozenset(found)


@cache
def openings() -> frozenset[str]:
    """Folded words with which phrases about places as a whole begin: "except", "across" of "across the country"."""
    return frozenset(phrase.split(" ")[0] for phrase, kind in classes().items() if kind in PHRASES)
