"""Which claim meets which drop: by place, by size and by time.

A drop corroborates a claim if it is large enough for what is claimed, and the claim for the drop: see JUDGEMENT in
docs/CORRELATION.md. What depends on other evidence (whether the claimed place's own series stayed normal, whether a
long claim is borne out) is asked of `streams.correlation.evidence_index`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from streams import geography
from streams.correlation.drafts import Draft, cuts, depth
from streams.correlation.places import Pair
from streams.correlation.rules import Rules
from streams.correlation.sight import depth as claimed_depth
from streams.correlation.sight import network_share
from streams.correlation.windows import Span, claimed_span, joining_span, meeting_span, span
from streams.geography.fold import fold
from topics import Claim, Outage, Place, signal_facts

#: How a drop's place lies to the claimed one: the same; a part of it; the whole around it.
Fit = Literal["same", "part", "whole"]


class Join(NamedTuple):
    """How well a claim and a drop agree.

    `fit` is how the drop's place lies to the claimed one, `off_s` how many seconds after the claimed time the drop
    was (negative: before it; 0: in it).
    """

    fit: Fit
    off_s: int

    @property
    def inside(self) -> bool:
        """Whether the drop lies in the claimed time itself."""
        return self.off_s == 0


def fit(claim: Claim, place: Place, lost: float, pair: Pair, rules: Rules) -> Fit | None:
    """How a place that lost a share of its connectivity lies to a claimed one; None where neither tells of the
    other.

    Args:
        claim: what is claimed.
        place: where it dropped.
        lost: the share of the baseline that it lost, 0 to 1.
        pair: how the claimed place (first) lies to that place (second).
        rules: the rules of correlation.
    """
    if any(_leaves_out(one, place) for one in claim.excluded):
        return None
    if place.kind == "network":
        return None if not pair.holds else "same" if names_network(claim, place) else "part"
    if pair.same:
        return "same"
    if pair.holds:
        return "part"
    if pair.within:
        large = lost >= rules.number("whole_depth")
        matches = pair.of_second >= rules.number("whole_share") and lost >= 0.5 * pair.of_second
        return "whole" if large or matches else None
    vague = claim.place.approximate or place.approximate or claim.place.kind == "point"
    if (vague or pair.of_first >= 0.5) and geography.touches(claim.place, place):
        return "same"
    return None


def _leaves_out(excluded: Place, place: Place) -> bool:
    """Whether a place that a claim leaves out has most of the people of another."""
    return geography.contains(excluded, place) or (geography.share(excluded, place) or 0.0) >= 0.5


def names_network(claim: Claim, network: Place) -> bool:
    """Whether a claim names a network: its operator speaks, or its name stands in the words."""
    name = fold(network.name)
    said = f"{claim.wording or ''} {fold(claim.reporter_name or '') if claim.reporter == 'operator' else ''}"
    # Folded words have lost their apostrophes: "Algerie Telecom's customers".
    return bool(name) and re.search(rf"\b{re.escape(name)}s?\b", said) is not None


def large_enough(claim: Claim, outage: Outage, share: float, rules: Rules) -> bool:
    """Whether an outage is a good part of the drop that a claim would cause in its signals, were it true of `share`
    of the outage's place."""
    lost = depth(outage)
    claimed = claimed_depth(claim, rules) * share
    return any(
        lost >= rules.number("drop_enough") * network_share(signal_facts(signal), claim) * claimed
        for signal in outage.signals
    )


def off_s(claim: Claim, during: Span, rules: Rules) -> int | None:
    """How many seconds after the claimed time a stretch begins (negative: how many before it ends); 0 where they
    share a moment, None where it is beyond the widest window."""
    if claimed_span(claim, rules).meets(during):
        return 0
    if not meeting_span(claim, rules).meets(during):
        return None
    own = joining_span(claim, rules)
    return during.from_s - own.until_s if during.from_s > own.until_s else during.until_s - own.from_s


def join(claim: Claim, draft: Draft, pairs: Sequence[Pair], rules: Rules) -> Join | None:
    """How a claim and what was measured agree; None where they don't.

    Args:
        claim: what is claimed.
        draft: what was measured.
        pairs: how the claimed place lies to that of each of `draft.outages`, then of each of `draft.nested`.
        rules: the rules of correlation.
    """
    if draft.failed is not None or not cuts(claim):
        return None
    best: Join | None = None
    lost = draft.depth
    outages = (*draft.outages, *draft.nested)
    for number, (outage, pair) in enumerate(zip(outages, pairs, strict=True)):
        when = off_s(claim, span(outage), rules)
        if when is None or (best is not None and abs(best.off_s) <= abs(when)):
            continue
        if number >= len(draft.outages) and geography.contains(outage.place, draft.place):
            # The echo of the drop in a wider place says nothing of what is claimed elsewhere in that.
            continue
        found = fit(claim, outage.place, lost if number < len(draft.outages) else depth(outage), pair, rules)
        if found is None:
            continue
        if large_enough(claim, outage, 1.0 if found != "whole" else pair.of_second, rules):
            best = Join(found, when)
    return best
