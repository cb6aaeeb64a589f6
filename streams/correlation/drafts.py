"""Evidence to drafts of shutdowns: outages chained and nested, claims attached, the rest of the claims grouped.

What comes out depends on the set of evidence alone, never on its order: every choice is made by sorting.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from streams import geography
from streams.correlation.rules import Rules
from streams.correlation.windows import Core, Span, claims_meet, joining_slack_s, joining_span, meeting_span, span
from topics import Claim, Outage, Place, digest


@dataclass(slots=True)
class Draft:
    """One place and one stretch of time with the evidence that makes it.

    `outages` are of the place itself; `nested` of places inside it or around it that dropped with it.
    A draft without outages stands on its claims alone.
    """

    place: Place
    outages: list[Outage] = field(default_factory=list)
    nested: list[Outage] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    @property
    def timing(self) -> list[Core]:
        """The pieces that say when: outages; else claims with clock times; else claims with days."""
        return [*self.outages] or [c for c in self.claims if c.precision == "minute"] or [*self.claims]

    @property
    def first(self) -> Core:
        """The piece that the shutdown's id is made from: the earliest of those that say when."""
        return min(self.timing, key=_order)

    @property
    def id(self) -> str:
        """Made from the first evidence and its place: of shutdowns that become one, the older id stays."""
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
        for fine in sorted(places.values(), key=lambda place: (-_width(place), place.key)):
            inside = geography.contains(self.place, fine)
            if inside and all(_nested(fine, other) for other in places.values()):
                return fine
        return self.place

    @property
    def span(self) -> Span:
        """Of the pieces that say when: claims never stretch what was measured, nor days what clocks say."""
        spans = [span(piece) for piece in self.timing]
        return Span(min(one.from_s for one in spans), max(one.until_s for one in spans))

    def reach(self, rules: Rules) -> Span:
        """Its span as far as that counts for what is near it: cut as the spans of claims are."""
        spans = [span(one) if isinstance(one, Outage) else joining_span(one, rules) for one in self.timing]
        whole = Span(min(one.from_s for one in spans), max(one.until_s for one in spans))
        return whole.cut(rules.seconds("claim_span_s"))

    @property
    def pieces(self) -> list[Core]:
        """The outages and claims that it is made of."""
        return [*self.outages, *self.nested, *self.claims]

    @property
    def strong(self) -> bool:
        """Whether this outage stands by itself: critical, or seen by two signals."""
        signals = {signal for outage in self.outages for signal in outage.signals}
        return len(signals) > 1 or any(outage.severity == "critical" for outage in self.outages)


def _order(piece: Core) -> tuple[int, str]:
    return (piece.from_s, piece.id)


def _draft_order(draft: Draft) -> tuple[int, str, str]:
    return (draft.first.from_s, draft.place.key, draft.first.id)


def cuts(claim: Claim) -> bool:
    """Whether a claim is of a cut of connectivity, which measurements would show; blocked services are not."""
    return claim.extent in ("full", None)


def measured(outages: Iterable[Outage], rules: Rules) -> list[Draft]:
    """The drafts that outages of one country make, without claims yet: chained by place, then nested."""
    return _nest(_chains(sorted(outages, key=_order), rules), rules)


def meets(claim: Claim, draft: Draft, rules: Rules) -> bool:
    """Whether a claim belongs to what was measured: it is of a cut, and agrees in place and time with an outage of
    it, and with its place."""
    if not cuts(claim) or not geography.touches(claim.place, draft.place):
        return False
    when = meeting_span(claim, rules)
    return any(when.meets(span(outage)) for outage in draft.outages) or any(
        when.meets(span(outage)) and geography.touches(claim.place, outage.place) for outage in draft.nested
    )


def claimed(claims: Iterable[Claim], rules: Rules) -> list[Draft]:
    """The drafts that claims make which meet nothing measured; those of services apart from those of cuts."""
    ordered = sorted(claims, key=_order)
    return [
        draft
        for whole in (True, False)
        for draft in _claimed([claim for claim in ordered if cuts(claim) is whole], rules)
    ]


def claims_linked(a: Claim, b: Claim, rules: Rules) -> bool:
    """Whether two claims that meet nothing measured could be part of one draft, or change each other's."""
    return cuts(a) is cuts(b) and claims_meet(a, b, rules) and _nested(a.place, b.place)


def wider(places: Iterable[Place]) -> Place:
    """The widest of some places, a country before a region before a city."""
    return min(places, key=lambda place: (_width(place), place.key))


def _nested(a: Place, b: Place) -> bool:
    """Whether one of two places lies in the other."""
    return geography.contains(a, b) or geography.contains(b, a)


def _chains(outages: list[Outage], rules: Rules) -> list[Draft]:
    """Outages of one and the same place, chained where they overlap or leave a gap of `outage_gap_s`."""
    by_place: dict[str, list[Outage]] = defaultdict(list)
    for outage in outages:
        by_place[outage.place.key].append(outage)
    found: list[Draft] = []
    for same in by_place.values():
        until_s = None
        for outage in same:
            own = span(outage)
            if until_s is None or own.from_s > until_s + rules.seconds("outage_gap_s"):
                found.append(Draft(outage.place))
                until_s = own.until_s
            found[-1].outages.append(outage)
            until_s = max(until_s, own.until_s)
    return sorted(found, key=_draft_order)


def _nest(chains: list[Draft], rules: Rules) -> list[Draft]:
    """One shutdown of outages whose places contain each other.

    A strong outage of the wider place takes up those inside it that share at least `nested_share` of their
    time with it: the whole country is dark. A weak one that shares that much of its own time with ones
    inside it is their echo, and is listed under each of them.
    """
    if len(chains) == 1:
        return chains
    into: dict[int, Draft] = {}
    echoes: list[tuple[Draft, Draft]] = []
    for fine in chains:
        around = [wide for wide in chains if wide is not fine and _around(wide, fine, rules)]
        takers = [wide for wide in around if wide.strong and _shares(fine, wide, rules)]
        if takers:
            into[id(fine)] = min(takers, key=lambda wide: (_rank(wide), _draft_order(wide)))
        echoes += [(wide, fine) for wide in around if not wide.strong and _shares(wide, fine, rules)]
    for wide, fine in echoes:
        if id(wide) not in into:
            _root(fine, into).nested += wide.outages
    echoed = {id(wide) for wide, _ in echoes}
    for fine in chains:
        if id(fine) in into:
            _root(fine, into).nested += fine.outages
    roots = [chain for chain in chains if id(chain) not in into and id(chain) not in echoed]
    for root in roots:
        root.nested = sorted({outage.id: outage for outage in root.nested}.values(), key=_order)
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


def _rank(draft: Draft) -> int:
    return _width(draft.place)


def _root(draft: Draft, into: dict[int, Draft]) -> Draft:
    while id(draft) in into:
        draft = into[id(draft)]
    return draft


@dataclass(slots=True)
class _Growing:
    """A draft of claims on its way, and the spans of those that say when, each once: very many say the same."""

    draft: Draft
    clocked: bool
    spans: dict[Span, None]

    def agrees(self, claim: Claim, own: Span, rules: Rules) -> bool:
        """Whether a claim, whose span for joins is `own`, agrees with one that says when: see `claims_meet`."""
        if not geography.contains(self.draft.place, claim.place):
            return False
        slack_s = joining_slack_s(self.clocked and claim.precision == "minute", rules)
        # The latest first: claims come by begin, so that where many agree, the first that is looked at does.
        return any(own.meets(one, slack_s) for one in reversed(self.spans))

    def take(self, claim: Claim, own: Span) -> None:
        self.draft.claims.append(claim)
        if self.clocked is (claim.precision == "minute"):
            self.spans[own] = None


def _claimed(claims: list[Claim], rules: Rules) -> list[Draft]:
    """Drafts of claims of one kind.

    Claims with clock times make them first; claims with days only join what they agree with, and make
    drafts among themselves where there is nothing. A claim joins a draft whose place contains its own.
    """
    made: list[_Growing] = []
    by_width = sorted(claims, key=lambda claim: (claim.precision == "day", _width(claim.place), _order(claim)))
    for claim in by_width:
        own = joining_span(claim, rules)
        homes = [one for one in made if one.agrees(claim, own, rules)]
        clocked = [one for one in homes if one.clocked] if claim.precision == "day" else []
        if clocked:
            for one in clocked:
                one.take(claim, own)
        elif homes:
            _weld(homes, claim, own, made)
        else:
            made.append(_Growing(Draft(claim.place, claims=[claim]), claim.precision == "minute", {own: None}))
    return [one.draft for one in made]


def _width(place: Place) -> int:
    return ("country", "region", "city", "point", "network").index(place.kind)


def _weld(homes: list[_Growing], claim: Claim, own: Span, made: list[_Growing]) -> None:
    """Put a claim into a draft; drafts of the same place that it connects become one."""
    widest = homes[0]
    if len(homes) > 1:
        widest = min(homes, key=lambda one: (_width(one.draft.place), _draft_order(one.draft)))
    widest.take(claim, own)
    for other in homes:
        if other is not widest and other.draft.place.key == widest.draft.place.key:
            widest.draft.claims += other.draft.claims
            widest.spans |= other.spans
            made[:] = [one for one in made if one is not other]
