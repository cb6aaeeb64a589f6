"""Earthquakes of the United States Geological Survey -> evidence of an alternative cause.

GeoJSON of its feeds (`/earthquakes/feed/v1.0/summary/…geojson`) and of its catalogue (`/fdsnws/event/1/query`,
format `geojson`); both have the same features. One earthquake is a cause in each country that it shakes strongly
enough. `updated` is the revision; status `deleted` takes an earthquake back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from streams.errors import UNREADABLE
from streams.sources.cause_rules import EARTHQUAKES
from streams.sources.listed import of_answers
from streams.sources.payloads import PayloadError, decoded, lenient
from streams.sources.rows import Accepted, Refusal, Rejected, Row
from streams.sources.shaking import around, radius_km
from topics import EARLIEST_S, EVIDENCE, LATEST_S, Cause, Origin, Place

SOURCE, LINEAGE = "usgs", "usgs"

#: Origin times are good to a second or two, and given to the millisecond.
UNCERTAINTY_S = 10

#: Reasons that say for sure that an earthquake takes no network down.
TOO_WEAK, NO_EARTHQUAKE = "too weak or too deep to take a network down", "no earthquake"
AT_SEA = "no country is near enough: it shakes the sea"

#: The catalogue answers with so many events at most.
MOST_EVENTS = 20_000

#: A deleted earthquake may have been published as one of this magnitude: it is taken back as far as that reaches.
DELETED_MAGNITUDE = 7.0


class Collection(msgspec.Struct):
    """A feed, or an answer of the catalogue."""

    type: str
    features: list[msgspec.Raw] | None = None
    metadata: Any = None


class Properties(msgspec.Struct):
    """What is known of an earthquake; times in milliseconds."""

    mag: float | None = None
    place: str | None = None
    time: int | None = None
    updated: int | None = None
    url: str | None = None
    status: str | None = None
    type: str | None = None
    ids: str | None = None


class Geometry(msgspec.Struct):
    """Longitude, latitude and depth."""

    coordinates: list[float | None] = []


class Feature(msgspec.Struct):
    """An earthquake as GeoJSON has it."""

    id: str
    properties: Properties
    geometry: Geometry | None = None


@dataclass(frozen=True, slots=True)
class Earthquake:
    """An earthquake as far as it is read: `causes` are empty where it takes no network down, and `why` says so.

    `others` are the ids that other networks gave it. It may have been published under one of them.
    """

    id: str
    causes: tuple[Cause, ...] = ()
    others: tuple[str, ...] = ()
    deleted: bool = False
    why: str = ""


_COLLECTION, _FEATURE = lenient(Collection), lenient(Feature)


def read(path: Path) -> Iterator[Row]:
    """The earthquakes of a file of answers. One that shakes several countries comes out as several rows.

    Raises:
        SourceError: the file is no such answer, or can't be read.
    """

    def rows_of(raw: bytes, where: str) -> tuple[Iterator[Row], int]:
        features = listed(raw, where)
        return rows(features), len(features)

    yield from of_answers(path, rows_of)


def listed(raw: bytes, where: str) -> list[bytes]:
    """The features of an answer; of a single event's, itself.

    Raises:
        PayloadError: it is none.
    """
    found = decoded(raw, _COLLECTION, where)
    if found.type == "Feature":
        return [raw]
    if found.type != "FeatureCollection" or found.features is None:
        raise PayloadError(f"{where} has no `features`: is it GeoJSON of USGS's earthquakes?")
    if len(found.features) > MOST_EVENTS:
        raise PayloadError(f"{where} has more than {MOST_EVENTS:,} features, as no answer has: give it in parts")
    return [bytes(one) for one in found.features]


def newest_s(features: list[bytes]) -> int | None:
    """When the newest earthquake was, Unix seconds; None where none says."""
    found = []
    for raw in features:
        try:
            found.append(_seconds(_decoded(raw).properties.time, "time"))
        except Refusal:
            continue
    return max(found, default=None)


def rows(features: list[bytes]) -> Iterator[Row]:
    """The causes that features make, numbered by feature."""
    for number, raw in enumerate(features, 1):
        try:
            found = earthquake(raw)
        except Refusal as refusal:
            yield refusal.at(number)
            continue
        for cause in found.causes:
            yield Accepted(number, EVIDENCE, cause, ("withdrawn",) if cause.withdrawn else ())
        if not found.causes:
            yield Rejected(number, found.why, found.id[:80])


def earthquake(raw: bytes) -> Earthquake:
    """Read a feature.

    Raises:
        Refusal: a field is missing, or says what can't be.
    """
    one = _decoded(raw)
    said, deleted = one.properties, (one.properties.status or "").casefold() == "deleted"
    if not one.id or len(one.id) > 100:
        raise Refusal("no id", one.id[:80])
    others = tuple(name for name in (said.ids or "").split(",") if name and name != one.id)[:100]
    if not deleted and (said.type or "earthquake").casefold() != "earthquake":
        return Earthquake(one.id, (), others, why=NO_EARTHQUAKE)
    if deleted and (one.geometry is None or said.time is None):
        why = "deleted, and where it was is not said: a file takes back nothing"
        return Earthquake(one.id, (), others, deleted=True, why=why)
    latitude, longitude, depth = _point(one.geometry)
    reach = radius_km(_magnitude(said.mag, deleted=deleted), depth)
    times = _seconds(said.time, "time"), _seconds(said.updated or said.time, "updated")
    if reach is None:
        return Earthquake(one.id, (), others, deleted, TOO_WEAK)
    places = around(said.place or "epicentre", latitude, longitude, reach)
    causes = tuple(_cause(one, place, times, withdrawn=deleted) for place in places)
    return Earthquake(one.id, causes, others, deleted, AT_SEA)


def _magnitude(given: float | None, *, deleted: bool) -> float:
    """The magnitude to reckon with."""
    if given is None and not deleted:
        raise Refusal("`mag` is missing: ask again once the magnitude is known")
    if given is not None and not -2 <= given <= 10:
        raise Refusal("`mag` is no magnitude between -2 and 10", str(given))
    return max(given or 0.0, DELETED_MAGNITUDE) if deleted else given or 0.0


def _cause(one: Feature, place: Place, times: tuple[int, int], *, withdrawn: bool) -> Cause:
    (from_s, updated_s), said = times, one.properties
    words = ("Earthquake", f"magnitude {said.mag:.1f}" if said.mag is not None else "", said.place or "")
    return Cause(
        id=f"{SOURCE}/{one.id}/{place.country}",
        origin=Origin(source=SOURCE, reference=(said.url or f"USGS, event {one.id}")[:2000]),
        country=place.country,
        place=place,
        from_s=from_s,
        until_s=from_s + EARTHQUAKES.lasts_s,
        from_uncertainty_s=UNCERTAINTY_S,
        lineage=LINEAGE,
        revision=updated_s,
        withdrawn=withdrawn,
        kind="disaster",
        title=", ".join(filter(None, words))[:300],
        magnitude=said.mag,
    )


def _point(geometry: Geometry | None) -> tuple[float, float, float | None]:
    """Latitude, longitude and depth (km), which GeoJSON has in another order."""
    longitude, latitude, depth = [*(geometry.coordinates if geometry else []), None, None, None][:3]
    if latitude is None or longitude is None or not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Refusal("`geometry.coordinates` is no longitude and latitude", f"{longitude}, {latitude}"[:80])
    return latitude, longitude, depth


def _seconds(milliseconds: int | None, name: str) -> int:
    if milliseconds is None:
        raise Refusal(f"`{name}` is missing: milliseconds since 1970")
    if not EARLIEST_S <= milliseconds // 1000 <= LATEST_S:
        raise Refusal(f"`{name}` is no time of ours in milliseconds", str(milliseconds)[:80])
    return milliseconds // 1000


def _decoded(raw: bytes) -> Feature:
    try:
        return _FEATURE.decode(raw)
    except UNREADABLE as error:
        raise Refusal("a field is missing, or has another form", str(error)) from None
