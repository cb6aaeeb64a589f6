"""The level of a shutdown, and the reasons: in codes, with their series, and in words.

| level        | when                                                                                        |
|--------------|---------------------------------------------------------------------------------------------|
| corroborated | an outage, and a claim of a cut that agrees with it and doesn't only repeat the measurement |
| measured     | outages without such a claim                                                                |
| contradicted | every claim is of a full cut, and series that would have shown it stayed normal throughout  |
| reported     | claims, without an outage and not contradicted                                              |

An individual's claim corroborates an outage as any other does; without an outage, no number of claims rises above
`reported`. So a further claim never lowers the level, and a further normal series never raises it.

A sentence says no more than its evidence: each is built here from what was looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

from streams.correlation.assessment import Assessment
from streams.correlation.drafts import RuledOut
from streams.correlation.view import View, together
from streams.correlation.words import (
    counted,
    country_words,
    distance,
    listed,
    place_words,
    sentence,
    series_words,
    signal_words,
)
from topics import Claim, Place, Reason
from topics.shutdowns import Level, MeasurementState, ReasonCode

LEVEL_RULE = "level/1"

#: What keeps one series, and several, from seeing what is claimed, in words.
_LIMITS = {
    "networks": (
        "it sees fixed lines, and little of the networks that are claimed",
        "they see fixed lines, and little of the networks that are claimed",
    ),
    "kind": ("blocked services don't show in it", "blocked services don't show in them"),
    "place": ("it covers other places too, or only a part", "they cover other places too, or only a part"),
    "time": (
        "its values are too far apart for so short a cut",
        "their values are too far apart for so short a cut",
    ),
    "noise": ("a cut of this size would be lost in its noise", "a cut of this size would be lost in their noise"),
}

#: Why a claim that agrees with a drop in place and time is held to be of something else, in words.
_RULED_OUT: dict[RuledOut, str] = {
    "own-series-normal": "the series of {place} itself would have dropped, and stayed normal",
    "not-borne-out": "it is of a long time, in which drops are few there, or as frequent as before and after",
    "other-time": "it names another time, and this drop is too small or too short to be what is meant",
}


class Judged(NamedTuple):
    """A level, what the measurements of the place said, and the reason."""

    level: Level
    state: MeasurementState
    seen: View
    reason: Reason
    #: When that begins which is only announced. Until the country's newest evidence is later, it is to come.
    begins_s: int | None = None


def judge(assessed: Assessment, failure: Sequence[str], newest_s: int) -> Judged:
    """The level and its reason.

    Args:
        assessed: what counts of a draft.
        failure: the countries in which the same signal dropped, if the source itself failed.
        newest_s: the country's newest evidence, Unix seconds: what is announced for later is still to come.
    """
    if assessed.draft.outages:
        return _measured(assessed, failure)
    views = [assessed.seen[claim.id] for claim in assessed.draft.claims if claim.id in assessed.seen]
    return _claimed(assessed, together(views), newest_s)


def _measured(assessed: Assessment, failure: Sequence[str]) -> Judged:
    draft = assessed.draft
    signals = sorted({signal for outage in draft.outages for signal in outage.signals})
    dropped = f"{sentence(signal_words(signals))} dropped in {place_words(draft.place)}"
    ids = tuple(outage.id for outage in draft.outages)
    backing = assessed.backing
    level: Level = "corroborated" if backing else "measured"
    code: ReasonCode = "nobody-claims"
    detail: str | None = None
    if failure:
        detail = "source-failed"
        elsewhere = country_words([one for one in failure if one != draft.place.country])
        words = f"{dropped}, and elsewhere at the same time ({elsewhere}): the source itself failed."
    elif draft.carried:
        code, detail = "claim-agrees", "campaign"
        reports = _says(assessed, backing, "report")
        words = f"{dropped} at the hour of other cuts there, which {_sources(assessed, backing)} {reports}."
        ids += tuple(claim.id for claim in backing)
    elif backing:
        code = "claim-agrees"
        words = f"{dropped}, and {_said_by(assessed, backing)}."
        ids += tuple(claim.id for claim in backing if claim not in assessed.few)
    elif draft.claims or assessed.few:
        code = "only-copies-claim"
        words = f"{dropped}; it is claimed, but by sources that repeat the measurement."
    elif draft.ruled_out:
        detail = "ruled-out"
        words = f"{dropped}; {_ruled_out(draft.ruled_out)}."
        ids += tuple(claim.id for claim, _ in draft.ruled_out if claim.reporter != "individual")
    else:
        words = f"{dropped}; nobody has claimed it in public."
    series = tuple(sorted({outage.series for outage in draft.outages}))
    reason = Reason(code=code, detail=detail, rule=LEVEL_RULE, words=words, evidence=ids, series=series)
    return Judged(level, "dropped", View("dropped"), reason)


def _said_by(assessed: Assessment, backing: Sequence[Claim]) -> str:
    """Who says what: of the place that is claimed, and not of another that dropped with it."""
    says = _says(assessed, backing)
    said = f"{_sources(assessed, backing)} {says} that {_claimed_places(assessed, backing)} was cut off"
    if all(claim.attribution == "technical" for claim in backing):
        said = f"{_sources(assessed, backing)} {says} that {_claimed_places(assessed, backing)} was offline"
    # Of individuals too few to be shown it is not told what time they name.
    off = [assessed.join(claim).off_s for claim in backing if claim not in assessed.few]
    if off and all(off):
        nearest = min(off, key=abs)
        said += f", {distance(nearest)} the time that is named"
    return said


def _ruled_out(ruled_out: Sequence[tuple[Claim, RuledOut]]) -> str:
    """That the claims there are of it don't count, and why each kind of them doesn't."""
    only = len(ruled_out) == 1 and ruled_out[0][0].reporter != "individual"
    why: dict[RuledOut, str] = {}
    for claim, reason in ruled_out:
        why.setdefault(reason, _RULED_OUT[reason].format(place=place_words(claim.place)))
    subject = "the only claim of it" if only else "what is claimed of it"
    return f"{subject} was ruled out: {'; '.join(why.values())}"


def _sources(assessed: Assessment, claims: Sequence[Claim]) -> str:
    """`2 independent sources and 3 individuals`; individuals who are too few to be counted are told of as such."""
    few = {claim.id for claim in assessed.few}
    told = [claim for claim in claims if claim.id not in few]
    people = {assessed.sources.lineage_of[one.id] for one in told if one.reporter == "individual"}
    others = {assessed.sources.lineage_of[one.id] for one in told if one.reporter != "individual"}
    parts = []
    if others:
        parts.append(counted(len(others), "independent source"))
    if people - others:
        parts.append(counted(len(people - others), "individual"))
    if len(told) < len(claims):
        parts.append("individuals too few to be counted")
    return " and ".join(parts)


def _says(assessed: Assessment, claims: Sequence[Claim], verb: str = "say") -> str:
    """A verb in the number of who is told of by `_sources`."""
    few = {claim.id for claim in assessed.few}
    one = len({assessed.sources.lineage_of[claim.id] for claim in claims}) == 1
    return f"{verb}s" if one and not any(claim.id in few for claim in claims) else verb


def _claimed_places(assessed: Assessment, claims: Sequence[Claim]) -> str:
    places: dict[str, Place] = {claim.place.key: claim.place for claim in claims if claim not in assessed.few}
    if not places:
        return "it"
    named = [place_words(place) for _, place in sorted(places.items())]
    return listed(named[:3]) if len(named) <= 3 else f"{counted(len(named), 'place')} there"


def _claimed(assessed: Assessment, around: View, newest_s: int) -> Judged:
    claims = assessed.draft.claims
    ids = tuple(claim.id for claim in claims)
    if all(claim.attribution == "announced" for claim in claims):
        begins_s = min(claim.from_s for claim in claims)
        reason = _announced(assessed, around, to_come=newest_s <= begins_s)
        return Judged("reported", around.state, around, reason, begins_s)
    if around.denied and all(claim.extent == "full" for claim in claims):
        series = listed([series_words(one) for one in around.names])
        reason = Reason(
            code="all-normal",
            rule=LEVEL_RULE,
            words=f"A full cut is claimed, but {series} stayed normal throughout, and would have dropped.",
            evidence=(*ids, *(piece.id for piece in around.pieces)),
            series=around.names,
        )
        return Judged("contradicted", around.state, around, reason)
    counts = [claim for claim in claims if claim.id not in assessed.aside]
    who = f"by {_sources(assessed, counts)}" if counts else "only by reports that look coordinated"
    reason = Reason(
        code="shallow-drop" if around.state == "dropped" else _code(around.state),
        rule=LEVEL_RULE,
        words=f"Reported {who}; {_state_words(assessed, around)}.",
        evidence=ids,
        series=around.names,
    )
    return Judged("reported", around.state, around, reason)


def _announced(assessed: Assessment, around: View, *, to_come: bool) -> Reason:
    """A cut that was only announced: still to come, or what became of it as far as was measured."""
    who = _sources(assessed, assessed.draft.claims)
    if to_come:
        words = f"Announced by {who}: {place_words(assessed.place)} will be cut off. It has not begun."
    else:
        words = f"Announced by {who}; {_became(assessed, around)}."
    code: ReasonCode = "no-series" if around.state == "dropped" else _code(around.state)
    ids = tuple(claim.id for claim in assessed.draft.claims)
    return Reason(code=code, detail="announced", rule=LEVEL_RULE, words=words, evidence=ids, series=around.names)


def _became(assessed: Assessment, around: View) -> str:
    """Whether a cut came that was announced, as far as was measured."""
    series = listed([series_words(one) for one in around.names[:6]])
    if around.uncut:
        return f"it did not come: {series} stayed normal throughout, where it would have shown"
    # Of several claims a series may be told of beside one whose begin it missed.
    normal = [one for one in around.series if one.at_begin] if around.uncut_at_begin else []
    if normal:
        most = max(normal, key=lambda one: (one.normal, one.series))
        which = listed([series_words(one.series) for one in normal[:6]])
        words = (
            f"it did not come when it was to: {which} stayed normal in its first hour, where it would have shown"
        )
        return (
            f"{words}; {most.normal} of {counted(most.hours, 'hour')} were measured normal, the rest is not known"
        )
    return f"whether it came is not known: {_state_words(assessed, around)}"


def _code(state: MeasurementState) -> ReasonCode:
    return "normal-but-no-full-cut" if state == "normal" else cast(ReasonCode, state)


def _state_words(assessed: Assessment, around: View) -> str:
    """What measurements could say, in words that don't say more."""
    place = place_words(assessed.place)
    series = listed([series_words(one) for one in around.names[:6]])
    several = len(around.names) > 1
    service = all(claim.extent == "service" for claim in assessed.draft.claims)
    if around.state == "no-series":
        return f"no measurements: no series covers {place} at that time"
    if around.state == "too-coarse":
        limits = [words[several] for limit, words in _LIMITS.items() if limit in around.limits]
        inside = all(one.inside and not one.own for one in around.series)
        which = (
            "only series of parts of it cover" if inside else "only series that can't see a cut of this size cover"
        )
        words = f"no usable measurements: {which} {place} ({series})"
        return words + (f": {limits[0]}" if limits and not inside else "")
    if around.state == "missing":
        missing = around.series[0]
        normal = max(around.series, key=lambda one: one.normal)
        words = f"no usable measurements: {series} {'were' if several else 'was'} missing for part of that time"
        if around.normal:
            also = listed([series_words(one.series) for one in around.normal[:6]])
            return f"{words}; {also} stayed normal"
        return f"{words}; what is known of it was normal in {normal.normal} of {missing.hours} hours"
    if around.state == "dropped":
        if service:
            return f"{series} dropped at that time, which blocked services don't explain"
        return f"{series} dropped, for less than an outage or than what is claimed"
    limits = [words[several] for limit, words in _LIMITS.items() if limit in around.limits and limit != "noise"]
    why = limits[0] if limits else "a cut of single services or networks would not show in it"
    return f"{series} stayed normal, but {why}"
