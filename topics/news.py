"""`news`: articles and coded events about protests."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from topics.base import Identifier, Latitude, Longitude, Origin, Record, Text, Time, Topic, Whole
from topics.reports import Moment

Subject = Literal["protest"]
GeoPrecision = Literal["city", "region", "country"]


class NewsItem(Record, frozen=True, kw_only=True, tag_field="schema", tag="news/1"):
    """One news item or coded event about a protest, as its source tells it."""

    id: Identifier
    origin: Origin
    subject: Subject = "protest"
    country: Annotated[str, msgspec.Meta(min_length=1, max_length=200, description="as written, or alpha-2")]
    places: Annotated[
        tuple[Text, ...], msgspec.Meta(max_length=500, description="places in the country, as written")
    ] = ()
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    geo_precision: Annotated[
        GeoPrecision | None,
        msgspec.Meta(description="what the coordinates stand for; a country's centroid locates no city"),
    ] = None
    start: Annotated[Moment, msgspec.Meta(description="event time: the first day of it")]
    end: Annotated[Moment | None, msgspec.Meta(description="the last day, included")] = None
    title: Text | None = None
    text: Text | None = None
    participants: Annotated[Text | None, msgspec.Meta(description="how many, as written")] = None
    cites: Annotated[tuple[str, ...], msgspec.Meta(description="the release or agency that it repeats")] = ()
    flags: tuple[str, ...] = ()
    known_s: Annotated[Time | None, msgspec.Meta(description="when it was published, if known")] = None
    revision: Annotated[Whole, msgspec.Meta(ge=0, description="the highest of an id counts")] = 0
    withdrawn: Annotated[bool, msgspec.Meta(description="its source took it back")] = False


def news_key(record: NewsItem) -> str:
    return record.id


NEWS = Topic(
    name="news",
    records=(NewsItem,),
    summary="News of protests: articles and coded events.",
    key_words="the item's id",
    key=news_key,
    event_time="`start`",
    raw=True,
)
