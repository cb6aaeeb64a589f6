"""Count coincidences by chance: move claims against outages by whole weeks, and see what meets.

Weekdays and hours stay as they are and nothing else does, so what meets then meets by chance. The meetings are the
engine's own: a country's outages and coverage stand in an `EvidenceIndex`, the moved claims are put into it, and it
says which claims each cut has, and which it has from other cuts of its campaign. Offsets are all those of at least
two weeks either way at which the two lists still cover half a year together; coincidences at each are counted by
country and strength, and divided by the years covered.

What moving leaves out:

- Clocks: a week is 604,800 seconds, so a claim moved over a change of clocks begins its days an hour off.
- Seasons: a claim moved by a year may find next year's exams, which is no chance. Those are counted as if it were.
- Coverage stays where it is: a claim moved to a time without coverage is not contradicted by it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from streams.correlation import default_rules
from streams.correlation.drafts import Draft, cuts
from streams.correlation.evidence_index import EvidenceIndex
from streams.correlation.windows import Span, window
from streams.scoring.features import kinds_of
from topics import Claim, Evidence, Outage, Shutdown

WEEK_S = 7 * 86_400
YEAR_S = 365 * 86_400

#: The least offset, weeks.
LEAST_WEEKS = 2

#: The least that the lists must cover together at an offset, seconds.
LEAST_S = YEAR_S // 2

#: Kinds of signal, and lineages of claims: a coincidence is as strong as another if it has as many of both.
Strength = tuple[int, int]

#: Coincidences by strength, by the weeks that the claims are moved.
Counts = dict[int, Counter[Strength]]


class Coincidences(msgspec.Struct, frozen=True, kw_only=True):
    """Cuts that claims of another lineage met in a country, and how many chance alone would have made."""

    country: str
    observed: int
    expected: float


class FalseAlarms(msgspec.Struct, frozen=True, kw_only=True):
    """The whole data set: how many coincidences chance would have made beside how many there were.

    `counted_a_year` and `estimated_a_year` are over the `shutdowns` that have an estimate: the sum of what was
    counted for coincidences as strong as each, and of the `false_alarms_a_year` that each says.
    """

    offsets: int
    years: float
    observed: int
    expected: float
    shutdowns: int
    counted_a_year: float
    estimated_a_year: float
    countries: list[Coincidences]


def false_alarms(evidence: Sequence[Evidence], shutdowns: Iterable[Shutdown]) -> FalseAlarms | None:
    """Count coincidences by chance. None if the lists never cover half a year together."""
    claims = [piece for piece in evidence if isinstance(piece, Claim) and cuts(piece) and not piece.withdrawn]
    outages = [piece for piece in evidence if isinstance(piece, Outage) and not piece.withdrawn]
    covered = _covered(outages, claims)
    offsets = {weeks: seconds for weeks, seconds in covered.items() if abs(weeks) >= LEAST_WEEKS}
    if 0 not in covered or not offsets:
        return None
    reach = _reach(claims)
    claims = [claim for claim in claims if reach.from_s <= claim.from_s <= reach.until_s]
    moved_years, own_years = sum(offsets.values()) / YEAR_S, covered[0] / YEAR_S
    by_chance: dict[str, Counter[Strength]] = {}
    rows = []
    for country, counts in _by_country(evidence, claims, {0, *offsets}).items():
        observed = counts.pop(0, Counter()).total()
        by_chance[country] = sum(counts.values(), Counter())
        expected = round(by_chance[country].total() / moved_years * own_years, 3)
        if observed or expected:
            rows.append(Coincidences(country=country, observed=observed, expected=expected))
    told = [one for one in shutdowns if one.false_alarms_a_year is not None and one.level == "corroborated"]
    pieces = {piece.id: piece for piece in evidence}
    counted = sum(_as_strong(by_chance.get(one.country, Counter()), one, pieces) for one in told) / moved_years
    return FalseAlarms(
        offsets=len(offsets),
        years=round(own_years, 2),
        observed=sum(row.observed for row in rows),
        expected=round(sum(row.expected for row in rows), 2),
        shutdowns=len(told),
        counted_a_year=round(counted, 3),
        estimated_a_year=round(sum(one.false_alarms_a_year or 0.0 for one in told), 3),
        countries=sorted(rows, key=lambda row: (-row.observed, -row.expected, row.country)),
    )


def _covered(outages: Sequence[Outage], claims: Sequence[Claim]) -> dict[int, int]:
    """How long both lists cover, by the weeks that the claims are moved, where that is long enough. Seconds."""
    if not outages or not claims:
        return {}
    measured, claimed = _reach(outages), _reach(claims)
    first = (measured.from_s - claimed.until_s) // WEEK_S
    last = (measured.until_s - claimed.from_s) // WEEK_S
    found: dict[int, int] = {}
    for weeks in range(first, last + 1):
        moved = Span(claimed.from_s + weeks * WEEK_S, claimed.until_s + weeks * WEEK_S)
        if measured.shared_s(moved) >= LEAST_S:
            found[weeks] = measured.shared_s(moved)
    return found


def _reach(pieces: Sequence[Outage | Claim]) -> Span:
    """The years that a list covers, without its first and last fiftieth: rows of long before, or mistyped."""
    begins = sorted(piece.from_s for piece in pieces)
    aside = len(begins) // 50
    return Span(begins[aside], begins[len(begins) - 1 - aside])


def _by_country(evidence: Sequence[Evidence], claims: Sequence[Claim], offsets: set[int]) -> dict[str, Counts]:
    """The coincidences of each country that has both outages and claims."""
    standing: dict[str, list[Evidence]] = defaultdict(list)
    measured: set[str] = set()
    for piece in evidence:
        if not isinstance(piece, Claim):
            standing[piece.country].append(piece)
        if isinstance(piece, Outage) and not piece.withdrawn:
            measured.add(piece.country)
    claimed: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        claimed[claim.country].append(claim)
    return {
        country: _coincidences(standing[country], claimed[country], offsets)
        for country in sorted(measured & claimed.keys())
    }


def _coincidences(standing: Sequence[Evidence], claims: Sequence[Claim], offsets: set[int]) -> Counts:
    """A country's coincidences at every offset.

    Only claims whose window meets a cut's are put into the index: most offsets of most claims meet none, and cost
    nothing.
    """
    index = EvidenceIndex(default_rules())
    for piece in standing:
        index.put(piece)
    drafts = {id(draft): draft for key in index.outages() for draft in index.component(key).drafts}
    # A claim of one night of a campaign counts for all of its nights, however far it is from them.
    campaigns = {key: draft for key, draft in drafts.items() if draft.failed is None and index.campaign(draft)}
    near: dict[int, dict[int, Draft]] = defaultdict(dict)
    moved: dict[int, dict[str, Claim]] = defaultdict(dict)
    for claim in claims:
        reach = window(claim, index.rules)
        for draft in drafts.values():
            for weeks in _weeks(reach, draft, index):
                if weeks in offsets:
                    near[weeks][id(draft)] = draft
                    moved[weeks].setdefault(claim.id, _moved(claim, weeks))
    found: Counts = {}
    for weeks in sorted(near):
        for claim in moved[weeks].values():
            index.put(claim)
        reached = (near[weeks] | campaigns).values()
        found[weeks] = Counter(filter(None, (_strength(draft, index) for draft in reached)))
        for key in moved[weeks]:
            index.drop(key)
    return found


def _weeks(reach: Span, draft: Draft, index: EvidenceIndex) -> Iterator[int]:
    """The weeks by which a claim's window can be moved to meet a cut's."""
    for outage in (*draft.outages, *draft.nested):
        # An outage without an end would meet every later offset: what is known of it is that it began.
        own = window(outage if outage.until_s is not None else _ended(outage), index.rules)
        yield from range(-((reach.until_s - own.from_s) // WEEK_S), (own.until_s - reach.from_s) // WEEK_S + 1)


def _ended(outage: Outage) -> Outage:
    return msgspec.structs.replace(outage, until_s=outage.from_s)


def _moved(claim: Claim, weeks: int) -> Claim:
    until_s = None if claim.until_s is None else claim.until_s + weeks * WEEK_S
    return msgspec.structs.replace(claim, from_s=claim.from_s + weeks * WEEK_S, until_s=until_s)


def _strength(draft: Draft, index: EvidenceIndex) -> Strength | None:
    """How strong a coincidence of a cut with claims of other lineages is; None where no such claim meets it, or
    another cut of its campaign."""
    lineages = {claim.lineage for claim in index.independent(draft) or index.carried(draft)}
    return (len(kinds_of((*draft.outages, *draft.nested))), len(lineages)) if lineages else None


def _as_strong(counts: Counter[Strength], shutdown: Shutdown, pieces: Mapping[str, Evidence]) -> int:
    """How many coincidences by chance were as strong as a shutdown's, or stronger."""
    used = [piece for one in shutdown.evidence if (piece := pieces.get(one.id)) is not None]
    drops = [piece for piece in used if isinstance(piece, Outage)]
    kinds = len(kinds_of(drops))
    return sum(number for (k, n), number in counts.items() if k >= kinds and n >= shutdown.sources)
