"""What a text says of places as a whole: all of the country, some that are not named, all but these."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Literal, NamedTuple

from streams.geography import words
from streams.geography.reading import Token
from streams.geography.variants import UNSPACED, script

_KINDS = {"region": "region", "district": "region", "city": "city"}


class Said(NamedTuple):
    """What is said besides the names."""

    scope: Literal["nationwide", "region", "city"] | None = None
    unspecified: bool = False
    left_out: tuple[str, ...] = ()
    #: Letters from and to which what is named is left out.
    spans: tuple[tuple[int, int], ...] = ()

    def excepts(self, start: int) -> bool:
        """Whether what begins at a letter is left out."""
        return any(low <= start < high for low, high in self.spans)


#: Nothing is said.
NOTHING = Said()


@cache
def _phrases() -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """First word -> the phrases that begin so, longest first, with their class."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for phrase, kind in words.classes().items():
        if kind in words.PHRASES:
            parts = tuple(phrase.split(" "))
            found.setdefault(parts[0], []).append((parts, kind))
    return {first: tuple(sorted(its, key=lambda one: -len(one[0]))) for first, its in found.items()}


@cache
def _unspaced() -> tuple[tuple[str, str], ...]:
    return tuple(
        (phrase, kind)
        for phrase, kind in words.classes().items()
        if kind in words.PHRASES and script(phrase) in UNSPACED and len(phrase) > 1
    )


def said(text: str, tokens: list[Token]) -> Said:
    """Read the words around the names."""
    for token in tokens:
        if token.word.opens or token.word.unspaced:
            break
    else:
        return NOTHING
    hits = _with_bars(tokens, _hits(tokens))
    if not hits and not any(token.word.folded.isdigit() for token in tokens):
        return NOTHING
    whole = any(kind == "whole" for _, _, kind in hits)
    some = [last for _, last, kind in hits if kind == "some"]
    spans = tuple(
        _after(tokens, last, len(text)) if kind == "except" else _before(tokens, first)
        for first, last, kind in hits
        if kind in ("except", "but")
    )
    left_out = tuple(text[low:high].strip(" ,;:.\n") for low, high in spans)
    # A number of places of some kind, none of them named: "12 districts of Rajasthan".
    counted = [
        at
        for at, token in enumerate(tokens[:-1])
        if token.word.folded.isdigit() and tokens[at + 1].word.kind in _KINDS and not tokens[at + 1].parted
    ]
    named = next(
        (_KINDS[t.word.kind] for at in (*some, *counted) for t in tokens[at + 1 : at + 3] if t.word.kind in _KINDS),
        None,
    )
    scope: Literal["nationwide", "region", "city"] | None = "nationwide" if whole else None
    if scope is None and named is not None and some:
        scope = "region" if named == "region" else "city"
    return Said(scope, bool(some or counted), tuple(part for part in left_out if part), spans)


def _with_bars(tokens: list[Token], hits: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Read "but" after "all of" as an exception, within one clause: by itself it joins sentences."""
    every = min((first for first, _, kind in hits if kind == "every"), default=None)
    read = []
    for first, last, kind in hits:
        if kind == "bar" and every is not None and every < first and not tokens[first].parted:
            read.append((first, last, "except"))
        elif kind not in ("bar", "every"):
            read.append((first, last, kind))
    return read


def _hits(tokens: list[Token]) -> list[tuple[int, int, str]]:
    """Phrases in a text: first and last token, and class."""
    found = []
    known = _phrases()
    for at, token in enumerate(tokens):
        if not token.word.opens and not token.word.unspaced:
            continue
        for parts, kind in known.get(token.word.folded, ()):
            if kind == "whole" and _runs_on(tokens, at + len(parts)):
                continue
            if len(parts) == 1 or tuple(t.word.folded for t in tokens[at : at + len(parts)]) == parts:
                found.append((at, at + len(parts) - 1, kind))
                break
        else:
            if token.word.unspaced:
                found += [(at, at, kind) for kind in _within(token.word.folded)]
    return found


def _runs_on(tokens: list[Token], at: int) -> bool:
    """Whether a name goes on here: the National Health Commission is not all of the country."""
    if at >= len(tokens):
        return False
    nxt = tokens[at]
    return nxt.word.capital and not nxt.parted and not nxt.word.kind and not nxt.word.shouted


@lru_cache(maxsize=4096)
def _within(folded: str) -> tuple[str, ...]:
    return tuple(kind for phrase, kind in _unspaced() if phrase in folded)


def _after(tokens: list[Token], last: int, end: int) -> tuple[int, int]:
    """The letters after an exception's word, to the end of its clause."""
    if last + 1 >= len(tokens):
        start = tokens[last].start if tokens[last].word.unspaced else end
        return start, end
    stop = last + 1
    while stop + 1 < len(tokens) and not tokens[stop + 1].first:
        stop += 1
    return tokens[last + 1].start, tokens[stop].start + len(tokens[stop].text)


def _before(tokens: list[Token], first: int) -> tuple[int, int]:
    """The letters before an exception's word, from the beginning of its clause."""
    start = first
    while start > 0 and not tokens[start].parted:
        start -= 1
    return tokens[start].start, tokens[first].start
