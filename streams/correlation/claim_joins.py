"""Which claims meet which drops, as far as other evidence has a say in it: see also `streams.correlation.joins`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from streams.correlation.drafts import Doubt, Draft, RuledOut, cuts
from streams.correlation.joins import Join, join
from streams.correlation.long_claims import LongClaims
from streams.correlation.rules import Rules
from streams.correlation.sight import of_coverage
from streams.correlation.windows import Span, joining_span, letters_during
from topics import Claim, Coverage, Evidence, signal_facts

Ruling = Literal["meets", "apart", RuledOut]


class Attached(NamedTuple):
    """The claims that meet a drop, and those that are ruled out, with the reason."""

    claims: list[Claim]
    ruled_out: list[tuple[Claim, RuledOut]]


class ClaimJoins(LongClaims):
    """The claims that each draft of outages has, and the claims that no drop answers."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules)
        #: The claims of drafts as long as nothing changes, by identity of the draft; drafts live in `_components`.
        self._attached: dict[int, Attached] = {}
        self._alone: dict[str, bool] = {}

    def _list(self, piece: Evidence) -> None:
        self._attached.clear()
        super()._list(piece)

    def _list_coverage(self, piece: Coverage) -> None:
        self._attached.clear()
        super()._list_coverage(piece)

    def _unlist(self, piece: Evidence) -> None:
        self._attached.clear()
        self._alone.pop(piece.id, None)
        super()._unlist(piece)

    def attached(self, draft: Draft) -> list[Claim]:
        """The claims that meet what was measured, by begin and id."""
        return self._attached_to(draft).claims

    def ruled_out(self, draft: Draft) -> list[tuple[Claim, RuledOut]]:
        """The claims that agree with what was measured, and are held to be of something else; and why. By begin and
        id."""
        return self._attached_to(draft).ruled_out

    def _attached_to(self, draft: Draft) -> Attached:
        if draft.failed is not None:
            return Attached([], [])
        known = self._attached.get(id(draft))
        if known is None:
            known = self._attached[id(draft)] = self._attach(draft)
        return known

    def _attach(self, draft: Draft) -> Attached:
        found: dict[str, tuple[Claim, Ruling]] = {}
        for outage in (*draft.outages, *draft.nested):
            for key in self._claims.during(self._outages.span(outage.id)):
                if key not in found:
                    claim = self.claim(key)
                    found[key] = claim, self._ruling(claim, draft)
        attached = Attached([], [])
        for claim, ruling in sorted(found.values(), key=lambda one: (one[0].from_s, one[0].id)):
            if ruling == "meets":
                attached.claims.append(claim)
            elif ruling != "apart":
                attached.ruled_out.append((claim, ruling))
        return attached

    def independent(self, draft: Draft) -> list[Claim]:
        """The claims that meet what was measured and don't only repeat it."""
        claims = self.attached(draft)
        if not claims:
            return []
        measured_by = {outage.lineage for outage in (*draft.outages, *draft.nested)}
        return [claim for claim in claims if claim.lineage not in measured_by]

    def join(self, claim: Claim, draft: Draft) -> Join | None:
        """How a claim and what was measured agree in place, size and time; None where they don't."""
        touching, number = self.places.touching(self._place_of[claim.id]), self._place_of
        apart = draft.outages and not touching[number[draft.outages[0].id]]
        if apart and not any(touching[number[outage.id]] for outage in draft.nested):
            return None
        own = self._place_of[claim.id]
        pairs = [self.places.pair(own, number[outage.id]) for outage in (*draft.outages, *draft.nested)]
        return join(claim, draft, pairs, self.rules)

    def _ruling(self, claim: Claim, draft: Draft) -> Ruling:
        """Whether a claim corroborates what was measured, and it the claim."""
        found = self.join(claim, draft)
        if found is None:
            return "apart"
        doubt = self._doubt(claim, draft, found)
        if doubt is not None:
            return doubt
        if found.inside:
            return "meets"
        # A claim that another drop answers is of that.
        if not self._means_days(claim) or self._meets_inside(claim):
            return "apart"
        return "meets" if self._stands_off_day(draft) else "other-time"

    def _doubt(self, claim: Claim, draft: Draft, found: Join) -> Doubt | None:
        """What else that was measured speaks against a claim that agrees with a drop: its place's own series, or,
        of a long one, how seldom the place drops."""
        if found.fit != "same" and self._own_series_normal(claim, draft):
            return "own-series-normal"
        return None if self._bears_out(claim, draft) else "not-borne-out"

    def _means_days(self, claim: Claim) -> bool:
        """Whether a claim is of a cut on single days, so that one on a day beside them may be meant."""
        own = joining_span(claim, self.rules)
        return cuts(claim) and own.until_s - own.from_s <= self.rules.seconds("claim_long_s")

    def _stands_off_day(self, draft: Draft) -> bool:
        """Whether a drop is strong and long enough to be what a claim of another day means."""
        length_s = draft.span.until_s - draft.span.from_s
        return draft.strong and length_s >= self.rules.seconds("off_day_least_s")

    def _meets_inside(self, claim: Claim) -> bool:
        """Whether a drop in the claimed time itself corroborates a claim."""
        for draft in self._measured_near(claim.id):
            found = self.join(claim, draft)
            if found is not None and found.inside and self._doubt(claim, draft, found) is None:
                return True
        return False

    def _own_series_normal(self, claim: Claim, draft: Draft) -> bool:
        """Whether the series of the claimed place itself would have shown the claimed cut during the drop, and were
        normal."""
        during = draft.span
        own = joining_span(claim, self.rules)
        shared = Span(max(during.from_s, own.from_s), min(during.until_s, own.until_s))
        if shared.until_s <= shared.from_s:
            return False
        number = self._place_of[claim.id]
        weight: dict[str, float] = {}
        dropped: set[str] = set()
        for other, line in self._coverage.items():
            pair = self.places.pair(number, other)
            if not pair.same:
                continue
            for key in line.during(shared):
                piece = self.pieces[key]
                assert isinstance(piece, Coverage)
                facts = signal_facts(piece.signal)
                letters = letters_during(piece, shared)
                if not letters or letters != "n" * len(letters):
                    dropped.add(facts.kind)
                elif of_coverage(piece, pair, claim, shared, self.rules).clear(self.rules):
                    weight[facts.kind] = max(weight.get(facts.kind, 0.0), facts.contradicts)
        return sum(share for kind, share in weight.items() if kind not in dropped) >= 1.0

    def alone(self, key: str) -> bool:
        """Whether a claim meets nothing measured."""
        known = self._alone.get(key)
        if known is None:
            claim = self.claim(key)
            known = self._alone[key] = not cuts(claim) or not any(
                self._ruling(claim, draft) == "meets" for draft in self._measured_near(key)
            )
        return known

    def _measured_near(self, claim: str) -> Iterator[Draft]:
        seen: set[int] = set()
        for key in self._touching(self._place_of[claim], self._outages, self._claims.span(claim)):
            component = self.component(key)
            if id(component) not in seen:
                seen.add(id(component))
                yield from component.drafts
