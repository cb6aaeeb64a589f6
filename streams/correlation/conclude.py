"""A draft with its context to a `Shutdown`: level, reasons, and everything a reader wants to know beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from streams.correlation.context import Coverings, coverings, in_window, is_context, protest_window
from streams.correlation.groups import Draft, cuts
from streams.correlation.rules import Rules
from streams.correlation.windows import Span
from streams.correlation.words import (
    claim_words,
    counted,
    coverage_words,
    listed,
    outage_words,
    place_words,
    protest_words,
    signal_words,
)
from streams.scoring import Facts, Scorer
from topics import (
    LATEST_S,
    Claim,
    Coverage,
    Evidence,
    Protest,
    Reason,
    Shutdown,
    Support,
    digest,
)
from topics.reports import Scope
from topics.shutdowns import Kind, Level, ReasonCode, Role

LEVEL_RULE = "level/1"

#: Bounds of what a shutdown repeats from its evidence, so that its record stays small whatever comes in.
WORDS_CHARS = 300
REFERENCE_CHARS = 1_000
ITEMS = 50


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of a draft's country around it; `coverage` and `protests` may hold more than what is near.

    `blocked` are claims of blocked or throttled services, `recurrence` the local days away on which an outage
    of the same place began at the same time.
    """

    coverage: Sequence[Coverage] = ()
    protests: Sequence[Protest] = ()
    blocked: Sequence[Claim] = ()
    recurrence: Sequence[int] = ()


def conclude(draft: Draft, beside: Surroundings, rules: Rules, scorer: Scorer) -> Shutdown:
    """The shutdown that a draft and what stands around it amount to. It has no digest yet,
    and `incident` is still its own id: see `sealed`.
    """
    during = draft.span.cut(rules.seconds("claim_span_s"))
    around = Coverings("dropped") if draft.outages else coverings(draft.place, during, beside.coverage)
    when = protest_window(draft.place, during, rules)
    near = sorted(
        (protest for protest in beside.protests if is_context(protest, draft.place, when, rules)),
        key=lambda protest: (protest.from_s, protest.id),
    )
    level, why = _level(draft, around)
    supports = _supports(draft, around if level == "contradicted" else Coverings(around.state), near)
    why += _beside(draft, near, rules)
    first = draft.first
    last = max(draft.timing, key=lambda piece: (LATEST_S if piece.until_s is None else piece.until_s, piece.id))
    pieces: list[Evidence] = [*draft.outages, *draft.nested, *draft.claims, *near]
    known = [piece.known_s for piece in pieces if piece.known_s is not None]
    assessed = scorer.assess(_facts(draft, beside, level, when, near))
    return Shutdown(
        id=draft.id,
        revision=1,
        digest="",
        status="open" if last.until_s is None else "closed",
        level=level,
        country=draft.place.country,
        place=draft.place,
        from_s=first.from_s,
        until_s=last.until_s,
        from_uncertainty_s=first.from_uncertainty_s,
        until_uncertainty_s=last.until_uncertainty_s,
        precision=first.precision,
        incident=draft.id,
        scope=_scope(draft),
        extent=_extent(draft.claims),
        networks=_union(claim.networks for claim in draft.claims),
        services=_union(claim.services for claim in draft.claims),
        signals=_union(outage.signals for outage in draft.outages),
        measurement=around.state,
        acknowledged=_acknowledged(draft.claims),
        sources=len({claim.lineage for claim in independent(draft)}),
        protests=len({protest.lineage for protest in near}),
        probability=assessed.probability,
        contributions=assessed.contributions,
        model=assessed.model,
        evidence=tuple(supports[: rules.count("evidence_listed")]),
        why=tuple(_bounded(reason, rules.count("evidence_listed")) for reason in why),
        flags=_union(claim.flags for claim in draft.claims),
        rules=rules.hash,
        known_s=max(known, default=None),
    )


def sealed(shutdown: Shutdown) -> Shutdown:
    """The same with its `digest` made from its content."""
    content: dict[str, Any] = msgspec.to_builtins(shutdown)
    del content["revision"], content["digest"]
    return msgspec.structs.replace(shutdown, digest=digest(content))


def independent(draft: Draft) -> list[Claim]:
    """The claims of a cut whose lineage is none of the outages': what corroborates a drop."""
    measured = {outage.lineage for outage in (*draft.outages, *draft.nested)}
    return [claim for claim in draft.claims if cuts(claim) and claim.lineage not in measured]


def _facts(draft: Draft, beside: Surroundings, level: Level, when: Span, near: Sequence[Protest]) -> Facts:
    """What the model reads of it. Nothing that is measured speaks for a draft without outages: only claims do."""
    backing = independent(draft) if draft.outages else draft.claims
    lineages = {claim.lineage for claim in backing}
    during = {protest.lineage for protest in beside.protests if in_window(protest, when)}
    return Facts(
        place=draft.place,
        scope=_scope(draft),
        outages=draft.outages,
        support=float(len(lineages)),
        copies=len({claim.lineage for claim in draft.claims} - lineages),
        blocked=len(beside.blocked),
        ordered=any(claim.ordered_by is not None or claim.reporter == "government" for claim in draft.claims),
        contradicted=level == "contradicted",
        recurrence=beside.recurrence,
        protests=len(during),
        near=len({protest.lineage for protest in near}),
    )


def _level(draft: Draft, around: Coverings) -> tuple[Level, list[Reason]]:
    place = place_words(draft.place)
    if draft.outages:
        dropped = f"{signal_words(_union(outage.signals for outage in draft.outages))} dropped in {place}"
        ids = tuple(outage.id for outage in draft.outages)
        backing = independent(draft)
        if not backing:
            copies = ", but by sources that repeat the measurement" if draft.claims else ""
            claimed = "it is claimed" + copies if draft.claims else "nobody has claimed it"
            code: ReasonCode = "only-copies-claim" if draft.claims else "nobody-claims"
            return "measured", [Reason(code=code, rule=LEVEL_RULE, words=f"{dropped}; {claimed}.", evidence=ids)]
        sources = counted(len({claim.lineage for claim in backing}), "independent source")
        words = f"{dropped}, and {sources} say{'s' if sources.startswith('1 ') else ''} that it was cut."
        return "corroborated", [
            Reason(
                code="claim-agrees",
                rule=LEVEL_RULE,
                words=words,
                evidence=(*ids, *(claim.id for claim in backing)),
            )
        ]
    return _claimed_level(draft, around, place)


def _claimed_level(draft: Draft, around: Coverings, place: str) -> tuple[Level, list[Reason]]:
    ids = tuple(claim.id for claim in draft.claims)
    fine = listed(sorted({coverage_words(piece).split(":")[0] for piece in around.fine}))
    if around.state == "normal" and any(claim.extent == "full" for claim in draft.claims):
        words = f"A full cut is claimed, but {fine} stayed normal throughout."
        return "contradicted", [
            Reason(
                code="all-normal",
                rule=LEVEL_RULE,
                words=words,
                evidence=(*ids, *(piece.id for piece in around.fine)),
                series=tuple(sorted({piece.series for piece in around.fine})),
            )
        ]
    sources = counted(len({claim.lineage for claim in draft.claims}), "independent source")
    said = {
        "no-series": f"no measurements: no series covers {place} at that time",
        "too-coarse": f"no usable measurements: only series of wider places cover {place}, "
        "in which a cut of this size would not show",
        "missing": f"no usable measurements: {fine} was missing for part of that time",
        "dropped": f"{fine} dropped, for less than an outage",
        "normal": f"{fine} stayed normal, which a cut of single services or networks would not change",
    }[around.state]
    codes: dict[str, ReasonCode] = {"dropped": "shallow-drop", "normal": "normal-but-no-full-cut"}
    code = codes.get(around.state) or cast(ReasonCode, around.state)
    return "reported", [Reason(code=code, rule=LEVEL_RULE, words=f"Reported by {sources}; {said}.", evidence=ids)]


def _beside(draft: Draft, near: Sequence[Protest], rules: Rules) -> list[Reason]:
    found: list[Reason] = []
    if draft.claims and draft.outages:
        days = any(claim.precision == "day" for claim in draft.claims)
        rule = rules.cite("outage_claim_day_s" if days else "outage_claim_clock_s")
        words = f"{counted(len(draft.claims), 'claim')} and the drop agree in place and time."
        found.append(Reason(code="agrees-in-time-and-place", rule=rule, words=words))
    if draft.nested:
        where = listed(sorted({place_words(outage.place) for outage in draft.nested}))
        found.append(
            Reason(code="same-drop", rule=rules.cite("nested_share"), words=f"It shows in series of {where} too.")
        )
    if near:
        where = listed(list(dict.fromkeys(place_words(protest.place) for protest in near))[:5])
        words = f"{counted(len(near), 'protest')} near it in those days ({where}): context, no proof."
        found.append(Reason(code="protests-near", rule=rules.cite("protest_km"), words=words))
    return found


def _supports(draft: Draft, around: Coverings, near: Sequence[Protest]) -> list[Support]:
    rows: list[tuple[Evidence, Kind, Role, str]] = []
    rows += [(piece, "outage", "supports", outage_words(piece)) for piece in (*draft.outages, *draft.nested)]
    for claim in sorted(draft.claims, key=lambda claim: (claim.from_s, claim.id)):
        owner = claim.reporter in ("operator", "government") or claim.ordered_by is not None
        rows.append((claim, "claim", "acknowledges" if owner else "supports", claim_words(claim)))
    rows += [(piece, "coverage", "contradicts", coverage_words(piece)) for piece in around.fine]
    rows += [(piece, "protest", "context", protest_words(piece)) for piece in near]
    return [
        Support(
            id=piece.id,
            kind=kind,
            role=role,
            source=piece.origin.source,
            lineage=piece.lineage,
            place=piece.place.name,
            from_s=piece.from_s,
            until_s=piece.until_s,
            words=_short(words, WORDS_CHARS),
            reference=_first_reference(piece.origin.reference),
        )
        for piece, kind, role, words in rows
    ]


def _scope(draft: Draft) -> Scope:
    if draft.outages:
        kinds: dict[str, Scope] = {"country": "national", "region": "regional", "network": "regional"}
        return kinds.get(draft.place.kind, "local")
    order: tuple[Scope, ...] = ("local", "regional", "national")
    return max((claim.scope for claim in draft.claims), key=order.index)


def _extent(claims: Sequence[Claim]) -> Any:
    found = {claim.extent for claim in claims}
    return next((extent for extent in ("full", "service", "throttling") if extent in found), None)


def _union(groups: Iterable[Iterable[str]]) -> tuple[Any, ...]:
    return tuple(sorted({_short(item, WORDS_CHARS) for group in groups for item in group})[:ITEMS])


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _first_reference(reference: str | None) -> str | None:
    """The reference, or where it is a long list, the first of it."""
    if reference is None or len(reference) <= REFERENCE_CHARS:
        return reference
    return _short(re.split(r"[\s;,]+", reference.strip())[0], REFERENCE_CHARS)


def _bounded(reason: Reason, most: int) -> Reason:
    return msgspec.structs.replace(
        reason, words=_short(reason.words, 3 * WORDS_CHARS), evidence=reason.evidence[:most]
    )


def _acknowledged(claims: Sequence[Claim]) -> tuple[str, ...]:
    orders = {f"ordered by: {claim.ordered_by} ({claim.origin.source})" for claim in claims if claim.ordered_by}
    owned = {
        f"{claim.reporter}: {claim_words(claim)}"
        for claim in claims
        if claim.reporter in ("operator", "government")
    }
    return _union([orders, owned])
