"""Outages to drafts of shutdowns: chained by place, then nested.

What comes out depends on the set of outages alone, never on its order: every choice is made by sorting.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from streams import geography
from streams.correlation.rules import Rules
from streams.correlation.windows import Core, Span, joining_span, span
from topics import Claim, Outage, Place, digest

#: How far down a drop of unknown depth is taken to go: a person saw it in a picture.
UNKNOWN_DEPTH = 0.9

#: Why a claim that agrees with a drop in place and time is held to be of something else: the claimed place's own
#: series stayed normal; it is long, and the drop one of few; it is of another time, and the drop is too weak.
Doubt = Literal["own-series-normal", "not-borne-out"]
RuledOut = Literal[Doubt, "other-time"]


@dataclass(slots=True)
class Draft:
    """One place and one stretch of time with the evidence that makes it.

    `outages` are of the place itself; `nested` of places inside it or around it that dropped with it; `claims` meet
    it, and `carried` meet another cut of the same campaign; `ruled_out` agree with it in place and time, and are
    held to be of something else. `failed` names the source whose own failure its outages are, if they are. A draft
    without outages stands on its claims alone.
    """

    place: Place
    outages: list[Outage] = field(default_factory=list)
    nested: list[Outage] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    carried: list[Claim] = field(default_factory=list)
    ruled_out: list[tuple[Claim, RuledOut]] = field(default_factory=list)
    failed: str | None = None

    @property
    def timing(self) -> list[Core]:
        """The pieces that say when: outages; else claims with clock times; else claims with days."""
        if self.outages:
            return [*self.outages]
        return [c for c in self.claims if c.precision == "minute"] or [*self.claims]

    @property
    def first(self) -> Core:
        """The earliest of the pieces that say when."""
        if len(self.outages) == 1:
            return self.outages[0]
        return min(self.timing, key=order)

    @property
    def id(self) -> str:
        """The id that it gets where none of its evidence has one yet: made from its first evidence and its
        place."""
        first = self.first
        return f"{first.country}-{digest([first.place.key, first.id])[:16]}"

    @property
    def agreed(self) -> Place:
        """The finest place that all of the evidence agrees on.

        A strong outage says itself how far it reached. A weak one of a wide place, and claims, leave that to the
        finest place that every claim is of a place around or inside of; the widest, where they don't agree.
        """
        if self.strong or not self.claims:
            return self.place
        places = {claim.place.key: claim.place for claim in self.claims}
        for fine in sorted(places.values(), key=lambda place: (-width(place), place.key)):
            inside = geography.contains(self.place, fine)
            if inside and all(nested(fine, other) for other in places.values()):
                return fine
        return self.place

    @property
    def span(self) -> Span:
        """Of the pieces that say when: claims never stretch what was measured, nor days what clocks say."""
        if len(self.outages) == 1:
            return span(self.outages[0])
        spans = [span(piece) for piece in self.timing]
        return Span(min(one.from_s for one in spans), max(one.until_s for one in spans))

    def reach(self, rules: Rules) -> Span:
        """Its span as far as that counts for what is near it: its first `claim_long_s`."""
        if self.outages:
            return self.span.cut(rules.seconds("claim_long_s"))
        spans = [joining_span(one, rules) for one in self.timing if isinstance(one, Claim)]
        whole = Span(min(one.from_s for one in spans), max(one.until_s for one in spans))
        return whole.cut(rules.seconds("claim_long_s"))

    @property
    def pieces(self) -> list[Core]:
        """The outages and claims that it is made of."""
        return [*self.outages, *self.nested, *self.claims]

    @property
    def strong(self) -> bool:
        """Whether this outage stands by itself: critical, or seen by two signals."""
        signals = {signal for outage in self.outages for signal in outage.signals}
        return len(signals) > 1 or any(outage.severity == "critical" for outage in self.outages)

    @property
    def depth(self) -> float:
        """The largest share of the baseline that any of its outages lost, 0 to 1."""
        return max(map(depth, self.outages), default=0.0)


def depth(outage: Outage) -> float:
    """The share of its baseline that an outage lost at its deepest, 0 to 1."""
    return UNKNOWN_DEPTH if outage.ratio_min is None else max(0.0, 1.0 - outage.ratio_min)


def order(piece: Core) -> tuple[int, str]:
    """Where a piece comes among others: by its begin."""
    return (piece.from_s, piece.id)


def draft_order(draft: Draft) -> tuple[int, str, str]:
    """Where a draft comes among others: by its begin."""
    return (draft.first.from_s, draft.place.key, draft.first.id)


def cuts(claim: Claim) -> bool:
    """Whether a claim is of connectivity that is cut or slowed down, which measurements would show; blocked
    services are not, and a denial is no claim of a cut."""
    if claim.attribution == "denied":
        return False
    return claim.extent in ("full", None) or (claim.extent == "throttling" and not claim.services)


def measured(outages: Iterable[Outage], rules: Rules) -> list[Draft]:
    """The drafts that outages of one country make, without claims yet: chained by place, then nested."""
    return _nest(_chains(sorted(outages, key=order), rules), rules)


def width(place: Place) -> int:
    """How wide a kind of place is, from 0: country, region, city, point, network."""
    return ("country", "region", "city", "point", "network").index(place.kind)


def wider(places: Iterable[Place]) -> Place:
    """The widest of some places, a country before a region before a city."""
    return min(places, key=lambda place: (width(place), place.key))


def nested(a: Place, b: Place) -> bool:
    """Whether one of two places lies in the other."""
    return geography.contains(a, b) or geography.contains(b, a)


@dataclass(slots=True)
class _Episode:
    """Outages of one place that overlap or leave a gap of `outage_gap_s`."""

    outages: list[Outage]
    from_s: int
    until_s: int


def _chains(outages: list[Outage], rules: Rules) -> list[Draft]:
    """Outages of one and the same place that are one: in episodes, and episodes with short interruptions
    between."""
    by_place: dict[str, list[Outage]] = defaultdict(list)
    for outage in outages:
        by_place[outage.place.key].append(outage)
    found: list[Draft] = []
    for same in by_place.values():
        before: _Episode | None = None
        for episode in _episodes(same, rules):
            if before is None or not _interrupted(before, episode, rules):
                found.append(Draft(same[0].place))
            found[-1].outages += episode.outages
            before = episode
    return sorted(found, key=draft_order)


def _episodes(outages: list[Outage], rules: Rules) -> list[_Episode]:
    found: list[_Episode] = []
    for outage in outages:
        own = span(outage)
        if not found or own.from_s > found[-1].until_s + rules.seconds("outage_gap_s"):
            found.append(_Episode([], own.from_s, own.until_s))
        found[-1].outages.append(outage)
        found[-1].until_s = max(found[-1].until_s, own.until_s)
    return found


def _interrupted(before: _Episode, after: _Episode, rules: Rules) -> bool:
    """Whether the time between two episodes only interrupts one cut: it is short, and short beside them."""
    gap_s = after.from_s - before.until_s
    shorter_s = min(before.until_s - before.from_s, after.until_s - after.from_s)
    return gap_s <= min(rules.seconds("interruption_s"), rules.number("interruption_share") * shorter_s)


def _nest(chains: list[Draft], rules: Rules) -> list[Draft]:
    """One shutdown of outages whose places contain each other.

    A strong outage of the wider place takes up those inside it that share at least `nested_share` of their time
    with it: the whole country is dark. One that began `nested_lead_s` before it, or ended so much after it, stands
    for itself as well. A weak one that shares that much of its own time with ones inside it is their echo, and is
    listed under each of them.
    """
    if len(chains) == 1:
        return chains
    into: dict[int, Draft] = {}
    stands: set[int] = set()
    echoes: list[tuple[Draft, Draft]] = []
    for fine in chains:
        around = [wide for wide in chains if wide is not fine and _around(wide, fine, rules)]
        takers = [wide for wide in around if wide.strong and _shares(fine, wide, rules)]
        if takers:
            into[id(fine)] = min(takers, key=lambda wide: (width(wide.place), draft_order(wide)))
            if _reaches_beyond(fine, into[id(fine)], rules):
                stands.add(id(fine))
        echoes += [(wide, fine) for wide in around if not wide.strong and _shares(wide, fine, rules)]
    for wide, fine in echoes:
        if id(wide) not in into:
            _root(fine, into).nested += wide.outages
    echoed = {id(wide) for wide, _ in echoes}
    for fine in chains:
        if id(fine) in into:
            _root(fine, into).nested += fine.outages
    roots = [
        chain for chain in chains if id(chain) not in echoed and (id(chain) not in into or id(chain) in stands)
    ]
    for root in roots:
        root.nested = sorted({outage.id: outage for outage in root.nested}.values(), key=order)
    return roots


def _around(wide: Draft, fine: Draft, rules: Rules) -> bool:
    return (
        wide.place.key != fine.place.key
        and wide.span.meets(fine.span, rules.seconds("outage_gap_s"))
        and geography.contains(wide.place, fine.place)
        and not geography.contains(fine.place, wide.place)
    )


def _shares(one: Draft, other: Draft, rules: Rules) -> bool:
    length = one.span.until_s - one.span.from_s
    return one.span.shared_s(other.span) >= rules.number("nested_share") * length


def _reaches_beyond(fine: Draft, wide: Draft, rules: Rules) -> bool:
    """Whether a strong outage inside a wider one began so much earlier, or ended so much later, that it is a
    shutdown of its own."""
    lead_s = rules.seconds("nested_lead_s")
    return fine.strong and (
        fine.span.from_s <= wide.span.from_s - lead_s or fine.span.until_s >= wide.span.until_s + lead_s
    )


def _root(draft: Draft, into: dict[int, Draft]) -> Draft:
    while id(draft) in into:
        draft = into[id(draft)]
    return draft
