"""Claims that meet nothing measured to drafts of shutdowns: those of one place that agree in time make one.

What comes out depends on the set of claims alone, never on its order: every choice is made by sorting.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from streams import geography
from streams.correlation.drafts import Draft, cuts, draft_order, nested, order, width
from streams.correlation.rules import Rules
from streams.correlation.windows import Span, claims_meet, joining_slack_s, joining_span
from topics import Claim, Place

#: Places inside a town: claims of any of them are of one town where one holds the other.
LOCAL = ("city", "point")

#: What a claim is of: a cut of connectivity, blocked services, or a denial that there was any.
Subject = tuple[bool, bool]


def subject(claim: Claim) -> Subject:
    """What a claim is of. Claims of different subjects never make one draft."""
    return cuts(claim), claim.attribution == "denied"


def claimed(claims: Iterable[Claim], rules: Rules) -> list[Draft]:
    """The drafts that claims make which meet nothing measured; those of each subject apart."""
    ordered = sorted(claims, key=order)
    subjects = sorted({subject(claim) for claim in ordered}, reverse=True)
    return [
        draft
        for one in subjects
        for draft in _claimed([claim for claim in ordered if subject(claim) == one], rules)
    ]


def claims_linked(a: Claim, b: Claim, rules: Rules) -> bool:
    """Whether two claims that meet nothing measured could be part of one draft, or change each other's."""
    return subject(a) == subject(b) and claims_meet(a, b, rules) and one_place(a.place, b.place)


@lru_cache(maxsize=65_536)
def one_place(a: Place, b: Place) -> bool:
    """Whether claims of two places are of one: the same for whoever measures, or spots in one town.

    A town inside a region or a country is a place of its own: a vague national item swallows no towns.
    """
    if a.key == b.key:
        return True
    if not nested(a, b):
        return False
    return (a.kind in LOCAL and b.kind in LOCAL) or geography.same_extent(a, b)


@dataclass(slots=True)
class _Growing:
    """A draft of claims on its way, and the spans of those that say when, each once: very many say the same."""

    draft: Draft
    clocked: bool
    spans: dict[Span, None]

    def agrees(self, claim: Claim, own: Span, rules: Rules) -> bool:
        """Whether a claim, whose span for joins is `own`, agrees with one that says when: see `claims_meet`."""
        if not one_place(self.draft.place, claim.place):
            return False
        slack_s = joining_slack_s(self.clocked and claim.precision == "minute", rules)
        # The latest first: claims come by begin, so that where many agree, the first that is looked at does.
        return any(own.meets(one, slack_s) for one in reversed(self.spans))

    def take(self, claim: Claim, own: Span) -> None:
        self.draft.claims.append(claim)
        if self.clocked is (claim.precision == "minute"):
            self.spans[own] = None


def _claimed(claims: list[Claim], rules: Rules) -> list[Draft]:
    """Drafts of claims of one subject.

    Claims with clock times make them first; claims with days only join what they agree with, and make drafts among
    themselves where there is nothing, or where they are of more than `claim_long_s`: hours on one day are not what
    a claim of weeks is about. A claim joins a draft that is of its own place."""
    made: list[_Growing] = []
    by_width = sorted(claims, key=lambda claim: (claim.precision == "day", width(claim.place), order(claim)))
    for claim in by_width:
        own = joining_span(claim, rules)
        long = own.until_s - own.from_s > rules.seconds("claim_long_s")
        homes = [one for one in made if one.agrees(claim, own, rules)]
        if claim.precision == "day" and long:
            homes = [one for one in homes if not one.clocked]
        clocked = [one for one in homes if one.clocked] if claim.precision == "day" else []
        if clocked:
            for one in clocked:
                one.take(claim, own)
        elif homes:
            _weld(homes, claim, own, made)
        else:
            made.append(_Growing(Draft(claim.place, claims=[claim]), claim.precision == "minute", {own: None}))
    return [one.draft for one in made]


def _weld(homes: list[_Growing], claim: Claim, own: Span, made: list[_Growing]) -> None:
    """Put a claim into a draft; drafts of the same place that it connects become one."""
    widest = homes[0]
    if len(homes) > 1:
        widest = min(homes, key=lambda one: (width(one.draft.place), draft_order(one.draft)))
    widest.take(claim, own)
    for other in homes:
        if other is not widest and other.draft.place.key == widest.draft.place.key:
            widest.draft.claims += other.draft.claims
            widest.spans |= other.spans
            made[:] = [one for one in made if one is not other]
