"""How long after its begin each shutdown could be known at each level, where evidence says when it was known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median

import msgspec

from topics import Claim, Evidence, Outage, Shutdown
from topics.shutdowns import Level


class Delay(msgspec.Struct, frozen=True, kw_only=True):
    """Shutdowns that reached a level, how many of them say when, and after how many minutes they did."""

    level: Level
    shutdowns: int
    timed: int
    fastest_min: float | None
    median_min: float | None
    slowest_min: float | None


def delays(shutdowns: Iterable[Shutdown], evidence: Sequence[Evidence]) -> list[Delay]:
    """Delays of the levels measured, reported and corroborated, from the knowledge times (`known_s`) of evidence.

    Measured is reached with the first outage known, reported with the first claim, corroborated when there is one
    of each of independent lineages.
    """
    pieces = {piece.id: piece for piece in evidence}
    found: dict[Level, list[float | None]] = {"measured": [], "reported": [], "corroborated": []}
    for shutdown in shutdowns:
        for level, known_s in _reached(shutdown, pieces).items():
            found[level].append(None if known_s is None else (known_s - shutdown.from_s) / 60)
    return [_delay(level, minutes) for level, minutes in found.items()]


def _reached(shutdown: Shutdown, pieces: Mapping[str, Evidence]) -> dict[Level, float | None]:
    """When each level was reached; None if its evidence doesn't say."""
    used = [pieces[one.id] for one in shutdown.evidence if one.id in pieces]
    outages = [piece for piece in used if isinstance(piece, Outage)]
    lineages = {outage.lineage for outage in outages}
    claims = [piece for piece in used if isinstance(piece, Claim) and piece.lineage not in lineages]
    reached: dict[Level, float | None] = {}
    if outages:
        reached["measured"] = _first(outages)
    if claims:
        reached["reported"] = _first(claims)
    if shutdown.level == "corroborated" and outages and claims:
        both = (reached["measured"], reached["reported"])
        reached["corroborated"] = None if None in both else max(one for one in both if one is not None)
    return reached


def _first(pieces: Sequence[Evidence]) -> float | None:
    return min((piece.known_s for piece in pieces if piece.known_s is not None), default=None)


def _delay(level: Level, minutes: Sequence[float | None]) -> Delay:
    timed = [one for one in minutes if one is not None]
    return Delay(
        level=level,
        shutdowns=len(minutes),
        timed=len(timed),
        fastest_min=round(min(timed), 1) if timed else None,
        median_min=round(median(timed), 1) if timed else None,
        slowest_min=round(max(timed), 1) if timed else None,
    )
