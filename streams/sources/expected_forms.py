"""What answers of each service should look like, field by field, and what an answer has that is other than that.

Most of it is what readers decode answers into: a field without a default must be there. `always` adds those that
may be missing in some forms of an answer but not in the one that is asked for.
"""

from __future__ import annotations

import re
import typing
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import inspect

from streams.errors import UNREADABLE
from streams.sources import (
    acled,
    acled_live,
    atlas,
    cloudflare,
    cloudflare_netflows,
    cloudflare_regions,
    ihr,
    ioda,
    ioda_alerts,
    ioda_events,
    ioda_signals,
    ooni,
    ooni_changepoints,
    pulse,
    ripestat,
    usgs,
)

#: So many examples of a value that is other than expected are said.
EXAMPLE_CHARS = 60

Number = int | float | str | None


@dataclass(frozen=True, slots=True)
class Field:
    """A field that is read: its type, and whether it must be there."""

    type: Any
    needed: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an answer: where it is (`data[].values`; empty: all of it), and the fields that are read of it."""

    where: str
    fields: Mapping[str, Field]
    #: Where one of several is enough, e.g. of annotations and anomalies, the others are no difference.
    optional: bool = False


def of_struct(
    where: str, kind: type[msgspec.Struct], always: Iterable[str] = (), *, optional: bool = False
) -> Part:
    """The part that is decoded into a struct."""
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    hints = {one.encode_name: one for one in info.fields}
    types = _types(kind)
    needed = set(always)
    return Part(
        where,
        {name: Field(types[one.name], one.required or name in needed) for name, one in hints.items()},
        optional,
    )


def _types(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The types of a struct's fields, by their names in Python."""
    return typing.get_type_hints(kind, include_extras=True)


def of_names(where: str, needed: Iterable[str], others: Iterable[str] = (), type_: Any = Number) -> Part:
    """The part that is read by names, each a number or a text."""
    fields = {name: Field(type_, needed=True) for name in needed}
    return Part(where, fields | {name: Field(type_, needed=False) for name in others})


_IODA = of_struct("", ioda.Envelope, ("data", "type", "error", "metadata", "requestParameters"))
_CLOUDFLARE = of_struct("", cloudflare.Envelope, ("result", "success", "errors"))

_EARTHQUAKES = (
    of_struct("", usgs.Collection, ("features",)),
    of_struct("features[]", usgs.Feature, ("geometry",)),
    of_struct("features[].properties", usgs.Properties, ("mag", "place", "time", "updated", "status", "ids")),
)

#: Parts of answers, by what the path of the request has in it.
EXPECTED: Mapping[str, tuple[Part, ...]] = {
    "/entities/query": (_IODA, of_struct("data[]", ioda.Described, ("name", "attrs"))),
    "/signals/raw/": (_IODA, of_struct("data[][]", ioda_signals.Signal, ("entityName", "entityFqid"))),
    "/outages/events": (
        _IODA,
        of_struct(
            "data[]",
            ioda_events.Event,
            ("start", "duration", "location", "location_name", "datasource", "method", "overlaps_window"),
        ),
    ),
    "/outages/alerts": (_IODA, of_struct("data[]", ioda_alerts.Alert, ("value", "historyValue", "method"))),
    # The axes that were asked for are in the rows: countries, or the networks of one.
    "/aggregation": (of_names("result[]", (ooni.DAY, *ooni.SIGNALS), ("probe_cc", "probe_asn")),),
    "/detector/changepoints": (
        of_struct("", ooni_changepoints.Answer),
        of_struct("results[]", ooni_changepoints.Item, ("change_dir", "count")),
    ),
    "/probes/": (
        of_struct("", atlas.Listing, ("count", "next")),
        of_struct("results[]", atlas.ListedProbe, ("country_code", "asn_v4", "status")),
    ),
    "/measurements/7000/results/": (of_struct("[]", atlas.ToldEvent),),
    "/disco/events/": (
        of_struct("", ihr.Listing, ("count", "next")),
        of_struct("results[]", ihr.ToldDisconnection, ("endtime", "avglevel", "nbdiscoprobes", "discoprobes")),
    ),
    "/network_delay/alarms/": (
        of_struct("", ihr.Listing, ("count", "next")),
        of_struct("results[]", ihr.ToldAlarm, ("startpoint_type", "startpoint_name", "endpoint_name")),
    ),
    "/bgp-update-activity/": (
        of_struct("", ripestat.Answer, ("status", "data", "messages", "data_call_status")),
        of_struct("data", ripestat.Data, ("sampling_period", "query_starttime", "query_endtime", "resource_type")),
        of_struct("data.updates[]", ripestat.Update, ("announcements", "withdrawals")),
    ),
    "/annotations/outages": (
        _CLOUDFLARE,
        of_struct("result.annotations[]", cloudflare.Annotation, ("eventType", "endDate", "locations", "outage")),
    ),
    "/traffic_anomalies": (
        _CLOUDFLARE,
        of_struct("result.trafficAnomalies[]", cloudflare.Anomaly, ("status", "visibleInDataSources")),
    ),
    "/netflows/timeseries": (
        _CLOUDFLARE,
        of_struct("result.main", cloudflare_netflows.Serie, optional=True),
        of_struct("result.serie_0", cloudflare_netflows.Serie, optional=True),
    ),
    "/geolocations": (
        _CLOUDFLARE,
        of_struct("result.geolocations[]", cloudflare_regions.Geolocation, ("name", "type")),
    ),
    "/oauth/token": (of_struct("", acled_live.Token),),
    "/acled/read": (
        of_struct("", acled.Answer, ("data", "success", "status", "count")),
        of_names("data[]", (*acled.SCHEMA.columns, "timestamp"), ("iso", "sub_event_type", "time_precision")),
    ),
    "/deleted/read": (of_struct("data[]", acled_live.Deleted),),
    "/earthquakes/feed/": _EARTHQUAKES,
    "/fdsnws/event/": _EARTHQUAKES,
    "/shutdowns": (of_names("data[]", (), pulse.FIELDS, object),),
}


def differences(path: str, content: bytes) -> Iterator[str]:
    """How an answer to a request of this path differs from what is expected, in sentences."""
    parts = next((parts for name, parts in EXPECTED.items() if name in path), ())
    if not parts:
        return
    try:
        answer = msgspec.json.decode(content)
    except UNREADABLE as error:
        yield f"it is no JSON: {error}"
        return
    for part in parts:
        found = list(_at([answer], part.where))
        if found:
            yield from _compared(part, found)
        elif "[]" not in part.where and not part.optional:
            yield f"`{part.where}` is not there"


def unread(path: str, content: bytes) -> list[str]:
    """Fields of an answer that nobody reads, each with where it is."""
    parts = next((parts for name, parts in EXPECTED.items() if name in path), ())
    try:
        answer = msgspec.json.decode(content)
    except UNREADABLE:
        return []
    found: dict[str, None] = {}
    for part in parts:
        for one in _at([answer], part.where):
            if isinstance(one, dict):
                names = [name for name in one if name not in part.fields]
                found |= dict.fromkeys(f"{part.where}.{name}".lstrip(".") for name in names)
    return list(found)


def _at(values: list[Any], where: str) -> Iterator[Any]:
    """What is at a place of an answer: `data[].updates[]`."""
    for step in re.findall(r"[^.\[\]]+|\[\]", where):
        if step == "[]":
            values = [one for value in values if isinstance(value, list) for one in value]
        else:
            values = [value[step] for value in values if isinstance(value, dict) and step in value]
    yield from values


def _compared(part: Part, found: list[Any]) -> Iterator[str]:
    place, count = part.where or "the answer", len(found)
    objects = [one for one in found if isinstance(one, dict)]
    if len(objects) < count:
        yield f"{count - len(objects)} of {count} at `{place}` are no objects"
    for name, field in part.fields.items():
        missing = sum(name not in one for one in objects)
        if field.needed and missing:
            yield f"`{name}` is missing in {missing} of {count} at `{place}`"
        wrong = [one[name] for one in objects if name in one and not _fits(one[name], field.type)]
        if wrong:
            kinds = ", ".join(sorted(Counter(map(_kind, wrong))))
            example = msgspec.json.encode(wrong[0]).decode()[:EXAMPLE_CHARS]
            words = f"`{name}` of {len(wrong)} of {count} at `{place}` is {kinds} ({example})"
            yield f"{words}, and can't be read as {_named(field.type)}"


def _fits(value: Any, type_: Any) -> bool:
    if type_ is msgspec.Raw or type_ is Any:
        return True
    try:
        msgspec.json.decode(msgspec.json.encode(value), type=type_, strict=False)
    except UNREADABLE:
        return False
    return True


def _named(type_: Any) -> str:
    return getattr(type_, "__name__", str(type_)).replace("None", "null")


def _kind(value: Any) -> str:
    kinds = {bool: "true or false", int: "an integer", float: "a float", str: "a text", list: "a list"}
    return "null" if value is None else kinds.get(type(value), "an object")
