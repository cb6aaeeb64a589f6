"""RIPE Atlas: which probes are connected, by country and network -> measurements.

Probes are small devices that volunteers keep at home. Each holds a connection to a controller; when it goes and
comes back is the result of a measurement of its own (7000). A power cut takes them away as a shutdown does. From a
list of probes, which says where they are, and these events follows how many were connected at any time. Only
counts are published, of five probes and more; who polls remembers their public numbers, and not where they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import msgspec

from streams.errors import UNREADABLE
from streams.geography import country_code
from streams.sources.files import SourceError
from streams.sources.frames import Column, frames
from streams.sources.payloads import AS_SENT, PayloadError, decoded, documents
from streams.sources.rows import Accepted, Refusal, Rejected, Row
from topics import EARLIEST_S, LATEST_S, MEASUREMENTS, Entity, Series

SOURCE = "ripe-atlas"
SIGNAL = "atlas-probes"
STEP_S = 600

#: What is known of a probe's state by the number of its status; of others it is abandoned, or was never there.
CONNECTED, DISCONNECTED = 1, 2

#: Fewer probes are no series: one of them that is switched off says nothing, and who it is could be guessed.
LEAST_PROBES = 5

#: A stretch that is counted at once, at most, in steps: half a year.
MOST_STEPS = 26_000


class Probe(NamedTuple):
    """A probe: its number, country and network (None: not known), and whether it is connected by the list."""

    id: int
    country: str
    asn: int | None
    up: bool


class Event(NamedTuple):
    """A probe that was connected at a time, or disconnected."""

    at: int
    probe: int
    up: bool


class _Status(msgspec.Struct):
    id: int


class ListedProbe(msgspec.Struct):
    id: int
    country_code: str | None = None
    asn_v4: int | None = None
    status: _Status | int | None = None


class Listing(msgspec.Struct):
    results: list[msgspec.Raw]
    count: int | None = None
    next: str | None = None


class ToldEvent(msgspec.Struct):
    prb_id: int
    timestamp: int
    event: str


_PAGE, _LISTED = msgspec.json.Decoder(Listing), msgspec.json.Decoder(ListedProbe)
_ITEMS, _EVENT = msgspec.json.Decoder(list[msgspec.Raw]), msgspec.json.Decoder(ToldEvent)


class ProbePage(NamedTuple):
    """A page of the list of probes: those that can be used, how many rows it had, and how many there are in all."""

    probes: list[Probe]
    rows: int
    total: int | None


def page(raw: bytes, where: str) -> ProbePage:
    """The probes of an answer of `/probes/` or `/probes/archive/`. Those of no country, and those that are given
    up, are left out.

    Raises:
        PayloadError: it is none.
    """
    answer: Listing = decoded(raw, _PAGE, where)
    found: list[Probe] = []
    for item in answer.results:
        try:
            one = _LISTED.decode(item)
        except UNREADABLE as error:
            raise PayloadError(f"{where}: a probe lacks a field, or has another form: {error}") from None
        status = one.status.id if isinstance(one.status, _Status) else one.status
        country = country_code(one.country_code) if one.country_code and len(one.country_code) == 2 else None
        if country is not None and status in (CONNECTED, DISCONNECTED):
            found.append(Probe(one.id, country, one.asn_v4, status == CONNECTED))
    return ProbePage(found, len(answer.results), answer.count)


def events(raw: bytes, where: str) -> tuple[list[Event], list[Rejected]]:
    """The events of an answer of measurement 7000, a list; and what was refused.

    Raises:
        PayloadError: it is none.
    """
    items = decoded(raw, _ITEMS, where)
    return _events(items)


def _events(items: Iterable[bytes | msgspec.Raw]) -> tuple[list[Event], list[Rejected]]:
    found: list[Event] = []
    refused: list[Rejected] = []
    for number, item in enumerate(items, 1):
        try:
            found.append(_event(bytes(item)))
        except Refusal as refusal:
            refused.append(refusal.at(number))
    return found, refused


def _event(raw: bytes) -> Event:
    try:
        one = _EVENT.decode(raw)
    except UNREADABLE as error:
        raise Refusal("a field is missing, or has another form", str(error)[:80]) from None
    if one.event not in ("connect", "disconnect"):
        raise Refusal("neither a connection nor its end", one.event[:80])
    if not EARLIEST_S <= one.timestamp <= LATEST_S:
        raise Refusal("absurd time", str(one.timestamp))
    return Event(one.timestamp, one.prb_id, one.event == "connect")


def read(path: Path, probes: Path | None = None) -> Iterator[Row]:
    """The counts of a file of events; `probes` says where the probes are, and which were connected.

    Raises:
        SourceError: a file is no such answer, can't be read, or there is none of probes.
    """
    if probes is None:
        raise SourceError(f"{path} doesn't say where probes are: give --probes, an answer of /api/v2/probes/")
    known = [probe for line, raw in documents(probes) for probe in page(raw, f"{probes}, line {line}").probes]
    told: list[Event] = []
    for line, raw in documents(path):
        # With `format=txt` an answer has one event a line.
        single = raw.lstrip()[:1] == b"{"
        found, refused = _events([raw]) if single else events(raw, f"{path}, line {line}")
        if single and refused and not told:
            words = f"is no event of a probe's connection: {refused[0].detail}"
            raise PayloadError(f"{path}, line {line} {words}. {AS_SENT}")
        told += found
        yield from (replace(one, number=line) for one in refused)
    if not told:
        return
    first, last = min(one.at for one in told), max(one.at for one in told)
    from_s, until_s = first // STEP_S * STEP_S, last // STEP_S * STEP_S + STEP_S
    if (until_s - from_s) // STEP_S > MOST_STEPS:
        raise SourceError(f"{path} has events of more than half a year: give it in parts")
    up = state_before(known, told)
    columns, _ = counted({probe.id: probe for probe in known}, up, told, from_s, until_s, until_s)
    for frame in frames(SOURCE, columns, reference=f"RIPE Atlas (RIPE NCC), {path.name}"):
        yield Accepted(1, MEASUREMENTS, frame)


def state_before(known: Iterable[Probe], told: Iterable[Event]) -> dict[int, bool]:
    """Which probes were connected before events: the opposite of a probe's first event, else as the list says."""
    first: dict[int, Event] = {}
    for event in told:
        if event.probe not in first or event < first[event.probe]:
            first[event.probe] = event
    return {probe.id: not first[probe.id].up if probe.id in first else probe.up for probe in known}


def counted(
    known: Mapping[int, Probe],
    up: Mapping[int, bool],
    told: Iterable[Event],
    from_s: int,
    until_s: int,
    base_s: int,
) -> tuple[list[Column], dict[int, bool]]:
    """How many probes were connected at the end of each step, by country and network; and which were at `base_s`.

    Args:
        known: the probes, by number.
        up: which of them were connected at `from_s`.
        told: events, in any order; those of other probes and times are left out.
        from_s, until_s: the stretch, whole steps.
        base_s: a time in it, or its end.
    """
    sizes: dict[tuple[str, Entity], int] = defaultdict(int)
    for probe in known.values():
        for key in _keys(probe):
            sizes[key] += 1
    wanted = {key for key, size in sizes.items() if size >= LEAST_PROBES}
    now = dict(up)
    counts = dict.fromkeys(wanted, 0)
    for number, connected in now.items():
        if connected:
            _count(known[number], counts, 1)
    rows: dict[tuple[str, Entity], list[float]] = {key: [] for key in wanted}
    waiting = sorted({one for one in told if one.probe in known and from_s <= one.at < until_s})
    base, at = dict(now), 0
    for end_s in range(from_s + STEP_S, until_s + STEP_S, STEP_S):
        while at < len(waiting) and waiting[at].at < end_s:
            event = waiting[at]
            if now.get(event.probe, False) != event.up:
                now[event.probe] = event.up
                _count(known[event.probe], counts, 1 if event.up else -1)
            at += 1
        for key, row in rows.items():
            row.append(float(counts[key]))
        if end_s <= base_s:
            base = dict(now)
    return [
        Column(country, Series(entity=entity, signal=SIGNAL), from_s, STEP_S, row)
        for (country, entity), row in sorted(
            rows.items(), key=lambda one: (one[0][0], one[0][1].type, one[0][1].code)
        )
    ], base


def _keys(probe: Probe) -> Iterator[tuple[str, Entity]]:
    yield probe.country, Entity(type="country", code=probe.country)
    if probe.asn is not None and 0 < probe.asn < 2**32:
        yield probe.country, Entity(type="asn", code=str(probe.asn))


def _count(probe: Probe, counts: dict[tuple[str, Entity], int], more: int) -> None:
    for key in _keys(probe):
        if key in counts:
            counts[key] += more
