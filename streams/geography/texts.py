"""Every place that a text names, in the languages reports come in."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from streams.geography import reading, tables, words
from streams.geography.reading import Candidate
from streams.geography.scanning import Token, breaks
from streams.geography.tables import CITY, DISTRICT, GROUP, INSIDE, MAIN, UNIT
from streams.geography.variants import script
from topics.place import Place

#: A name is taken for a place from this much evidence on; see `_weigh` for what counts how much.
ENOUGH = 3.2
_CASED = ("latin", "cyrillic", "other")


@dataclass(frozen=True, slots=True)
class Found:
    """A place named in a text: the name as written, its offsets, and how sure it is (0 to 1)."""

    name: str
    start: int
    end: int
    place: Place
    confidence: float
    alternatives: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says of places.

    `scope` is that of the widest thing said: all of the country, regions, cities; None when no place is
    named. `exceptions` are places said to be left out, `unspecified` tells of places that are not named
    ("several cities").
    """

    places: tuple[Found, ...] = ()
    countries: tuple[Found, ...] = ()
    scope: Literal["nationwide", "region", "city"] | None = None
    exceptions: tuple[Found, ...] = ()
    unspecified: bool = False


def find_places(text: str, country: str | None = None) -> Reading:
    """Every place that `text` names; with `country` (alpha-2) given, only those in it.

    Homonyms are decided by the country given or named, by other places in the text, by population. Words
    that are towns too (Mobile, Bath, Of) count only with evidence around them.
    """
    words_, found = reading.candidates(text)
    if not words_:
        return Reading()
    number = None if country is None else tables.gazetteer().number.get(country)
    if country is not None and number is None:
        return Reading()
    named = _countries(found, number)
    near = frozenset(named.values()) | (frozenset() if number is None else {number})
    judged = _judge(words_, [c for c in found if id(c) not in named], near, number)
    excepted = _excepted(words_)
    places = [_found(text, c, row, sure, others) for c, row, sure, others in judged if c.first not in excepted]
    without = [_found(text, c, row, sure, others) for c, row, sure, others in judged if c.first in excepted]
    whole = _says(words_, "whole")
    return Reading(
        places=tuple(places),
        countries=tuple(_country_found(text, c) for c in found if id(c) in named),
        scope="nationwide" if whole else _scope(places),
        exceptions=tuple(without),
        unspecified=_says(words_, "some"),
    )


def _countries(found: list[Candidate], number: int | None) -> dict[int, int]:
    """Candidates that name a country, by identity: not those that name a region of the country given."""
    known = tables.gazetteer()
    named = {}
    for candidate in found:
        if candidate.country is None:
            continue
        its = known.number[candidate.country]
        inside = [row for row, _ in candidate.rows if number is not None and known.under(row, number)]
        if number is None or its == number or not any(known.kind[row] in (UNIT, GROUP) for row in inside):
            named[id(candidate)] = its
    return named


Judged = tuple[Candidate, int, float, tuple[int, ...]]


def _judge(words_: list[Token], found: list[Candidate], near: frozenset[int], only: int | None) -> list[Judged]:
    """Decide each candidate by itself, then again knowing the countries and regions of the sure ones."""
    known = tables.gazetteer()
    evidence = [_evidence(words_, candidate) for candidate in found]
    first = [_best(c, e, near, only, frozenset(), frozenset()) for c, e in zip(found, evidence, strict=True)]
    sure = [(row, score) for row, score, _ in first if row is not None and score >= ENOUGH + 1]
    leaning = Counter(known.country[row] for row, _ in sure)
    also = frozenset(country for country, _ in leaning.most_common(2)) if not near else frozenset()
    units = frozenset(unit for row, _ in sure if known.kind[row] in (UNIT, GROUP) for unit in known.units(row))
    judged = []
    for candidate, weight in zip(found, evidence, strict=True):
        row, score, others = _best(candidate, weight, near, only, also, units)
        if row is not None and score >= ENOUGH:
            judged.append((candidate, row, 1 / (1 + math.exp(-(score - ENOUGH + 0.5))), others))
    return judged


def _best(
    candidate: Candidate,
    evidence: float,
    near: frozenset[int],
    only: int | None,
    also: frozenset[int],
    units: frozenset[int],
) -> tuple[int | None, float, tuple[int, ...]]:
    known = tables.gazetteer()
    scored = []
    for row, role in candidate.rows:
        if only is not None and not known.under(row, only):
            continue
        score = _weigh(row, role, candidate)
        if any(known.under(row, country) for country in near):
            score += 2.6
        elif near:
            score -= 1.2
        elif known.country[row] in also:
            score += 1.5
        if known.kind[row] in (CITY, DISTRICT) and known.region[row] in units:
            score += 1.5
        scored.append((score, row))
    scored.sort(key=lambda item: (-item[0], item[1]))
    if not scored:
        return None, 0.0, ()
    others = tuple(row for score, row in scored[1:6] if score > scored[0][0] - 2)
    return scored[0][1], scored[0][0] + evidence, others


def _weigh(row: int, role: int, candidate: Candidate) -> float:
    """How likely a name means this place, all else equal: large places are named more often than small ones."""
    known = tables.gazetteer()
    kind = known.kind[row]
    wanted = candidate.evidence
    if kind == CITY:
        score = 1.1 * (math.log10(known.population[row] + 300) - 3.0) + wanted.get("city", 0.0)
        region = known.region[row]
        if region >= 0 and known.largest[region] == row:
            score += 0.3
    elif kind == DISTRICT:
        score = 0.6 + 0.3 * math.log10(known.population[row] + 300) - 1.0 + wanted.get("district", 0.0)
    else:
        score = 2.0 + 0.25 * math.log10(float(known.radius_km[row]) + 1) + wanted.get("region", 0.0)
        if kind == GROUP:
            score -= 0.2
    if not role & MAIN:
        score -= 0.5
    if role == INSIDE:
        score -= 0.2
    return score


def _evidence(words_: list[Token], candidate: Candidate) -> float:
    """What the words themselves and those around say for or against a place being named."""
    parts = words_[candidate.first : candidate.last + 1]
    classes = words.classes()
    name = " ".join(part.folded for part in parts)
    cased = script(parts[0].folded) in _CASED
    score = 0.5 * (len(parts) - 1) - 0.3 * candidate.bent
    length = candidate.end - candidate.start
    score += min(0.6, 0.1 * (length - 4))
    if cased and all(part.text.islower() for part in parts):
        score -= 3.0
    if len(parts) == 1 and (name in reading.common() or name in classes):
        score -= 3.0
    before = words_[candidate.first - 1] if candidate.first else None
    after = words_[candidate.last + 1] if candidate.last + 1 < len(words_) else None
    if before is not None and not breaks(parts[0].before) and classes.get(before.folded) == "of":
        score += 0.8
    for beside, there in ((before, parts[0].before), (after, after.before if after else "")):
        kind = classes.get(beside.folded, "") if beside is not None and not breaks(there) else ""
        if kind in ("city", "region", "district"):
            candidate.evidence[kind] = 1.5
            score += 0.7
    if cased and _is_person(before, parts, after):
        score -= 1.6
    return score


def _is_person(before: Token | None, parts: list[Token], after: Token | None) -> bool:
    """Whether the name runs on into another capitalised word that is nothing here: people are named so."""
    classes = words.classes()
    for token, there in ((before, parts[0].before), (after, after.before if after else "")):
        if token is None or breaks(there) or "-" in there or not token.text[:1].isupper() or token.text.isupper():
            continue
        if token is before and token.before == "" and token.start == 0:
            continue
        if token.folded not in classes and not reading.lead(token.folded):
            return True
    return False


def _found(text: str, candidate: Candidate, row: int, sure: float, others: tuple[int, ...]) -> Found:
    known = tables.gazetteer()
    inside = dict(candidate.rows)[row] == INSIDE
    return Found(
        text[candidate.start : candidate.end],
        candidate.start,
        candidate.end,
        _place(row, inside),
        round(sure, 3),
        tuple(known.place(other) for other in others),
    )


@lru_cache(maxsize=65_536)
def _place(row: int, inside: bool) -> Place:
    return tables.gazetteer().place(row, approximate=inside)


def _country_found(text: str, candidate: Candidate) -> Found:
    from streams.geography.countries import country_place

    assert candidate.country is not None
    name = text[candidate.start : candidate.end]
    return Found(name, candidate.start, candidate.end, country_place(candidate.country), 0.95)


def _scope(places: list[Found]) -> Literal["region", "city"] | None:
    if not places:
        return None
    return "region" if any(found.place.kind == "region" for found in places) else "city"


def _says(words_: list[Token], kind: str) -> bool:
    text = f" {' '.join(token.folded for token in words_)} "
    spaced = any(f" {phrase} " in text for phrase in words.of_class(kind))
    return spaced or any(
        phrase in text for phrase in words.of_class(kind) if script(phrase) in ("han", "burmese", "bengali")
    )


def _excepted(words_: list[Token]) -> frozenset[int]:
    """The numbers of words after "except" and the like, to the end of the clause."""
    left_out: set[int] = set()
    phrases = [phrase.split(" ") for phrase in words.of_class("except")]
    for at in range(len(words_)):
        for phrase in phrases:
            if [token.folded for token in words_[at : at + len(phrase)]] == phrase:
                for i in range(at + len(phrase), len(words_)):
                    if any(char in ".;()" for char in words_[i].before):
                        break
                    left_out.add(i)
    return frozenset(left_out)
