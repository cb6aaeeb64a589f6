"""When pieces of evidence can meet: their spans, and the windows around them.

All spans are closed intervals of Unix seconds here: what touches a window's end is inside it. Windows are
taken literally: they are as wide as they are because times are uncertain, so no uncertainty is added to them.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import NamedTuple

from streams import geography
from streams.correlation.rules import Rules
from topics import LATEST_S, Claim, Coverage, Outage

Core = Outage | Claim

HOUR_S = 3_600
DAY_S = 86_400


class Span(NamedTuple):
    """From and until, Unix seconds; what has no end yet ends at `topics.LATEST_S`."""

    from_s: int
    until_s: int

    def meets(self, other: Span, slack_s: int = 0) -> bool:
        """Whether the two share a moment, or are at most `slack_s` apart."""
        return self.from_s <= other.until_s + slack_s and other.from_s <= self.until_s + slack_s

    def shared_s(self, other: Span) -> int:
        """Seconds the two have in common; negative is the gap between them."""
        return min(self.until_s, other.until_s) - max(self.from_s, other.from_s)

    def grown(self, seconds: int) -> Span:
        return Span(self.from_s - seconds, self.until_s + seconds)

    def cut(self, seconds: int) -> Span:
        """The same, its end at most `seconds` after its begin."""
        return Span(self.from_s, min(self.until_s, self.from_s + seconds))


def span(piece: Core) -> Span:
    """The span of a piece as it stands. An outage that is still open ends at `topics.LATEST_S`."""
    return Span(piece.from_s, LATEST_S if piece.until_s is None else piece.until_s)


def joining_span(claim: Claim, rules: Rules) -> Span:
    """A claim's span for joins: the whole of it. Without an end, `claim_ongoing_s` of a claim that goes on, and
    `claim_open_s` of a clock time that doesn't say so."""
    if claim.until_s is not None:
        return Span(claim.from_s, claim.until_s)
    reach = "claim_open_s" if claim.precision == "minute" and not claim.ongoing else "claim_ongoing_s"
    return Span(claim.from_s, min(LATEST_S, claim.from_s + rules.seconds(reach)))


def claimed_span(claim: Claim, rules: Rules) -> Span:
    """When an outage lies in the claimed time itself: its days, or its clock times and `outage_claim_clock_s`
    either side."""
    own = joining_span(claim, rules)
    return own.grown(rules.seconds("outage_claim_clock_s")) if claim.precision == "minute" else own


def meeting_span(claim: Claim, rules: Rules) -> Span:
    """When an outage agrees with a claim: if it shares a moment with this span.

    Of a claim with clock times that is `outage_claim_clock_s` either side. Of one with days only, it begins
    `outage_claim_day_before_s` before its first local day and ends `outage_claim_day_after_s` after the *begin*
    of its last one: the clocks of the place say when a day begins, and days have 23 or 25 hours where they change.

        claim of the local day           |00:00 ======= 24:00|
        meets an outage in    |-24 h ............................ +48 h|
    """
    own = joining_span(claim, rules)
    if claim.precision == "minute":
        return own.grown(rules.seconds("outage_claim_clock_s"))
    last_day = max(own.from_s, local_midnight(own.until_s - 1, claim.place.time_zone))
    return Span(
        own.from_s - rules.seconds("outage_claim_day_before_s"),
        max(own.until_s, last_day + rules.seconds("outage_claim_day_after_s")),
    )


@lru_cache(maxsize=65_536)
def local_midnight(moment_s: int, time_zone: str) -> int:
    """When the local day began that a moment lies in, Unix seconds."""
    day = dt.datetime.fromtimestamp(moment_s, geography.zone(time_zone)).date()
    return geography.day_span(day, time_zone)[0]


def window(piece: Core, rules: Rules) -> Span:
    """The stretch in which a piece can meet others: two pieces can only meet if their windows share a moment.

    An outage reaches half of `interruption_s` beyond itself, and `outage_gap_s` at least; a claim as far as an
    outage or another claim can meet it.
    """
    if isinstance(piece, Outage):
        return span(piece).grown(max(rules.seconds("outage_gap_s"), -(-rules.seconds("interruption_s") // 2)))
    reach = meeting_span(piece, rules)
    own = joining_span(piece, rules).grown(rules.seconds("claim_claim_clock_s"))
    return Span(min(reach.from_s, own.from_s), max(reach.until_s, own.until_s))


def claims_meet(a: Claim, b: Claim, rules: Rules) -> bool:
    """Whether two claims agree in time, as their precisions allow.

    Two clock times may be `claim_claim_clock_s` apart. A day must share a moment with what it agrees with, and
    not just the midnight that two days have in common.
    """
    clocks = a.precision == b.precision == "minute"
    return joining_span(a, rules).meets(joining_span(b, rules), joining_slack_s(clocks, rules))


def joining_slack_s(clocks: bool, rules: Rules) -> int:
    """How far apart claims may be that agree, by their spans for joins; `clocks` where both have clock times."""
    return rules.seconds("claim_claim_clock_s") if clocks else -1


def letters_during(piece: Coverage, during: Span) -> str:
    """The letters of the hours of a stretch of coverage that a span touches."""
    first = (during.from_s - piece.from_s) // HOUR_S
    last = -(-(during.until_s - piece.from_s) // HOUR_S)
    return piece.hours[max(0, first) : max(0, last)]


def claimed_days(claim: Claim, rules: Rules) -> range:
    """The days, counted from 1970 UTC, on which an outage could begin that meets a claim."""
    reach = meeting_span(claim, rules)
    return range(reach.from_s // DAY_S, reach.until_s // DAY_S + 1)
