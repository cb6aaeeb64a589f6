"""The evidence of a shutdown as it lists it, and what its claims say beside: acknowledgement, services, flags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from streams.correlation.assessment import Assessment
from streams.correlation.crowd import row_id
from streams.correlation.view import View
from streams.correlation.words import blocking_words, claim_words, coverage_words, outage_words, protest_words
from topics import Claim, Evidence, Protest, Support
from topics.shutdowns import Kind, Role

#: Bounds of what a shutdown repeats from its evidence, so that its record stays small whatever comes in.
WORDS_CHARS = 300
REFERENCE_CHARS = 1_000
ITEMS = 50

#: The row, source and lineage that stand for individuals.
FEW = "individuals"


def supports(
    assessed: Assessment, against: View | None, denials: Sequence[Claim], protests: Sequence[Protest]
) -> Iterator[Support]:
    """A row for each piece: what was measured, what is claimed, what speaks against it, what is context."""
    draft = assessed.draft
    yield from (row(piece, "outage", "supports") for piece in (*draft.outages, *draft.nested))
    claims = {claim.id: claim for claim in draft.claims} | assessed.aside
    yield from claim_rows(claims.values(), assessed)
    if assessed.few:
        yield _few_row(assessed)
    shown = [claim for claim in draft.carried if claim.reporter != "individual"]
    yield from (_claim_row(claim, assessed) for claim in shown)
    if against is not None:
        yield from (row(piece, "coverage", "contradicts") for piece in against.pieces)
    yield from (row(one, "claim", "contradicts") for one in denials if one.reporter != "individual")
    yield from (row(piece, "protest", "context") for piece in protests)


def row(piece: Evidence, kind: Kind, role: Role, lineage: str | None = None, **more: Any) -> Support:
    """A piece as a shutdown lists it."""
    return Support(
        id=piece.id,
        kind=kind,
        role=role,
        source=piece.origin.source,
        lineage=lineage or piece.lineage,
        place=piece.place.name,
        from_s=piece.from_s,
        until_s=piece.until_s,
        words=short(piece_words(piece), WORDS_CHARS),
        reference=_first_reference(piece.origin.reference),
        **more,
    )


def piece_words(piece: Evidence) -> str:
    """A piece in a line."""
    match piece.__class__.__name__:
        case "Outage":
            return outage_words(piece)  # type: ignore[arg-type]
        case "Claim":
            return claim_words(piece)  # type: ignore[arg-type]
        case "Coverage":
            return coverage_words(piece)  # type: ignore[arg-type]
        case "Blocking":
            return blocking_words(piece)  # type: ignore[arg-type]
    return protest_words(piece)  # type: ignore[arg-type]


def claim_rows(claims: Iterable[Claim], assessed: Assessment) -> Iterator[Support]:
    """A row for each claim, and one for those of all individuals of a place, by begin and id."""
    crowds: dict[tuple[str, bool], list[Claim]] = {}
    rows: list[Support] = []
    for claim in claims:
        if claim.reporter == "individual":
            crowds.setdefault((claim.place.key, claim.id in assessed.aside), []).append(claim)
        else:
            rows.append(_claim_row(claim, assessed))
    rows += [_crowd_row(crowd, assessed) for crowd in crowds.values()]
    yield from sorted(rows, key=lambda row: (row.from_s, row.id, row.role))


def _crowd_row(crowd: Sequence[Claim], assessed: Assessment) -> Support:
    """The row of individuals of one place. Nothing in it is of one of them alone."""
    first = min(crowd, key=lambda claim: (claim.from_s, claim.id))
    people = len({assessed.sources.lineage_of.get(claim.id, claim.lineage) for claim in crowd})
    ends = [claim.until_s for claim in crowd]
    return Support(
        id=row_id(first),
        kind="claim",
        role="set-aside" if first.id in assessed.aside else "supports",
        source=FEW,
        lineage=FEW,
        place=first.place.name,
        from_s=first.from_s,
        until_s=max((end for end in ends if end is not None), default=None) if None not in ends else None,
        words=short(claim_words(first, people), WORDS_CHARS),
        reporter="individual",
        weight=round(sum(assessed.sources.weight_of.get(claim.id, 0.0) for claim in crowd), 6),
    )


def public_ids(assessed: Assessment) -> dict[str, str]:
    """What stands for the ids of individuals' claims in what is given out."""
    known = (*assessed.draft.claims, *assessed.aside.values(), *assessed.few, *assessed.draft.carried)
    return {claim.id: row_id(claim) for claim in known if claim.reporter == "individual"}


def _claim_row(claim: Claim, assessed: Assessment) -> Support:
    role: Role = "acknowledges" if owns(claim) else "supports"
    if claim.id in assessed.aside:
        role = "set-aside"
    weight = assessed.sources.weight_of.get(claim.id, 0.0)
    lineage = assessed.sources.lineage_of.get(claim.id)
    return row(claim, "claim", role, lineage, reporter=claim.reporter, weight=weight)


def _few_row(assessed: Assessment) -> Support:
    draft = assessed.draft
    return Support(
        id=FEW,
        kind="claim",
        role="supports",
        source=FEW,
        lineage=FEW,
        place=assessed.place.name,
        from_s=draft.first.from_s,
        until_s=draft.first.until_s,
        words="individuals report it too, too few to be shown",
        reporter="individual",
        weight=round(sum(assessed.sources.weight_of[claim.id] for claim in assessed.few), 6),
    )


def owns(claim: Claim) -> bool:
    """Whether a claim acknowledges a cut: it tells of an order, or who runs the network or the country says that it
    was cut, and not that a cable broke."""
    if claim.attribution in ("technical", "denied") and claim.ordered_by is None:
        return False
    return claim.reporter in ("operator", "government") or claim.ordered_by is not None


def acknowledged(claims: Sequence[Claim]) -> tuple[str, ...]:
    """Orders and admissions by governments and operators, in words."""
    owned = [claim for claim in claims if owns(claim)]
    orders = {f"ordered by: {claim.ordered_by} ({claim.origin.source})" for claim in owned if claim.ordered_by}
    stated = {
        f"{claim.reporter}: {claim_words(claim)}" for claim in owned if claim.reporter in ("operator", "government")
    }
    return union([orders, stated])


def union(groups: Iterable[Iterable[str]]) -> tuple[Any, ...]:
    """What any of them has, sorted, in bounds."""
    return tuple(sorted({short(item, WORDS_CHARS) for group in groups for item in group})[:ITEMS])


def short(text: str, most: int) -> str:
    """A text cut to `most` characters, which then ends in `…`."""
    return text if len(text) <= most else text[: most - 1] + "…"


def _first_reference(reference: str | None) -> str | None:
    """The reference, or where it is a long list, the first of it."""
    if reference is None or len(reference) <= REFERENCE_CHARS:
        return reference
    return short(re.split(r"[\s;,]+", reference.strip())[0], REFERENCE_CHARS)
