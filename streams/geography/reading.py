"""Names in running text: which words may name places or countries, in any script."""

from __future__ import annotations

import itertools
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from streams.geography import tables, words
from streams.geography.fold import fold
from streams.geography.scanning import Token, breaks, tokens
from streams.geography.variants import script, variants

#: No name is sought across more words, or more letters of a script that writes no spaces, than this.
WORDS, LETTERS = 6, 20
_UNSPACED = ("han", "burmese")
_MOST_FORMS = 24


@dataclass(slots=True)
class Candidate:
    """A stretch of text that is the name of places (`rows`) or of a country (`country`), and its evidence."""

    first: int
    last: int
    start: int
    end: int
    rows: tuple[tuple[int, int], ...] = ()
    country: str | None = None
    #: The name as it was found in the table differs from what is written by an ending.
    bent: bool = False
    evidence: dict[str, float] = field(default_factory=dict)


@cache
def common() -> frozenset[str]:
    """Folded names that are everyday words too."""
    text = Path(__file__).with_name("common.txt").read_text(encoding="utf-8")
    return frozenset(text.split("\n")) | frozenset(words.classes())


@lru_cache(maxsize=262_144)
def lead(word: str) -> int:
    """The most words of any name that begins with this word: 0 when none does."""
    known = tables.names()
    at = bisect_left(known, word + " ")
    most = 1 if word in known or word in tables.country_names() else 0
    for number in range(at, min(at + 400, len(known))):
        name = known[number]
        if not name.startswith(word + " "):
            break
        most = max(most, name.count(" ") + 1)
    return max(most, _country_leads().get(word, 0))


@cache
def _country_leads() -> dict[str, int]:
    found: dict[str, int] = {}
    for name in tables.country_names():
        first, *rest = name.split(" ")
        found[first] = max(found.get(first, 0), len(rest) + 1)
    return found


@lru_cache(maxsize=262_144)
def rows_of(name: str) -> tuple[tuple[int, int], ...]:
    """Rows and roles of a folded name."""
    return tuple(tables.names().rows(name))


@lru_cache(maxsize=262_144)
def forms(folded: str, written: str) -> tuple[str, ...]:
    """A word and what it may be without endings; words of cased scripts written small have no others."""
    cased = written[:1].lower() != written[:1].upper()
    found = [folded]
    for mark in ("'", "’", "ʼ"):
        before = written.partition(mark)[0]
        if before != written and len(before) > 2:
            found.append(fold(before))
    if not (cased and written.islower()):
        found += variants(folded)
    return tuple(dict.fromkeys(found))


def candidates(text: str) -> tuple[list[Token], list[Candidate]]:
    """The words of a text, and the longest names in it from left to right."""
    words_ = tokens(text)
    found: list[Candidate] = []
    at = 0
    while at < len(words_):
        token = words_[at]
        if script(token.folded) in _UNSPACED:
            found += _in_run(token, at)
            at += 1
            continue
        candidate = _at(words_, at)
        if candidate is not None:
            found.append(candidate)
            at = candidate.last
        at += 1
    return words_, found


def _at(words_: list[Token], at: int) -> Candidate | None:
    token = words_[at]
    heads = [(form, lead(form)) for form in forms(token.folded, token.text)]
    longest = min(max(n for _, n in heads), WORDS, len(words_) - at)
    for size in range(2, longest + 1):
        if breaks(words_[at + size - 1].before):
            longest = size - 1
            break
    for size in range(longest, 0, -1):
        parts = words_[at : at + size]
        starts = [form for form, n in heads if n >= size]
        rest = [forms(part.folded, part.text)[:6] for part in parts[1:]]
        for several in itertools.islice(itertools.product(starts, *rest), _MOST_FORMS):
            candidate = _known(" ".join(several), parts, at)
            if candidate is not None:
                candidate.bent = several != tuple(part.folded for part in parts)
                return candidate
    return None


def _known(name: str, parts: list[Token], at: int) -> Candidate | None:
    rows = rows_of(name)
    country = tables.country_names().get(name)
    if not rows and country is None:
        return None
    return Candidate(at, at + len(parts) - 1, parts[0].start, parts[-1].end, rows, country)


def _in_run(token: Token, at: int) -> Iterator[Candidate]:
    """Names in a run of letters without spaces: the longest at each place, not within a syllable."""
    text = token.folded
    if len(text) != len(token.text):
        text = token.text
    here = 0
    while here < len(text) - 1:
        for end in range(min(len(text), here + LETTERS), here + 1, -1):
            name = text[here:end]
            if end < len(text) and unicodedata.category(text[end]) in ("Mn", "Mc"):
                continue
            if not _prefix(name[:2]):
                break
            rows, country = rows_of(name), tables.country_names().get(name)
            if rows or country:
                yield Candidate(at, at, token.start + here, token.start + end, rows, country)
                here = end - 1
                break
        here += 1
        while here < len(text) and unicodedata.category(text[here]) in ("Mn", "Mc"):
            here += 1


@lru_cache(maxsize=65_536)
def _prefix(letters: str) -> bool:
    known = tables.names()
    at = bisect_left(known, letters)
    return (at < len(known) and known[at].startswith(letters)) or any(
        name.startswith(letters) for name in tables.country_names()
    )
