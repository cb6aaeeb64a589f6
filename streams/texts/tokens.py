"""Texts cut into sentences and words, in any script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from streams.geography.fold import fold

#: Letters and the signs that belong to them: Indic and Burmese vowel signs, Ethiopic, joiners, apostrophes.
_SIGNS = "\u0900-\u0963\u0970-\u1049\u104c-\u109f\u1200-\u1360\u1369-\u139f\u200c'’ʼ`"
#: Generations of mobile networks, as languages write them: 4G, 4जी.
_GENERATION = r"[2-6](?:[gG]\b|\s?(?:जी|জি|جی|ጂ|ဂျီ)(?!\w))"
_TOKEN = re.compile(
    rf"{_GENERATION}|" r"[aApP]\.\s?[mM]\b\.?|(?:\b[cdjlmnstCDJLMNST]|\b[Qq]u)(?=['’]\w)|\d+"
    rf"|[^\W\d_](?:[^\W\d_]|[{_SIGNS}\d])*"
)
#: The same words, without what only sentences need to know of them.
_WORD = re.compile(rf"{_GENERATION}|(?:\b[cdjlmnstCDJLMNST]|\b[Qq]u)(?=['’]\w)|[^\W\d_](?:[^\W\d_]|[{_SIGNS}\d])*")
#: Addresses and accounts say nothing of places and times.
_APART = re.compile(
    r"(?:https?://|www\.|t\.me/)\S+|(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.]+|(?<![\w/])@[A-Za-z0-9_]{2,}"
)
_ENDS = re.compile(r"[!?؟;؛。！？।॥။…\n\u1362\u1368]|\.(?=[\s'\"»”)])")
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


def blanked(text: str) -> str:
    """The text with addresses and accounts made blank; offsets stay."""
    return _APART.sub(lambda match: " " * len(match.group()), text)


def words_of(text: str) -> list[str]:
    """The words of a text as written."""
    return _WORD.findall(text)


def stretches(text: str) -> list[str]:
    """A text cut where sentences end, roughly: each sentence lies whole in one of the stretches."""
    return _ENDS.split(text)


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of a text that has been `blanked`; those without words are left out."""
    found: list[Token] = []
    end, part = 0, 0
    for match in _TOKEN.finditer(text):
        word, start = match.group(), match.start()
        gap = text[end:start]
        # Most words have nothing but a space before them.
        if found and (gap != " " or len(found) >= LONGEST):
            if _ENDS.search(gap) or len(found) >= LONGEST:
                yield Sentence(tuple(found), _asks(gap), gap)
                found, part = [], 0
            elif _PARTS.search(gap) and not (gap == ":" and word.isdecimal()):
                part += 1
        plain = folded(word)
        end = match.end()
        if plain:
            found.append(Token(plain, word, start, end, gap, part))
    if found:
        yield Sentence(tuple(found), _asks(text[end:]), text[end:])


@lru_cache(maxsize=65_536)
def folded(word: str) -> str:
    """A word as the word lists have it."""
    return fold(word).replace(" ", "")


def _asks(gap: str) -> bool:
    return any(mark in gap for mark in "?؟？")
