"""The evidence of a country by id, by time and by place; nothing is concluded here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from streams.correlation.blocking_joins import span as blocking_span
from streams.correlation.context import in_window
from streams.correlation.crowd import Crowd
from streams.correlation.drafts import Draft, cuts
from streams.correlation.patterns import Patterns
from streams.correlation.places import Pair, Places
from streams.correlation.rules import Rules
from streams.correlation.sample import Member, Sample
from streams.correlation.timeline import Timeline
from streams.correlation.windows import Span, claimed_days, window
from streams.scoring import Chances, Recurrences
from topics import (
    LATEST_S,
    Blocking,
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


class EvidenceStore:
    """The newest revision of every piece, and those that stand (not withdrawn) by time and place."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        #: All of them, whether or not they take part: see `sample`.
        self.pieces: dict[str, Evidence] = {}
        self._samples: dict[type, Sample] = {
            Claim: Sample(rules.count("claims_counted"), rules.count("repeats_counted")),
            Protest: Sample(rules.count("protests_counted"), rules.count("repeats_counted")),
        }
        self.crowd = Crowd(rules)
        self.places = Places(rules)
        self.chances = Chances()
        self._recurrences = Recurrences()
        self._patterns = Patterns()
        self._outages = Timeline()
        self._claims = Timeline()
        self._blocked = Timeline()
        self._denials = Timeline()
        self._protests = Timeline()
        self._causes = Timeline()
        self._common_drops = Timeline()
        self._blockings = Timeline()
        self._protest_by_id: dict[str, Protest] = {}
        #: Coverage is most of the evidence, of few places: by the place's number.
        self._coverage: dict[int, Timeline] = {}
        self._place_of: dict[str, int] = {}
        #: The outages again, by the place's number: coverage comes every hour, and asks for those of its place.
        self._outages_of: dict[int, Timeline] = {}
        self._equal: dict[Any, Any] = {}

    def _enter(self, piece: Evidence) -> None:
        """Let a piece take part. Coverage is most of the evidence, and goes a shorter way."""
        if isinstance(piece, Coverage):
            self._list_coverage(piece)
        else:
            self._list(piece)

    def _list_coverage(self, piece: Coverage) -> None:
        number = self.places.number(piece.place)
        self._share(piece, self.places.all[number])
        line = self._coverage.get(number)
        if line is None:
            line = self._coverage[number] = Timeline()
        line.add(piece.id, closed(piece))

    def _list(self, piece: Evidence) -> None:
        """Let a piece take part that is no coverage. Layers above add what they know of it."""
        number = self.places.number(piece.place)
        self._share(piece, self.places.all[number])
        self._place_of[piece.id] = number
        if isinstance(piece, Outage):
            self._list_outage(piece, number)
        elif isinstance(piece, Claim):
            self._list_claim(piece)
        elif isinstance(piece, Protest):
            self.chances.add(piece)
            self._protests.add(piece.id, closed(piece))
            self._protest_by_id[piece.id] = piece
        elif isinstance(piece, Cause | CommonDrop | Blocking):
            during = blocking_span(piece, self.rules) if isinstance(piece, Blocking) else closed(piece)
            self._context_line(piece).add(piece.id, during)

    def _context_line(self, piece: Cause | CommonDrop | Blocking) -> Timeline:
        """Where pieces of a kind are kept that make no shutdown of their own."""
        if isinstance(piece, Cause):
            return self._causes
        return self._common_drops if isinstance(piece, CommonDrop) else self._blockings

    def _list_outage(self, outage: Outage, number: int) -> None:
        self._count(outage, 1)
        during = window(outage, self.rules)
        self._outages.add(outage.id, during)
        self._outages_of.setdefault(number, Timeline()).add(outage.id, during)
        self._recurrences.add(outage)
        self._patterns.add(outage, number)

    def _list_claim(self, claim: Claim) -> None:
        self._count(claim, 1)
        during = window(claim, self.rules)
        self._claims.add(claim.id, during)
        if claim.attribution == "denied":
            self._denials.add(claim.id, during)
        elif not cuts(claim):
            self._blocked.add(claim.id, during)

    def _unlist(self, piece: Evidence) -> None:
        """Let a piece take part no longer. Layers above forget what they know of it first."""
        if isinstance(piece, Coverage):
            self._coverage[self.places.number(piece.place)].discard(piece.id)
            return
        number = self._place_of.pop(piece.id)
        if isinstance(piece, Cause | CommonDrop | Blocking):
            self._context_line(piece).discard(piece.id)
            return
        self._count(piece, -1)
        for line in (self._outages, self._claims, self._blocked, self._denials, self._protests):
            line.discard(piece.id)
        self._recurrences.discard(piece.id)
        self._patterns.discard(piece.id)
        if isinstance(piece, Outage):
            self._outages_of[number].discard(piece.id)
        self._protest_by_id.pop(piece.id, None)

    def _turn(self, old: Evidence | None, new: Evidence | None) -> tuple[list[Evidence], list[Evidence]]:
        """The pieces that take part no longer, as they were, and those that do from now on, if `new` stands instead
        of `old`. Of claims and protests, others may go or come with them: see `sample`."""
        if type(old) not in self._samples and type(new) not in self._samples:
            return [] if old is None else [old], [] if new is None else [new]
        leaving: dict[str, Evidence] = {}
        entering: dict[str, Evidence] = {}
        if old is not None:
            sample = self._samples.get(type(old))
            took_part, others = (True, []) if sample is None else sample.discard(_member(old))
            if took_part:
                leaving[old.id] = old
            entering.update((other, self.taking_part(other)) for other in others)
        if new is not None:
            sample = self._samples.get(type(new))
            takes_part, others = (True, []) if sample is None else sample.add(_member(new))
            if takes_part:
                entering[new.id] = new
            for other in others:
                if entering.pop(other, None) is None:
                    leaving[other] = self.taking_part(other)
        return list(leaving.values()), list(entering.values())

    def news(self, piece: Evidence) -> bool:
        """Whether a piece is new, or newer than what is known of its id."""
        old = self.pieces.get(piece.id)
        if old is None or piece.revision > old.revision:
            return True
        return piece.revision == old.revision and piece != old and encode(piece) > encode(old)

    def _share(self, piece: Evidence, place: Place) -> None:
        """Let a piece hold the same place, origin and short texts as others do that have equal ones: a country's
        history is mostly coverage of few places, and takes a fraction of the memory so."""
        share = msgspec.structs.force_setattr
        share(piece, "place", place)
        share(piece, "origin", self._equal.setdefault(piece.origin, piece.origin))
        if isinstance(piece, Coverage):
            equal = self._equal.setdefault
            share(piece, "country", place.country)
            share(piece, "lineage", equal(piece.lineage, piece.lineage))
            share(piece, "series", equal(piece.series, piece.series))
            share(piece, "signal", equal(piece.signal, piece.signal))
            share(piece, "hours", equal(piece.hours, piece.hours))

    def _count(self, piece: Outage | Claim | Protest, sign: int) -> None:
        """Count a piece in the country's rates, or take it back."""
        if not isinstance(piece, Claim):
            self.chances.add(piece, sign=sign)
        elif cuts(piece):
            self.chances.add(piece, claimed_days(piece, self.rules), sign)

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

    def taking_part(self, key: str) -> Evidence:
        """A piece as it takes part: of an individual's claim the place that is told."""
        return self.crowd.shown.get(key) or self.pieces[key]

    def claim(self, key: str) -> Claim:
        piece = self.taking_part(key)
        assert isinstance(piece, Claim)
        return piece

    def _touching(self, number: int, line: Timeline, during: Span) -> Iterator[str]:
        """The ids of what a timeline holds in a stretch of time, of places that touch one."""
        touching, place_of = self.places.touching(number), self._place_of
        return (key for key in line.iter_during(during) if touching[place_of[key]])

    def _covering(self, key: str) -> Coverage:
        piece = self.pieces[key]
        assert isinstance(piece, Coverage)
        return piece

    def protests(self, window: Span) -> list[Protest]:
        """The protests of the country that share a moment with a window, by begin and id."""
        found = [self._protest_by_id[key] for key in self._protests.during(window)]
        return sorted((one for one in found if in_window(one, window)), key=lambda one: (one.from_s, one.id))

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

    def causes(self, draft: Draft) -> list[Cause]:
        """What lies near a draft in place and time and can take a network down without an order, by begin and
        id."""
        begin_s = draft.first.from_s
        during = Span(begin_s - self.rules.seconds("cause_before_s"), begin_s + self.rules.seconds("cause_after_s"))
        number = self.places.number(draft.place)
        touching, place_of = self.places.touching(number), self._place_of
        keys = (key for key in self._causes.during(during) if touching[place_of[key]])
        found = [piece for key in keys if isinstance(piece := self.pieces[key], Cause)]
        return sorted(found, key=lambda cause: (cause.from_s, cause.id))

    def pair_of(self, claim: Claim, place: Place) -> Pair:
        """How the place of a claim lies to another."""
        return self.places.pair(self._place_of[claim.id], self.places.number(place))


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


def closed(piece: Coverage | Protest | Cause | CommonDrop) -> Span:
    """The span of a piece; without an end, to `topics.LATEST_S`."""
    return Span(piece.from_s, LATEST_S if piece.until_s is None else piece.until_s)
