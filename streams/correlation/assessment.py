"""What a draft may tell: claims that look coordinated set aside, individuals shown only together."""

from __future__ import annotations

from dataclasses import dataclass, replace

from streams.correlation.context import Coverings, coverings
from streams.correlation.drafts import Draft, cuts, wider
from streams.correlation.rules import Rules
from streams.correlation.trust import Sources, coordinated, sources
from streams.correlation.windows import Span, joining_span
from topics import Claim, Coverage, Place


@dataclass(frozen=True, slots=True)
class Assessment:
    """A draft as it is given out.

    `draft` holds the claims that may be shown: its times come from these alone, and so does `place`, the finest
    on which they agree. `few` are claims of too few individuals, which count and are not shown; `aside` those that
    look coordinated, by their ids: they are shown and don't count. `seen` is what the measurements of each claim's
    place said, by the claim's id, where nothing dropped.
    """

    draft: Draft
    place: Place
    few: tuple[Claim, ...]
    aside: dict[str, Claim]
    sources: Sources
    seen: dict[str, Coverings]

    @property
    def shown(self) -> bool:
        """Whether there is anything to show: something measured, or claims that are not of too few individuals."""
        return bool(self.draft.outages or self.draft.claims)

    @property
    def backing(self) -> list[Claim]:
        """The claims of a cut, shown or not, of lineages that are none of the outages': what corroborates."""
        measured = lineages(self.draft)
        return [
            claim
            for claim in (*self.draft.claims, *self.few)
            if cuts(claim) and claim.id not in self.aside and self.sources.lineage_of[claim.id] not in measured
        ]


def lineages(draft: Draft) -> set[str]:
    """Those of a draft's measurements."""
    return {outage.lineage for outage in (*draft.outages, *draft.nested)}


def assess(draft: Draft, coverage: list[Coverage], rules: Rules) -> Assessment:
    """What of a draft counts, and what of it is shown. `coverage` is what `EvidenceIndex.coverage` has of it."""
    seen = {} if draft.outages else _seen(draft.claims, coverage, rules)
    denied = {key for key, one in seen.items() if one.state == "normal"}
    aside = {claim.id: claim for claim in coordinated(draft.claims, denied, rules)}
    counted = [claim for claim in draft.claims if claim.id not in aside]
    known = sources(counted, lineages(draft), rules)
    enough = known.individuals >= rules.count("individuals_shown")
    few = [claim for claim in counted if claim.reporter == "individual" and not enough]
    shown = [claim for claim in counted if claim.reporter != "individual" or enough]
    if not draft.outages and not shown:
        # A burst alone is many, and shown for what it is.
        shown = list(aside.values())
    assessed = _with(draft, shown)
    return Assessment(assessed, assessed.agreed, tuple(few), aside, known, seen)


def _seen(claims: list[Claim], coverage: list[Coverage], rules: Rules) -> dict[str, Coverings]:
    """What the measurements of each claim's place said, by its id: asked once of each place and time."""
    known: dict[tuple[Place, Span], Coverings] = {}
    found: dict[str, Coverings] = {}
    for claim in claims:
        place, during = claim.place, joining_span(claim, rules)
        if (place, during) not in known:
            known[place, during] = coverings(place, during, coverage)
        found[claim.id] = known[place, during]
    return found


def _with(draft: Draft, claims: list[Claim]) -> Draft:
    """The draft with other claims; without outages, of the widest place that these are of."""
    if len(claims) == len(draft.claims):
        return draft
    place = draft.place if draft.outages or not claims else wider(claim.place for claim in claims)
    return replace(draft, place=place, claims=claims)
