"""One assessment of a draft: which claims count and are shown, what they weigh, and what measurements say of
them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from streams.correlation.drafts import Draft, cuts, wider
from streams.correlation.joins import Join
from streams.correlation.places import Pair
from streams.correlation.rules import Rules
from streams.correlation.trust import Sources, bursts, coordinated, sources
from streams.correlation.view import View, view
from streams.correlation.windows import Span, joining_span
from topics import Claim, Coverage, Place

#: What a join is worth where there is none: a claim that is carried, or stands alone.
_INSIDE = Join("same", 0)


@dataclass(frozen=True, slots=True)
class Assessment:
    """A draft as it is given out.

    `draft` holds the claims that may be shown: its times come from these alone, and so does `place`, the finest
    on which they agree. `few` are claims of too few individuals, which count and are not shown; `aside` those that
    look coordinated, by their ids: they are shown and don't count. `joins` says of each claim how it agrees with
    what was measured, by its id; `seen` what the measurements of its place said, where nothing dropped. `burst` is
    how many individuals began to report within hours."""

    draft: Draft
    place: Place
    few: tuple[Claim, ...]
    aside: dict[str, Claim]
    sources: Sources
    joins: Mapping[str, Join]
    seen: Mapping[str, View]
    burst: int = 0

    @property
    def shown(self) -> bool:
        """Whether there is anything to show: something measured, or claims that are not of too few individuals.
        Denials alone are no shutdown."""
        claims = [claim for claim in self.draft.claims if claim.attribution != "denied"]
        return bool(self.draft.outages or claims)

    @property
    def counted(self) -> list[Claim]:
        """The claims that count, shown or not, carried ones too."""
        own = [claim for claim in (*self.draft.claims, *self.few) if claim.id not in self.aside]
        return [*own, *self.draft.carried]

    @property
    def backing(self) -> list[Claim]:
        """The claims of a cut, shown or not, of lineages that are none of the outages': what corroborates."""
        measured = lineages(self.draft)
        return [
            claim for claim in self.counted if cuts(claim) and self.sources.lineage_of[claim.id] not in measured
        ]

    @property
    def told_backing(self) -> list[Claim]:
        """The claims that corroborate and may be told of: not those of too few individuals, here or in the
        campaign."""
        few = {claim.id for claim in self.few}
        return [
            claim
            for claim in self.backing
            if claim.id not in few and not (claim in self.draft.carried and claim.reporter == "individual")
        ]

    def join(self, claim: Claim) -> Join:
        """How a claim agrees with what was measured."""
        return self.joins.get(claim.id, _INSIDE)


def lineages(draft: Draft) -> set[str]:
    """Those of a draft's measurements."""
    return {outage.lineage for outage in (*draft.outages, *draft.nested)}


def assess(
    draft: Draft,
    coverage: Sequence[Coverage],
    joins: Mapping[str, Join],
    pair_of: Callable[[Claim, Place], Pair],
    rules: Rules,
) -> Assessment:
    """Assess which claims of a draft count, what they weigh, and which of them are shown.

    Args:
        draft: what was measured or claimed, claims attached.
        coverage: what `EvidenceIndex.coverage` has of it.
        joins: how each claim agrees with what was measured, by its id.
        pair_of: how the place of a claim lies to another.
        rules: the rules of correlation.
    """
    seen = {} if draft.outages else _seen(draft.claims, coverage, pair_of, rules)
    denied = {key for key, one in seen.items() if one.denied}
    aside = {claim.id: claim for claim in coordinated(draft.claims, denied, rules)}
    counted = [claim for claim in draft.claims if claim.id not in aside]
    worth = {key: rules.number("off_day_worth") for key, one in joins.items() if not one.inside}
    worth |= {claim.id: rules.number("campaign_worth") for claim in draft.carried}
    known = sources([*counted, *draft.carried], lineages(draft), rules, worth)
    enough = known.individuals >= rules.count("individuals_shown")
    few = [claim for claim in counted if claim.reporter == "individual" and not enough]
    shown = [claim for claim in counted if claim.reporter != "individual" or enough]
    if not draft.outages and not shown:
        # A burst alone is many, and shown for what it is.
        shown = list(aside.values())
    told = _with(draft, shown)
    burst = max((len({one.lineage for one in burst}) for burst in bursts(shown, rules)), default=0)
    return Assessment(told, told.agreed, tuple(few), aside, known, joins, seen, burst)


def _seen(
    claims: Sequence[Claim], coverage: Sequence[Coverage], pair_of: Callable[[Claim, Place], Pair], rules: Rules
) -> dict[str, View]:
    """What the measurements of each claim's place said, by its id: asked once of each place, time and kind."""
    known: dict[tuple[object, ...], View] = {}
    found: dict[str, View] = {}
    for claim in claims:
        during: Span = joining_span(claim, rules)
        like = claim.place, during, claim.extent, claim.networks, claim.partial
        if like not in known:
            known[like] = view(claim, coverage, partial(pair_of, claim), rules)
        found[claim.id] = known[like]
    return found


def _with(draft: Draft, claims: list[Claim]) -> Draft:
    """The draft with other claims; without outages, of the widest place that these are of."""
    if len(claims) == len(draft.claims):
        return draft
    place = draft.place if draft.outages or not claims else wider(claim.place for claim in claims)
    return replace(draft, place=place, claims=claims)
