"""When pieces of evidence can meet: their spans, and the windows around them.

All spans are closed intervals of Unix seconds here: what touches a window's end is inside it.
"""

from __future__ import annotations

from typing import NamedTuple

from streams.correlation.rules import Rules
from topics import LATEST_S, Claim, Outage

Core = Outage | Claim


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
    """A claim's span for joins: cut at `claim_span_s`, and as long as that where no end is known."""
    return span(claim).cut(rules.seconds("claim_span_s"))


def window(piece: Core, rules: Rules) -> Span:
    """The stretch in which a piece can meet others.

    An outage reaches `outage_gap_s` beyond itself and its uncertainty, a claim with clock times
    `outage_claim_clock_s`, one with days only `outage_claim_day_s` beyond its local days.
    """
    if isinstance(piece, Outage):
        uncertainty = max(piece.from_uncertainty_s, piece.until_uncertainty_s)
        return span(piece).grown(rules.seconds("outage_gap_s") + uncertainty)
    if piece.precision == "day":
        return joining_span(piece, rules).grown(rules.seconds("outage_claim_day_s"))
    clock = max(rules.seconds("outage_claim_clock_s"), rules.seconds("claim_claim_clock_s"))
    return joining_span(piece, rules).grown(clock)


def claim_meets_outage(claim: Claim, outage: Outage, rules: Rules) -> bool:
    """Whether a claim and an outage agree in time."""
    day = claim.precision == "day"
    slack = rules.seconds("outage_claim_day_s" if day else "outage_claim_clock_s")
    seen = Span(outage.from_s - outage.from_uncertainty_s, span(outage).until_s + outage.until_uncertainty_s)
    return joining_span(claim, rules).meets(seen, slack)
