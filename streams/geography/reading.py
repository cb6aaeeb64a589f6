"""Names in running text: which words may name places or countries, in any script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from streams.geography import tables
from streams.geography.fold import fold
from streams.geography.names import Form, Name, Word, inner_forms, name_of, word
from streams.geography.variants import UNSPACED, script

#: No name is sought across more words, or more letters of a script that writes no spaces, than this.
WORDS, LETTERS = 6, 24
_WORD = re.compile(r"[^\W_][\w\u0900-\u109f\u1200-\u139f\u1780-\u17ff\u200c'’ʼ`]*")
_BREAK = re.compile(r"[,;:/()\[\]|\n،؛。，、；：（）！？።፣؟!?«»\"“”]|\. |\.$|।|၊|။")
_MOST_WAYS = 24
_STOPPED = "်္"


class Token(NamedTuple):
    """A word where it stands."""

    word: Word
    text: str
    start: int
    #: Whether punctuation parts it from the word before; whether a sentence begins with it.
    parted: bool
    first: bool


@dataclass(slots=True)
class Candidate:
    """A stretch of text, from token `first` to `last`, that may name a place or a country."""

    first: int
    last: int
    #: Where the first word of the name begins in the text.
    start: int
    folded: str
    name: Name


def tokens(text: str) -> list[Token]:
    """The words of a text in order."""
    found: list[Token] = []
    end = 0
    for match in _WORD.finditer(text):
        written = match.group()
        known = word(written)
        if known is None:
            continue
        start = match.start()
        between = text[end:start]
        parted = between not in ("", " ", "-") and _BREAK.search(between) is not None
        first = not found or (parted and any(char in between for char in ".!?;)\n。！？؟；؛।።။"))
        found.append(Token(known, written, start, parted, first))
        end = match.end()
    return found


def candidates(words_: list[Token]) -> list[Candidate]:
    """The longest names in a text from left to right."""
    found: list[Candidate] = []
    covered = -1
    for at, token in enumerate(words_):
        known = token.word
        if script(known.folded) in UNSPACED:
            found += _in_run(token, at)
            continue
        if at <= covered:
            continue
        longer = _longer(words_, at) if known.onward else None
        if longer is None and known.name is not None:
            longer = Candidate(at, at, token.start, known.folded, known.name)
        if longer is not None:
            found.append(longer)
            covered = longer.last
    return found


def _longer(words_: list[Token], at: int) -> Candidate | None:
    """The name of most words that begins here, of two or more."""
    token = words_[at]
    ways = list(token.word.onward)
    best = None
    for last in range(at + 1, min(at + WORDS, len(words_))):
        nxt = words_[last]
        if nxt.parted or not ways:
            break
        offset = nxt.start - token.start
        joined = [
            Form(f"{way.name} {form.name}", max(way.cost, form.cost), way.start, offset + form.end)
            for way in ways
            for form in inner_forms(nxt.text, nxt.word)
        ]
        known = _joined(tuple(joined[: 4 * _MOST_WAYS]))
        if known is not None:
            name, ways = known
            if name is not None and not (token.word.small and nxt.word.small and best is None and _weak(name)):
                best = Candidate(at, last, token.start, joined[0].name, name)
    return best


def _weak(name: Name) -> bool:
    return name.country is None and (not name.meanings or name.meanings[0].score < 1.0)


@lru_cache(maxsize=65_536)
def _joined(forms: tuple[Form, ...]) -> tuple[Name | None, list[Form]] | None:
    known = tables.names()
    ways = [form for form in forms if known.goes_on(form.name)][:_MOST_WAYS]
    name = name_of(forms)
    return (name, ways) if name is not None or ways else (None, [])


def _in_run(token: Token, at: int) -> Iterator[Candidate]:
    """Names in a run of letters without spaces: the longest at each place, not within a syllable."""
    text, where = _letters(token.text)
    here = 0
    while here < len(text) - 1:
        end = _longest(text, here) if _begins(text, here) else 0
        if end:
            length = where[end] - where[here]
            name = _run_name(text[here:end], length)
            if name is not None:
                yield Candidate(at, at, token.start + where[here], text[here:end], name)
        here = max(end, here + 1)


def _letters(text: str) -> tuple[str, list[int]]:
    """A run folded letter by letter, and where each of its letters, and its end, stand in the text."""
    folded = fold(text)
    if len(folded) == len(text):
        return folded, list(range(len(text) + 1))
    letters, where = [], []
    for i, char in enumerate(text):
        for letter in fold(char) or "":
            letters.append(letter)
            where.append(i)
    return "".join(letters), [*where, len(text)]


def _longest(text: str, here: int) -> int:
    known, nations = tables.names(), tables.country_names()
    best = 0
    for end in range(here + 1, min(len(text), here + LETTERS) + 1):
        part = text[here:end]
        if end - here > 1 and _ends(text, end) and (part in known or part in nations):
            best = end
        if not known.goes_on(part):
            break
    return best


@lru_cache(maxsize=65_536)
def _run_name(name: str, length: int) -> Name | None:
    return name_of((Form(name, 0.0, 0, length),))


def _begins(text: str, here: int) -> bool:
    """Whether a syllable begins here: not with a sign, nor with a letter that closes the one before."""
    if unicodedata.category(text[here]) in ("Mn", "Mc"):
        return False
    after = text[here + 1 : here + 3]
    return not (after[:1] in _STOPPED and after) and text[here - 1 : here] != "္"


def _ends(text: str, end: int) -> bool:
    return end == len(text) or _begins(text, end)
