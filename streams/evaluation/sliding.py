"""Coincidences by chance, counted: claims are moved against the outages by whole weeks, so that weekdays and hours
stay as they are and nothing else does, and what meets then meets by chance.

Offsets are all those of at least two weeks either way at which the two lists still cover half a year together;
coincidences at each are counted by country and strength, and divided by the years covered.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from streams import geography
from streams.correlation import Rules, default_rules
from streams.correlation.drafts import cuts
from streams.correlation.windows import Span, span, window
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


class Coincidences(msgspec.Struct, frozen=True, kw_only=True):
    """Outages that claims of another lineage met in a country, and how many chance alone would have made."""

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
    rules = default_rules()
    pieces = {piece.id: piece for piece in evidence}
    measured = [shutdown for shutdown in shutdowns if shutdown.signals]
    claims = [piece for piece in evidence if isinstance(piece, Claim) and cuts(piece) and not piece.withdrawn]
    outages = [piece for piece in evidence if isinstance(piece, Outage) and not piece.withdrawn]
    covered = _covered(outages, claims)
    reach = _reach(claims) if claims else Span(0, 0)
    claims = [claim for claim in claims if reach.from_s <= claim.from_s <= reach.until_s]
    if not covered or 0 not in covered:
        return None
    offsets = {weeks: seconds for weeks, seconds in covered.items() if abs(weeks) >= LEAST_WEEKS}
    moved_years, own_years = sum(offsets.values()) / YEAR_S, covered[0] / YEAR_S
    if not moved_years:
        return None
    by_country: dict[str, Counter[Strength]] = defaultdict(Counter)
    observed: Counter[str] = Counter()
    for shutdown in measured:
        drops = [piece for one in shutdown.evidence if isinstance(piece := pieces.get(one.id), Outage)]
        own = [claim for claim in claims if claim.country == shutdown.country]
        for weeks, lineages in _meetings(shutdown, drops, own, rules).items():
            strength = len(kinds_of(drops)), len(lineages)
            if weeks in offsets:
                by_country[shutdown.country][strength] += 1
            elif weeks == 0:
                observed[shutdown.country] += 1
    rows = [
        Coincidences(
            country=country,
            observed=observed[country],
            expected=round(sum(by_country[country].values()) / moved_years * own_years, 3),
        )
        for country in sorted(observed.keys() | by_country.keys())
    ]
    told = [one for one in measured if one.false_alarms_a_year is not None and one.level == "corroborated"]
    counted = sum(_as_strong(by_country[one.country], one, pieces) for one in told) / moved_years
    return FalseAlarms(
        offsets=len(offsets),
        years=round(own_years, 2),
        observed=sum(observed.values()),
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


def _meetings(
    shutdown: Shutdown, drops: Sequence[Outage], claims: Sequence[Claim], rules: Rules
) -> dict[int, set[str]]:
    """Lineages of the claims that meet what dropped, by the weeks that the claims are moved."""
    lineages = {drop.lineage for drop in drops}
    found: dict[int, set[str]] = defaultdict(set)
    for claim in claims:
        if claim.lineage in lineages or not geography.touches(shutdown.place, claim.place):
            continue
        reach = window(claim, rules)
        for drop in drops:
            own = span(drop) if drop.until_s is not None else Span(drop.from_s, drop.from_s)
            first = -((reach.until_s - own.from_s) // WEEK_S)
            for weeks in range(first, (own.until_s - reach.from_s) // WEEK_S + 1):
                found[weeks].add(claim.lineage)
    return found


def _as_strong(counts: Counter[Strength], shutdown: Shutdown, pieces: Mapping[str, Evidence]) -> int:
    """How many coincidences by chance were as strong as a shutdown's, or stronger."""
    used = [piece for one in shutdown.evidence if (piece := pieces.get(one.id)) is not None]
    drops = [piece for piece in used if isinstance(piece, Outage)]
    kinds = len(kinds_of(drops))
    return sum(number for (k, n), number in counts.items() if k >= kinds and n >= shutdown.sources)
