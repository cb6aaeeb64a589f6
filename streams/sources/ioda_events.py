"""IODA's outage events -> evidence, and the reader of files of events and alerts.

Events have no id, no end and grow from poll to poll: (location, datasource, method, start) names one, and what
was answered later is a later revision of it. One that is not over has `overlaps_window` set and ends exactly where
the question did; the mark alone is no sign of that, since what began before the question has it too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from streams.sources import ioda, ioda_alerts
from streams.sources.ioda import Described, Entities, known_entities
from streams.sources.ioda_alerts import Spell, fields, located
from streams.sources.listed import of_answers
from streams.sources.payloads import decoded, lenient
from streams.sources.rows import Accepted, Refusal, Row
from topics import EARLIEST_S, EVIDENCE, LATEST_S, Outage
from topics.base import Signal


class Event(msgspec.Struct):
    """An event as `format=codf` gives it; or as `format=ioda` does, with `from`, `until` and `entity`."""

    start: int | None = None
    duration: int | None = None
    from_s: int | None = msgspec.field(default=None, name="from")
    until: int | None = None
    overlap: bool = False
    location: str = ""
    location_name: str | None = None
    datasource: Signal | None = None
    method: str | None = None
    score: float | None = None
    overlaps_window: bool = False
    entity: Described | None = None


_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_EVENT = lenient(Event)


def listed(raw: bytes, where: str) -> tuple[ioda.Envelope, list[bytes]]:
    """The envelope and the items of an answer.

    Raises:
        PayloadError: it is none, or says that there was an error.
    """
    envelope = ioda.envelope(raw, where)
    return envelope, [bytes(item) for item in decoded(bytes(envelope.data), _ITEMS, f"{where}, `data`")]


def read(path: Path, entities: Path | None = None) -> Iterator[Row]:
    """The events or alerts of a file of answers. `entities` is a file that says in which countries regions are.

    Raises:
        SourceError: a file is no such answer, or can't be read.
    """
    known = known_entities(entities)

    def rows_of(raw: bytes, where: str) -> tuple[Iterator[Row], int]:
        envelope, items = listed(raw, where)
        rows = alerts(items, known) if envelope.type == "outages.alerts" else events(items, envelope, known)
        return rows, len(items)

    yield from of_answers(path, rows_of)


def events(items: list[bytes], envelope: ioda.Envelope, known: Entities) -> Iterator[Row]:
    """An outage for each event of an answer."""
    for number, raw in enumerate(items, 1):
        try:
            yield Accepted(number, EVIDENCE, _event(raw, envelope, known))
        except Refusal as refusal:
            yield refusal.at(number)


def alerts(items: list[bytes], known: Entities) -> Iterator[Row]:
    """An outage for each run of alerts of one series from the first critical to normal."""
    told: list[tuple[int, ioda_alerts.Alert]] = []
    for number, raw in enumerate(items, 1):
        try:
            told.append((number, ioda_alerts.alert_of(raw)))
        except Refusal as refusal:
            yield refusal.at(number)
    yield from ioda_alerts.outages(told, known)


def _event(raw: bytes, envelope: ioda.Envelope, known: Entities) -> Outage:
    event: Event = fields(raw, _EVENT)
    if event.entity is not None:
        type_, code = event.entity.type, str(event.entity.code)
        name, country = event.entity.name or "", event.entity.country
    else:
        type_, _, code = event.location.partition("/")
        name, country = event.location_name or "", None
    place = located(known, type_, code, name, country)
    start = event.start if event.start is not None else event.from_s
    end_s = event.until if event.duration is None or start is None else start + event.duration
    if start is None or end_s is None:
        raise Refusal("a field is missing, or has another form", "start and duration, or from and until")
    signal = event.datasource or ""
    if not signal or signal == "overall":
        raise Refusal("events of several signals in one", f"{type_}/{code}"[:80])
    if not EARLIEST_S <= start <= end_s <= LATEST_S:
        raise Refusal("absurd time", f"from {start} to {end_s}")
    asked_until = envelope.asked("until")
    # An end after the question's is the alert's that ended it: the API looks at alerts beyond the window, too.
    is_open = (event.overlaps_window or event.overlap) and end_s == (asked_until or end_s)
    spell = Spell(
        place=place,
        entity=f"{type_}/{code}",
        signal=signal,
        method=event.method or "median",
        from_s=start,
        until_s=None if is_open else end_s,
    )
    # The score of one that goes on grows with every question, and is no news of it.
    area = None if is_open else event.score
    return spell.outage("ioda-event", revision=envelope.answered_s or end_s, area=area)
