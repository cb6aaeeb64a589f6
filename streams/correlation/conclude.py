"""An assessment with its context to a `Shutdown`: level, reasons, and everything a reader wants to know beside
it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Literal, NamedTuple

import msgspec

from streams.correlation.assessment import Assessment, lineages
from streams.correlation.blocking_joins import NOTHING_TESTED, Tested
from streams.correlation.blockings import Blocked, blocked, failure_reasons, judged_with, reasons, rows
from streams.correlation.context import ended_by, last_drop
from streams.correlation.drafts import Draft
from streams.correlation.evidence_rows import WORDS_CHARS, acknowledged, public_ids, short, supports, union
from streams.correlation.explanations import Explained, explain
from streams.correlation.levels import Judged, judge
from streams.correlation.reasons import beside
from streams.correlation.rules import Rules
from streams.correlation.trimming import trimmed
from streams.correlation.watermark import Turn
from streams.correlation.windows import letters_during
from streams.scoring import Facts, Scorer
from topics import (
    LATEST_S,
    Cause,
    Claim,
    CommonDrop,
    Coverage,
    Evidence,
    Outage,
    Place,
    Protest,
    Reason,
    Shutdown,
    digest,
    signal_facts,
)
from topics.reports import Scope

#: What a measurer's word about the cause is worth: verified by a person, not said whether, not verified.
VERIFIED = {True: 1.0, None: 0.8, False: 0.5}


class End(NamedTuple):
    """When a shutdown ended, as far as is known, and why it is taken to be over if its evidence doesn't say."""

    status: Literal["open", "closed"]
    until_s: int | None
    uncertainty_s: int
    #: After this moment of the country's newest evidence it is silent: an open one is closed. None: not open.
    silent_after_s: int | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of a draft's country around it.

    `coverage` is what `EvidenceIndex.coverage` has of it; `protests` those of the country on its days, `near` those
    that are context of its place, `reached` of the wider one that some of its evidence is of. `blocked` are claims
    of blocked or throttled services, `denials` that there was no cut, `causes` what lies near it that may explain
    it, `common` drops in several countries. `recurrence` are the local days away on which an outage of the same
    place began at the same time, `campaign` how many other days its campaign has, `usual` how many protests are
    usual in so many days. `newest_s` is the country's newest evidence, Unix seconds.
    """

    coverage: Sequence[Coverage] = ()
    protests: Sequence[Protest] = ()
    near: Sequence[Protest] = ()
    reached: Sequence[Protest] = ()
    blocked: Sequence[Claim] = ()
    denials: Sequence[Claim] = ()
    causes: Sequence[Cause] = ()
    common: Sequence[CommonDrop] = ()
    tested: Tested = NOTHING_TESTED
    recurrence: Sequence[int] = ()
    campaign: int = 0
    usual: float | None = None
    newest_s: int = 0

    @property
    def failure(self) -> tuple[str, ...]:
        """The countries in which the source's signal dropped, where it failed itself."""
        return tuple(
            sorted({one for drop in self.common if drop.verdict == "source-failure" for one in drop.countries})
        )


def conclude(
    assessed: Assessment, around: Surroundings, rules: Rules, scorer: Scorer
) -> tuple[Shutdown, tuple[Turn, ...]]:
    """The shutdown that a draft and what stands around it amount to, and the moments at which it turns: when it
    begins, if it is only announced, and when it is silent.

    It has no digest yet, and its id and `incident` are still those of its evidence: see
    `streams.correlation.country`.
    """
    draft = assessed.draft
    failure = around.failure if draft.failed is not None else ()
    found = blocked(assessed, around.tested.blocked, rules)
    judged = judged_with(judge(assessed, failure, around.newest_s), assessed, found)
    end = ending(draft, around.coverage, around.newest_s, rules)
    explained = explain(assessed.counted, draft.outages, around.causes, around.denials)
    calm = others_normal(draft, around.coverage)
    score = scorer.score(_facts(assessed, around, judged, explained, calm, found, rules))
    why = [judged.reason, *reasons(judged, found, rules), *failure_reasons(around.tested.failed, rules)]
    why += beside(assessed, around.near, calm, explained, around.common, rules)
    if end.reason is not None:
        why.append(end.reason)
    first = draft.first
    pieces: list[Evidence] = [*draft.pieces, *around.near, *found.pieces]
    flags = [*(claim.flags for claim in draft.claims), ("suspected-coordination",) if assessed.aside else ()]
    listed = rules.count("evidence_listed")
    against = judged.seen if judged.level == "contradicted" else None
    shutdown = Shutdown(
        id=draft.id,
        revision=1,
        digest="",
        status=end.status,
        level=judged.level,
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
        networks=_networks([*draft.claims, *assessed.few]),
        services=union(claim.services for claim in draft.claims),
        blocked=union([found.services]),
        signals=union(outage.signals for outage in draft.outages),
        measurement=judged.state,
        acknowledged=acknowledged(draft.claims),
        sources=assessed.sources.count([*assessed.told_backing, *found.claims]),
        support=assessed.sources.support,
        protests=len({protest.lineage for protest in around.near}),
        probability=score.probability,
        happened=score.happened,
        on_purpose=score.on_purpose,
        explanations=explained.rows,
        common_drops=tuple(sorted({drop.drop for drop in around.common})),
        contributions=score.contributions,
        model=score.model,
        evidence=tuple(
            islice(chain(rows(found), supports(assessed, against, around.denials, around.near)), listed)
        ),
        why=tuple(_bounded(one, listed, public_ids(assessed)) for one in why),
        flags=union(flags),
        rules=rules.hash,
        known_s=max((piece.known_s for piece in pieces if piece.known_s is not None), default=None),
    )
    moments = (judged.begins_s, end.silent_after_s)
    return trimmed(shutdown), tuple(Turn(one, around.newest_s > one) for one in moments if one is not None)


def _facts(
    assessed: Assessment,
    around: Surroundings,
    judged: Judged,
    explained: Explained,
    calm: Sequence[str],
    found: Blocked,
    rules: Rules,
) -> Facts:
    """What the model reads of it. Places and scope are those of the measurement where there is one: they don't
    change with who claims it."""
    draft, sources = assessed.draft, assessed.sources
    told_of = [*draft.claims, *assessed.few]
    return Facts(
        place=draft.place if draft.outages else assessed.place,
        scope=_scope(draft, draft.place),
        outages=draft.outages,
        # What was only announced, or is denied, doesn't say that it happened.
        support=sources.technical + sources.unexplained + _ordered_that_happened(assessed),
        ordered=sources.ordered,
        technical=sources.technical,
        unexplained=sources.unexplained,
        owners=sources.owners,
        copies=len({sources.lineage_of.get(claim.id) for claim in told_of} & lineages(draft)),
        blocked=len(around.blocked),
        blocking=found.worth,
        doubt=judged.seen.doubt,
        others_normal=_others_normal_share(draft, calm),
        failed=draft.failed is not None,
        recurrence=around.recurrence,
        campaign=around.campaign,
        protests=len({protest.lineage for protest in around.protests}),
        near=len({protest.lineage for protest in around.reached}),
        usual=around.usual,
        causes=max((_explained_share(cause, draft, rules) for cause in around.causes), default=0.0),
        denials=len({claim.lineage for claim in around.denials}),
        shared=any(drop.verdict == "shared-cause" for drop in around.common),
        verdict=explained.verdict,
        verified=max((VERIFIED[outage.verified] for outage in draft.outages if outage.cause), default=1.0),
    )


def _explained_share(cause: Cause, draft: Draft, rules: Rules) -> float:
    """The share of a draft's time that a cause may explain, 0 to 1: what it lasted, and `cause_before_s` for
    repairs."""
    if cause.until_s is None or draft.span.until_s >= LATEST_S:
        return 1.0
    length_s = max(1, draft.span.until_s - draft.span.from_s)
    lasts_s = cause.until_s - cause.from_s + rules.seconds("cause_before_s")
    return min(1.0, lasts_s / length_s)


def _ordered_that_happened(assessed: Assessment) -> float:
    """What the sources weigh that say that it was ordered and happened, or announced it where something dropped."""
    if assessed.draft.outages:
        return assessed.sources.ordered
    said = {assessed.sources.lineage_of[claim.id] for claim in assessed.counted if claim.attribution == "ordered"}
    weights = assessed.sources.weight_of
    return sum(weights[one.id] for one in assessed.counted if assessed.sources.lineage_of[one.id] in said)


def others_normal(draft: Draft, coverage: Sequence[Coverage]) -> list[str]:
    """The signals of a draft's place that stayed normal, of kinds of which none dropped, while others dropped."""
    if not draft.outages:
        return []
    during = draft.span
    dropped = {signal_facts(signal).kind for outage in draft.outages for signal in outage.signals}
    said: dict[str, str] = {}
    place = draft.place.key
    for piece in coverage:
        if signal_facts(piece.signal).kind not in dropped and piece.place.key == place:
            said[piece.signal] = said.get(piece.signal, "") + letters_during(piece, during)
    return sorted(signal for signal, letters in said.items() if letters and set(letters) == {"n"})


def _others_normal_share(draft: Draft, calm: Sequence[str]) -> float:
    """How much of the kinds of signal that would have shown it stayed normal, 0 to 1, by what they see of fixed
    lines."""
    if not calm:
        return 0.0
    kinds = {signal_facts(signal).kind: signal_facts(signal) for signal in calm}
    seen = {signal_facts(signal).kind: signal_facts(signal) for one in draft.outages for signal in one.signals}
    normal = sum(facts.fixed * facts.contradicts for facts in kinds.values())
    dropped = sum(facts.fixed * facts.contradicts for facts in seen.values())
    return normal / (normal + dropped) if normal else 0.0


def ending(draft: Draft, coverage: Sequence[Coverage], newest_s: int, rules: Rules) -> End:
    """When a draft ended: as its evidence says; else when its series were normal again; else, after a long silence,
    some time after it was last heard of. A clock time without an end, of a claim that doesn't say that it goes on,
    ended within `claim_open_s`."""
    last = max(draft.timing, key=lambda piece: (LATEST_S if piece.until_s is None else piece.until_s, piece.id))
    if last.until_s is not None:
        return End("closed", last.until_s, last.until_uncertainty_s)
    normal_s = ended_by(draft.outages, coverage) if draft.outages else None
    if normal_s is not None:
        words = "Its series were normal again from that hour on."
        rule = rules.cite("outage_gap_s")
        return End("closed", normal_s, 3600, None, Reason(code="closed-by-coverage", rule=rule, words=words))
    if not draft.outages:
        if not any(_goes_on(piece) for piece in draft.timing):
            return _unknown_end(draft, rules)
        told = _told_end(draft)
        if told is not None:
            return End("closed", told.until_s, told.until_uncertainty_s)
    heard_s = max(map(_heard_s, draft.timing))
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
    least_s = draft.first.from_s + rules.seconds("claim_open_s" if not draft.outages else "outage_gap_s")
    return End("closed", max(heard_s, least_s), rules.seconds("silence_s"), silent_s, reason)


def _unknown_end(draft: Draft, rules: Rules) -> End:
    """The end of claims that say when it began, and neither when it ended nor that it goes on."""
    open_s = rules.seconds("claim_open_s")
    reason = Reason(
        code="closed-by-silence",
        detail="end-unknown",
        rule=rules.cite("claim_open_s"),
        words="Nobody says when it ended, or that it goes on: its end is unknown.",
    )
    last_s = max(piece.from_s + open_s if piece.until_s is None else piece.until_s for piece in draft.timing)
    return End("closed", last_s, open_s, None, reason)


def _told_end(draft: Draft) -> Claim | None:
    """The claim that says when it ended, where another says that it goes on and was told before that."""
    ended = [claim for claim in draft.claims if claim.until_s is not None]
    last = max(ended, key=lambda claim: (claim.until_s or 0, claim.id), default=None)
    heard_s = max(map(_heard_s, filter(_goes_on, draft.timing)))
    return last if last is not None and last.until_s is not None and last.until_s > heard_s else None


def _goes_on(piece: Outage | Claim) -> bool:
    return isinstance(piece, Claim) and piece.until_s is None and piece.ongoing


def _heard_s(piece: Outage | Claim) -> int:
    """Up to when a piece was heard of: what has no end yet, when it was told."""
    if piece.until_s is not None:
        return piece.until_s
    return piece.from_s if piece.known_s is None else max(piece.from_s, piece.known_s)


def sealed(shutdown: Shutdown) -> Shutdown:
    """The same with its `digest` made from its content: all but ids, revision, and the names made from ids."""
    content: dict[str, Any] = msgspec.to_builtins(shutdown)
    for name in ("id", "revision", "digest", "incident", "campaign", "merged_into"):
        content.pop(name, None)
    return msgspec.structs.replace(shutdown, digest=digest(content))


def _scope(draft: Draft, place: Place) -> Scope:
    if draft.outages:
        kinds: dict[str, Scope] = {"country": "national", "region": "regional"}
        return kinds.get(place.kind, "local")
    order: tuple[Scope, ...] = ("local", "regional", "national")
    return max((claim.scope for claim in draft.claims), key=order.index)


def _extent(claims: Sequence[Claim]) -> Any:
    found = {claim.extent for claim in claims}
    return next((extent for extent in ("full", "service", "throttling") if extent in found), None)


def _networks(claims: Sequence[Claim]) -> tuple[Any, ...]:
    """The networks that were cut. Where a claim names none, it is of all of them, and nothing narrows that down."""
    if not all(claim.networks for claim in claims):
        return ()
    return union(claim.networks for claim in claims)


def _bounded(reason: Reason, most: int, public: Mapping[str, str]) -> Reason:
    """A reason with at most so many ids, none of them an individual's."""
    evidence = tuple(dict.fromkeys(public.get(one, one) for one in reason.evidence))
    return msgspec.structs.replace(
        reason,
        words=short(reason.words, 3 * WORDS_CHARS),
        evidence=evidence[:most],
        series=reason.series[:most],
    )
