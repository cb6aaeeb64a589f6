"""The lines of a scenario file that say what must come out. docs/SCENARIOS.md documents them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from streams.evaluation.scenarios.form import Part
from streams.evaluation.scenarios.times import Length, Moment
from topics.candidates import Condition
from topics.evidence import Precision
from topics.place import PlaceKind
from topics.reports import Extent, Scope
from topics.shutdowns import Level, MeasurementState, Status

#: A number, or the lowest and the highest; null is no bound.
Count = int | tuple[int | None, int | None]
Bounds = tuple[float | None, float | None]

LevelName = Level | tuple[Level, ...]
Relation = Literal["lower", "not lower", "same", "not higher", "higher"]


class Selection(Part, frozen=True, kw_only=True):
    """Which shutdowns an expectation is of; empty is all.

    `place` is a part of the place's name, without regard to case and accents. `at` is a moment inside it. `kind`
    is the kind of place.
    """

    country: str | None = None
    place: str | None = None
    kind: PlaceKind | tuple[PlaceKind, ...] | None = None
    level: LevelName | None = None
    at: Moment | None = None


class Names(Part, frozen=True, kw_only=True):
    """What a list of names must have, one of which it must have, and what it must not have."""

    has: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    lacks: tuple[str, ...] = msgspec.field(name="not", default=())
    only: tuple[str, ...] | None = None


class Words(Part, frozen=True, kw_only=True):
    """What words must say: all of `all`, one of `any`, none of `none`; parts of words count, case does not."""

    all_of: tuple[str, ...] = msgspec.field(name="all", default=())
    any_of: tuple[str, ...] = msgspec.field(name="any", default=())
    none_of: tuple[str, ...] = msgspec.field(name="none", default=())


class Expectation(Part, frozen=True, kw_only=True, tag_field="expect"):
    """What all expectations have. `as_of`: only what had arrived by then is played."""

    of: Selection = Selection()
    note: str | None = None
    as_of: Moment | None = None


class Shutdowns(Expectation, frozen=True, kw_only=True, tag="shutdowns"):
    """Shutdowns of the selection: how many (`count`; not given: at least one), and what is true of each.

    `until` null expects an open end. A record's `false_alarms_a_year` of null is within any bounds.
    """

    count: Count | None = None
    level: LevelName | None = None
    measurement: MeasurementState | tuple[MeasurementState, ...] | None = None
    status: Status | tuple[Status, ...] | None = None
    scope: Scope | tuple[Scope, ...] | None = None
    kind: PlaceKind | tuple[PlaceKind, ...] | None = None
    extent: Extent | None = None
    precision: Precision | None = None
    probability: Bounds | None = None
    happened: Bounds | None = None
    on_purpose: Bounds | None = None
    false_alarms: Annotated[Bounds | None, msgspec.Meta(description="null in the record is within any bounds")] = (
        None
    )
    sources: Count | None = None
    support: Bounds | None = None
    protests: Count | None = None
    start: Moment | None = msgspec.field(name="from", default=None)
    until: Moment | msgspec.UnsetType | None = msgspec.UNSET
    within: Length = Length(1_200)
    lasts: tuple[Length | None, Length | None] | None = None
    acknowledged: bool | None = None
    campaign: bool | None = None
    common_drop: bool | None = None
    incidents: Count | None = None
    campaigns: Count | None = None
    signals: Names | None = None
    networks: Names | None = None
    services: Names | None = None
    blocked: Names | None = None
    flags: Names | None = None
    explanations: Names | None = None
    features: Names | None = None
    evidence: Names | None = None
    reasons: Names | None = None
    words: Words | None = None


class Candidates(Expectation, frozen=True, kw_only=True, tag="candidates"):
    """Near misses of the selection (its `country`, `place`, `kind` and `at`), by condition."""

    count: Count | None = None
    condition: Condition | None = None
    words: Words | None = None


class Rejected(Expectation, frozen=True, kw_only=True, tag="rejected"):
    """Records that must be refused; a record that no expectation speaks of must not be."""

    count: Count = 1
    topic: str | None = None
    reason: str | None = None
    field: str | None = None


class Life(Expectation, frozen=True, kw_only=True, tag="life"):
    """The steps of the selection's ids when the records come one by one, in the order in which they arrive."""

    ids: Count | None = None
    opened: Count | None = None
    updated: Count | None = None
    escalated: Count | None = None
    closed: Count | None = None
    merged: Count | None = None
    retracted: Count | None = None
    words: Words | None = None


class Compare(Expectation, frozen=True, kw_only=True, tag="compare"):
    """The world against the same world without some parts, and with others: its value is … than the other's.

    Of several shutdowns the highest value counts; of none it is 0. `by` is the least difference, `factor` the least
    ratio (of `not higher` and `not lower`: the most that is forgiven).
    """

    without: tuple[str, ...] = ()
    added: tuple[str, ...] = msgspec.field(name="with", default=())
    probability: Relation | None = None
    happened: Relation | None = None
    on_purpose: Relation | None = None
    support: Relation | None = None
    sources: Relation | None = None
    protests: Relation | None = None
    shutdowns: Relation | None = None
    by: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    factor: Annotated[float, msgspec.Meta(ge=1)] = 1.0


LinkField = Literal["incident", "campaign", "common_drop"]


class Together(Part, frozen=True, kw_only=True, tag_field="expect", tag="together"):
    """Each selection has a shutdown, and all that are selected share one incident, campaign or common drop."""

    of: Annotated[tuple[Selection, ...], msgspec.Meta(min_length=1)]
    by: LinkField = "incident"
    note: str | None = None
    as_of: Moment | None = None


class Apart(Part, frozen=True, kw_only=True, tag_field="expect", tag="apart"):
    """Each selection has a shutdown, and no two selections share an incident, campaign or common drop."""

    of: Annotated[tuple[Selection, ...], msgspec.Meta(min_length=2)]
    by: LinkField = "incident"
    note: str | None = None
    as_of: Moment | None = None


Expected = Shutdowns | Candidates | Rejected | Life | Compare | Together | Apart
