"""Which measured blocking meets which claim: the service, the place and the time agree.

Blocking tells of one service and nothing of the network: it meets claims of services alone, makes no shutdown where
nobody claims one, and speaks neither for nor against a cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from streams.correlation.drafts import cuts
from streams.correlation.places import Pair
from streams.correlation.rules import Rules
from streams.correlation.windows import Span, claimed_span, joining_span, meeting_span
from topics import Blocking, Claim, CommonDrop, same_service
from topics.services import TELEPHONY


class Tested(NamedTuple):
    """What tests of services say of claims: blocking, each with a claim that it meets; and which services failed by
    themselves where claims call them blocked."""

    blocked: Sequence[tuple[Claim, Blocking]] = ()
    failed: Sequence[CommonDrop] = ()


NOTHING_TESTED = Tested()


def of_services(claim: Claim) -> bool:
    """Whether a claim is of blocked or throttled services, which tests of them would show."""
    if cuts(claim) or claim.attribution == "denied":
        return False
    return not claim.services or any(name.casefold() not in TELEPHONY for name in claim.services)


def span(piece: Blocking, rules: Rules) -> Span:
    """When a service was blocked. What is not over reaches `blocking_open_s` beyond the last test that showed it:
    nobody may have tested since."""
    if piece.until_s is not None:
        return Span(piece.from_s, piece.until_s)
    return Span(piece.from_s, (piece.last_s or piece.from_s) + rules.seconds("blocking_open_s"))


def meets(claim: Claim, piece: Blocking, pair: Pair, rules: Rules) -> bool:
    """Whether blocking is what a claim of services tells of: the service, the place and the time agree.

    Args:
        claim: what is claimed.
        piece: what was measured.
        pair: how the claimed place (first) lies to the measured one (second).
        rules: the rules of correlation.
    """
    return (
        of_services(claim) and _in_time(claim, piece, rules) and _there(piece, pair, rules) and _names(claim, piece)
    )


def _names(claim: Claim, piece: Blocking) -> bool:
    """Whether a claim is of the service. Claims that name none, and counts of all tests together, are of any."""
    if piece.service is None or not claim.services:
        return True
    return any(same_service(name, piece.service) for name in claim.services)


def _there(piece: Blocking, pair: Pair, rules: Rules) -> bool:
    if piece.place.kind == "network":
        return pair.holds
    # What most tests of the country show, a town in it sees too.
    return pair.same or pair.holds or (pair.within and piece.share >= rules.number("whole_depth"))


def _in_time(claim: Claim, piece: Blocking, rules: Rules) -> bool:
    """Whether it was blocked in the claimed time: in the first days of a long claim, or for a good part of it.

    A claim that names no service is of something that began then: a service that is blocked for years is not it.
    """
    measured = span(piece, rules)
    if not claim.services and not meeting_span(claim, rules).meets(Span(piece.from_s, piece.from_s)):
        return False
    when = claimed_span(claim, rules)
    if measured.shared_s(when) <= 0:
        return False
    first = when.cut(rules.seconds("claim_long_s"))
    own = joining_span(claim, rules)
    return measured.shared_s(first) > 0 or measured.shared_s(own) >= rules.number("long_share") * (
        own.until_s - own.from_s
    )
