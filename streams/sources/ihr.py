"""The Internet Health Report (IIJ): disconnections of RIPE Atlas probes as outages, and counts of alarms of delay.

A disconnection (`/disco/events/`) is a burst of probes of one network, country or region that went away together,
by RIPE Atlas: its lineage is theirs. Where its network is, its probes say; nothing of them is kept. An end that is
not known equals the start. Events that score below 10 are likely false, as the service says itself.

Alarms of delay (`/network_delay/alarms/`) say that round trips from or to a place were far from usual. How many
there were in an hour is counted by country and network.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from streams import geography
from streams.errors import UNREADABLE
from streams.pipeline import measured_place
from streams.sources.entities import named, network
from streams.sources.frames import Column, frames
from streams.sources.payloads import decoded, documents
from streams.sources.points import moment
from streams.sources.rows import Accepted, Refusal, Rejected, Row
from topics import EVIDENCE, MEASUREMENTS, Entity, Origin, Outage, Place, Series

SOURCE, LINEAGE = "ihr", "ripe-atlas"
SIGNAL = "atlas-probes"
ALARMS = "delay-alarms"
HOUR_S, DAY_S = 3_600, 86_400

#: Events below this score "are likely to be false positives", by the API's own description.
LEAST_LEVEL = 10.0

#: Fewer probes may be one power strip.
LEAST_PROBES = 3

#: From which share of a place's probes on an event is critical.
CRITICAL_SHARE = 0.5

#: An event of unknown end goes on for so long, as far as is known; after that its end is unknown, and put an hour
#: after its start.
OPEN_S, UNKNOWN_S = DAY_S, HOUR_S

#: Starts are estimated from bursts of some minutes.
UNCERTAINTY_S = 900


class _Probe(msgspec.Struct):
    lat: float | None = None
    lon: float | None = None


class ToldDisconnection(msgspec.Struct):
    id: int | str
    streamtype: str
    streamname: str | int
    starttime: str
    endtime: str | None = None
    avglevel: float | None = None
    nbdiscoprobes: int | None = None
    totalprobes: int | None = None
    discoprobes: list[_Probe] = []


class ToldAlarm(msgspec.Struct):
    timebin: str
    startpoint_type: str = ""
    startpoint_name: str = ""
    endpoint_type: str = ""
    endpoint_name: str = ""
    deviation: float | None = None


class Listing(msgspec.Struct):
    results: list[msgspec.Raw]
    count: int | None = None
    next: str | None = None


_PAGE, _EVENT, _ALARM = (
    msgspec.json.Decoder(Listing),
    msgspec.json.Decoder(ToldDisconnection),
    msgspec.json.Decoder(ToldAlarm),
)


class Page(NamedTuple):
    """A page of a list: its rows, how many there are in all, as the service counts, and whether a page follows."""

    rows: list[bytes]
    total: int | None
    more: bool


class Alarm(NamedTuple):
    """An alarm of delay at a place: the hour in which it was, its country, and its network if it is of one."""

    hour_s: int
    country: str
    entity: Entity


def page(raw: bytes, where: str) -> Page:
    """A page of any of the lists.

    Raises:
        PayloadError: it is none.
    """
    found: Listing = decoded(raw, _PAGE, where)
    return Page([bytes(row) for row in found.results], found.count, found.next is not None)


# ------------------------------------------------------------------ disconnections


def read(path: Path) -> Iterator[Row]:
    """The disconnections of a file of answers.

    Raises:
        SourceError: the file is no such answer, or can't be read.
    """
    rows = [row for line, raw in documents(path) for row in page(raw, f"{path}, line {line}").rows]
    now_s = max(map(_begin_s, rows), default=0)
    for number, raw in enumerate(rows, 1):
        try:
            yield Accepted(number, EVIDENCE, disconnection(raw, now_s))
        except Refusal as refusal:
            yield refusal.at(number)


def _begin_s(raw: bytes) -> int:
    try:
        return moment(_EVENT.decode(raw).starttime)
    except (*UNREADABLE, Refusal):
        return 0


def disconnection(raw: bytes, now_s: int) -> Outage:
    """Read a disconnection. `now_s` is when it was told: one of unknown end that is older is over.

    Raises:
        Refusal: it is likely false, lacks a field, or its place is not known.
    """
    try:
        event = _EVENT.decode(raw)
    except UNREADABLE as error:
        raise Refusal("a field is missing, or has another form", str(error)[:80]) from None
    gone, every = event.nbdiscoprobes or 0, event.totalprobes or 0
    if (event.avglevel or 0.0) < LEAST_LEVEL or gone < LEAST_PROBES:
        raise Refusal("likely false: a low score, or few probes", f"{event.streamtype} {event.streamname}"[:80])
    place = _place(event)
    begin_s, end_s = moment(event.starttime), None if event.endtime is None else moment(event.endtime)
    until_s, late_s = (end_s, UNCERTAINTY_S) if end_s is not None and end_s > begin_s else (None, 0)
    if until_s is None and now_s - begin_s > OPEN_S:
        until_s, late_s = begin_s + UNKNOWN_S, DAY_S
    share = min(1.0, gone / every) if every else 0.0
    return Outage(
        id=f"ihr-disco/{event.id}/{place.key}"[:300],
        origin=Origin(source=SOURCE, reference="Internet Health Report (CC BY-NC-SA 4.0), /disco/events"),
        country=place.country,
        place=place,
        from_s=begin_s,
        until_s=until_s,
        from_uncertainty_s=UNCERTAINTY_S,
        until_uncertainty_s=late_s,
        lineage=LINEAGE,
        # An end that becomes known is the newer word.
        revision=0 if until_s is None else 1 if late_s == DAY_S else 2,
        series=f"ihr/{event.streamtype}/{event.streamname}/{SIGNAL}"[:300],
        signals=(SIGNAL,),
        severity="critical" if share >= CRITICAL_SHARE else "warning",
        ratio_min=round(1.0 - share, 4) if every else None,
    )


def _place(event: ToldDisconnection) -> Place:
    """The place of an event: by its name, in the country where its probes are.

    Raises:
        Refusal: it is not known.
    """
    name = str(event.streamname).strip()
    if event.streamtype == "country":
        country = geography.country_code(name) if len(name) == 2 else None
        if country is None:
            raise Refusal("unknown country", name[:80])
        return geography.country_place(country)
    home = _home(event.discoprobes)
    if home is None:
        raise Refusal("no probes that say in which country it is", f"{event.streamtype} {name}"[:80])
    digits = network(name) if event.streamtype == "asn" else None
    entity: Entity | None = None
    if digits is not None:
        entity = Entity(type="asn", code=digits)
    elif event.streamtype in ("admin1", "admin2"):
        entity = Entity(type="region", code=name[:300], name=name.partition(",")[0].strip()[:300])
    place = None if entity is None else measured_place(entity, home)
    if place is None:
        raise Refusal("no place", f"{event.streamtype} {name}, {home}"[:80])
    return place


def _home(probes: Iterable[_Probe]) -> str | None:
    """The country in which most of some probes are; None where none says where it is."""
    found: Counter[str] = Counter()
    for probe in probes:
        if probe.lat is not None and probe.lon is not None and abs(probe.lat) <= 90 and abs(probe.lon) <= 180:
            located = geography.locate(probe.lat, probe.lon)
            if located is not None:
                found[located[0]] += 1
    return min(found, key=lambda code: (-found[code], code), default=None)


# ------------------------------------------------------------------ alarms of delay


def read_alarms(path: Path, entity: str | None = None) -> Iterator[Row]:
    """The counts of alarms of a file of answers. `entity` is a network (`asn/KZ/9198`) whose alarms count too:
    answers don't say in which country networks are.

    Raises:
        SourceError: the file is no such answer, or can't be read.
    """
    chosen = {} if entity is None else networks_of([named(entity)])
    rows = [row for line, raw in documents(path) for row in page(raw, f"{path}, line {line}").rows]
    found, refused = alarms(rows, chosen)
    yield from refused
    if found:
        hours = [alarm.hour_s for alarm in found]
        for frame in frames(SOURCE, columns(found, min(hours), max(hours) + HOUR_S), reference=f"IHR, {path.name}"):
            yield Accepted(1, MEASUREMENTS, frame)


def networks_of(entities: Iterable[tuple[Entity, str]]) -> dict[str, str]:
    """The countries of networks that were chosen, by number."""
    return {entity.code: country for entity, country in entities if entity.type == "asn"}


def alarms(rows: Iterable[bytes], networks: dict[str, str]) -> tuple[list[Alarm], list[Rejected]]:
    """The alarms of rows, one for each place that they are of; and what was refused. `networks` are those that are
    counted, by number, with their countries."""
    found: list[Alarm] = []
    refused: list[Rejected] = []
    for number, raw in enumerate(rows, 1):
        try:
            found += _alarm(raw, networks)
        except Refusal as refusal:
            refused.append(refusal.at(number))
    return found, refused


def _alarm(raw: bytes, networks: dict[str, str]) -> list[Alarm]:
    try:
        alarm = _ALARM.decode(raw)
    except UNREADABLE as error:
        raise Refusal("a field is missing, or has another form", str(error)[:80]) from None
    hour_s = moment(alarm.timebin) // HOUR_S * HOUR_S
    places: dict[tuple[str, Any], Alarm] = {}
    for type_, name in (
        (alarm.startpoint_type, alarm.startpoint_name),
        (alarm.endpoint_type, alarm.endpoint_name),
    ):
        # A city's name ends with its country: `Almaty, Almaty Qalasy, KZ`.
        country = geography.country_code(name.rpartition(",")[2].strip()) if type_ == "CT" else None
        if country is not None:
            places[country, None] = Alarm(hour_s, country, Entity(type="country", code=country))
        elif type_ == "AS" and name in networks:
            home = networks[name]
            places[home, name] = Alarm(hour_s, home, Entity(type="asn", code=name))
    return list(places.values())


def columns(found: Iterable[Alarm], from_s: int, until_s: int) -> list[Column]:
    """Alarms as counts by hour, of all who have any: hours without one have none."""
    counts: dict[tuple[str, Entity], list[float]] = defaultdict(lambda: [0.0] * ((until_s - from_s) // HOUR_S))
    for alarm in found:
        if from_s <= alarm.hour_s < until_s:
            counts[alarm.country, alarm.entity][(alarm.hour_s - from_s) // HOUR_S] += 1
    return [
        Column(country, Series(entity=entity, signal=ALARMS), from_s, HOUR_S, row)
        for (country, entity), row in sorted(counts.items(), key=lambda one: (one[0][0], one[0][1].code))
    ]
