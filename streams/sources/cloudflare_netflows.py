"""Cloudflare Radar's netflows over time -> measurements.

An answer doesn't say of what country or network it is, and its values are shares of its own largest one: good
within an answer, and from answer to answer only by what they share (see the poller in `cloudflare_live`).

Radar annotates stretches in which its own pipeline failed. Their values are missing here: they say nothing of the
network, neither that it was cut nor that it was not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from streams.errors import UNREADABLE
from streams.sources import cloudflare
from streams.sources.entities import demanded
from streams.sources.frames import frames
from streams.sources.payloads import AS_SENT, PayloadError, decoded, documents, lenient
from streams.sources.points import columns, moment, number
from streams.sources.rows import Accepted, Refusal, Row
from topics import EARLIEST_S, LATEST_S, MEASUREMENTS, Series
from topics.measurements import Value

SIGNAL = "netflows"


class Serie(msgspec.Struct):
    """A series: its times, and a value for each."""

    timestamps: list[str]
    values: list[str | float | None]


class Annotation(msgspec.Struct):
    """A note on a stretch of an answer: what happened then, or what is wrong with the data."""

    startDate: str | None = None  # noqa: N815 - the API's name
    endDate: str | None = None  # noqa: N815 - the API's name
    eventType: str | None = None  # noqa: N815 - the API's name


class _Confidence(msgspec.Struct):
    annotations: list[Annotation] | None = None


class _Meta(msgspec.Struct):
    lastUpdated: str | None = None  # noqa: N815 - the API's name
    aggInterval: str | None = None  # noqa: N815 - the API's name
    confidenceInfo: _Confidence | None = None  # noqa: N815 - the API's name


#: The type of annotations of Radar's own pipeline; the others are of events in the network.
PIPELINE = "PIPELINE"


#: Steps by what answers call them, seconds.
INTERVALS = {"FIFTEEN_MINUTES": 900, "ONE_HOUR": 3_600, "ONE_DAY": 86_400, "ONE_WEEK": 604_800}

#: What an answer calls its series where nobody names it; clients name theirs as they like.
USUAL = ("main", "serie_0")

_RESULT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_SERIE, _META = lenient(Serie), lenient(_Meta)


@dataclass(frozen=True, slots=True)
class Netflows:
    """Values by time, Unix seconds; when Cloudflare updated them and what their step is, if it says so."""

    points: dict[int, Value]
    updated_s: int | None
    step_s: int | None = None


def read(path: Path, entity: str | None = None) -> Iterator[Row]:
    """The values of a file of answers, all of one entity.

    Raises:
        SourceError: the file is no such answer, can't be read, or `entity` is missing.
    """
    what, country = demanded(entity, path)
    series = Series(entity=what, signal=SIGNAL)
    for line, raw in documents(path):
        found = answer(raw, f"{path}, line {line}")
        cut = columns(country, series, found.points, found.step_s)
        for frame in frames(
            cloudflare.SOURCE, cut, reference=f"Cloudflare Radar, {path.name}", known_s=found.updated_s
        ):
            yield Accepted(line, MEASUREMENTS, frame)


def answer(raw: bytes, where: str) -> Netflows:
    """The values of an answer.

    Raises:
        PayloadError: it is none, says that there was an error, or a value or time can't be read.
    """
    result = decoded(cloudflare.result(raw, where), _RESULT, f"{where}, `result`")
    serie = _serie(result, where)
    meta = decoded(bytes(result["meta"]), _META, f"{where}, `meta`") if "meta" in result else _Meta()
    if len(serie.timestamps) != len(serie.values):
        raise PayloadError(f"{where}, `result` has no series of as many values as timestamps. {AS_SENT}")
    try:
        points = {moment(time): number(value) for time, value in zip(serie.timestamps, serie.values, strict=True)}
        updated_s = max([moment(meta.lastUpdated), *points]) if meta.lastUpdated else None
        failed = _failed(meta)
    except Refusal as refusal:
        raise PayloadError(f"{where}: {refusal.at(0)}") from None
    good = {
        at: None if any(from_s <= at < until_s for from_s, until_s in failed) else value
        for at, value in points.items()
    }
    return Netflows(good, updated_s, INTERVALS.get(meta.aggInterval or ""))


def _failed(meta: _Meta) -> list[tuple[int, int]]:
    """The stretches in which the pipeline failed, from and until. Without a begin or end they are open.

    Raises:
        Refusal: a time can't be read.
    """
    notes = (meta.confidenceInfo.annotations if meta.confidenceInfo else None) or []
    return [
        (
            moment(note.startDate) if note.startDate else EARLIEST_S,
            moment(note.endDate) if note.endDate else LATEST_S,
        )
        for note in notes
        if note.eventType == PIPELINE
    ]


def _serie(result: dict[str, msgspec.Raw], where: str) -> Serie:
    """The one series of an answer, whatever it is called.

    Raises:
        PayloadError: it has none, or several: an answer doesn't say of what they are.
    """
    found = {}
    for name, value in result.items():
        try:
            found[name] = _SERIE.decode(value)
        except UNREADABLE:
            continue
    usual = [name for name in USUAL if name in found]
    if len(found) != 1 and not usual:
        words = "no series of timestamps and values" if not found else f"several series: {', '.join(found)}"
        raise PayloadError(f"{where}, `result` has {words}. {AS_SENT}")
    return found[usual[0]] if usual else next(iter(found.values()))
