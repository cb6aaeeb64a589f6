"""Claims that meet nothing measured: which of them are linked, and what there is near them."""

from __future__ import annotations

from collections.abc import Collection, Container, Hashable, Iterator

from streams.correlation.blocking_joins import Tested, meets
from streams.correlation.claim_drafts import claimed, claims_linked, subject
from streams.correlation.claim_joins import ClaimJoins
from streams.correlation.components import Component
from streams.correlation.drafts import Draft
from streams.correlation.rules import Rules
from streams.correlation.windows import claimed_span, joining_span
from topics import Blocking, Claim, Coverage, Evidence


class ClaimsAlone(ClaimJoins):
    """Components of claims that stand alone."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules)
        self._claimed: dict[str, Component] = {}
        #: What `judge_again` found last.
        self._was_alone: dict[str, bool] = {}
        self._near_s = max(rules.seconds("near_clock_s"), rules.seconds("near_day_s"))

    def _unlist(self, piece: Evidence) -> None:
        for key in self._claimed[piece.id].ids if piece.id in self._claimed else ():
            self._claimed.pop(key, None)
        self._was_alone.pop(piece.id, None)
        super()._unlist(piece)

    def claimed(self, key: str) -> Component:
        """All claims alone that one claim alone is linked to, directly or not."""
        known = self._claimed.get(key)
        if known is None:
            found = {key: self.claim(key)}
            queue = [key]
            asked: set[Hashable] = set()
            while queue:
                mates = self._linked_alone(self.claim(queue.pop()), found, asked)
                found.update((mate, self.claim(mate)) for mate in mates)
                queue += mates
            known = Component(tuple(found), tuple(claimed(found.values(), self.rules)))
            self._claimed.update(dict.fromkeys(found, known))
        return known

    def judge_again(self, claims: Collection[str]) -> list[Component]:
        """The components of claims alone that a change of some claims leaves behind; each once."""
        for key in claims:
            for mate in self._claimed[key].ids if key in self._claimed else ():
                self._claimed.pop(mate, None)
        found: dict[int, Component] = {}
        judged: set[str] = set()
        asked: set[Hashable] = set()
        for key in sorted(claims):
            if key not in self._claims:
                continue
            was_alone, now = self._was_alone.get(key), self.alone(key)
            self._was_alone[key] = now
            if was_alone is False and not now:
                # It met something and still does: nothing that stands alone was linked to it.
                continue
            for one in [key] if now else self._linked_alone(self.claim(key), judged, asked):
                if one not in judged:
                    component = self.claimed(one)
                    judged.update(component.ids)
                    found[id(component)] = component
        return list(found.values())

    def _linked_alone(self, claim: Claim, but: Container[str], asked: set[Hashable]) -> list[str]:
        """The claims alone that one is linked to, or would be if it stood alone, but for some.

        Those of one place and time are linked to the same, and very many may be: `asked` has what the links depend
        on of those that were asked before, and what is of their like has no mates but theirs. What is quick to know
        is asked first: where very many are linked, most are found already, or not alone.
        """
        like = subject(claim), claim.precision, self._place_of[claim.id], joining_span(claim, self.rules)
        if like in asked:
            return []
        asked.add(like)
        return [
            key
            for key in self._joinable(claim)
            if key not in but and self.alone(key) and claims_linked(claim, self.claim(key), self.rules)
        ]

    def linked_claims(self, claim: Claim) -> list[str]:
        """The claims that one is linked to, should they all stand alone."""
        return [key for key in self._joinable(claim) if claims_linked(claim, self.claim(key), self.rules)]

    def _joinable(self, claim: Claim) -> Iterator[str]:
        """The claims that could agree with one in time, of places that lie in its own or have it in them."""
        nested, place_of = self.places.nested(self.places.number(claim.place)), self._place_of
        slack_s = self.rules.seconds("claim_claim_clock_s")
        during = joining_span(claim, self.rules).grown(slack_s)
        return (key for key in self._claims.during(during) if nested[place_of[key]])

    def coverage(self, draft: Draft) -> list[Coverage]:
        """What series said that tell of a draft's claims, in their first `sight_most_s`; or, of what was measured,
        of its own place and time: which signals stayed normal, and when it ended."""
        found: dict[str, Coverage] = {}
        if draft.outages:
            number = self.places.number(draft.place)
            during = draft.span
            for key in self._coverage[number].during(during) if number in self._coverage else ():
                found[key] = self._covering(key)
            return list(found.values())
        for claim in draft.claims:
            during = joining_span(claim, self.rules).cut(self.rules.seconds("sight_most_s"))
            nested = self.places.nested(self.places.number(claim.place))
            for other, line in self._coverage.items():
                if nested[other]:
                    for key in line.during(during):
                        found[key] = self._covering(key)
        return list(found.values())

    def tested(self, draft: Draft) -> Tested:
        """What tests of services say of the claims of a draft that stands on claims alone."""
        met = [] if draft.outages else self._blockings_met(draft)
        failed = {piece.id: drop for _, piece in met if (drop := self.service_failure(piece)) is not None}
        drops = {drop.id: drop for drop in failed.values()}
        return Tested([pair for pair in met if pair[1].id not in failed], [drops[key] for key in sorted(drops)])

    def _blockings_met(self, draft: Draft) -> list[tuple[Claim, Blocking]]:
        """The blocking of services that was measured where and when claims of a draft tell of it, each with a claim
        that it meets. Many claims say the same: it is asked once of each place, time, subject and words."""
        known: dict[Hashable, list[Blocking]] = {}
        found: list[tuple[Claim, Blocking]] = []
        if not len(self._blockings):
            return found
        for claim in draft.claims:
            own, during = self._place_of[claim.id], claimed_span(claim, self.rules)
            like = own, during, claim.extent, claim.services, claim.attribution
            if like not in known:
                pieces = [self._blocking(key) for key in self._touching(own, self._blockings, during)]
                known[like] = [
                    piece
                    for piece in pieces
                    if meets(claim, piece, self.places.pair(own, self._place_of[piece.id]), self.rules)
                ]
            found += [(claim, piece) for piece in known[like]]
        return found

    def _blocking(self, key: str) -> Blocking:
        piece = self.pieces[key]
        assert isinstance(piece, Blocking)
        return piece

    def nearby_outages(self, draft: Draft) -> list[Draft]:
        """What was measured near claims that meet nothing: near enough, in time and place, for a candidate."""
        found: dict[int, Draft] = {}
        for claim in draft.claims:
            near = self.places.near(self._place_of[claim.id])
            for key in self._outages.during(self._claims.span(claim.id).grown(self._near_s)):
                if near[self._place_of[key]]:
                    found.update((id(one), one) for one in self.component(key).drafts)
        return sorted(found.values(), key=lambda one: (one.first.from_s, one.place.key, one.first.id))
