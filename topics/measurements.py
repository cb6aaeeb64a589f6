"""`measurements`: raw values of connectivity, in frames."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from topics.base import DAY_MS, Country, Identifier, Name, Origin, Record, Signal, Time, Topic

EntityType = Literal["country", "region", "asn", "geoasn", "county", "place"]

Value = float | None


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """What a series measures, by the names of the source that measures it."""

    type: Annotated[EntityType, msgspec.Meta(description="IODA's entity type; `place` for other sources' own")]
    code: Annotated[
        Identifier,
        msgspec.Meta(description="the source's code: `KZ`, IODA's region id `2088`, an AS number, a name"),
    ]
    name: Annotated[Name, msgspec.Meta(description="the source's name of it")] = ""
    share: Annotated[
        float | None,
        msgspec.Meta(description="of a network: its share of the addresses of its country, or of its region"),
    ] = None


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """One signal of one source for one entity."""

    entity: Entity
    signal: Signal
    lineage: Annotated[
        Name | None,
        msgspec.Meta(
            description="who measured it, where that is not the source: `google` for `gtr` by way of IODA",
        ),
    ] = None


class Measurement(Record, frozen=True, kw_only=True, tag_field="schema", tag="measurement/1"):
    """A frame: one or more series of one source and country over one stretch of time.

    `values[i][j]` is what `series[i]` had at `from_s + j * step_s`; null is missing, which is neither
    zero nor normal. All rows have the same length.
    """

    id: Identifier
    origin: Origin
    country: Country
    from_s: Annotated[Time, msgspec.Meta(description="time of the first value, Unix seconds UTC")]
    step_s: Annotated[int, msgspec.Meta(ge=1, le=604_800, description="seconds from one value to the next")]
    series: Annotated[tuple[Series, ...], msgspec.Meta(min_length=1, max_length=5_000)]
    values: Annotated[
        tuple[tuple[Value, ...], ...],
        msgspec.Meta(min_length=1, description="one row a series, in the signal's own unit"),
    ]
    known_s: Annotated[
        Time | None, msgspec.Meta(description="when the source gave these values out, if that is known")
    ] = None

    @property
    def until_s(self) -> int:
        """End of the frame: the time of its last value plus one step, Unix seconds."""
        return self.from_s + self.step_s * len(self.values[0])

    def __post_init__(self) -> None:
        if len(self.values) != len(self.series):
            raise ValueError(f"`values` has {len(self.values)} rows for {len(self.series)} series")
        if len({len(row) for row in self.values}) != 1 or not self.values[0]:
            raise ValueError("the rows of `values` must have the same length, at least 1")


def measurement_key(record: Measurement) -> str:
    return f"{record.origin.source}/{record.country}"


MEASUREMENTS = Topic(
    name="measurements",
    records=(Measurement,),
    summary="Raw values of connectivity, in frames of series.",
    key_words="source and country, `ioda/KZ`, so that a series stays in one partition",
    key=measurement_key,
    event_time="`from_s`, and each value's own",
    retention_ms=90 * DAY_MS,
    raw=True,
)
