"""Texts cut into sentences and words, in any script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from streams.geography.fold import fold

#: Letters and the signs that belong to them: Indic and Burmese vowel signs, Ethiopic, joiners, apostrophes.
_SIGNS = "\u0900-\u0963\u0970-\u1049\u104c-\u109f\u1200-\u1360\u1369-\u139f\u200c'’ʼ`"
_TOKEN = re.compile(
    r"[2-6][gG]\b|[aApP]\.\s?[mM]\b\.?|(?:\b[cdjlmnstCDJLMNST]|\b[Qq]u)(?=['’]\w)|\d+"
    rf"|[^\W\d_](?:[^\W\d_]|[{_SIGNS}\d])*"
)
#: Addresses and accounts say nothing of places and times.
_APART = re.compile(
    r"(?:https?://|www\.|t\.me/)\S+|(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.]+|(?<![\w/])@[A-Za-z0-9_]{2,}"
)
_ENDS = re.compile(r"[!?؟;؛。！？।॥။…\n\u1362\u1368]|\.(?=[\s'\"»”)])")
#: Words that a sentence may have: what goes on without an end is none, and reading it would take for ever.
LONGEST = 120

_PARTS = re.compile(r"[,،၊、:()«»\u1363\u1365\u1366]|\s[-–—]\s|[-–—]{2}|—")


@dataclass(frozen=True, slots=True)
class Token:
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


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words of one sentence, and whether it is a question."""

    tokens: tuple[Token, ...]
    asks: bool


def blanked(text: str) -> str:
    """The text with addresses and accounts made blank; offsets stay."""
    return _APART.sub(lambda match: " " * len(match.group()), text)


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of a text that has been `blanked`; those without words are left out."""
    found: list[Token] = []
    end, part = 0, 0
    for match in _TOKEN.finditer(text):
        gap = text[end : match.start()]
        if found and (_ENDS.search(gap) or len(found) >= LONGEST):
            yield Sentence(tuple(found), _asks(gap))
            found, part = [], 0
        elif found and _PARTS.search(gap) and not (gap == ":" and match.group().isdecimal()):
            part += 1
        folded = _folded(match.group())
        end = match.end()
        if folded:
            found.append(Token(folded, match.group(), match.start(), end, gap, part))
    if found:
        yield Sentence(tuple(found), _asks(text[end:]))


@lru_cache(maxsize=65_536)
def _folded(word: str) -> str:
    return fold(word).replace(" ", "")


def _asks(gap: str) -> bool:
    return any(mark in gap for mark in "?؟？")
