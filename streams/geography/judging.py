"""Which of the names in a text mean places, and which places: evidence for and against, added up.

The numbers are log-odds, roughly: a city of a hundred thousand has 2 by itself, one of ten millions 4;
ENOUGH decides. They were set on the sentences of `tests/geography/sentences/developed.tsv`; those of `held.tsv`
were held apart.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from streams.geography import tables
from streams.geography.fold import fold
from streams.geography.names import MOST_MEANINGS, Meaning, common, first_names
from streams.geography.reading import Candidate, Token
from streams.geography.tables import CITY, DISTRICT, GROUP, MAIN, UNIT
from streams.geography.variants import script
from streams.geography.words import classes, plurals
from streams.geography.writings import written_in

#: A name is taken for a place from this much evidence on.
ENOUGH = 2.0
#: A place this sure decides for others.
SURE = 2.8
#: What a country has by itself.
COUNTRY = 3.2
#: What it counts that a place lies in the country given or named, or not; in that of others; in a region named.
IN_COUNTRY, ELSEWHERE, AMONG, IN_REGION = 2.6, -1.2, 1.5, 2.5
#: What it counts to lie close to others; it falls to a third within so many km.
CLOSE, CLOSE_KM = 1.2, 250.0
#: What it counts that its country's language has letters of the text which others have not.
WRITTEN = 0.8
#: What it counts that the place named behind a comma holds it: "Paris, Texas".
TOLD = 4.5
#: A street's name is no place's: "Avenida Paulista"; nor a paper's or a broadcaster's; nor a person's first name.
STREET, PAPER, PERSON = 4.5, 8.0, 4.5
#: More than all that the context can count for one place against another.
MOST = IN_COUNTRY - ELSEWHERE + IN_REGION + CLOSE
#: A written kind of place ("district", "oblast") speaks for places of that kind.
OF_KIND = 1.5
_NO_NAMES = frozenset(
    ("part", "of", "at", "link", "some", "whole", "except", "but", "bar", "every", "thing", "street", "paper")
)
#: Words after which a street or a paper has the name of a place: "rue de Paris", "Times of India".
_GENITIVES = frozenset(("of", "de", "du", "des", "del", "da", "do", "di"))
_KINDS = {"city": (CITY,), "region": (UNIT, GROUP), "district": (DISTRICT,)}


class Judged(NamedTuple):
    """What a candidate means: a row of the gazetteer, or its country (`row` None)."""

    candidate: Candidate
    row: int | None
    role: int
    score: float
    at: tuple[int, int]
    others: tuple[int, ...] = ()


class Wider(NamedTuple):
    """A wider place that a name is told to lie in: "Paris, Texas". Units of the map, countries, or a district."""

    units: frozenset[int] = frozenset()
    countries: frozenset[int] = frozenset()
    districts: frozenset[int] = frozenset()

    def holds(self, row: int) -> bool:
        """Whether a row lies in it."""
        known = tables.gazetteer()
        return (
            known.region[row] in self.units
            or any(known.under(row, country) for country in self.countries)
            or known.district_of(row) in self.districts
        )


class Context(NamedTuple):
    """What is known of a text when one name in it is judged."""

    #: Countries given or named; the one that all must lie in.
    near: frozenset[int] = frozenset()
    only: int | None = None
    #: Countries of places that are sure, regions named, and where sure places are.
    among: frozenset[int] = frozenset()
    units: frozenset[int] = frozenset()
    points: tuple[tuple[float, float], ...] = ()
    #: What is named behind a comma or in brackets as that which the place lies in.
    wider: Wider | None = None
    #: Countries whose languages have the letters of the text.
    written: frozenset[int] = frozenset()


def judge(words_: list[Token], found: list[Candidate], only: int | None, text: str = "") -> list[Judged]:
    """Decide each candidate by itself, then those that others may change again, knowing what the sure ones say."""
    if not found:
        return []
    inside = _inside(words_, found, text, only) if len(found) > 1 and text else {}
    shape = _shape(words_, found)
    evidence = [_evidence(words_, candidate, shape) for candidate in found]
    if any(kind for _, kind in evidence):
        evidence = _spread_kinds(words_, found, evidence)
    written = frozenset() if only is not None or text.isascii() else written_in(text)
    alone = Context(frozenset() if only is None else frozenset((only,)), only, written=written)
    first = [_best(c, e, alone) for c, e in zip(found, evidence, strict=True)]
    for i, wider in inside.items():
        first[i] = _best(found[i], evidence[i], alone._replace(wider=wider))
    for i, one in enumerate(first):
        # Georgia beside Atlanta: a name of a country that is a region of where the others are, before all else.
        if i not in inside and one is not None and one.row is None and len(found) > 1 and found[i].name.by_country:
            first[i] = _best(found[i], evidence[i], _context(first, i, only, written))
    judged = []
    told = [one is not None and one.score >= ENOUGH for one in first]
    nations = {_nation(one) for one in first if one is not None and one.score >= ENOUGH}
    for i, candidate in enumerate(found):
        best = first[i]
        if (sum(told) > told[i] and not _settled(best, nations, only)) or i in inside:
            best = _best(candidate, evidence[i], _context(first, i, only, written)._replace(wider=inside.get(i)))
        if best is not None and best.score >= ENOUGH:
            judged.append(best)
    return judged


def _nation(judged: Judged) -> int:
    known = tables.gazetteer()
    return known.number[judged.candidate.name.country or ""] if judged.row is None else known.country[judged.row]


def _settled(best: Judged | None, nations: set[int], only: int | None) -> bool:
    """Whether nothing that other names say can change what a candidate means."""
    if best is None or best.score < ENOUGH or best.candidate.name.country is not None:
        return False
    # Where all others are of its country too, only what is close by or in a region named can still come before it.
    gap = IN_REGION + CLOSE if len(nations) == 1 else MOST
    if len(nations) > 1 and best.score + ELSEWHERE < ENOUGH:
        return False
    name = best.candidate.name
    meanings = name.meanings if only is None else name.by_country[only]
    return len(meanings) == 1 or meanings[0].score - meanings[1].score > gap


def _context(first: list[Judged | None], own: int, only: int | None, written: frozenset[int]) -> Context:
    """What the other names of a text say about one."""
    known = tables.gazetteer()
    near = set() if only is None else {only}
    among: dict[int, int] = {}
    units: set[int] = set()
    points = []
    for i, one in enumerate(first):
        if i == own or one is None or one.score < ENOUGH:
            continue
        row = one.row
        if row is None:
            near.add(known.number[one.candidate.name.country or ""])
        else:
            if known.kind[row] in (UNIT, GROUP):
                units |= known.units(row)
            if one.score >= SURE or only is not None:
                among[known.country[row]] = among.get(known.country[row], 0) + 1
                points.append((known.latitude[row], known.longitude[row]))
    often = sorted(among, key=lambda country: -among[country])[:2]
    return Context(frozenset(near), only, frozenset(often), frozenset(units), tuple(points[:4]), None, written)


def _best(candidate: Candidate, evidence: tuple[float, str], context: Context) -> Judged | None:
    weight, kind = evidence
    if candidate.name.country is not None:
        nation = _country(candidate, weight, kind, context)
        # A country's name means the country, also where its capital or a province is called so.
        if nation is not None and (nation.score >= ENOUGH or not candidate.name.meanings):
            return nation
    meanings = _meanings(candidate, context)
    if not meanings:
        return None
    if len(meanings) == 1:
        score, meaning = meanings[0].score + _in_context(meanings[0].row, kind, context), meanings[0]
        others: tuple[int, ...] = ()
    elif not (kind or context.near or context.points or context.units or context.wider or context.written):
        # They are in order already.
        meaning = meanings[0]
        score = meaning.score
        others = tuple([one.row for one in meanings[1:5] if one.score > score - 2])
    else:
        scored = [(one.score + _in_context(one.row, kind, context), -one.row, one) for one in meanings]
        scored.sort(reverse=True)
        score, _, meaning = scored[0]
        rows = dict.fromkeys(one.row for other, _, one in scored[1:] if other > score - 2)
        others = tuple(rows)[:4]
    return Judged(
        candidate, meaning.row, meaning.role, score + weight, (meaning.start, meaning.end), others
    )  # fmt: skip


def _meanings(candidate: Candidate, context: Context) -> tuple[Meaning, ...]:
    name = candidate.name
    found = name.meanings if context.only is None else name.by_country.get(context.only, ())
    units = context.units if context.wider is None else context.units | context.wider.units
    if units and name.by_unit:
        known = tables.gazetteer()
        found += tuple(
            meaning
            for unit in units
            for meaning in name.by_unit.get(unit, ())
            if meaning not in found and (context.only is None or known.under(meaning.row, context.only))
        )
    if context.only is None and len(name.meanings) == MOST_MEANINGS:
        told = () if context.wider is None else context.wider.countries
        for number in (*context.near, *context.among, *told):
            found += tuple(meaning for meaning in name.by_country.get(number, ()) if meaning not in found)
    return found


def _country(candidate: Candidate, weight: float, kind: str, context: Context) -> Judged | None:
    """The candidate as the name of a country."""
    name = candidate.name
    if name.country is None:
        return None
    known = tables.gazetteer()
    number = known.number[name.country]
    if any(
        one.role & MAIN and known.kind[one.row] == CITY and one.score >= ENOUGH for one in name.meanings
    ) and not _is_own(candidate):
        # Brasília and Tunis are called so first of all; some language calls the country so too.
        return None
    if context.only is not None and number != context.only and name.by_country.get(context.only):
        return None
    score = COUNTRY + weight
    if (
        context.wider is not None
        and number not in context.wider.countries
        and any(context.wider.holds(meaning.row) for meaning in _meanings(candidate, context))
    ):
        return None
    if kind and any(tables.gazetteer().kind[meaning.row] in _KINDS[kind] for meaning in name.meanings):
        score -= 3.0
    if (
        context.among
        and number not in context.among
        and any(meaning.role & MAIN for n in context.among for meaning in name.by_country.get(n, ()))
    ):
        # Georgia beside Atlanta is none of the Caucasus.
        score -= 3.0
    return Judged(candidate, None, 0, score, name.country_at)


def _is_own(candidate: Candidate) -> bool:
    """Whether a name is the country's own in English."""
    return candidate.folded == fold(tables.countries()[candidate.name.country or ""].name)


def _in_context(row: int, kind: str, context: Context) -> float:
    known = tables.gazetteer()
    score = OF_KIND if kind and known.kind[row] in _KINDS[kind] else 0.0
    if context.wider is not None and context.wider.holds(row):
        score += TOLD
    if known.country[row] in context.written:
        score += WRITTEN
    if not (context.near or context.points or context.units):
        return score
    if context.near:
        score += IN_COUNTRY if any(known.under(row, number) for number in context.near) else ELSEWHERE
    elif known.country[row] in context.among:
        score += AMONG
    if context.units and known.kind[row] in (CITY, DISTRICT) and known.region[row] in context.units:
        score += IN_REGION
    if context.points:
        near = min(_km(known.latitude[row], known.longitude[row], *point) for point in context.points)
        score += CLOSE * math.exp(-near / CLOSE_KM)
    return score


def _km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """About how far apart two points are: enough to tell near from far."""
    x = (lon2 - lon1 + 180) % 360 - 180
    return 111.0 * math.hypot(lat2 - lat1, x * math.cos(math.radians((lat1 + lat2) / 2)))


def _shape(words_: list[Token], found: list[Candidate]) -> str:
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
        inside = word.capital and not one.first and shape == "sentence"
        score -= 1.2 if inside else 3.0
    return score


def _evidence(words_: list[Token], candidate: Candidate, shape: str) -> tuple[float, str]:
    """What the words themselves and those around say for or against a place, and the kind of place they tell."""
    one = words_[candidate.first]
    score = _by_itself(words_, candidate, shape)
    before = words_[candidate.first - 1] if candidate.first and not one.parted else None
    after = words_[candidate.last + 1] if candidate.last + 1 < len(words_) else None
    if after is not None and after.parted:
        after = None
    if before is not None and before.word.kind == "of":
        score += 0.8
    if after is not None and after.word.kind == "at":
        score += 0.8
    past = _past_of(words_, candidate, before)
    named = past if before is not None and before.word.folded in _GENITIVES else None
    if any(beside is not None and beside.word.kind == "street" for beside in (before, after, named)):
        score -= STREET
    kind = ""
    for beside in (before, after, past):
        if beside is not None and beside.word.kind in _KINDS:
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
            score -= 1.6
    return score, kind


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


#: What stands between a place and the wider one that it lies in.
_WITHIN = re.compile(r"^\s*(,|\(|\[|،|、|，|（)\s*$")


def _inside(words_: list[Token], found: list[Candidate], text: str, only: int | None) -> dict[int, Wider]:
    """Candidates told to lie in what is named behind them, as "Paris, Texas" or "Athens (Georgia)" do."""
    told: dict[int, Wider] = {}
    wider: Wider | None = None
    for i in range(len(found) - 2, -1, -1):
        between = text[words_[found[i].last].end : words_[found[i + 1].first].start]
        if found[i].last >= found[i + 1].first or not _WITHIN.match(_bare(between, words_, found, i)):
            wider = None
            continue
        own = _wider(found[i + 1], only)
        wider = own if wider is None else _joined(own, wider)
        if any(wider.holds(row) for row in _rows(found[i])) and not _is_list(words_, found, i, wider):
            told[i] = wider
    return told


def _bare(between: str, words_: list[Token], found: list[Candidate], i: int) -> str:
    """What stands between two names but the words for the kind of place: "Haspura Block, Aurangabad"."""
    for at in range(found[i].last + 1, found[i + 1].first):
        if words_[at].word.kind in _KINDS or words_[at].word.kind in ("part", "thing"):
            between = between.replace(words_[at].text, "", 1)
    return between.replace("  ", " ")


def _rows(candidate: Candidate) -> Iterator[int]:
    name = candidate.name
    seen = (*name.meanings, *(one for its in name.by_unit.values() for one in its))
    yield from dict.fromkeys(one.row for one in (*seen, *(o for its in name.by_country.values() for o in its)))


def _wider(candidate: Candidate, only: int | None) -> Wider:
    """What a name means as one that others lie in."""
    known = tables.gazetteer()
    units: set[int] = set()
    districts: set[int] = set()
    for row in _rows(candidate):
        if only is not None and not known.under(row, only):
            continue
        if known.kind[row] in (UNIT, GROUP):
            units |= known.units(row)
        elif known.kind[row] == DISTRICT:
            districts.add(row)
    number = known.number.get(candidate.name.country or "")
    return Wider(
        frozenset(units), frozenset(() if number is None or only is not None else (number,)), frozenset(districts)
    )


def _joined(one: Wider, other: Wider) -> Wider:
    """Wider places of two names of a chain: "Rampur, Kathua, Jammu and Kashmir"."""
    return Wider(one.units | other.units, one.countries | other.countries, one.districts | other.districts)


def _is_list(words_: list[Token], found: list[Candidate], i: int, wider: Wider) -> bool:
    """Whether a name is as wide as what follows: "Texas, Florida" is a list; so is "Niger, Nigeria and Chad"."""
    known, name = tables.gazetteer(), found[i].name
    if name.country is not None:
        following = found[i + 2 : i + 3]
        between = words_[found[i + 1].last + 1 : following[0].first] if following else []
        listed = all(token.word.kind == "link" for token in between)
        return bool(following) and following[0].name.country is not None and listed
    top = name.meanings[:1]
    if not top or known.kind[top[0].row] not in (UNIT, GROUP) or wider.holds(top[0].row):
        return False
    inside = Wider(countries=wider.countries)
    return not any(known.kind[row] in (UNIT, GROUP) and inside.holds(row) for row in _rows(found[i]))


def _spread_kinds(
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
            kind_before = beside < i and _kind_beside(words_, found[beside].first - 1)
            kind_after = beside > i and _kind_beside(words_, found[beside].last + 1)
            if kind_before or kind_after:
                spread[i] = (spread[i][0], spread[beside][1])
    return spread


def _kind_beside(words_: list[Token], at: int) -> bool:
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
