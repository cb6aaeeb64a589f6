"""Texts cut into sentences and words, in any script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import msgspec

from streams.geography.fold import fold

#: Letters and the signs that belong to them: Indic and Burmese vowel signs, Ethiopic, joiners, apostrophes.
_SIGNS = "\u0900-\u0963\u0970-\u1049\u104c-\u109f\u1200-\u1360\u1369-\u139f\u200c'’ʼ`"
#: Generations of mobile networks, as languages write them: 4G, 4जी.
_GENERATION = r"[2-6](?:[gG]\b|\s?(?:जी|জি|جی|ጂ|ဂျီ)(?!\w))"
_TOKEN = re.compile(
    rf"{_GENERATION}|"
    r"[aApP]\.\s?[mM]\b\.?|(?:\b[cdjlmnstCDJLMNST]|\b[Qq]u)(?=['’]\w)|\d+"
    rf"|[^\W\d_](?:[^\W\d_]|[{_SIGNS}\d])*"
)
_ELISION = re.compile(r"(?:[cdjlmnst]|qu)['’](?=\w)", re.IGNORECASE)
#: Addresses and accounts say nothing of places and times.
_APART = re.compile(
    r"(?:https?://|www\.|t\.me/)\S+|(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.]+|(?<![\w/])@[A-Za-z0-9_]{2,}"
)
_END = r"[!?؟;؛。！？।॥။…\n\u1362\u1368]|(?<![aApP]\.[mM])\.(?=[\s'\"»”)])"
_ENDS = re.compile(rf"(?:{_END})(?:[\s'\"»”)]*(?:{_END}))*")

_ONE_END = re.compile(_END)

#: Words, roughly, and ends of sentences, each found in one step: for the search for marked words.
_ROUGH = re.compile(rf"\w[\w{_SIGNS}]*|{_END}")
#: Words that a sentence may have: what goes on without an end is none, and reading it would take for ever.
LONGEST = 120

_PARTS = re.compile(r"[,،၊、:()«»\u1363\u1365\u1366]|\s[-–—]\s|[-–—]{2}|—")


class Token(msgspec.Struct, frozen=True, gc=False):
    """A word or a number: folded, as written, where it stands, and what lies between it and the one before."""

    folded: str
    text: str
    start: int
    end: int
    gap: str
    #: Counts the stretches between commas and the like, within the sentence.
    part: int

    @property
    def number(self) -> int | None:
        """The number that it is, in any script's digits."""
        return int(self.text) if self.text.isdecimal() and len(self.text) <= 4 else None


class Sentence(msgspec.Struct, frozen=True):
    """The words of one sentence, and whether it is a question."""

    tokens: tuple[Token, ...]
    asks: bool
    #: What follows its last word.
    tail: str = ""


class Stretch(NamedTuple):
    """Where a sentence begins and ends in a text, and the marks that end it."""

    start: int
    end: int
    mark: str


def blanked(text: str) -> str:
    """The text with addresses and accounts made blank; offsets stay."""
    return _APART.sub(lambda match: " " * len(match.group()), text)


def rough(text: str) -> list[str]:
    """The words of a text as written, roughly, and the marks between them that end sentences."""
    return _ROUGH.findall(text.replace("_", " "))


def ends(text: str) -> list[tuple[int, int]]:
    """Where the marks stand that end sentences: those of `rough`."""
    return [match.span() for match in _ONE_END.finditer(text)]


def elided(word: str) -> tuple[str, ...]:
    """The parts of a word of `rough` that may be words: "l'internet" is one of two, "4जी" is one."""
    match = _ELISION.match(word) if "'" in word or "’" in word else None
    return (word,) if match is None else (word, word[match.end() :])


def stretches(text: str) -> Iterator[Stretch]:
    """Where the sentences of a text lie; those without anything in them are left out."""
    start = 0
    for match in _ENDS.finditer(text):
        if match.start() > start:
            yield Stretch(start, match.start(), match.group())
        start = match.end()
    if start < len(text):
        yield Stretch(start, len(text), "")


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of a text that has been `blanked`; those without words are left out."""
    for stretch in stretches(text):
        yield from sentences_in(text, stretch)


def sentences_in(text: str, stretch: Stretch) -> Iterator[Sentence]:
    """The sentence of a stretch of a text: none where it has no words, several where it goes on without an end."""
    found: list[Token] = []
    end, part = stretch.start, 0
    for match in _TOKEN.finditer(text, stretch.start, stretch.end):
        word, start = match.group(), match.start()
        gap = text[end:start]
        # Most words have nothing but a space before them.
        if len(found) >= LONGEST:
            yield Sentence(tuple(found), _asks(gap), gap)
            found, part = [], 0
        elif gap != " " and found and _PARTS.search(gap) and not (gap == ":" and word.isdecimal()):
            part += 1
        plain = folded(word)
        end = match.end()
        if plain:
            found.append(Token(plain, word, start, end, gap, part))
    if found:
        tail = text[end : stretch.end] + stretch.mark
        yield Sentence(tuple(found), _asks(tail), tail)


@lru_cache(maxsize=65_536)
def folded(word: str) -> str:
    """A word as the word lists have it."""
    return fold(word).replace(" ", "")


def _asks(gap: str) -> bool:
    return any(mark in gap for mark in "?؟？")
