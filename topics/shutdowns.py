"""`shutdowns`: the newest revision of every shutdown. Read it from the start for the whole present state."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from topics.base import Country, Duration, Identifier, Name, Ratio, Record, Signal, Time, Topic, Whole
from topics.evidence import CauseKind, Precision
from topics.place import Place
from topics.reports import Extent, Network, ReporterKind, Scope

#: A probability.
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Level = Literal["measured", "reported", "corroborated", "contradicted"]
Status = Literal["open", "closed", "merged", "retracted"]
#: `set-aside`: reports that look coordinated. They are kept, and move nothing.
Role = Literal["supports", "contradicts", "acknowledges", "context", "set-aside"]
MeasurementState = Literal["dropped", "normal", "missing", "too-coarse", "no-series"]
Kind = Literal["outage", "coverage", "claim", "protest"]

#: Why, for machines. The level's own reason comes first; docs/CORRELATION.md explains each.
ReasonCode = Literal[
    # measured
    "nobody-claims",
    "only-copies-claim",
    # corroborated
    "claim-agrees",
    # reported
    "no-series",
    "missing",
    "too-coarse",
    "shallow-drop",
    "normal-but-no-full-cut",
    # contradicted
    "all-normal",
    # beside the level
    "agrees-in-time-and-place",
    "same-drop",
    "place-narrowed",
    "closed-by-coverage",
    "closed-by-silence",
    "copies-folded",
    "individuals-together",
    "suspected-coordination",
    "acknowledged",
    "protests-near",
    # the end of an id
    "merged",
    "retracted",
]


class Support(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One piece of evidence as this shutdown uses it."""

    id: Annotated[Identifier, msgspec.Meta(description="id of the piece on `evidence`")]
    kind: Kind
    role: Role
    source: str
    lineage: str
    place: str
    from_s: Time
    until_s: Time | None
    words: Annotated[str, msgspec.Meta(description="the piece in a line of words")]
    reference: str | None = None
    reporter: Annotated[ReporterKind | None, msgspec.Meta(description="of a claim: who says it")] = None
    weight: Annotated[
        float,
        msgspec.Meta(ge=0, description="of a claim: its part of the shutdown's `support`"),
    ] = 0.0


class Reason(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Why something was concluded: which rule, in words, by which evidence."""

    code: Annotated[ReasonCode, msgspec.Meta(description="the reason for machines")]
    detail: Annotated[
        Name | None,
        msgspec.Meta(
            description="the reason more finely than `code` says; docs/CORRELATION.md lists the values, and there "
            "may be more of them in later versions",
        ),
    ] = None
    rule: Annotated[str, msgspec.Meta(description="rule id and version, `level/1`")]
    words: str
    evidence: Annotated[tuple[str, ...], msgspec.Meta(description="ids of the evidence that it stands on")] = ()
    series: Annotated[
        tuple[str, ...], msgspec.Meta(description="series that it speaks of: dropped, normal or missing")
    ] = ()


Question = Literal["happened", "on-purpose"]


class Explanation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What else may explain a shutdown, or says that there was none, and who says so."""

    kind: Annotated[
        CauseKind | Literal["denial"], msgspec.Meta(description="the cause; `denial`: there was no cut")
    ]
    words: str
    source: Annotated[str, msgspec.Meta(description="the source as this system names it")]
    lineage: str
    id: Annotated[Identifier, msgspec.Meta(description="id of the piece on `evidence` that says so")]
    reference: str | None = None


class Contribution(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one feature adds to the log-odds of `happened` or of `on_purpose`. `base` is what they start from."""

    feature: Annotated[str, msgspec.Meta(description="the feature's name in the model, or `base`")]
    value: Annotated[float, msgspec.Meta(description="the feature's value; docs/ACCURACY.md defines each")]
    log_odds: Annotated[
        float,
        msgspec.Meta(description="what it adds to the log-odds; e to its power is the ratio of likelihoods"),
    ]
    words: str
    question: Annotated[Question, msgspec.Meta(description="which probability it is a part of")] = "on-purpose"


class Shutdown(Record, frozen=True, kw_only=True, tag_field="schema", tag="shutdown/1"):
    """One place, one stretch of time: what was cut, how that is known, and how well.

    The content depends on the evidence alone; `digest` is its fingerprint without `revision`, so two runs
    over the same evidence can be compared by it.
    """

    id: Annotated[Identifier, msgspec.Meta(description="made from the place and the first evidence")]
    revision: Annotated[Whole, msgspec.Meta(ge=1, description="counts the changes of this id, from 1")]
    digest: Annotated[str, msgspec.Meta(description="SHA-256 of the content without `revision`, 32 hex digits")]
    status: Status
    merged_into: Annotated[Identifier | None, msgspec.Meta(description="the id that carries on")] = None
    level: Level
    country: Country
    place: Place
    from_s: Time
    until_s: Time | None
    from_uncertainty_s: Duration
    until_uncertainty_s: Duration
    precision: Precision
    incident: Annotated[Identifier, msgspec.Meta(description="the shutdowns of a country that belong together")]
    scope: Scope
    extent: Extent | None = None
    networks: tuple[Network, ...] = ()
    services: tuple[str, ...] = ()
    blocked: Annotated[
        tuple[Name, ...],
        msgspec.Meta(description="services whose blocking was measured there at that time, of those claimed"),
    ] = ()
    signals: Annotated[tuple[Signal, ...], msgspec.Meta(description="signals that dropped")] = ()
    measurement: Annotated[
        MeasurementState, msgspec.Meta(description="what is known by measurement of that place and time")
    ]
    acknowledged: Annotated[
        tuple[str, ...], msgspec.Meta(description="orders and statements by governments and operators")
    ] = ()
    sources: Annotated[
        Whole,
        msgspec.Meta(ge=0, description="independent lineages that claim it, those of the measurement left out"),
    ] = 0
    support: Annotated[
        float,
        msgspec.Meta(ge=0, description="weight of those sources by kind of reporter; an organisation weighs 1"),
    ] = 0.0
    protests: Annotated[Whole, msgspec.Meta(ge=0, description="protests near it in place and time")] = 0
    probability: Annotated[
        Share | None,
        msgspec.Meta(
            description="that it happened, and on purpose: `happened` times `on_purpose`; null once ended"
        ),
    ] = None
    happened: Annotated[
        Share | None,
        msgspec.Meta(
            description="that connectivity there was really cut or degraded, by the model; null once ended"
        ),
    ] = None
    on_purpose: Annotated[
        Share | None,
        msgspec.Meta(description="given that it happened, that somebody decided it, by the model; null once ended"),
    ] = None
    explanations: Annotated[
        tuple[Explanation, ...],
        msgspec.Meta(
            description="causes other than a decision, and denials, that sources name or that lie near it"
        ),
    ] = ()
    campaign: Annotated[
        Identifier | None,
        msgspec.Meta(description="cuts that recur at one local time have the same value; null: it is part of none"),
    ] = None
    common_drops: Annotated[
        tuple[Identifier, ...],
        msgspec.Meta(
            description="drops at one time in several countries; shutdowns elsewhere have the same values"
        ),
    ] = ()
    contributions: Annotated[
        tuple[Contribution, ...],
        msgspec.Meta(
            description="those of each `question` sum to its log-odds; features that add nothing are left out"
        ),
    ] = ()
    false_alarms_a_year: Annotated[
        Ratio | None,
        msgspec.Meta(
            description="how often a year chance alone would bring an outage and claims at least as strong "
            "together in this country; null where no claim met an outage"
        ),
    ] = None
    model: Annotated[
        str | None, msgspec.Meta(description="version and fingerprint of the model behind `probability`")
    ] = None
    evidence: tuple[Support, ...] = ()
    why: tuple[Reason, ...] = ()
    flags: Annotated[tuple[str, ...], msgspec.Meta(description="doubts about the evidence, kept beside it")] = ()
    rules: Annotated[str, msgspec.Meta(description="hash of the rule set that concluded this")]
    known_s: Annotated[
        Time | None, msgspec.Meta(description="latest known arrival among its evidence, Unix seconds")
    ] = None


def shutdown_key(record: Shutdown) -> str:
    return record.id


SHUTDOWNS = Topic(
    name="shutdowns",
    records=(Shutdown,),
    summary="The newest revision of every shutdown.",
    key_words="the shutdown's id",
    key=shutdown_key,
    event_time="`from_s` to `until_s`",
    cleanup="compact",
)
