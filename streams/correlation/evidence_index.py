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

from streams.correlation.claim_drafts import claimed, claims_linked, subject
from streams.correlation.context import in_window, protest_window, reach_of_protest
from streams.correlation.drafts import Draft, cuts, measured, order
from streams.correlation.joins import Join, join
from streams.correlation.patterns import DAY_S, Begin, Patterns, apart_s
from streams.correlation.places import Pair, Places
from streams.correlation.rules import Rules
from streams.correlation.sample import Member, Sample
from streams.correlation.sight import of_coverage
from streams.correlation.timeline import Timeline
from streams.correlation.windows import Span, claimed_days, joining_span, letters_during, span, window
from streams.scoring import Chances, Recurrences
from streams.scoring.recurrence import local_s
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
    signal_facts,
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
        self._protest_by_id: dict[str, Protest] = {}
        #: Coverage is most of the evidence, of few places: by the place's number.
        self._coverage: dict[int, Timeline] = {}
        self._place_of: dict[str, int] = {}
        self._open: dict[int, set[str]] = {}
        self._equal: dict[Any, Any] = {}
        self._causes = Timeline()
        self._denials = Timeline()
        self._common_drops = Timeline()
        self._patterns = Patterns()
        #: By place and id of a long claim: whether the drops of that place bear it out; and which may do otherwise.
        self._borne_out: dict[int, dict[str, bool]] = {}
        self._stale: set[tuple[int, str]] = set()
        #: What was concluded last of a claim (whether a drop lies in its time) and of a drop (who claims it), so that
        #: what depends on it is looked at again where it changes.
        self._met_inside: dict[str, bool] = {}
        self._claimed_by: dict[str, tuple[str, ...]] = {}
        #: By place, the first outages of the drops that are part of a campaign.
        self._campaigns: dict[int, set[str]] = {}
        #: By first outage, what `campaign` answers, as long as no outage comes or goes.
        self._campaign_of: dict[str, list[str]] = {}
        #: The claims of drafts as long as nothing changes, by identity of the draft; drafts live in `_components`.
        self._attached: dict[int, list[Claim]] = {}
        self._components: dict[str, Component] = {}
        self._claimed: dict[str, Component] = {}
        self._alone: dict[str, bool] = {}
        #: What `judge_again` found last.
        self._was_alone: dict[str, bool] = {}
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
            self._attached.clear()
            self._unlist(one)
        self.pieces[piece.id] = piece
        for one in entering:
            self._attached.clear()
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
        if isinstance(piece, Cause):
            self._causes.add(piece.id, _closed(piece))
            return
        if isinstance(piece, CommonDrop):
            self._common_drops.add(piece.id, _closed(piece))
            self._forget_failures(piece)
            return
        self._count(piece, 1)
        if isinstance(piece, Outage):
            self._outages.add(piece.id, window(piece, self.rules))
            self._recurrences.add(piece)
            self._patterns.add(piece, number)
            self._campaign_of.clear()
            self._question_long(number, piece)
            if piece.until_s is None:
                self._open.setdefault(number, set()).add(piece.id)
        elif isinstance(piece, Claim):
            self._claims.add(piece.id, window(piece, self.rules))
            if piece.attribution == "denied":
                self._denials.add(piece.id, window(piece, self.rules))
            elif not cuts(piece):
                self._blocked.add(piece.id, window(piece, self.rules))
        else:
            self._protests.add(piece.id, _closed(piece))
            self._protest_by_id[piece.id] = piece

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
            self._causes.discard(piece.id)
            self._common_drops.discard(piece.id)
            if isinstance(piece, CommonDrop):
                self._forget_failures(piece)
            return
        self._count(piece, -1)
        if isinstance(piece, Outage):
            self._question_long(self._place_of[piece.id], piece)
            self._campaign_of.clear()
        for line in (
            self._outages,
            self._recurrences,
            self._patterns,
            self._claims,
            self._blocked,
            self._denials,
            self._protests,
        ):
            line.discard(piece.id)
        number = self._place_of.pop(piece.id)
        self._open.get(number, set()).discard(piece.id)
        self._campaigns.get(number, set()).discard(piece.id)
        self._protest_by_id.pop(piece.id, None)
        self._alone.pop(piece.id, None)
        self._was_alone.pop(piece.id, None)
        self._met_inside.pop(piece.id, None)
        self._claimed_by.pop(piece.id, None)
        for known in self._borne_out.values():
            known.pop(piece.id, None)
        for cache in (self._components, self._claimed):
            if piece.id in cache:
                for key in cache[piece.id].ids:
                    cache.pop(key, None)

    def _count(self, piece: Outage | Claim | Protest, sign: int) -> None:
        """Count a piece in the country's rates, or take it back."""
        if not isinstance(piece, Claim):
            self.chances.add(piece, sign=sign)
        elif cuts(piece):
            self.chances.add(piece, claimed_days(piece, self.rules), sign)

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
        return (key for key in line.iter_during(during) if touching[place_of[key]])

    def component(self, key: str) -> Component:
        """All outages that one is linked to, directly or not."""
        known = self._components.get(key)
        if known is None:
            found = self._linked(key)
            pieces = [self.outage(one) for one in found]
            known = Component(tuple(found), tuple(self._drafts(pieces)))
            self._components.update(dict.fromkeys(found, known))
        return known

    def _drafts(self, outages: list[Outage]) -> Iterator[Draft]:
        """The drafts of linked outages. Those that are a source's own failure make drafts of their own, which nothing
        meets: what the instrument did says nothing of the place."""
        by_failure: dict[str | None, list[Outage]] = {None: []}
        for outage in outages:
            failure = self.failure(outage) if len(self._common_drops) else None
            by_failure.setdefault(None if failure is None else failure.id, []).append(outage)
        for name, own in by_failure.items():
            for draft in measured(own, self.rules):
                draft.failed = name
                yield draft

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
        if draft.failed is not None:
            return []
        known = self._attached.get(id(draft))
        if known is None:
            known = self._attached[id(draft)] = self._attach(draft)
        return known

    def _attach(self, draft: Draft) -> list[Claim]:
        found: dict[str, Claim] = {}
        for outage in (*draft.outages, *draft.nested):
            for key in self._claims.during(self._outages.span(outage.id)):
                if key not in found:
                    claim = self.claim(key)
                    if self._accepts(claim, draft):
                        found[key] = claim
        return sorted(found.values(), key=lambda claim: (claim.from_s, claim.id))

    def join(self, claim: Claim, draft: Draft) -> Join | None:
        """How a claim and what was measured agree in place, size and time; None where they don't."""
        touching, number = self.places.touching(self._place_of[claim.id]), self._place_of
        apart = draft.outages and not touching[number[draft.outages[0].id]]
        if apart and not any(touching[number[outage.id]] for outage in draft.nested):
            return None
        own = self._place_of[claim.id]
        pairs = [self.places.pair(own, number[outage.id]) for outage in (*draft.outages, *draft.nested)]
        return join(claim, draft, pairs, self.rules)

    def _accepts(self, claim: Claim, draft: Draft) -> bool:
        """Whether a claim corroborates what was measured, and it the claim."""
        found = self.join(claim, draft)
        if found is None or not self._believes(claim, draft, found):
            return False
        if found.inside:
            return True
        return self._means_days(claim) and self._stands_off_day(draft) and not self._meets_inside(claim)

    def _believes(self, claim: Claim, draft: Draft, found: Join) -> bool:
        """Whether nothing else that was measured speaks against a claim that agrees with a drop: its place's own
        series, or, of a long one, how seldom the place drops."""
        if found.fit != "same" and self._own_series_normal(claim, draft):
            return False
        return self._bears_out(claim, draft)

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
            if found is not None and found.inside and self._believes(claim, draft, found):
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

    def _bears_out(self, claim: Claim, draft: Draft) -> bool:
        """Whether a drop is what a claim is about: always, of one of up to `claim_long_s`; of a longer one, if it is
        early in it, lasts for much of it, or is one of many: see the rules."""
        own, rules = joining_span(claim, self.rules), self.rules
        length_s = own.until_s - own.from_s
        if length_s <= rules.seconds("claim_long_s") or draft.span.from_s <= own.from_s + rules.seconds(
            "claim_long_s"
        ):
            return True
        if draft.span.shared_s(own) >= rules.number("long_share") * length_s:
            return True
        number = self._place_of[draft.outages[0].id]
        known = self._borne_out.setdefault(number, {})
        if claim.id not in known:
            known[claim.id] = self._pattern(claim, number)
        return known[claim.id]

    def _pattern(self, claim: Claim, number: int) -> bool:
        """Whether a place dropped much more often during a long claim than in equal stretches before and after."""
        first, last = self._claimed_days(claim, number)
        days = last - first
        inside = len(self._patterns.days(number, first, last))
        if inside < self.rules.count("long_days") or inside * self.rules.count("long_rate_days") < days:
            return False
        outside = len(self._patterns.days(number, first - days, first))
        outside += len(self._patterns.days(number, last, last + days))
        return inside >= self.rules.number("long_rate") * outside / 2

    def _claimed_days(self, claim: Claim, number: int) -> tuple[int, int]:
        """The local days of a place that a claim covers, the latter left out, counted from 1970."""
        own, zone = joining_span(claim, self.rules), self.places.all[number].time_zone
        return local_s(own.from_s, zone) // DAY_S, -(-local_s(own.until_s, zone) // DAY_S)

    def _question_long(self, number: int, outage: Outage) -> None:
        """Note that long claims may be borne out by the drops of a place, or no longer, once one came or went."""
        for key in self._borne_out.get(number, ()):
            first, last = self._claimed_days(self.claim(key), number)
            day = local_s(outage.from_s, outage.place.time_zone) // DAY_S
            if first - (last - first) <= day < last + (last - first):
                self._stale.add((number, key))

    # ------------------------------------------------------------------ campaigns

    def carried(self, draft: Draft) -> list[Claim]:
        """The claims of the nearest claimed cut of the same campaign, where nobody claims this one; see the rules."""
        if draft.failed is not None:
            return []
        anchor = self._anchor(draft)
        return [] if anchor is None else self.independent(anchor)

    def independent(self, draft: Draft) -> list[Claim]:
        """The claims that meet what was measured and don't only repeat it."""
        claims = self.attached(draft)
        if not claims:
            return []
        measured_by = {outage.lineage for outage in (*draft.outages, *draft.nested)}
        return [claim for claim in claims if claim.lineage not in measured_by]

    def campaign(self, draft: Draft) -> list[str]:
        """The first outages of the drops that share a campaign with one: at the same hour, in a chain of days without
        long gaps, on most of the days on which the place dropped at all. By time, its own left out; empty where there
        are too few."""
        own_place, own = self._patterns.begin(draft.first.id)
        known = self._campaign_of.get(own.key)
        if known is not None:
            return known
        found = self._campaign_of[own.key] = self._campaign(own_place, own)
        if found:
            self._campaigns.setdefault(own_place, set()).add(own.key)
        else:
            self._campaigns.get(own_place, set()).discard(own.key)
        return found

    def _campaign(self, own_place: int, own: Begin) -> list[str]:
        around = self._patterns.around(own.key, self.rules.seconds("campaign_reach_s"))
        apart = self.rules.seconds("campaign_apart_s")
        alike = [begin for begin in around if apart_s(begin, own) <= apart and begin.day != own.day]
        if len({begin.day for begin in alike}) + 1 < self.rules.count("campaign_days"):
            return []
        found: list[str] = []
        for side in ([one for one in alike if one < own][::-1], [one for one in alike if one > own]):
            last = own
            for begin in side:
                if abs(begin.local_s - last.local_s) > self.rules.seconds("campaign_gap_s"):
                    break
                found.append(begin.key)
                last = begin
        days = {own.day, *(self._patterns.begin(key)[1].day for key in found)}
        if len(days) < self.rules.count("campaign_days"):
            return []
        among = self._patterns.days(own_place, min(days), max(days) + 1)
        return found if len(days) >= self.rules.number("campaign_share") * len(among) else []

    def days_of(self, outages: Iterable[str]) -> int:
        """On how many local days outages of one place began."""
        return len({self._patterns.begin(key)[1].day for key in outages})

    def next_to(self, draft: Draft, campaign: Iterable[str]) -> tuple[str, ...]:
        """Of the outages of a campaign, those nearest before and after a draft."""
        own = self._patterns.begin(draft.first.id)[1]
        begins = sorted(self._patterns.begin(key)[1] for key in campaign)
        before = [begin.key for begin in begins if begin < own][-1:]
        return (*before, *[begin.key for begin in begins if begin > own][:1])

    def pair_of(self, claim: Claim, place: Place) -> Pair:
        """How the place of a claim lies to another."""
        return self.places.pair(self._place_of[claim.id], self.places.number(place))

    def _anchor(self, draft: Draft) -> Draft | None:
        """The nearest claimed drop of the same campaign."""
        own = self._patterns.begin(draft.first.id)[1]
        keys = self.campaign(draft)
        for key in sorted(keys, key=lambda key: (abs(self._patterns.begin(key)[1].local_s - own.local_s), key)):
            found = self.draft_of(key)
            if found is not None and found.failed is None and self.independent(found):
                return found
        return None

    def draft_of(self, outage: str) -> Draft | None:
        """The draft that an outage is of the place of, if it makes one."""
        for draft in self.component(outage).drafts:
            if any(one.id == outage for one in draft.outages):
                return draft
        return None

    # ------------------------------------------------------------------ a source's own failure, other causes

    def _forget_failures(self, piece: CommonDrop) -> None:
        """Forget the components that a common drop can change."""
        for key in self._outages.during(_closed(piece)):
            self._forget_component(key)

    def _forget_component(self, key: str) -> None:
        known = self._components.get(key)
        if known is not None:
            for one in known.ids:
                self._components.pop(one, None)

    def failure(self, outage: Outage) -> CommonDrop | None:
        """The source's own failure that an outage is, if it is nothing but that."""
        for key in self._common_drops.during(span(outage)):
            piece = self.pieces[key]
            assert isinstance(piece, CommonDrop)
            own_source = piece.source == outage.origin.source and set(outage.signals) <= set(piece.signals)
            if piece.verdict == "source-failure" and own_source and _mostly(span(outage), _closed(piece)):
                return piece
        return None

    def common_drops(self, draft: Draft) -> list[CommonDrop]:
        """The drops in several countries that a draft is part of, by id."""
        found: dict[str, CommonDrop] = {}
        for outage in draft.outages:
            for key in self._common_drops.during(span(outage)):
                piece = self.pieces[key]
                assert isinstance(piece, CommonDrop)
                if set(outage.signals) & set(piece.signals) and _mostly(_closed(piece), span(outage)):
                    found[key] = piece
        return [found[key] for key in sorted(found)]

    def causes(self, draft: Draft) -> list[Cause]:
        """What lies near a draft in place and time and can take a network down without an order, by begin and id."""
        begin_s = draft.first.from_s
        during = Span(begin_s - self.rules.seconds("cause_before_s"), begin_s + self.rules.seconds("cause_after_s"))
        number = self.places.number(draft.place)
        touching, place_of = self.places.touching(number), self._place_of
        keys = (key for key in self._causes.during(during) if touching[place_of[key]])
        found = [piece for key in keys if isinstance(piece := self.pieces[key], Cause)]
        return sorted(found, key=lambda cause: (cause.from_s, cause.id))

    # ------------------------------------------------------------------ claims that meet nothing

    def alone(self, key: str) -> bool:
        """Whether a claim meets nothing measured."""
        known = self._alone.get(key)
        if known is None:
            claim = self.claim(key)
            known = self._alone[key] = not cuts(claim) or not any(
                self._accepts(claim, draft) for draft in self._measured_near(key)
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
        """What series said that tell of a draft's claims, in their first `sight_most_s`; or, of what was measured, of
        its own place and time: which signals stayed normal, and when it ended."""
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

    def _covering(self, key: str) -> Coverage:
        piece = self.pieces[key]
        assert isinstance(piece, Coverage)
        return piece

    def protests(self, window: Span) -> list[Protest]:
        """The protests of the country that share a moment with a window, by begin and id."""
        found = [self._protest_by_id[key] for key in self._protests.during(window)]
        return sorted((one for one in found if in_window(one, window)), key=order)

    def in_context(self, protests: list[Protest], place: Place) -> list[Protest]:
        """Those of them that are context of what happened in a place."""
        context, place_of = self.places.context(self.places.number(place)), self._place_of
        return [one for one in protests if context[place_of[one.id]]]

    def blocked(self, draft: Draft, during: Span) -> list[Claim]:
        """Claims of blocked services there at that time, to which no drop answers, but which go with cuts."""
        number = self.places.number(draft.place)
        return [self.claim(key) for key in self._touching(number, self._blocked, during)]

    def denials(self, draft: Draft, during: Span) -> list[Claim]:
        """Claims that there was no cut there at that time, by begin and id."""
        number = self.places.number(draft.place)
        found = [self.claim(key) for key in self._touching(number, self._denials, during)]
        return sorted(found, key=lambda claim: (claim.from_s, claim.id))

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
        else:
            self._mark_by_context(piece, dirty)

    def _mark_by_outage(self, piece: Outage, dirty: DirtySet) -> None:
        # Always: a piece that moved is in what it was part of before, and now part of something else.
        dirty.outages.update(self.component(piece.id).ids)
        for key in self.component(piece.id).ids:
            dirty.claims.update(self._claims_near(key))
        for key in self._recurrences.with_(piece.id):
            self._mark_component(key, dirty)
        self._mark_campaign(piece.id, dirty)
        place, _ = self._patterns.begin(piece.id)
        # One more day on which the place dropped can break a campaign, or make one where it goes.
        for key in self._campaigns.get(place, ()):
            self._mark_component(key, dirty)

    def _mark_campaign(self, key: str, dirty: DirtySet) -> None:
        """Add the drops of a place that began at the same hour as one, in the reach of a campaign."""
        own = self._patterns.begin(key)[1]
        apart = self.rules.seconds("campaign_apart_s")
        for begin in self._patterns.around(key, self.rules.seconds("campaign_reach_s")):
            if apart_s(begin, own) <= apart:
                self._mark_component(begin.key, dirty)

    def _mark_claim(self, key: str, dirty: DirtySet) -> None:
        """Add the drops that a claim can meet."""
        for one in self._touching(self._place_of[key], self._outages, self._claims.span(key)):
            self._mark_component(one, dirty)

    def _mark_by_context(self, piece: Cause | CommonDrop, dirty: DirtySet) -> None:
        reach = _closed(piece).grown(self.rules.seconds("cause_before_s") + self.rules.seconds("cause_after_s"))
        for key in self._outages.during(reach):
            self._mark_component(key, dirty)
            for one in self.component(key).ids:
                dirty.claims.update(self._claims_near(one))
        for key in self._claims.during(reach):
            if self.alone(key):
                dirty.claims.add(key)

    def note_all(self) -> None:
        """Note what `settle_dirty` compares with, where everything is dirty and nothing is left to add."""
        for number, key in self._stale:
            self._borne_out.get(number, {}).pop(key, None)
        self._stale.clear()
        for key in self._claims.ids():
            if self._means_days(self.claim(key)):
                self._met_inside[key] = self._meets_inside(self.claim(key))
        for key in self._outages.ids():
            if (draft := self.draft_of(key)) is not None and draft.first.id == key:
                self._claimed_by[key] = self._claimed_as(draft)

    def _claimed_as(self, draft: Draft) -> tuple[str, ...]:
        """The claims and their revisions on which the other cuts of a draft's campaign depend."""
        return tuple(f"{claim.id}/{claim.revision}" for claim in self.independent(draft))

    def settle_dirty(self, dirty: DirtySet) -> None:
        """Add what depends on what has changed of claims and drops that are dirty: claims of another day where a drop
        on the claimed day came or went, long claims that are borne out by now, campaigns whose cuts are claimed."""
        for number, key in sorted(self._stale):
            before = self._borne_out.get(number, {}).pop(key, None)
            if before is not None and key in self._claims and self._pattern(self.claim(key), number) is not before:
                self._mark_claim(key, dirty)
        self._stale.clear()
        for key in sorted(dirty.claims):
            if key in self._claims and self._means_days(self.claim(key)):
                now = self._meets_inside(self.claim(key))
                if self._met_inside.get(key) is not now:
                    self._met_inside[key] = now
                    self._mark_claim(key, dirty)
        for key in sorted(dirty.outages):
            if key in self._outages and (draft := self.draft_of(key)) is not None and draft.first.id == key:
                said = self._claimed_as(draft)
                if self._claimed_by.get(key) != said:
                    self._claimed_by[key] = said
                    self._mark_campaign(key, dirty)

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
        nested, during = self.places.nested(number), _closed(piece)
        for key in self._claims.during(during):
            claimed_at = self._place_of[key]
            if not nested[claimed_at]:
                continue
            if self.places.pair(claimed_at, number).same:
                # The claimed place's own series decides whether the claim meets what dropped elsewhere.
                for outage in self._touching(claimed_at, self._outages, during):
                    if not self.places.pair(claimed_at, self._place_of[outage]).same:
                        dirty.claims.add(key)
                        self._alone.pop(key, None)
                        self._mark_component(outage, dirty)
            heard = joining_span(self.claim(key), self.rules).cut(self.rules.seconds("sight_most_s"))
            if letters_during(piece, heard) and self.alone(key):
                dirty.claims.add(key)

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
        """Whether a draft says something else with a protest than without it. `told` remembers for which windows the
        number of protests does."""
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
        """Whether the number of protests in a window is told, with or without one of them: whether there is any, and
        a surge with its number."""
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


def _mostly(one: Span, other: Span) -> bool:
    """Whether most of one stretch lies in another."""
    return 2 * one.shared_s(other) >= one.until_s - one.from_s


def _closed(piece: Coverage | Protest | Cause | CommonDrop) -> Span:
    return Span(piece.from_s, LATEST_S if piece.until_s is None else piece.until_s)
