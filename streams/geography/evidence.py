"""What the words of a name and those around it say for and against a place, and of its kind."""

from __future__ import annotations

import re
from functools import lru_cache

from streams.geography import tables
from streams.geography.names import common, first_names
from streams.geography.reading import Candidate, Token
from streams.geography.variants import script
from streams.geography.words import classes, plurals

#: A street's name is no place's: "Avenida Paulista"; nor a paper's or a broadcaster's; nor a person's first name.
STREET, PAPER, PERSON, SURNAME = 8.0, 8.0, 4.5, 3.0
#: How a cell of a list uses capitals: they say nothing there.
CELL = "cell"
_NO_NAMES = frozenset(
    (
        "part",
        "of",
        "at",
        "link",
        "some",
        "whole",
        "except",
        "but",
        "bar",
        "every",
        "thing",
        "street",
        "way",
        "paper",
    )
)
#: Words after which a street or a paper has the name of a place: "rue de Paris", "Times of India".
_GENITIVES = frozenset(("of", "de", "du", "des", "del", "da", "do", "di"))
KINDS = frozenset(("city", "region", "district"))


def shape_of(words_: list[Token], found: list[Candidate]) -> str:
    """How a text uses capitals: as sentences do, on most words (a headline), or nowhere.

    Names have capitals everywhere: the other words tell.
    """
    covered = {at for candidate in found for at in range(candidate.first, candidate.last + 1)}
    small = capitals = 0
    named = False
    for at, token in enumerate(words_):
        word = token.word
        if word.capital:
            named = True
            capitals += at not in covered and not token.first and len(token.text) > 3
        elif word.small and len(token.text) > 3:
            small += at not in covered
    if not named:
        return "small"
    return "headline" if capitals > 1 and capitals > 0.7 * (capitals + small) else "sentence"


def evidence_of(words_: list[Token], candidate: Candidate, shape: str) -> tuple[float, str]:
    """What the words themselves and those around say for or against a place, and the kind of place they tell."""
    one = words_[candidate.first]
    score = _by_itself(words_, candidate, shape)
    # A word for the kind of place that begins a text has no other name to go with: "Region (Mérida)".
    alone = candidate.first == 1 and words_[0].word.kind in KINDS
    before = words_[candidate.first - 1] if candidate.first and (alone or not one.parted) else None
    after = words_[candidate.last + 1] if candidate.last + 1 < len(words_) else None
    if after is not None and after.parted:
        after = None
    if before is not None and before.word.kind == "of":
        score += 0.8
    if after is not None and after.word.kind == "at":
        score += 0.8
    past = _past_of(words_, candidate, before)
    if _is_street(one, before, after, past):
        score -= STREET
    kind = ""
    for beside in (before, after, past):
        if beside is not None and beside.word.kind in KINDS:
            kind = beside.word.kind
            score += 0.7
            break
    kind = kind or _kind_within(words_, candidate)
    if _is_outlet(candidate, before, after, past, kind):
        score -= PAPER
    if one.word.cased and shape == "sentence":
        if candidate.last == candidate.first and after is not None and _is_first_name(one.word.folded, after):
            score -= PERSON
        elif _is_person(before, after):
            # A surname comes last: "Айгуль Бекова" is nobody from Bekovo.
            surname = candidate.last == candidate.first and _is_person(before, None)
            score -= SURNAME if surname else 1.6
    return score, kind


def _by_itself(words_: list[Token], candidate: Candidate, shape: str) -> float:
    """What the words of a name say for or against a place."""
    one = words_[candidate.first]
    word = one.word
    length = candidate.last - candidate.first + 1
    letters = len(candidate.folded)
    score = 0.5 * (length - 1)
    score += min(0.4, 0.25 * (letters - 2)) if word.unspaced else min(0.5, 0.1 * (letters - 5))
    small = word.cased and all(token.word.small for token in words_[candidate.first : candidate.last + 1])
    if small:
        score -= 0.8 if shape == "small" else 3.0
    # Among words that are not, one all in capitals is a name: FATA.
    initials = word.shouted and (candidate.name.country is not None or shape == "sentence")
    if length == 1 and word.kind in _NO_NAMES:
        # "North" is a region only where it is called one.
        called = words_[candidate.last + 1 : candidate.last + 2]
        score -= 2.0 if called and called[0].word.kind == "region" and not called[0].parted else 5.0
    elif length == 1 and not initials and _is_common(candidate):
        inside = word.capital and (shape == CELL or (not one.first and shape == "sentence"))
        score -= 1.2 if inside else 3.0
    return score


def _is_street(one: Token, before: Token | None, after: Token | None, past: Token | None) -> bool:
    """Whether a name is that of a street or site: "rue de Paris", "Moscow Street"; or ends another: "SBS Nagar"."""
    if before is not None and one.word.kind == "plain" and before.word.capital and not before.word.kind:
        return True
    named = past if before is not None and before.word.folded in _GENITIVES else None
    kinds = [beside.word.kind for beside in (before, after, named) if beside is not None]
    return "street" in kinds or (after is not None and after.word.kind == "way")


def _kind_within(words_: list[Token], candidate: Candidate) -> str:
    """The kind of place that a name tells itself: "Воронежская область", "東京都"."""
    if candidate.last > candidate.first:
        kinds = words_[candidate.last].word.kind, words_[candidate.first].word.kind
        return next((kind for kind in kinds if kind in ("region", "district")), "")
    return _kind_of_run(candidate.folded) if words_[candidate.first].word.unspaced else ""


@lru_cache(maxsize=16_384)
def _kind_of_run(folded: str) -> str:
    """The kind that a name in a script without spaces begins or ends with."""
    for word, kind in classes().items():
        told = kind in ("region", "district") and len(folded) > len(word) + 1 and script(word) == script(folded)
        if told and (folded.endswith(word) or folded.startswith(word)):
            return kind
    return ""


def _is_outlet(
    candidate: Candidate, before: Token | None, after: Token | None, past: Token | None, kind: str
) -> bool:
    """Whether a name is that of a paper or broadcaster: "Khartoum Post", "Times of India", "Al Jazeera"."""
    if after is not None and after.word.capital and after.word.kind == "paper":
        return True
    genitive = before is not None and before.word.folded in _GENITIVES
    if genitive and past is not None and past.word.capital and past.word.kind == "paper":
        return True
    named = before is not None and before.word.kind == "of" and not before.word.cased
    return not (kind or named) and classes().get(candidate.folded) == "outlet"


def _is_first_name(folded: str, after: Token) -> bool:
    """Whether a name is a person's first one, and runs on into another capitalised word."""
    return folded in first_names() and after.word.capital and not after.word.shouted and not after.word.kind


def spread_kinds(
    words_: list[Token], found: list[Candidate], evidence: list[tuple[float, str]]
) -> list[tuple[float, str]]:
    """Kinds told of one name of a list are those of the others: "districts of X and Y", "X and Y provinces"."""
    spread = list(evidence)
    order = range(1, len(found))
    for i, beside in (*((i, i - 1) for i in order), *((i - 1, i) for i in reversed(order))):
        one, other = min(i, beside), max(i, beside)
        between = words_[found[one].last + 1 : found[other].first]
        if spread[beside][1] and not spread[i][1] and all(token.word.kind == "link" for token in between):
            # Only a kind on the far side of the list speaks for all: "the city X and Y" says nothing of Y.
            kind_before = beside < i and kind_beside(words_, found[beside].first - 1)
            kind_after = beside > i and kind_beside(words_, found[beside].last + 1)
            if kind_before or kind_after:
                spread[i] = (spread[i][0], spread[beside][1])
    return spread


def kind_beside(words_: list[Token], at: int) -> bool:
    while 0 < at < len(words_) and words_[at].word.kind == "of":
        at -= 1
    return 0 <= at < len(words_) and words_[at].word.folded in plurals()


def _past_of(words_: list[Token], candidate: Candidate, before: Token | None) -> Token | None:
    """The word before "of" before a name: "districts of Rajasthan", "city of Van"."""
    at = candidate.first - 2
    while before is not None and before.word.kind == "of" and at >= 0 and not before.parted:
        before = words_[at]
        at -= 1
    return before


_THE = "ال"
_ARTICLE = re.compile("[وبلفک]?(ال|لل)")


def _is_common(candidate: Candidate) -> bool:
    folded = candidate.folded
    if folded in common():
        return True
    article = _ARTICLE.match(folded)
    bare = folded[article.end() :] if article is not None else ""
    return bool(bare) and bare in common() and f"{_THE}{bare}" not in tables.country_names()


def _is_person(before: Token | None, after: Token | None) -> bool:
    """Whether the name runs on into another capitalised word that is nothing here: people are named so."""
    for beside in (before, after):
        if beside is None or not beside.word.capital or beside.word.shouted or beside.word.kind:
            continue
        if beside is before and beside.first:
            continue
        if beside.word.name is None and not beside.word.onward:
            return True
    return False
