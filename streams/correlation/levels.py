"""The level of a shutdown, by the design's table, and the reasons: in codes, with their series, and in words.

| level        | when                                                                                   |
|--------------|----------------------------------------------------------------------------------------|
| corroborated | an outage, and a claim of a cut of a lineage that is none of the measurement's         |
| measured     | outages without such a claim                                                           |
| contradicted | every claim is of a full cut, and every series fine enough to see it stayed normal     |
| reported     | claims, without an outage and not contradicted                                         |

An individual's claim corroborates an outage as any other does; without an outage, no number of claims rises above
`reported`. So a further claim never lowers the level, and a further normal series never raises it.
"""

from __future__ import annotations

from typing import cast

from streams.correlation.assessment import Assessment
from streams.correlation.context import Coverings, together
from streams.correlation.rules import Rules
from streams.correlation.words import counted, listed, place_words, series_words, signal_words
from topics import Protest, Reason
from topics.shutdowns import Level, ReasonCode

LEVEL_RULE = "level/1"


def judge(assessed: Assessment) -> tuple[Level, Coverings, Reason]:
    """The level, what the measurements of the place said, and why."""
    if assessed.draft.outages:
        return _measured(assessed)
    around = together([assessed.seen[claim.id] for claim in assessed.draft.claims])
    return _claimed(assessed, around)


def _measured(assessed: Assessment) -> tuple[Level, Coverings, Reason]:
    draft = assessed.draft
    signals = sorted({signal for outage in draft.outages for signal in outage.signals})
    dropped = f"{signal_words(signals)} dropped in {place_words(draft.place)}"
    series = tuple(sorted({outage.series for outage in draft.outages}))
    ids = tuple(outage.id for outage in draft.outages)
    backing = assessed.backing
    level: Level = "corroborated" if backing else "measured"
    code: ReasonCode
    if backing:
        code = "claim-agrees"
        number = assessed.sources.count(backing)
        words = f"{dropped}, and {counted(number, 'independent source')} say{'s' * (number == 1)} that it was cut."
        ids += tuple(claim.id for claim in backing if claim not in assessed.few)
    elif draft.claims or assessed.few:
        code = "only-copies-claim"
        words = f"{dropped}; it is claimed, but by sources that repeat the measurement."
    else:
        code = "nobody-claims"
        words = f"{dropped}; nobody has claimed it."
    return level, Coverings("dropped"), Reason(code=code, rule=LEVEL_RULE, words=words, evidence=ids, series=series)


def _claimed(assessed: Assessment, around: Coverings) -> tuple[Level, Coverings, Reason]:
    claims = assessed.draft.claims
    ids = tuple(claim.id for claim in claims)
    series = listed([series_words(one) for one in around.series])
    if around.state == "normal" and all(claim.extent == "full" for claim in claims):
        reason = Reason(
            code="all-normal",
            rule=LEVEL_RULE,
            words=f"A full cut is claimed, but {series} stayed normal throughout.",
            evidence=(*ids, *(piece.id for piece in around.fine)),
            series=around.series,
        )
        return "contradicted", around, reason
    place = place_words(assessed.place)
    said = {
        "no-series": f"no measurements: no series covers {place} at that time",
        "too-coarse": f"no usable measurements: only series of wider places cover {place} ({series}), "
        "in which a cut of this size would not show",
        "missing": f"no usable measurements: {series} was missing for part of that time",
        "dropped": f"{series} dropped, for less than an outage",
        "normal": f"{series} stayed normal, which a cut of single services or networks would not change",
    }[around.state]
    codes: dict[str, ReasonCode] = {"dropped": "shallow-drop", "normal": "normal-but-no-full-cut"}
    number = assessed.sources.count([claim for claim in claims if claim.id not in assessed.aside])
    who = f"by {counted(number, 'independent source')}" if number else "only by reports that look coordinated"
    reason = Reason(
        code=codes.get(around.state) or cast(ReasonCode, around.state),
        rule=LEVEL_RULE,
        words=f"Reported {who}; {said}.",
        evidence=ids,
        series=around.series,
    )
    return "reported", around, reason


def beside(assessed: Assessment, protests: list[Protest], rules: Rules) -> list[Reason]:
    """Reasons that stand beside the level's own."""
    draft, found = assessed.draft, list[Reason]()

    def add(code: ReasonCode, rule: str, words: str, evidence: tuple[str, ...] = ()) -> None:
        found.append(Reason(code=code, rule=rules.cite(rule), words=words, evidence=evidence))

    if draft.outages and (claims := [*draft.claims, *assessed.few]):
        days = any(claim.precision == "day" for claim in claims)
        agree = "agrees" if len(claims) == 1 else "agree"
        words = f"{counted(len(claims), 'claim')} {agree} with the drop in place and time."
        add("agrees-in-time-and-place", "outage_claim_day_after_s" if days else "outage_claim_clock_s", words)
    if draft.nested:
        where = listed(sorted({place_words(outage.place) for outage in draft.nested}))
        ids = tuple(outage.id for outage in draft.nested)
        add("same-drop", "nested_share", f"It shows in series of {where} too.", ids)
    if assessed.place.key != draft.place.key:
        words = f"Some of it is of all of {place_words(draft.place)}; {place_words(assessed.place)} is what all agree on."
        add("place-narrowed", "nested_share", words)
    if assessed.sources.copies:
        words = f"{counted(assessed.sources.copies, 'text')} of other sources counted as copies."
        add("copies-folded", "copy_likeness", words)
    if assessed.sources.individuals > 1:
        most = assessed.sources.individuals >= rules.count("claims_counted")
        words = f"{assessed.sources.individuals} individuals weigh together less than one organisation."
        words += " There may be more, who would add nothing." if most else ""
        add("individuals-together", "weight_individuals", words)
    if assessed.aside:
        words = (
            f"{len(assessed.aside)} reports by individuals look coordinated: so many at once, where all was normal."
        )
        add("suspected-coordination", "burst_individuals", words, tuple(assessed.aside))
    if protests:
        where = listed(list(dict.fromkeys(place_words(protest.place) for protest in protests))[:5])
        words = f"{counted(len(protests), 'protest')} near it in those days ({where}): context, no proof."
        add("protests-near", "protest_km", words)
    return found
