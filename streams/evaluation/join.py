"""The join of "Destination Unreachable" (SIGCOMM '23): full-network claims with outages of the same country.

An outage matches a claim if it begins between a day before the claim's first day and two days after that, or up to
a day after the claim's last, where that is later. No place, no clock, no look at who says it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from topics import Claim, Evidence, Outage, Shutdown
from topics.reports import Scope

DAY_S = 86_400

SCOPES: tuple[Scope, ...] = ("national", "regional", "local")


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """Full-network claims of a scope: how many there are, how many the paper's join and the engine match."""

    scope: Scope
    claims: int
    join: int
    engine: int


def joins(claim: Claim, outage: Outage) -> bool:
    """Whether the paper's rule matches the two. A day is its midnight, and a claim's last ends a day later."""
    until_s = claim.from_s if claim.until_s is None else claim.until_s
    last_s = until_s if claim.precision == "day" else until_s + DAY_S
    return claim.from_s - DAY_S <= outage.from_s <= max(claim.from_s + 2 * DAY_S, last_s)


def joined(claims: Iterable[Claim], outages: Iterable[Outage]) -> tuple[set[str], set[str], set[str]]:
    """Ids of claims that match, of outages that match, and of outages that match a claim of another lineage."""
    full: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.extent == "full":
            full[claim.country].append(claim)
    by_claim: set[str] = set()
    by_any: set[str] = set()
    by_independent: set[str] = set()
    for outage in outages:
        for claim in full[outage.country]:
            if joins(claim, outage):
                by_claim.add(claim.id)
                by_any.add(outage.id)
                if claim.lineage != outage.lineage:
                    by_independent.add(outage.id)
    return by_claim, by_any, by_independent


def shares(evidence: Sequence[Evidence], shutdowns: Iterable[Shutdown], years: range) -> list[Share]:
    """Matched claims by scope, of those that begin in the years (UTC) that the outages cover."""
    claims = [piece for piece in evidence if isinstance(piece, Claim) and piece.extent == "full"]
    claims = [claim for claim in claims if _year(claim.from_s) in years]
    by_join, _, _ = joined(claims, (piece for piece in evidence if isinstance(piece, Outage)))
    by_engine = {
        piece.id
        for shutdown in shutdowns
        if shutdown.signals
        for piece in shutdown.evidence
        if piece.kind == "claim"
    }
    return [
        Share(
            scope=scope,
            claims=len(own),
            join=len(by_join.intersection(own)),
            engine=len(by_engine.intersection(own)),
        )
        for scope in SCOPES
        for own in [{claim.id for claim in claims if claim.scope == scope}]
    ]


def _year(moment_s: int) -> int:
    return dt.datetime.fromtimestamp(moment_s, dt.UTC).year
