"""The lines of a scenario file that make up a world: its head and its records. docs/SCENARIOS.md documents them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from streams.evaluation.scenarios.times import Length, Moment
from topics import SIGNALS

#: Signals of a series that names none.
USUAL_SIGNALS = tuple(signal.code for signal in SIGNALS if signal.usual)

#: Values of one series: two years of ten-minute values and some.
MOST_VALUES = 150_000

#: Copies of one record, and repetitions of one cut.
MOST_COPIES = 5_000

BySignal = float | dict[str, float]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the line format. A field that it does not have is an error, so that a typing error is found."""


class Head(Part, frozen=True, kw_only=True):
    """The first line of a scenario: its name, its group, and what a careful analyst would say of it.

    Records of a `variant` part are left out unless an expectation adds them by `with`.
    """

    scenario: Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9-]{2,79}$")]
    group: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    words: Annotated[str, msgspec.Meta(min_length=20)]
    variants: tuple[str, ...] = ()


class Cut(Part, frozen=True, kw_only=True):
    """A stretch in which a series falls to a share of its level: one number for all signals, or one by signal.

    It lasts until `until` or for `lasts`; with `every` and `times` it recurs.
    """

    start: Moment = msgspec.field(name="from")
    until: Moment | None = None
    lasts: Length | None = None
    to: BySignal = 0.05
    every: Length | None = None
    times: Annotated[int, msgspec.Meta(ge=1, le=MOST_COPIES)] = 1


class Gap(Part, frozen=True, kw_only=True):
    """A stretch without values; `signals` empty is all of them."""

    start: Moment = msgspec.field(name="from")
    until: Moment
    signals: tuple[str, ...] = ()


class SeriesSpec(Part, frozen=True, kw_only=True):
    """Measurements of one entity: level, noise, cuts and missing stretches instead of thousands of values.

    The entity is the country, or its `region` or `network` (`AS36947 Algérie Télécom`) by the source's name.
    """

    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")]
    start: Moment = msgspec.field(name="from")
    until: Moment
    region: str | None = None
    network: Annotated[str, msgspec.Meta(pattern=r"^AS\d+( .+)?$")] | None = None
    code: str | None = None
    source: str = "ioda"
    signals: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = USUAL_SIGNALS
    step: Length = Length(600)
    frame: Length = Length(86_400)
    level: BySignal = msgspec.field(default_factory=dict)
    noise: BySignal = msgspec.field(default_factory=dict)
    rhythm: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.0
    utc_offset: Annotated[int, msgspec.Meta(ge=-50_400, le=50_400)] = 0
    cuts: tuple[Cut, ...] = ()
    missing: tuple[Gap, ...] = ()
    seed: str = ""
    known: Moment | None = None
    late: Length = Length(0)


class Repeat(Part, frozen=True, kw_only=True):
    """How often a report or news item is there, and by how much the times of each are later than the one before."""

    times: Annotated[int, msgspec.Meta(ge=1, le=MOST_COPIES)]
    every: Length = Length(0)


class Include(Part, frozen=True, kw_only=True):
    """The records of a scenario of `streams.scenarios`, but those whose id begins with one of `without`."""

    name: str
    without: tuple[str, ...] = ()


class RecordLine(Part, frozen=True, kw_only=True):
    """A line that brings records: exactly one of the fields above `part`.

    `report`, `news` and `evidence` have the fields of the contract, with shorter forms for some.
    """

    series: SeriesSpec | None = None
    report: dict[str, Any] | None = None
    news: dict[str, Any] | None = None
    evidence: dict[str, Any] | None = None
    include: Include | None = None
    topic: str | None = None
    value: dict[str, Any] | None = None
    repeat: Repeat | None = None
    arrives: Moment | None = None
    part: str | None = None

    def __post_init__(self) -> None:
        kinds = (self.series, self.report, self.news, self.evidence, self.include, self.topic)
        if sum(one is not None for one in kinds) != 1:
            raise ValueError("a line brings one of `series`, `report`, `news`, `evidence`, `include` or `topic`")
        if (self.topic is None) != (self.value is None):
            raise ValueError("`topic` and `value` go together")
        if self.repeat is not None and self.report is None and self.news is None:
            raise ValueError("`repeat` is for reports and news")
