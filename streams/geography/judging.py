"""Which of the names in a text mean places, and which places: evidence for and against, added up.

The numbers are log-odds, roughly: a city of a hundred thousand has 2 by itself, one of ten millions 4;
ENOUGH decides. They were set on the sentences of `tests/geography/sentences/developed.tsv`; those of `held.tsv`
were held apart.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from streams.geography import tables
from streams.geography.evidence import CELL, evidence_of, shape_of, spread_kinds
from streams.geography.fold import fold
from streams.geography.names import MOST_MEANINGS, Meaning
from streams.geography.reading import Candidate, Token
from streams.geography.tables import CITY, DISTRICT, GROUP, MAIN, UNIT
from streams.geography.within import Wider, inside
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
#: What it costs that a place is filed under another country than the one given, which claims it too.
ALSO = 0.8
#: What it counts that its country's language has letters of the text which others have not.
WRITTEN = 0.8
#: What it counts that the place named behind a comma holds it: "Paris, Texas".
TOLD = 4.5
#: More than all that the context can count for one place against another.
MOST = IN_COUNTRY - ELSEWHERE + IN_REGION + CLOSE
#: A written kind of place ("district", "oblast") speaks for places of that kind.
OF_KIND = 1.5
_KINDS = {"city": (CITY,), "region": (UNIT, GROUP), "district": (DISTRICT,)}


class Judged(NamedTuple):
    """What a candidate means: a row of the gazetteer, or its country (`row` None)."""

    candidate: Candidate
    row: int | None
    role: int
    score: float
    at: tuple[int, int]
    others: tuple[int, ...] = ()


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


def judge(
    words_: list[Token], found: list[Candidate], only: int | None, text: str = "", least: float = ENOUGH
) -> list[Judged]:
    """Decide each candidate by itself, then those that others may change again, knowing what the sure ones say.

    What has evidence of `least` is a place.
    """
    if not found:
        return []
    told_in = inside(words_, found, text, only) if len(found) > 1 and text else {}
    shape = shape_of(words_, found) if least == ENOUGH else CELL
    evidence = [evidence_of(words_, candidate, shape) for candidate in found]
    if any(kind for _, kind in evidence):
        evidence = spread_kinds(words_, found, evidence)
    written = frozenset() if only is not None or text.isascii() else written_in(text)
    alone = Context(frozenset() if only is None else frozenset((only,)), only, written=written)
    first = [_best(c, e, alone) for c, e in zip(found, evidence, strict=True)]
    for i, wider in told_in.items():
        first[i] = _best(found[i], evidence[i], alone._replace(wider=wider))
    for i, one in enumerate(first):
        # Georgia beside Atlanta: a name of a country that is a region of where the others are, before all else.
        if i not in told_in and one is not None and one.row is None and len(found) > 1 and found[i].name.by_country:
            first[i] = _best(found[i], evidence[i], _context(first, i, only, written))
    judged = []
    told = [one is not None and one.score >= ENOUGH for one in first]
    nations = {_nation(one) for one in first if one is not None and one.score >= ENOUGH}
    for i, candidate in enumerate(found):
        best = first[i]
        if (sum(told) > told[i] and not _settled(best, nations, only)) or i in told_in:
            best = _best(candidate, evidence[i], _context(first, i, only, written)._replace(wider=told_in.get(i)))
        if best is not None and best.score >= least:
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
    if kind == "region":
        # What is called a region is one, however large a city is of its name.
        known = tables.gazetteer()
        regions = tuple(one for one in meanings if known.kind[one.row] in (UNIT, GROUP))
        meanings = regions or meanings
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
    if context.only is not None and known.country[row] != context.only:
        # What another country is filed with is found in lists of this one too, after its own.
        score -= ALSO
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
