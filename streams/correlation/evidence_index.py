"""The evidence of a country, found by time and place: what is near what, and what a new piece can change.

Outages are linked that could be one shutdown, by time and place; what is linked, directly or not, is a component.
Claims belong to whatever measured things they meet. Claims that meet none stand alone, and are linked among
themselves. So a chain of claims does not tie together what was measured, nor the other way round, and what the
evidence comes to can be worked out component by component: each depends on its own members and on what is near
them, never on the order in which they came.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from streams.correlation.context import in_window, protest_window, reach_of_protest
from streams.correlation.drafts import Draft, claimed, claims_linked, cuts, measured, meets
from streams.correlation.places import Places
from streams.correlation.rules import Rules
from streams.correlation.sample import Member, Sample
from streams.correlation.timeline import Timeline
from streams.correlation.windows import Span, joining_span, span, window
from streams.scoring import Chances, Recurrences
from topics import (
    LATEST_S,
    Cause,
    Claim,
    CommonDrop,
    Coverage,
    Evidence,
    Origin,
    Outage,
    Place,
    Protest,
    digest,
    encode,
)

#: Whoever says it.
_NOBODY = Origin(source="any")


class Component(NamedTuple):
    """Pieces that are linked, by id, and the drafts that they make. Drafts of outages have no claims here."""

    ids: tuple[str, ...]
    drafts: tuple[Draft, ...]


@dataclass(slots=True)
class DirtySet:
    """What a change can reach: ids of outages, whole components of them, and of claims."""

    outages: set[str] = field(default_factory=set)
    claims: set[str] = field(default_factory=set)


class EvidenceIndex:
    """The newest revision of every piece, and those that stand (not withdrawn) by time and place."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        #: All of them, whether or not they take part: see `sample`.
        self.pieces: dict[str, Evidence] = {}
        self._samples: dict[type, Sample] = {
            Claim: Sample(rules.count("claims_counted"), rules.count("repeats_counted")),
            Protest: Sample(rules.count("protests_counted"), rules.count("repeats_counted")),
        }
        self.places = Places(rules)
        self._outages = Timeline()
        self._recurrences = Recurrences()
        self._claims = Timeline()
        self._blocked = Timeline()
        self.chances = Chances()
        self._protests = Timeline()
        #: Coverage is most of the evidence, of few places: by the place's number.
        self._coverage: dict[int, Timeline] = {}
        self._place_of: dict[str, int] = {}
        self._open: dict[int, set[str]] = {}
        self._equal: dict[Any, Any] = {}
        self._components: dict[str, Component] = {}
        self._claimed: dict[str, Component] = {}
        self._alone: dict[str, bool] = {}
        self._near_s = max(rules.seconds("near_clock_s"), rules.seconds("near_day_s"))

    # ------------------------------------------------------------------ taking in

    def put(self, piece: Evidence, dirty: DirtySet | None = None) -> None:
        """Take a piece in, instead of any older revision, and add what that can change."""
        old = self.pieces.get(piece.id)
        before = old if old is not None and not old.withdrawn else None
        leaving, entering = self._turn(before, None if piece.withdrawn else piece)
        for one in leaving:
            if dirty is not None:
                self.mark_dirty(one, dirty)
            self._unlist(one)
        self.pieces[piece.id] = piece
        for one in entering:
            self._list(one)
            if dirty is not None:
                self.mark_dirty(one, dirty)

    def drop(self, key: str) -> None:
        """Forget a piece."""
        piece = self.pieces[key]
        leaving, entering = self._turn(None if piece.withdrawn else piece, None)
        for one in leaving:
            self._unlist(one)
        del self.pieces[key]
        for one in entering:
            self._list(one)

    def _turn(self, old: Evidence | None, new: Evidence | None) -> tuple[list[Evidence], list[Evidence]]:
        """The pieces that take part no longer, as they were, and those that do from now on, if `new` stands instead
        of `old`. Of claims and protests, others may go or come with them: see `sample`."""
        leaving: dict[str, Evidence] = {}
        entering: dict[str, Evidence] = {}
        if old is not None:
            sample = self._samples.get(type(old))
            took_part, others = (True, []) if sample is None else sample.discard(_member(old))
            if took_part:
                leaving[old.id] = old
            entering.update((other, self.pieces[other]) for other in others)
        if new is not None:
            sample = self._samples.get(type(new))
            takes_part, others = (True, []) if sample is None else sample.add(_member(new))
            if takes_part:
                entering[new.id] = new
            for other in others:
                if entering.pop(other, None) is None:
                    leaving[other] = self.pieces[other]
        return list(leaving.values()), list(entering.values())

    def news(self, piece: Evidence) -> bool:
        """Whether a piece is new, or newer than what is known of its id."""
        old = self.pieces.get(piece.id)
        if old is None or piece.revision > old.revision:
            return True
        return piece.revision == old.revision and piece != old and encode(piece) > encode(old)

    def _list(self, piece: Evidence) -> None:
        number = self.places.number(piece.place)
        self._share(piece, self.places.all[number])
        if isinstance(piece, Coverage):
            line = self._coverage.get(number)
            if line is None:
                line = self._coverage[number] = Timeline()
            line.add(piece.id, _closed(piece))
            return
        self._place_of[piece.id] = number
        if isinstance(piece, Cause | CommonDrop):
            return
        self._count(piece, 1)
        if isinstance(piece, Outage):
            self._outages.add(piece.id, window(piece, self.rules))
            self._recurrences.add(piece)
            if piece.until_s is None:
                self._open.setdefault(number, set()).add(piece.id)
        elif isinstance(piece, Claim):
            self._claims.add(piece.id, window(piece, self.rules))
            if not cuts(piece):
                self._blocked.add(piece.id, window(piece, self.rules))
        else:
            self._protests.add(piece.id, _closed(piece))

    def _share(self, piece: Evidence, place: Place) -> None:
        """Let a piece hold the same place, origin and short texts as others do that have equal ones: a country's
        history is mostly coverage of few places, and takes a fraction of the memory so."""
        share = msgspec.structs.force_setattr
        share(piece, "place", place)
        share(piece, "origin", self._equal.setdefault(piece.origin, piece.origin))
        for name in ("country", "lineage", "series", "signal", "hours") if isinstance(piece, Coverage) else ():
            text = getattr(piece, name)
            share(piece, name, self._equal.setdefault(text, text))

    def _unlist(self, piece: Evidence) -> None:
        if isinstance(piece, Coverage):
            self._coverage[self.places.number(piece.place)].discard(piece.id)
            return
        if isinstance(piece, Cause | CommonDrop):
            self._place_of.pop(piece.id)
            return
        self._count(piece, -1)
        for line in (self._outages, self._recurrences, self._claims, self._blocked, self._protests):
            line.discard(piece.id)
        self._open.get(self._place_of.pop(piece.id), set()).discard(piece.id)
        self._alone.pop(piece.id, None)
        for cache in (self._components, self._claimed):
            if piece.id in cache:
                for key in cache[piece.id].ids:
                    cache.pop(key, None)

    def _count(self, piece: Outage | Claim | Protest, sign: int) -> None:
        """Count a piece in the country's rates, or take it back."""
        if not isinstance(piece, Claim):
            self.chances.add(piece, sign=sign)
        elif cuts(piece):
            reach = window(piece, self.rules)
            self.chances.add(piece, reach.until_s - reach.from_s, sign)

    # ------------------------------------------------------------------ looking

    def outages(self) -> Iterable[str]:
        """The ids of all outages that stand."""
        return self._outages.ids()

    def claims(self) -> Iterable[str]:
        """The ids of all claims that stand."""
        return self._claims.ids()

    def is_outage(self, key: str) -> bool:
        """Whether that is the id of an outage that stands."""
        return key in self._outages

    def outage(self, key: str) -> Outage:
        piece = self.pieces[key]
        assert isinstance(piece, Outage)
        return piece

    def claim(self, key: str) -> Claim:
        piece = self.pieces[key]
        assert isinstance(piece, Claim)
        return piece

    def _touching(self, number: int, line: Timeline, during: Span) -> Iterator[str]:
        """The ids of what a timeline holds in a stretch of time, of places that touch one."""
        touching, place_of = self.places.touching(number), self._place_of
        return (key for key in line.during(during) if touching[place_of[key]])

    def component(self, key: str) -> Component:
        """All outages that one is linked to, directly or not."""
        known = self._components.get(key)
        if known is None:
            found = self._linked(key)
            pieces = [self.outage(one) for one in found]
            known = Component(tuple(found), tuple(measured(pieces, self.rules)))
            self._components.update(dict.fromkeys(found, known))
        return known

    def _linked(self, seed: str) -> list[str]:
        found: dict[str, None] = {}
        queue = [seed]
        while queue:
            key = queue.pop()
            if key not in found:
                found[key] = None
                queue += self._touching(self._place_of[key], self._outages, self._outages.span(key))
        return list(found)

    def attached(self, draft: Draft) -> list[Claim]:
        """The claims that meet what was measured, by begin and id."""
        found: dict[str, Claim] = {}
        for outage in (*draft.outages, *draft.nested):
            for key in self._claims.during(self._outages.span(outage.id)):
                if key not in found:
                    claim = self.claim(key)
                    if meets(claim, draft, self.rules):
                        found[key] = claim
        return sorted(found.values(), key=lambda claim: (claim.from_s, claim.id))

    def alone(self, key: str) -> bool:
        """Whether a claim meets nothing measured."""
        known = self._alone.get(key)
        if known is None:
            claim = self.claim(key)
            known = self._alone[key] = not cuts(claim) or not any(
                meets(claim, draft, self.rules) for draft in self._measured_near(key)
            )
        return known

    def _measured_near(self, claim: str) -> Iterator[Draft]:
        seen: set[int] = set()
        for key in self._touching(self._place_of[claim], self._outages, self._claims.span(claim)):
            component = self.component(key)
            if id(component) not in seen:
                seen.add(id(component))
                yield from component.drafts

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

    def judge_again(self, dirty: DirtySet) -> list[Component]:
        """The components of claims alone that a change leaves behind; each once."""
        for key in dirty.claims:
            for mate in self._claimed[key].ids if key in self._claimed else ():
                self._claimed.pop(mate, None)
        found: dict[int, Component] = {}
        judged: set[str] = set()
        asked: set[Hashable] = set()
        for key in sorted(dirty.claims):
            if key not in self._claims:
                continue
            for one in [key] if self.alone(key) else self._linked_alone(self.claim(key), judged, asked):
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
        like = cuts(claim), claim.precision, self._place_of[claim.id], joining_span(claim, self.rules)
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
        """What series said that tell of a draft's claims or, of outages not over yet, when they ended."""
        found: dict[str, Coverage] = {}
        if draft.outages:
            spans = [(outage.place, span(outage)) for outage in draft.outages if outage.until_s is None]
        else:
            spans = [(claim.place, joining_span(claim, self.rules)) for claim in draft.claims]
        for place, during in spans:
            number = self.places.number(place)
            nested = self.places.nested(number)
            for other, line in self._coverage.items():
                related = number == other if draft.outages else nested[other]
                if related:
                    for key in line.during(during):
                        piece = self.pieces[key]
                        assert isinstance(piece, Coverage)
                        found[key] = piece
        return list(found.values())

    def protests(self, window: Span) -> list[Protest]:
        """The protests of the country that share a moment with a window, by begin and id."""
        found = []
        for key in self._protests.during(window):
            piece = self.pieces[key]
            assert isinstance(piece, Protest)
            if in_window(piece, window):
                found.append(piece)
        return sorted(found, key=lambda protest: (protest.from_s, protest.id))

    def in_context(self, protests: list[Protest], place: Place) -> list[Protest]:
        """Those of them that are context of what happened in a place."""
        context, place_of = self.places.context(self.places.number(place)), self._place_of
        return [one for one in protests if context[place_of[one.id]]]

    def blocked(self, draft: Draft, during: Span) -> list[Claim]:
        """Claims of blocked services there at that time, to which no drop answers, but which go with cuts."""
        number = self.places.number(draft.place)
        return [self.claim(key) for key in self._touching(number, self._blocked, during)]

    def recurrence(self, draft: Draft) -> tuple[int, ...]:
        """The local days away on which an outage of the place had the same hours."""
        return self._recurrences.days([outage.id for outage in draft.outages])

    def nearby_outages(self, draft: Draft) -> list[Draft]:
        """What was measured near claims that meet nothing: near enough, in time and place, for a candidate."""
        found: dict[int, Draft] = {}
        for claim in draft.claims:
            near = self.places.near(self._place_of[claim.id])
            for key in self._outages.during(self._claims.span(claim.id).grown(self._near_s)):
                if near[self._place_of[key]]:
                    found.update((id(one), one) for one in self.component(key).drafts)
        return sorted(found.values(), key=lambda one: (one.first.from_s, one.place.key, one.first.id))

    # ------------------------------------------------------------------ what a change reaches

    def mark_dirty(self, piece: Evidence, dirty: DirtySet) -> None:
        """Add what a piece that stands can change. To be asked before it goes and after it came."""
        if isinstance(piece, Outage):
            # Always: a piece that moved is in what it was part of before, and now part of something else.
            dirty.outages.update(self.component(piece.id).ids)
            for key in self.component(piece.id).ids:
                dirty.claims.update(self._claims_near(key))
            for key in self._recurrences.with_(piece.id):
                self._mark_component(key, dirty)
        elif isinstance(piece, Claim):
            dirty.claims.add(piece.id)
            dirty.claims.update(self.linked_claims(piece))
            self._alone.pop(piece.id, None)
            for key in self._touching(self._place_of[piece.id], self._outages, self._claims.span(piece.id)):
                drafts = self.component(key).drafts
                if not cuts(piece) or any(meets(piece, draft, self.rules) for draft in drafts):
                    self._mark_component(key, dirty)
        elif isinstance(piece, Coverage):
            self._mark_by_coverage(piece, dirty)
        elif isinstance(piece, Protest):
            self._mark_by_protest(piece, dirty)

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
        for key in self._open.get(number, ()):
            self._mark_component(key, dirty)
        nested = self.places.nested(number)
        for key in self._claims.during(_closed(piece)):
            if nested[self._place_of[key]] and self.alone(key):
                dirty.claims.add(key)

    def _mark_by_protest(self, piece: Protest, dirty: DirtySet) -> None:
        during = reach_of_protest(piece, self.rules)
        for key in self._outages.during(during):
            if key not in dirty.outages and self._on_its_days(piece, self.component(key).drafts):
                self._mark_component(key, dirty)
        for key in self._claims.during(during):
            if self.alone(key) and self._on_its_days(piece, self.claimed(key).drafts):
                dirty.claims.add(key)

    def _on_its_days(self, protest: Protest, drafts: Iterable[Draft]) -> bool:
        """Whether a protest is of the days of any draft, whichever of its claims are shown."""
        for draft in drafts:
            spans = [draft.reach(self.rules), *(joining_span(claim, self.rules) for claim in draft.claims)]
            whole = Span(min(one.from_s for one in spans), max(one.until_s for one in spans))
            if in_window(protest, protest_window(draft.place, whole, self.rules)):
                return True
        return False

    def mark_dirty_again(self, key: str, dirty: DirtySet) -> None:
        """Add what an outage, or a claim that stands alone, is part of; if it still is."""
        if key in self._outages:
            self._mark_component(key, dirty)
        elif key in self._claims and self.alone(key):
            dirty.claims.add(key)


def _member(piece: Evidence) -> Member:
    """What a piece says, whose word it is, and its id: pieces that say the same differ in nothing else.

    Individuals are many, and so are protests. Of others each lineage counts: each is a group of its own, by source.
    """
    share: dict[str, Any] = {"id": "", "origin": _NOBODY, "lineage": "", "known_s": None, "revision": 0}
    whose = ("", "")
    if isinstance(piece, Claim):
        share["report"] = ""
        whose = whose if piece.reporter == "individual" else (piece.origin.source, piece.lineage)
    elif isinstance(piece, Protest):
        share |= {"item": "", "title": None, "participants": None}
    said = encode(msgspec.structs.replace(piece, **share))
    return Member((*whose, digest(said.decode())), piece.lineage, piece.id)


def _closed(piece: Coverage | Protest) -> Span:
    return Span(piece.from_s, LATEST_S if piece.until_s is None else piece.until_s)
