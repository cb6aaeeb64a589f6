"""What else may explain a shutdown than a decision, and who says so: competing explanations, and denials."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from streams.claims.attribution import cause_kind
from streams.correlation.words import listed, place_words, who_words
from topics import Cause, Claim, Explanation, Outage
from topics.evidence import CauseKind

#: At most so many are listed.
LISTED = 50

#: Kinds of causes as people call them.
KINDS: dict[str, str] = {
    "power": "a power cut",
    "cable": "a damaged cable",
    "disaster": "a natural disaster",
    "attack": "an attack on the network",
    "maintenance": "maintenance",
    "war-damage": "damage in a war",
    "technical": "a technical fault",
    "denial": "that there was no cut",
}


class Explained(NamedTuple):
    """What else may explain a shutdown: rows, sentences with the evidence that each stands on, and what who
    measured it says of the cause."""

    rows: tuple[Explanation, ...]
    sentences: tuple[tuple[str, tuple[str, ...]], ...]
    verdict: Literal["ordered", "technical"] | None


def explain(
    claims: Sequence[Claim], outages: Sequence[Outage], causes: Sequence[Cause], denials: Sequence[Claim]
) -> Explained:
    """Collect what speaks for another cause.

    Args:
        claims: those of the shutdown; those with a technical attribution count.
        outages: what was measured, with what its source says of the cause.
        causes: what lies near it in place and time.
        denials: claims that there was no cut.
    """
    rows = [
        *(_of_claim(one) for one in claims if one.attribution == "technical" and one.reporter != "individual"),
        *(row for outage in outages if (row := _of_outage(outage)) is not None),
        *(_of_cause(cause) for cause in causes),
        *(_of_denial(claim) for claim in denials if claim.reporter != "individual"),
    ]
    rows = sorted({row.id + row.kind: row for row in rows}.values(), key=lambda row: (row.kind, row.id))[:LISTED]
    verdicts = {_verdict(outage.cause) for outage in outages if outage.cause}
    verdict: Literal["ordered", "technical"] | None = None
    if "ordered" in verdicts:
        verdict = "ordered"
    elif "technical" in verdicts:
        verdict = "technical"
    return Explained(tuple(rows), tuple(_sentences(rows, outages)), verdict)


def _sentences(rows: Sequence[Explanation], outages: Iterable[Outage]) -> Iterable[tuple[str, tuple[str, ...]]]:
    by_kind: dict[str, list[Explanation]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(row)
    for kind, own in sorted(by_kind.items()):
        who = listed(list(dict.fromkeys(row.source for row in own))[:5])
        ids = tuple(row.id for row in own)
        if kind == "denial":
            yield f"It is denied: {who} says that there was no cut.", ids
        else:
            yield f"Another explanation: {KINDS[kind]}, by {who} ({own[0].words}).", ids
    for outage in outages:
        if outage.cause and _verdict(outage.cause) == "ordered":
            yield f"{outage.origin.source} gives the cause as {outage.cause}: somebody decided it.", (outage.id,)


def _verdict(cause: str | None) -> Literal["ordered", "technical"] | None:
    kind = cause_kind(cause) if cause else None
    return None if kind is None else "ordered" if kind == "decision" else "technical"


def _of_claim(claim: Claim) -> Explanation:
    kind = cause_kind(claim.cause or "")
    known: CauseKind = "technical" if kind is None or kind == "decision" else kind
    who = who_words(claim)
    after = f", after {listed(claim.cites)}," if claim.cites else ""
    named = claim.cause or KINDS[known]
    return Explanation(
        kind=known,
        words=_short(f"{who}{after} names {named} as the cause in {place_words(claim.place)}"),
        source=who,
        lineage=claim.lineage,
        id=claim.id,
        reference=_reference(claim.origin.reference),
    )


def _of_outage(outage: Outage) -> Explanation | None:
    kind = cause_kind(outage.cause) if outage.cause else None
    if kind is None or kind == "decision":
        return None
    return Explanation(
        kind=kind,
        words=_short(f"who measured it gives the cause as {outage.cause}"),
        source=outage.origin.source,
        lineage=outage.lineage,
        id=outage.id,
        reference=_reference(outage.origin.reference),
    )


def _of_cause(cause: Cause) -> Explanation:
    return Explanation(
        kind=cause.kind,
        words=_short(cause.title or f"{KINDS[cause.kind]} near {place_words(cause.place)}"),
        source=cause.origin.source,
        lineage=cause.lineage,
        id=cause.id,
        reference=_reference(cause.origin.reference),
    )


def _of_denial(claim: Claim) -> Explanation:
    who = who_words(claim)
    return Explanation(
        kind="denial",
        words=_short(f"{who} denies that {place_words(claim.place)} was cut off"),
        source=who,
        lineage=claim.lineage,
        id=claim.id,
        reference=_reference(claim.origin.reference),
    )


def _short(text: str) -> str:
    return text if len(text) <= 300 else text[:299] + "…"


def _reference(reference: str | None) -> str | None:
    return reference if reference is not None and len(reference) <= 1_000 else None
