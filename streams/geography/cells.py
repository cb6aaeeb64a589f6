"""Names in the cells of lists, which name places and little else: less evidence is enough there than in prose."""

from __future__ import annotations

from streams.geography import tables
from streams.geography.evidence import kind_beside
from streams.geography.judging import Judged, judge
from streams.geography.reading import Candidate, Token
from streams.geography.tables import CITY, GROUP, MAIN, UNIT
from streams.geography.within import WITHIN

#: In a cell of a list this much evidence is enough.
IN_CELL = 0.5
#: A city of so many people may stand beside a region that it is not in, as one more of a list.
WELL_KNOWN = 300_000


def judge_cell(words_: list[Token], found: list[Candidate], only: int, text: str) -> list[Judged]:
    """Decide the candidates of a list's cell.

    Names that are told to lie in a region which has none of them are no namesakes elsewhere.
    """
    judged = _as_regions(words_, judge(words_, found, only, text, least=IN_CELL), text)
    away = _elsewhere(words_, judged, text)
    return [one for one in judged if one not in away]


def _as_regions(words_: list[Token], judged: list[Judged], text: str) -> list[Judged]:
    """Read a city as the region of its name where the place before lies in that: "Monywa, Sagaing".

    The region's largest city stays one: it is named beside others of the region.
    """
    known = tables.gazetteer()
    read = list(judged)
    for at, one in enumerate(judged[1:], start=1):
        before = judged[at - 1]
        gap = text[words_[before.candidate.last].end : one.candidate.start]
        if one.row is None or before.row is None or known.kind[one.row] != CITY or not WITHIN.match(gap):
            continue
        region = known.region[one.row]
        named = any(meaning.row == region for meaning in one.candidate.name.meanings)
        if named and known.region[before.row] == region and known.largest[region] != one.row:
            read[at] = one._replace(row=region, role=MAIN)
    return read


def _elsewhere(words_: list[Token], judged: list[Judged], text: str) -> list[Judged]:
    """Places outside of the one region that closes a list of them: "Kanpur and Udaipur, Rajasthan"."""
    known = tables.gazetteer()
    regions = [one for one in judged if one.row is not None and known.kind[one.row] in (UNIT, GROUP)]
    if len(regions) != 1 or len(judged) < 2 or judged[-1] is not regions[0]:
        return []
    region = regions[0]
    before = words_[region.candidate.first - 1] if region.candidate.first else None
    gap = text[before.end : region.candidate.start] if before is not None else ""
    listed = before is not None and before.word.folded == "of" and kind_beside(words_, region.candidate.first - 1)
    if not (listed or WITHIN.match(gap)):
        return []
    units = known.units(region.row or 0)
    towns = [one for one in judged[:-1] if one.row is not None]
    inside = [one for one in towns if known.units(one.row or 0) & units]
    return [one for one in towns if one not in inside and (inside or known.population[one.row or 0] < WELL_KNOWN)]
