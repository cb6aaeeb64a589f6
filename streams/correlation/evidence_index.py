"""The evidence of a country, found by time and place: what is near what, and what a new piece can change.

Outages are linked that could be one shutdown, by time and place; what is linked, directly or not, is a component.
Claims belong to whatever measured things they meet. Claims that meet none stand alone, and are linked among
themselves. So a chain of claims does not tie together what was measured, nor the other way round, and what the
evidence comes to can be worked out component by component: each depends on its own members and on what is near
them, never on the order in which they came.

It is built in layers, each on the one before: `EvidenceStore`, `Components`, `LongClaims`, `ClaimJoins`,
`ClaimsAlone`, `Campaigns`; and here, what each piece can change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from streams.correlation.blocking_joins import span as blocking_span
from streams.correlation.campaigns import Campaigns
from streams.correlation.components import Component
from streams.correlation.context import in_window, protest_window, reach_of_protest
from streams.correlation.drafts import Draft, cuts
from streams.correlation.evidence_store import closed
from streams.correlation.rules import Rules
from streams.correlation.windows import Span, joining_span, letters_during
from topics import (
    LATEST_S,
    Blocking,
    Cause,
    Claim,
    CommonDrop,
    Coverage,
    Evidence,
    Outage,
    Protest,
    of_service,
    signal_facts,
)


@dataclass(slots=True)
class DirtySet:
    """What a change can reach: ids of outages, whole components of them, and of claims; and outages whose drops
    it reaches if it changes their campaigns."""

    outages: set[str] = field(default_factory=set)
    claims: set[str] = field(default_factory=set)
    campaigns: set[str] = field(default_factory=set)


class EvidenceIndex(Campaigns):
    """The evidence of a country, and what each piece of it can change."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules)
        #: What was concluded last of a claim, whether a drop lies in its time, so that what depends on it is looked
        #: at again where it changes.
        self._met_inside: dict[str, bool] = {}

    def _unlist(self, piece: Evidence) -> None:
        self._met_inside.pop(piece.id, None)
        super()._unlist(piece)

    def put(self, piece: Evidence, dirty: DirtySet | None = None) -> None:
        """Take a piece in, instead of any older revision, and add what that can change."""
        old = self.pieces.get(piece.id)
        if old is None and dirty is None and isinstance(piece, Coverage) and not piece.withdrawn:
            # Most of a history that is read: nothing goes, and nothing is looked at.
            self.pieces[piece.id] = piece
            self._list_coverage(piece)
            return
        before = old if old is not None and not old.withdrawn else None
        for was, now in self.crowd.turn(before, None if piece.withdrawn else piece):
            leaving, entering = self._turn(was, now)
            for one in leaving:
                if dirty is not None:
                    self.mark_dirty(one, dirty)
                self._unlist(one)
            if now is None or now.id == piece.id:
                self.pieces[piece.id] = piece
            self.crowd.put(was, now)
            for one in entering:
                self._enter(one)
                if dirty is not None:
                    self.mark_dirty(one, dirty)
        self.pieces[piece.id] = piece

    def drop(self, key: str) -> None:
        """Forget a piece."""
        piece = self.pieces[key]
        for was, now in self.crowd.turn(None if piece.withdrawn else piece, None):
            leaving, entering = self._turn(was, now)
            for one in leaving:
                self._unlist(one)
            self.crowd.put(was, now)
            for one in entering:
                self._enter(one)
        del self.pieces[key]

    def mark_dirty(self, piece: Evidence, dirty: DirtySet) -> None:
        """Add what a piece that stands can change. To be asked before it goes and after it came."""
        if isinstance(piece, Outage):
            self._mark_by_outage(piece, dirty)
        elif isinstance(piece, Claim):
            dirty.claims.add(piece.id)
            dirty.claims.update(self.linked_claims(piece))
            self._alone.pop(piece.id, None)
            if not cuts(piece):
                number = self._place_of[piece.id]
                near = self._touching(number, self._claims, self._claims.span(piece.id))
                dirty.claims.update(key for key in near if self.alone(key))
            for key in self._touching(self._place_of[piece.id], self._outages, self._claims.span(piece.id)):
                drafts = self.component(key).drafts
                if not cuts(piece) or any(self.join(piece, draft) is not None for draft in drafts):
                    self._mark_component(key, dirty)
        elif isinstance(piece, Coverage):
            self._mark_by_coverage(piece, dirty)
        elif isinstance(piece, Protest):
            self._mark_by_protest(piece, dirty)
        elif isinstance(piece, Blocking):
            number = self._place_of[piece.id]
            dirty.claims.update(self._touching(number, self._blocked, blocking_span(piece, self.rules)))
        else:
            self._mark_by_context(piece, dirty)

    def _mark_by_outage(self, piece: Outage, dirty: DirtySet) -> None:
        # Always: a piece that moved is in what it was part of before, and now part of something else.
        dirty.outages.update(self.component(piece.id).ids)
        for key in self.component(piece.id).ids:
            dirty.claims.update(self._claims_near(key))
        for key in self._recurrences.with_(piece.id):
            self._mark_component(key, dirty)
        dirty.campaigns.update(self.reached(piece.id))

    def _mark_claim(self, key: str, dirty: DirtySet) -> None:
        """Add the drops that a claim can meet."""
        for one in self._touching(self._place_of[key], self._outages, self._claims.span(key)):
            self._mark_component(one, dirty)

    def _mark_by_context(self, piece: Cause | CommonDrop, dirty: DirtySet) -> None:
        reach = closed(piece).grown(self.rules.seconds("cause_before_s") + self.rules.seconds("cause_after_s"))
        for key in self._claims.during(reach):
            if self.alone(key):
                dirty.claims.add(key)
        if isinstance(piece, CommonDrop) and of_service(piece.signals):
            for key in self._blockings.during(closed(piece)):
                blocking = self.pieces[key]
                assert isinstance(blocking, Blocking)
                self.mark_dirty(blocking, dirty)
        # Last, since it forgets which claims are alone: a piece that goes is still listed here.
        for key in self._outages.during(reach):
            self._mark_component(key, dirty)
            for one in self.component(key).ids:
                dirty.claims.update(self._claims_near(one))

    def _mark_component(self, key: str, dirty: DirtySet) -> None:
        if key not in dirty.outages:
            dirty.outages.update(self.component(key).ids)

    def _claims_near(self, outage: str) -> list[str]:
        """The claims that an outage could meet, or almost; whether they do is to be judged again."""
        number = self._place_of[outage]
        during = self._outages.span(outage).grown(self._near_s)
        near = self.places.near(number)
        found = [key for key in self._claims.during(during) if near[self._place_of[key]]]
        for key in found:
            self._alone.pop(key, None)
        return found

    def _mark_by_coverage(self, piece: Coverage, dirty: DirtySet) -> None:
        number = self.places.number(piece.place)
        nested, during = self.places.nested(number), closed(piece)
        if number in self._outages_of:
            for key in self._outages_of[number].during(during):
                if key not in dirty.outages and self._tells_of_outage(piece, key):
                    self._mark_component(key, dirty)
        for key in self._claims.during(during):
            claimed_at = self._place_of[key]
            if not nested[claimed_at]:
                continue
            heard = joining_span(self.claim(key), self.rules).cut(self.rules.seconds("sight_most_s"))
            if letters_during(piece, heard) and self.alone(key):
                dirty.claims.add(key)
            if self.places.pair(claimed_at, number).same:
                # The claimed place's own series decides whether the claim meets what dropped elsewhere.
                # Last, since it forgets whether the claim is alone: a piece that goes is still listed here.
                for outage in self._touching(claimed_at, self._outages, during):
                    if not self.places.pair(claimed_at, self._place_of[outage]).same:
                        dirty.claims.add(key)
                        self._alone.pop(key, None)
                        self._mark_component(outage, dirty)

    def _tells_of_outage(self, piece: Coverage, key: str) -> bool:
        """Whether coverage counts for what an outage of its place is part of: it may end what is open, and it says
        which other kinds of signal stayed normal."""
        draft = self.draft_of(key)
        if draft is None or not draft.span.meets(closed(piece)):
            return False
        kind = signal_facts(piece.signal).kind
        dropped = (signal for outage in draft.outages for signal in outage.signals)
        return draft.span.until_s == LATEST_S or all(signal_facts(signal).kind != kind for signal in dropped)

    def _mark_by_protest(self, piece: Protest, dirty: DirtySet) -> None:
        """Add the drafts that a protest is context of, and those of its days that tell the number of protests."""
        during = reach_of_protest(piece, self.rules)
        told: dict[Span, bool] = {}
        seen: set[int] = set()
        for key in self._outages.during(during):
            if key not in dirty.outages:
                component = self.component(key)
                if id(component) not in seen:
                    seen.add(id(component))
                    if any(self._told_of(piece, draft, told) for draft in component.drafts):
                        dirty.outages.update(component.ids)
        for key in self._claims.during(during):
            if self.alone(key) and any(self._told_of(piece, draft, told) for draft in self.claimed(key).drafts):
                dirty.claims.add(key)

    def _told_of(self, protest: Protest, draft: Draft, told: dict[Span, bool]) -> bool:
        """Whether a draft says something else with a protest than without it. `told` remembers for which windows
        the number of protests does."""
        shown_may_differ = any(claim.reporter == "individual" for claim in draft.claims)
        during = draft.reach(self.rules)
        if shown_may_differ:
            # Which claims are shown decides on its days: any of them may be among the widest.
            spans = [during, *(joining_span(claim, self.rules) for claim in draft.claims)]
            during = Span(min(one.from_s for one in spans), max(one.until_s for one in spans))
        days = protest_window(draft.place, during, self.rules)
        if not in_window(protest, days):
            return False
        if shown_may_differ or self._near_protest(protest, draft):
            return True
        if days not in told:
            told[days] = self._number_told(protest, days)
        return told[days]

    def _near_protest(self, protest: Protest, draft: Draft) -> bool:
        """Whether a protest is context of the place of a draft, or of any that it may be narrowed to."""
        at = self._place_of[protest.id]
        if self.places.context(self.places.number(draft.place))[at]:
            return True
        if draft.strong:
            return False
        claims = self.attached(draft) if draft.outages else draft.claims
        return any(self.places.context(self._place_of[claim.id])[at] for claim in claims)

    def _number_told(self, protest: Protest, days: Span) -> bool:
        """Whether the number of protests in a window is told, with or without one of them: whether there is any,
        and a surge with its number."""
        others = {one.lineage for one in self.protests(days) if one.id != protest.id}
        if not others:
            return True
        usual = self.chances.usual_protests(days.until_s - days.from_s)
        return protest.lineage not in others and usual is not None and len(others) + 1 > 2 * usual

    def mark_dirty_again(self, key: str, dirty: DirtySet) -> None:
        """Add what an outage, or a claim that stands alone, is part of; if it still is."""
        if key in self._outages:
            self._mark_component(key, dirty)
        elif key in self._claims and self.alone(key):
            dirty.claims.add(key)

    def note_all(self) -> None:
        """Note what `settle_dirty` compares with, where everything is dirty and nothing is left to add: before all
        is concluded on at once, and after a restart."""
        self._stale.clear()
        for key in self._claims.ids():
            if self._means_days(self.claim(key)):
                self._met_inside[key] = self._meets_inside(self.claim(key))
        for component in self._whole(self._outages.ids()):
            self.borrowers(component)
            self.note_drawn(component)

    def _whole(self, outages: Iterable[str]) -> Iterator[Component]:
        """The components of those outages that stand, each once."""
        seen: set[str] = set()
        for key in outages:
            if key not in seen and key in self._outages:
                component = self.component(key)
                seen.update(component.ids)
                yield component

    def settle_dirty(self, dirty: DirtySet) -> None:
        """Add what depends on what has changed of claims and drops that are dirty: claims of another day where a
        drop on the claimed day came or went, long claims that are borne out by now, drops that have
        something else of their campaigns."""
        for (number, key), before in sorted(self._stale.items()):
            if key not in self._claims:
                continue
            now = self._borne_out.setdefault(number, {})[key] = self._pattern(self.claim(key), number)
            if now is not before:
                self._alone.pop(key, None)
                dirty.claims.add(key)
                dirty.claims.update(self.linked_claims(self.claim(key)))
                self._mark_claim(key, dirty)
        self._stale.clear()
        for key in sorted(dirty.claims):
            if key in self._claims and self._means_days(self.claim(key)):
                now = self._meets_inside(self.claim(key))
                if self._met_inside.get(key) is not now:
                    self._met_inside[key] = now
                    self._mark_claim(key, dirty)
        for component in self._whole(dirty.outages):
            dirty.campaigns |= self.borrowers(component)
        for key in dirty.campaigns - dirty.outages:
            if key in self._outages and self.draws_otherwise(key):
                self._mark_component(key, dirty)
        for component in self._whole(dirty.outages):
            self.note_drawn(component)
