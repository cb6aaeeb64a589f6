"""IODA's alerts -> evidence: those of its API, and the messages of its Kafka.

Alerts are turning points of one series (entity, datasource, method): one above `normal` opens an outage, more of
them may deepen it, the next `normal` ends it. `error` says that nothing was measured: it ends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from streams.detection.rules import DEFAULT_RULES
from streams.errors import UNREADABLE
from streams.sources import ioda
from streams.sources.ioda import Described, Entities, known_entities
from streams.sources.payloads import documents, lenient
from streams.sources.rows import Accepted, Refusal, Row
from topics import EARLIEST_S, EVIDENCE, LATEST_S, Origin, Outage, Place, signal_facts
from topics.base import Signal
from topics.evidence import Severity

LINEAGE, KIND = "ioda", "ioda-alert"


class Alert(msgspec.Struct):
    """An alert of the API, or a violation in a message of IODA's Kafka."""

    entity: Described
    datasource: Signal
    time: int
    level: str
    value: float | None = None
    historyValue: float | None = None  # noqa: N815 - what the API answers
    historicValue: float | None = None  # noqa: N815 - what the API's documentation calls it
    method: str | None = None

    @property
    def ratio(self) -> float | None:
        """The value over what it was before, where both are known."""
        before = self.historyValue if self.historyValue is not None else self.historicValue
        return None if self.value is None or not before else max(0.0, self.value / before)


class _Violation(msgspec.Struct):
    expression: str
    time: int
    value: float | None = None
    history_value: float | None = None


class _Message(msgspec.Struct):
    fqid: str
    level: str
    violations: list[_Violation]
    method: str | None = None


_ALERT, _MESSAGE = lenient(Alert), lenient(_Message)


class Spell(msgspec.Struct, frozen=True, kw_only=True):
    """One series below its normal, from its first alert on."""

    place: Place
    entity: str
    signal: str
    method: str
    from_s: int
    until_s: int | None
    ratio: float | None = None
    last_s: int = 0

    def outage(self, kind: str, *, revision: int, area: float | None = None) -> Outage:
        """As evidence. The id says which it is, so that what it grows to is a revision of it."""
        step = ioda.step_s(self.signal)
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
            lineage=signal_facts(self.signal).lineage or LINEAGE,
            revision=revision,
            series=f"ioda/{self.entity}/{self.signal}"[:300],
            signals=(self.signal,),
            severity=severity,
            ratio_min=self.ratio,
            area=area if area is not None and area >= 0 else None,
        )


class Track(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of a series: its newest alert's time, and the spell that goes on."""

    last_s: int
    open: Spell | None


def track_key(alert: Alert) -> str:
    """The series of an alert."""
    return f"{alert.entity.type}/{alert.entity.code}/{alert.datasource}/{alert.method or 'median'}"


def advance(tracks: dict[str, Track], alert: Alert, known: Entities) -> Outage | None:
    """The outage that an alert opens, deepens or ends; None if it was told before. Changes `tracks`.

    Raises:
        Refusal: it tells of none.
    """
    if not EARLIEST_S <= alert.time <= LATEST_S:
        raise Refusal("absurd time", str(alert.time))
    entity, key = f"{alert.entity.type}/{alert.entity.code}", track_key(alert)
    if alert.level == "error":
        raise Refusal("nothing was measured (level error)", key[:120])
    track = tracks.get(key)
    if track is not None and alert.time <= track.last_s:
        return None
    spell = track.open if track is not None else None
    if alert.level == "normal":
        tracks[key] = Track(alert.time, None)
        if spell is None:
            raise Refusal("an end without its begin", key[:120])
        return replace(spell, until_s=alert.time).outage(KIND, revision=alert.time)
    if spell is None:
        one = alert.entity
        place = located(known, one.type, str(one.code), one.name or "", one.country)
        spell = Spell(
            place=place,
            entity=entity,
            signal=alert.datasource,
            method=alert.method or "median",
            from_s=alert.time,
            until_s=None,
        )
    depths = [ratio for ratio in (spell.ratio, alert.ratio) if ratio is not None]
    spell = replace(spell, ratio=min(depths, default=None), last_s=alert.time)
    tracks[key] = Track(alert.time, spell)
    return spell.outage(KIND, revision=alert.time)


def outages(told: Iterable[tuple[int, Alert]], known: Entities) -> Iterator[Row]:
    """The outages of numbered alerts, in whatever order they come; each has the number of its first alert."""
    tracks: dict[str, Track] = {}
    found: dict[str, tuple[int, Outage]] = {}
    for number, alert in sorted(told, key=lambda one: one[1].time):
        try:
            outage = advance(tracks, alert, known)
            if outage is None:
                raise Refusal("told already", track_key(alert)[:120])
            found[outage.id] = (found.get(outage.id, (number,))[0], outage)
        except Refusal as refusal:
            yield refusal.at(number)
    for number, outage in found.values():
        yield Accepted(number, EVIDENCE, outage)


def alert_of(raw: bytes) -> Alert:
    """An alert of the API.

    Raises:
        Refusal: it is none.
    """
    found: Alert = fields(raw, _ALERT)
    return found


def messages(path: Path, entities: Path | None = None) -> Iterator[Row]:
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
    yield from outages(told, known_entities(entities))


def message_alerts(raw: bytes) -> Iterator[Alert]:
    """The alerts of a message of IODA's Kafka.

    Raises:
        Refusal: it is none.
    """
    message = fields(raw, _MESSAGE)
    datasource = next((part for part in message.fqid.split(".") if part in ioda.DATASOURCES), None)
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


def located(known: Entities, type_: str, code: str, name: str, country: str | None) -> Place:
    """The place of an entity.

    Raises:
        Refusal: it has none.
    """
    place = known.place(type_, code, name, country)
    if place is None:
        raise Refusal("unknown place", f"{type_}/{code} {name}"[:120])
    return place


def fields(raw: bytes, decoder: msgspec.json.Decoder[Any]) -> Any:
    """An item by its decoder.

    Raises:
        Refusal: it is of another form.
    """
    try:
        return decoder.decode(raw)
    except UNREADABLE as error:
        raise Refusal("a field is missing, or has another form", str(error)) from None
