"""A draft with its context to a `Shutdown`: level, reasons, and everything a reader wants to know beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal, NamedTuple

import msgspec

from streams.correlation.assessment import Assessment, lineages
from streams.correlation.context import Coverings, ended_by, last_drop
from streams.correlation.drafts import Draft
from streams.correlation.evidence_rows import WORDS_CHARS, acknowledged, short, supports, union
from streams.correlation.levels import beside, judge
from streams.correlation.rules import Rules
from streams.scoring import Facts, Scorer
from topics import LATEST_S, Claim, Coverage, Evidence, Place, Protest, Reason, Shutdown, digest
from topics.reports import Scope
from topics.shutdowns import Level


class End(NamedTuple):
    """When a shutdown ended, as far as is known, and why it is taken to be over if its evidence doesn't say."""

    status: Literal["open", "closed"]
    until_s: int | None
    uncertainty_s: int
    #: The country's newest evidence that makes it silent: after this moment an open one is closed. None: not open.
    silent_after_s: int | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of a draft's country around it.

    `coverage` is what `EvidenceIndex.coverage` has of it; `protests` those of the country on its days, `near` those
    that are context of its place, `reached` of the wider one that some of its evidence is of. `blocked` are claims
    of blocked or throttled services, `recurrence` the local days away on which an outage of the same place
    began at the same time, `usual` how many protests are usual in so many days. `newest_s` is the country's newest
    evidence, Unix seconds.
    """

    coverage: Sequence[Coverage] = ()
    protests: Sequence[Protest] = ()
    near: Sequence[Protest] = ()
    reached: Sequence[Protest] = ()
    blocked: Sequence[Claim] = ()
    recurrence: Sequence[int] = ()
    usual: float | None = None
    newest_s: int = 0


def conclude(
    assessed: Assessment, around: Surroundings, rules: Rules, scorer: Scorer
) -> tuple[Shutdown, int | None]:
    """The shutdown that a draft and what stands around it amount to, and when it would be silent, see `End`.

    It has no digest yet, and `incident` is still its own id: see `sealed`.
    """
    draft, protests = assessed.draft, around.near
    level, seen, reason = judge(assessed)
    end = ending(draft, around.coverage, around.newest_s, rules)
    score = scorer.score(_facts(assessed, around, level))
    why = [reason, *beside(assessed, list(protests), rules)]
    if end.reason is not None:
        why.append(end.reason)
    owned = acknowledged(draft.claims)
    against = seen if level == "contradicted" else Coverings(seen.state)
    first = draft.first
    pieces: list[Evidence] = [*draft.pieces, *protests]
    flags = [*(claim.flags for claim in draft.claims), ("suspected-coordination",) if assessed.aside else ()]
    listed = rules.count("evidence_listed")
    shutdown = Shutdown(
        id=draft.id,
        revision=1,
        digest="",
        status=end.status,
        level=level,
        country=draft.place.country,
        place=assessed.place,
        from_s=first.from_s,
        until_s=end.until_s,
        from_uncertainty_s=first.from_uncertainty_s,
        until_uncertainty_s=end.uncertainty_s,
        precision=first.precision,
        incident=draft.id,
        scope=_scope(draft, assessed.place),
        extent=_extent([*draft.claims, *assessed.few]),
        networks=union(claim.networks for claim in draft.claims),
        services=union(claim.services for claim in draft.claims),
        signals=union(outage.signals for outage in draft.outages),
        measurement=seen.state,
        acknowledged=owned,
        sources=assessed.sources.count(assessed.backing),
        support=assessed.sources.support,
        protests=len({protest.lineage for protest in protests}),
        probability=score.probability,
        contributions=score.contributions,
        model=score.model,
        evidence=tuple(islice(supports(assessed, against, protests), listed)),
        why=tuple(_bounded(one, listed) for one in why),
        flags=union(flags),
        rules=rules.hash,
        known_s=max((piece.known_s for piece in pieces if piece.known_s is not None), default=None),
    )
    return shutdown, end.silent_after_s


def _facts(assessed: Assessment, around: Surroundings, level: Level) -> Facts:
    """What the model reads of it. Places and scope are those of the measurement where there is one: they don't
    change with who claims it."""
    draft = assessed.draft
    told_of = [*draft.claims, *assessed.few]
    return Facts(
        place=draft.place if draft.outages else assessed.place,
        scope=_scope(draft, draft.place),
        outages=draft.outages,
        support=assessed.sources.support,
        copies=len({assessed.sources.lineage_of.get(claim.id) for claim in told_of} & lineages(draft)),
        blocked=len(around.blocked),
        ordered=any(claim.ordered_by is not None or claim.reporter == "government" for claim in draft.claims),
        contradicted=level == "contradicted",
        recurrence=around.recurrence,
        protests=len({protest.lineage for protest in around.protests}),
        near=len({protest.lineage for protest in around.reached}),
        usual=around.usual,
    )


def ending(draft: Draft, coverage: Sequence[Coverage], newest_s: int, rules: Rules) -> End:
    """When a draft ended: as its evidence says; else when its series were normal again; else, after a long
    silence, when it was last heard of."""
    last = max(draft.timing, key=lambda piece: (LATEST_S if piece.until_s is None else piece.until_s, piece.id))
    if last.until_s is not None:
        return End("closed", last.until_s, last.until_uncertainty_s)
    normal_s = ended_by(draft.outages, coverage) if draft.outages else None
    if normal_s is not None:
        words = "Its series were normal again from that hour on."
        rule = rules.cite("outage_gap_s")
        return End("closed", normal_s, 3600, None, Reason(code="closed-by-coverage", rule=rule, words=words))
    heard_s = max(piece.from_s if piece.until_s is None else piece.until_s for piece in draft.timing)
    if draft.outages:
        heard_s = max(heard_s, last_drop(coverage) or heard_s)
    silent_s = heard_s + rules.seconds("silence_s")
    if silent_s >= newest_s:
        return End("open", None, last.until_uncertainty_s, silent_s)
    days = rules.seconds("silence_s") // 86_400
    reason = Reason(
        code="closed-by-silence",
        rule=rules.cite("silence_s"),
        words=f"Nothing was heard of it for {days} days: it ended some time after it was last heard of.",
    )
    return End("closed", heard_s, rules.seconds("silence_s"), silent_s, reason)


def sealed(shutdown: Shutdown) -> Shutdown:
    """The same with its `digest` made from its content."""
    content: dict[str, Any] = msgspec.to_builtins(shutdown)
    del content["revision"], content["digest"]
    return msgspec.structs.replace(shutdown, digest=digest(content))


def _scope(draft: Draft, place: Place) -> Scope:
    if draft.outages:
        kinds: dict[str, Scope] = {"country": "national", "region": "regional", "network": "regional"}
        return kinds.get(place.kind, "local")
    order: tuple[Scope, ...] = ("local", "regional", "national")
    return max((claim.scope for claim in draft.claims), key=order.index)


def _extent(claims: Sequence[Claim]) -> Any:
    found = {claim.extent for claim in claims}
    return next((extent for extent in ("full", "service", "throttling") if extent in found), None)


def _bounded(reason: Reason, most: int) -> Reason:
    return msgspec.structs.replace(
        reason,
        words=short(reason.words, 3 * WORDS_CHARS),
        evidence=reason.evidence[:most],
        series=reason.series[:most],
    )
