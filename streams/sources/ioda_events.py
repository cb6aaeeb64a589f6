"""IODA's own outages -> evidence: events and alerts of its API, and the messages of its Kafka.

Events have no id, no end and grow from poll to poll: (location, datasource, method, start) names one, and what
was answered later is a later revision of it. One that is not over has `overlaps_window` set and ends where the
question did. Alerts are its turning points: one above `normal` opens an outage, the next `normal` ends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from streams.detection.rules import DEFAULT_RULES
from streams.sources import ioda
from streams.sources.ioda import Described, Entities
from streams.sources.payloads import decoded, documents
from streams.sources.rows import Accepted, Refusal, Row
from topics import EARLIEST_S, EVIDENCE, LATEST_S, Origin, Outage, Place
from topics.evidence import Severity

LINEAGE = "ioda"

#: The API looks back so far for the begin of an event; one of this length is older than it says.
LOOKBACK_S = 1_209_600


class Event(msgspec.Struct):
    """An event as `format=codf` gives it."""

    start: int
    duration: int
    location: str = ""
    location_name: str | None = None
    datasource: str | None = None
    method: str | None = None
    score: float | None = None
    overlaps_window: bool = False
    entity: Described | None = None


class Alert(msgspec.Struct):
    """An alert of the API, or a violation in a message of IODA's Kafka."""

    entity: Described
    datasource: str
    time: int
    level: str
    value: float | None = None
    historyValue: float | None = None  # noqa: N815 - the API's name
    method: str | None = None


class _Violation(msgspec.Struct):
    expression: str
    time: int
    value: float | None = None
    history_value: float | None = None


class Message(msgspec.Struct):
    """A message of IODA's Kafka."""

    fqid: str
    level: str
    violations: list[_Violation]
    method: str | None = None


_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_EVENT, _ALERT, _MESSAGE = (msgspec.json.Decoder(kind) for kind in (Event, Alert, Message))
_DESCRIBED = msgspec.json.Decoder(list[Described])


def entities(path: Path | None) -> Entities:
    """The entities of an answer of `/entities/query`, or none.

    Raises:
        SourceError: the file is no such answer.
    """
    if path is None:
        return Entities({})
    found = [described(raw, f"{path}, line {line}") for line, raw in documents(path)]
    return Entities.of(one for each in found for one in each)


def described(raw: bytes, where: str) -> list[Described]:
    """The entities of an answer of `/entities/query`.

    Raises:
        PayloadError: it is none.
    """
    envelope = ioda.envelope(raw, where)
    return decoded(bytes(envelope.data), _DESCRIBED, f"{where}, `data`")


def read(path: Path, entities_file: Path | None = None) -> Iterator[Row]:
    """The events or alerts of a file of answers. `entities_file` says in which countries regions are.

    Raises:
        SourceError: a file is no such answer, or can't be read.
    """
    known = entities(entities_file)
    number = 0
    for line, raw in documents(path):
        envelope = ioda.envelope(raw, f"{path}, line {line}")
        items = decoded(bytes(envelope.data), _ITEMS, f"{path}, line {line}, `data`")
        rows = alerts if envelope.type == "outages.alerts" else events
        for row in rows([bytes(item) for item in items], envelope, known):
            yield _numbered(row, number)
        number += len(items)


def _numbered(row: Row, before: int) -> Row:
    """The row with its number counted on from the answers before."""
    return replace(row, number=row.number + before)


def events(items: list[bytes], envelope: ioda.Envelope, known: Entities) -> Iterator[Row]:
    """An outage for each event of an answer."""
    for number, raw in enumerate(items, 1):
        try:
            yield Accepted(number, EVIDENCE, _event(raw, envelope, known))
        except Refusal as refusal:
            yield refusal.at(number)


def _event(raw: bytes, envelope: ioda.Envelope, known: Entities) -> Outage:
    event = _decoded(raw, _EVENT)
    if event.entity is not None:
        type_, code, name, country = (
            event.entity.type,
            str(event.entity.code),
            event.entity.name,
            event.entity.country,
        )
    else:
        type_, _, code = event.location.partition("/")
        name, country = event.location_name or "", None
    place = _place(known, type_, code, name, country)
    signal = event.datasource or ""
    if not signal or signal == "overall":
        raise Refusal("events of several signals in one", f"{type_}/{code}"[:80])
    end_s = event.start + event.duration
    if event.duration < 0 or not EARLIEST_S <= event.start <= end_s <= LATEST_S:
        raise Refusal("absurd time", f"from {event.start}, {event.duration} s")
    asked_until = envelope.asked("until")
    cut = asked_until is None or end_s >= asked_until
    is_open = event.overlaps_window and (cut or event.duration >= LOOKBACK_S - 600)
    return Spell(
        place, f"{type_}/{code}", signal, event.method or "median", event.start, None if is_open else end_s
    ).outage("ioda-event", revision=envelope.answered_s or end_s, area=event.score)


def alerts(items: list[bytes], envelope: ioda.Envelope, known: Entities) -> Iterator[Row]:
    """An outage for each run of alerts of one entity, datasource and method from the first critical to normal."""
    told: list[tuple[int, Alert]] = []
    for number, raw in enumerate(items, 1):
        try:
            told.append((number, _decoded(raw, _ALERT)))
        except Refusal as refusal:
            yield refusal.at(number)
    yield from _spells(told, known, "ioda-alert", envelope.answered_s)


def messages(path: Path, entities_file: Path | None = None) -> Iterator[Row]:
    """The outages of a file with messages of IODA's Kafka, one a line.

    Raises:
        SourceError: the file is no JSON, or can't be read.
    """
    told: list[tuple[int, Alert]] = []
    for line, raw in documents(path):
        try:
            told += [(line, alert) for alert in message_alerts(raw)]
        except Refusal as refusal:
            yield refusal.at(line)
    yield from _spells(told, entities(entities_file), "ioda-alert", None)


def message_alerts(raw: bytes) -> Iterator[Alert]:
    """The alerts of a message of IODA's Kafka.

    Raises:
        Refusal: it is none.
    """
    message = _decoded(raw, _MESSAGE)
    datasource = next((part for part in message.fqid.split(".") if part in ioda.STEPS), None)
    if datasource is None:
        raise Refusal("unknown datasource", message.fqid[:80])
    for one in message.violations:
        type_, _, code = one.expression.partition("/")
        yield Alert(
            entity=Described(code=code, type=type_),
            datasource=datasource,
            time=one.time,
            level=message.level,
            value=one.value,
            historyValue=one.history_value,
            method=message.method,
        )


def _spells(told: Iterable[tuple[int, Alert]], known: Entities, kind: str, answered_s: int | None) -> Iterator[Row]:
    open_: dict[tuple[str, str, str], tuple[int, Spell]] = {}
    for number, alert in sorted(told, key=lambda one: one[1].time):
        entity = f"{alert.entity.type}/{alert.entity.code}"
        method = alert.method or "median"
        key = (entity, alert.datasource, method)
        if not EARLIEST_S <= alert.time <= LATEST_S:
            yield Refusal("absurd time", str(alert.time)).at(number)
            continue
        before = open_.pop(key, None)
        if alert.level in ("normal", "error"):
            if before is None:
                yield Refusal("an end without its begin", f"{entity}, {alert.datasource}").at(number)
            else:
                first, spell = before
                ended = spell.until(alert.time)
                yield Accepted(first, EVIDENCE, ended.outage(kind, revision=answered_s or alert.time))
            continue
        try:
            place = _place(
                known, alert.entity.type, str(alert.entity.code), alert.entity.name, alert.entity.country
            )
        except Refusal as refusal:
            yield refusal.at(number)
            continue
        first, spell = before or (number, Spell(place, entity, alert.datasource, method, alert.time, None))
        open_[key] = (first, spell.deeper(alert))
    for number, spell in open_.values():
        yield Accepted(number, EVIDENCE, spell.outage(kind, revision=answered_s or spell.last_s))


@dataclass(frozen=True, slots=True)
class Spell:
    """One series below its normal, from its first alert on."""

    place: Place
    entity: str
    signal: str
    method: str
    from_s: int
    until_s: int | None
    ratio: float | None = None
    last_s: int = 0

    def deeper(self, alert: Alert) -> Spell:
        """With one more alert."""
        ratio = self.ratio
        if alert.value is not None and alert.historyValue:
            ratio = min(max(0.0, alert.value / alert.historyValue), 1.0 if ratio is None else ratio)
        return replace(self, ratio=ratio, last_s=alert.time)

    def until(self, end_s: int) -> Spell:
        """Over."""
        return replace(self, until_s=end_s)

    def outage(self, kind: str, *, revision: int, area: float | None = None) -> Outage:
        """As evidence. The id says which it is, so that what it grows to is a revision of it."""
        step = ioda.STEPS.get(self.signal, 600)
        critical = self.ratio is not None and self.ratio < DEFAULT_RULES.of(self.signal).critical
        severity: Severity = "critical" if critical else "warning"
        return Outage(
            id=f"{kind}/{self.entity}/{self.signal}/{self.method}/{self.from_s}"[:300],
            origin=Origin(source=ioda.SOURCE, reference=f"IODA, {self.entity}, {self.signal} ({self.method})"),
            country=self.place.country,
            place=self.place,
            from_s=self.from_s,
            until_s=self.until_s,
            from_uncertainty_s=step,
            until_uncertainty_s=step,
            lineage=ioda.LINEAGES.get(self.signal, LINEAGE),
            revision=revision,
            series=f"ioda/{self.entity}/{self.signal}"[:300],
            signals=(self.signal,),
            severity=severity,
            ratio_min=self.ratio,
            area=area if area is not None and area >= 0 else None,
        )


def _place(known: Entities, type_: str, code: str, name: str, country: str | None) -> Place:
    place = known.place(type_, code, name, country)
    if place is None:
        raise Refusal("unknown place", f"{type_}/{code} {name}"[:120])
    return place


def _decoded(raw: bytes, decoder: msgspec.json.Decoder[Any]) -> Any:
    try:
        return decoder.decode(raw)
    except msgspec.MsgspecError as error:
        raise Refusal("a field is missing, or has another form", str(error)) from None
