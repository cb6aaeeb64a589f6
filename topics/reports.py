"""`reports`: somebody says that the internet is or was down, somewhere, some time."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from topics.base import Identifier, Latitude, Longitude, Name, Origin, Record, Text, Time, Topic, Whole

ReporterKind = Literal["individual", "organisation", "media", "operator", "government"]
Scope = Literal["local", "regional", "national"]
Extent = Literal["full", "service", "throttling"]
Network = Literal["broadband", "mobile"]

#: What somebody says of the reason. `ordered`: somebody decided it; `technical`: power, a cable, a disaster, an
#: attack, maintenance, damage in a war; `denied`: that there was a cut at all; `announced`: it is still to come.
Attribution = Literal["ordered", "technical", "denied", "announced", "unknown"]

#: ISO 8601: `2021-02-28` is the local calendar day of the place, `2021-02-28T14:00` local clock time there,
#: `2021-02-28T08:00Z` or with another offset a moment.
Moment = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?$",
        description="ISO 8601: a local calendar day, a local clock time at the place, or a moment with offset",
    ),
]


class Reporter(msgspec.Struct, frozen=True, kw_only=True):
    """Who says it. Individuals are never named."""

    kind: ReporterKind
    name: Annotated[Name | None, msgspec.Meta(description="the organisation's name; null for individuals")] = None
    digest: Annotated[
        Name | None,
        msgspec.Meta(description="salted digest of who it is: what one person reports is one lineage"),
    ] = None


class Report(Record, frozen=True, kw_only=True, tag_field="schema", tag="report/1"):
    """One report as its source tells it: places and times in words and local clocks."""

    id: Identifier
    origin: Origin
    reporter: Reporter
    country: Annotated[str, msgspec.Meta(min_length=1, max_length=200, description="as written, or alpha-2")]
    places: Annotated[
        tuple[Text, ...],
        msgspec.Meta(max_length=500, description="places inside the country, as written, any script"),
    ] = ()
    scope: Scope | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    start: Annotated[Moment, msgspec.Meta(description="event time: since when it was down")]
    end: Annotated[Moment | None, msgspec.Meta(description="until when; a day is included whole")] = None
    ongoing: Annotated[bool, msgspec.Meta(description="not over when reported")] = False
    approximate: Annotated[bool, msgspec.Meta(description="the times are the reporter's 'about'")] = False
    extent: Extent | None = None
    networks: tuple[Network, ...] = ()
    services: Annotated[tuple[str, ...], msgspec.Meta(description="services hit, e.g. `whatsapp`")] = ()
    cause: Annotated[Text | None, msgspec.Meta(description="what the source says was the trigger")] = None
    attribution: Annotated[
        Attribution | None,
        msgspec.Meta(description="what it says of the reason; null: read from `cause`, `ordered_by` and the times"),
    ] = None
    ordered_by: Annotated[
        Text | None, msgspec.Meta(description="who ordered or owned up to it, if the source says so")
    ] = None
    cites: Annotated[
        tuple[str, ...],
        msgspec.Meta(description="whom this report repeats: a report that cites adds no lineage of its own"),
    ] = ()
    text: Text | None = None
    text_digest: Annotated[
        Name | None,
        msgspec.Meta(description="salted digest of a text that is not kept: the same one is a copy"),
    ] = None
    language: Annotated[Name | None, msgspec.Meta(description="BCP 47")] = None
    flags: Annotated[tuple[str, ...], msgspec.Meta(description="doubts about the row, kept beside it")] = ()
    known_s: Annotated[Time | None, msgspec.Meta(description="when it was published, if known")] = None
    revision: Annotated[Whole, msgspec.Meta(ge=0, description="the highest of an id counts")] = 0
    withdrawn: Annotated[bool, msgspec.Meta(description="its source took it back")] = False


def report_key(record: Report) -> str:
    return record.id


REPORTS = Topic(
    name="reports",
    records=(Report,),
    summary="Reports that the internet is or was down, by people, organisations, media, operators.",
    key_words="the report's id",
    key=report_key,
    event_time="`start`",
    raw=True,
)
