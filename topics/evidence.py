"""`evidence`: what correlation reads, located: outages, coverage, blocking, claims, protests, causes, common drops.

The newest `revision` of an `id` counts; one with `withdrawn` set takes the piece back.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from topics.base import Country, Duration, Identifier, Name, Origin, Ratio, Record, Signal, Text, Time, Topic, Whole
from topics.place import Place
from topics.reports import Attribution, Extent, Network, ReporterKind, Scope

#: A share of a whole.
Fraction = Annotated[float, msgspec.Meta(ge=0, le=1)]

Precision = Literal["minute", "day"]
Severity = Literal["warning", "critical"]

#: What can take a network down without anybody's decision to cut it.
CauseKind = Literal["power", "cable", "disaster", "attack", "maintenance", "war-damage", "technical"]


class Piece(Record, frozen=True, kw_only=True):
    """What all evidence has. Times are a half-open span [from_s, until_s); `until_s` null is 'not over yet'."""

    id: Identifier
    origin: Origin
    country: Country
    place: Place
    from_s: Time
    until_s: Time | None
    from_uncertainty_s: Annotated[Duration, msgspec.Meta(description="seconds either side of `from_s`")] = 0
    until_uncertainty_s: Annotated[Duration, msgspec.Meta(description="seconds either side of `until_s`")] = 0
    precision: Annotated[
        Precision,
        msgspec.Meta(description="`day`: only local calendar days were known, the span covers them"),
    ] = "minute"
    lineage: Annotated[Identifier, msgspec.Meta(description="independent origin; pieces of one lineage count once")]
    known_s: Annotated[Time | None, msgspec.Meta(description="when it could first be known, if known")] = None
    revision: Annotated[Whole, msgspec.Meta(ge=0, description="the highest of an id counts")] = 0
    withdrawn: bool = False


class Outage(Piece, frozen=True, kw_only=True, tag_field="schema", tag="outage/1"):
    """A series, or several of one entity, far below its own baseline."""

    series: Annotated[
        Identifier, msgspec.Meta(description="source, entity and signal: `ioda/region/2088/ping-slash24`")
    ]
    signals: Annotated[tuple[Signal, ...], msgspec.Meta(min_length=1, description="the signals that dropped")]
    severity: Severity = "warning"
    ratio_min: Annotated[Ratio | None, msgspec.Meta(description="lowest value over its baseline, 1 is normal")] = (
        None
    )
    ratio_mean: Annotated[Ratio | None, msgspec.Meta(description="mean value over its baseline")] = None
    area: Annotated[
        Ratio | None,
        msgspec.Meta(description="lost share of the baseline times minutes, % x min (IODA's score)"),
    ] = None
    parts: Annotated[
        tuple[Identifier, ...],
        msgspec.Meta(
            description="of an outage that most parts of a place make together: the keys of the places that dropped"
        ),
    ] = ()
    cause: Annotated[
        Text | None,
        msgspec.Meta(
            description="what its source says was the trigger, in its own words or code: a person's verdict, with "
            "a weight in `on_purpose`"
        ),
    ] = None
    verified: Annotated[
        bool | None,
        msgspec.Meta(description="whether a person looked at it and confirmed it; null: its source doesn't say"),
    ] = None


class Coverage(Piece, frozen=True, kw_only=True, tag_field="schema", tag="coverage/1"):
    """What one series said, hour by hour, over one UTC day or less."""

    series: Identifier
    signal: Signal
    hours: Annotated[
        str,
        msgspec.Meta(
            pattern="^[dnmu]{1,24}$",
            description="one letter an hour from `from_s`: d drop, n normal, m missing, u unjudged (warm-up)",
        ),
    ]
    step_s: Annotated[
        Duration | None, msgspec.Meta(description="seconds from one value to the next; null: not known")
    ] = None
    spread: Annotated[
        Ratio | None,
        msgspec.Meta(
            description="how far values usually lie from the baseline at those hours, as a share of it (one "
            "standard deviation, estimated robustly); null: not known"
        ),
    ] = None


class Claim(Piece, frozen=True, kw_only=True, tag_field="schema", tag="claim/1"):
    """One place of one report."""

    report: Annotated[Identifier, msgspec.Meta(description="id of the report")]
    reporter: ReporterKind
    reporter_name: str | None = None
    hand: Annotated[
        Name | None,
        msgspec.Meta(description="of an individual: salted digest of who it is; null: who it is isn't told"),
    ] = None
    scope: Scope
    extent: Extent | None = None
    networks: tuple[Network, ...] = ()
    services: tuple[str, ...] = ()
    cause: Text | None = None
    ordered_by: Text | None = None
    cites: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    ongoing: bool = False
    attribution: Annotated[Attribution, msgspec.Meta(description="what it says of the reason")] = "unknown"
    partial: Annotated[
        bool, msgspec.Meta(description="of a part of `place` only, which the map doesn't know: `12 districts of …`")
    ] = False
    excluded: Annotated[
        tuple[Place, ...], msgspec.Meta(max_length=100, description="places inside `place` that it leaves out")
    ] = ()
    wording: Annotated[
        Name | None,
        msgspec.Meta(
            description="how its text begins: lower case, no accents, no punctuation. Never of an individual"
        ),
    ] = None


class Protest(Piece, frozen=True, kw_only=True, tag_field="schema", tag="protest/1"):
    """One place of one news item about a protest."""

    item: Annotated[Identifier, msgspec.Meta(description="id of the news item")]
    title: Text | None = None
    participants: Text | None = None


class Cause(Piece, frozen=True, kw_only=True, tag_field="schema", tag="cause/1"):
    """Something near a place that can take its network down without anybody's order: an alternative cause."""

    kind: CauseKind
    title: Text | None = None
    magnitude: Annotated[
        float | None,
        msgspec.Meta(
            description="how strong, in the source's own unit: an earthquake's magnitude, customers cut off"
        ),
    ] = None


class CommonDrop(Piece, frozen=True, kw_only=True, tag_field="schema", tag="common-drop/1"):
    """One drop that series of several countries show at one time, as it concerns one of them."""

    verdict: Annotated[
        Literal["source-failure", "shared-cause"],
        msgspec.Meta(
            description="`source-failure`: one signal of one source, in countries far apart: it failed itself; "
            "`shared-cause`: several signals, in neighbouring countries: one cause, such as a cable"
        ),
    ]
    drop: Annotated[Identifier, msgspec.Meta(description="the same in every country that it concerns")]
    signals: Annotated[tuple[Signal, ...], msgspec.Meta(min_length=1, description="the signals that dropped")]
    source: Annotated[Name | None, msgspec.Meta(description="of a source's failure: the source")] = None
    countries: Annotated[
        tuple[Country, ...], msgspec.Meta(min_length=2, max_length=300, description="where it shows, this one too")
    ]


class Blocking(Piece, frozen=True, kw_only=True, tag_field="schema", tag="blocking/1"):
    """A service that was blocked while the network worked, as volunteers measured it. It tells nothing of cuts."""

    series: Annotated[
        Identifier, msgspec.Meta(description="source, entity and service: `ooni/asn/9198/whatsapp/tcp`")
    ]
    service: Annotated[
        Name | None,
        msgspec.Meta(
            description="the service as `topics/services.py` calls it, else its domain; null: tests of several "
            "services were counted together, and which of them is blocked is not known"
        ),
    ] = None
    domain: Annotated[Name | None, msgspec.Meta(description="the domain that was tested, if it was one")] = None
    method: Annotated[
        Name | None, msgspec.Meta(description="what failed, if that is known: `dns`, `tcp` or `tls`")
    ] = None
    share: Annotated[
        Fraction, msgspec.Meta(description="share of the tests that failed as blocked ones do, 0 to 1")
    ]
    usual: Annotated[Fraction | None, msgspec.Meta(description="the same share before it; null: not known")] = None
    tests: Annotated[Whole, msgspec.Meta(ge=0, description="tests that `share` is of")] = 0
    last_s: Annotated[
        Time | None,
        msgspec.Meta(description="of one that is not over yet: up to when tests showed it, if that is known"),
    ] = None
    confirmed: Annotated[
        bool, msgspec.Meta(description="whether a block page, or another sure sign of blocking, was seen")
    ] = False


Evidence = Outage | Coverage | Claim | Protest | Cause | CommonDrop | Blocking


def evidence_key(record: Evidence) -> str:
    return record.country


EVIDENCE = Topic(
    name="evidence",
    records=(Outage, Coverage, Claim, Protest, Cause, CommonDrop, Blocking),
    summary="Outages, coverage, blocking, claims, protests, causes and common drops: what correlation reads.",
    key_words="the country",
    key=evidence_key,
    event_time="`from_s` to `until_s`",
)
