"""Sight: by how much a series would have dropped if a claim were true.

One pure function, for all who ask: whether a drop is large enough for a claim, whether a series that stayed normal
contradicts it, whether many people look coordinated, and what is said of series that could not have seen it.
See docs/CORRELATION.md, "What a series can see".
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from streams.correlation.places import Pair
from streams.correlation.rules import Rules
from streams.correlation.windows import Span
from topics import Claim, Coverage, signal_facts
from topics.signals import SignalFacts

HOUR_S = 3_600

#: Why a series would not have seen all of what is claimed.
Limit = Literal["networks", "place", "time", "noise", "kind"]

#: The usual spread of a series of unknown spread, by how it measures: a share of its baseline.
SPREADS = {
    "routing": 0.005,
    "probing": 0.03,
    "telescope": 0.15,
    "traffic": 0.08,
    "volunteers": 0.3,
    "index": 0.1,
    "delay": 0.5,
    "other": 0.3,
}


class Sight(NamedTuple):
    """What a series can see of a claim.

    `expected_drop` is the share of its baseline that it would have lost, 0 to 1; `covers` the share of the claimed
    place's people that it measures, 0 to 1; `noise` its usual spread, a share of its baseline; `limits` what keeps
    it from seeing more.
    """

    expected_drop: float
    covers: float
    noise: float
    limits: tuple[Limit, ...]

    def clear(self, rules: Rules) -> bool:
        """Whether the drop would have stood out: large, far above the noise, in most of the claimed place."""
        return (
            self.expected_drop >= rules.number("deny_drop")
            and self.expected_drop >= rules.number("deny_noise") * self.noise
            and self.covers >= rules.number("deny_covers")
        )


def sight(
    signal: str,
    pair: Pair,
    claim: Claim,
    during: Span,
    rules: Rules,
    step_s: int | None = None,
    spread: float | None = None,
) -> Sight:
    """What a series of a signal can see of a claim.

    Args:
        signal: the signal's code.
        pair: how the claimed place (first) lies to the series' place (second).
        claim: what is claimed.
        during: the claimed time.
        step_s: seconds from one value of the series to the next, if known.
        spread: its usual spread, a share of its baseline, if known.
    """
    facts = signal_facts(signal)
    limits: list[Limit] = []
    networks = network_share(facts, claim)
    if networks < 0.5:
        limits.append("kind" if not networks else "networks")
    place = pair.of_second * (rules.number("partial_share") if claim.partial else 1.0)
    if place < 0.5 or pair.of_first < rules.number("deny_covers"):
        limits.append("place")
    step = facts.step_s if step_s is None else step_s
    seen = 1.0
    if step:
        seen = min(1.0, (during.until_s - during.from_s) / (rules.number("step_share") * step))
        if seen < 1.0:
            limits.append("time")
    noise = SPREADS[facts.kind] if spread is None else spread
    expected = networks * place * seen * depth(claim, rules)
    if expected < rules.number("deny_noise") * noise:
        limits.append("noise")
    return Sight(expected, pair.of_first, noise, tuple(dict.fromkeys(limits)))


def network_share(facts: SignalFacts, claim: Claim) -> float:
    """The share of a full cut of the claimed networks that shows in a signal, 0 to 1. A claim that names no
    networks is of all of them."""
    if claim.extent in ("service", "throttling"):
        return facts.mobile * 0.3 if facts.kind == "traffic" else 0.0
    if claim.networks == ("mobile",):
        return facts.mobile
    if claim.networks == ("broadband",):
        return facts.fixed
    return max(facts.fixed, facts.mobile)


def depth(claim: Claim, rules: Rules) -> float:
    """How much of the connectivity of its place a claim says is gone, 0 to 1."""
    return 1.0 if claim.extent == "full" else rules.number("vague_depth")


def of_coverage(piece: Coverage, pair: Pair, claim: Claim, during: Span, rules: Rules) -> Sight:
    """What the series of a stretch of coverage can see of a claim."""
    return sight(piece.signal, pair, claim, during, rules, piece.step_s, piece.spread)
