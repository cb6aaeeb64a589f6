"""Cloudflare Radar's netflows over time -> measurements.

An answer doesn't say of what country or network it is, and its values are shares of its own largest one: good
within an answer, and from answer to answer only by what they share (see the poller in `cloudflare_live`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from streams.sources import cloudflare
from streams.sources.entities import demanded
from streams.sources.frames import frames
from streams.sources.payloads import PayloadError, decoded, documents
from streams.sources.points import columns, moment, number
from streams.sources.rows import Accepted, Refusal, Row
from topics import MEASUREMENTS, Series
from topics.measurements import Value

SIGNAL = "netflows"


class Serie(msgspec.Struct):
    """A series: its times, and a value for each."""

    timestamps: list[str]
    values: list[str | float | None]


class _Meta(msgspec.Struct):
    lastUpdated: str | None = None  # noqa: N815 - the API's name


class _Result(msgspec.Struct):
    main: Serie | None = None
    serie_0: Serie | None = None
    meta: _Meta | None = None


_RESULT: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_Result)


@dataclass(frozen=True, slots=True)
class Netflows:
    """Values by time, Unix seconds; and when Cloudflare updated them, if it says so."""

    points: dict[int, Value]
    updated_s: int | None


def read(path: Path, entity: str | None = None) -> Iterator[Row]:
    """The values of a file of answers, all of one entity.

    Raises:
        SourceError: the file is no such answer, can't be read, or `entity` is missing.
    """
    what, country = demanded(entity, path)
    series = Series(entity=what, signal=SIGNAL)
    for line, raw in documents(path):
        found = answer(raw, f"{path}, line {line}")
        cut = columns(country, series, found.points)
        for frame in frames(
            cloudflare.SOURCE, cut, reference=f"Cloudflare Radar, {path.name}", known_s=found.updated_s
        ):
            yield Accepted(line, MEASUREMENTS, frame)


def answer(raw: bytes, where: str) -> Netflows:
    """The values of an answer.

    Raises:
        PayloadError: it is none, says that there was an error, or a value or time can't be read.
    """
    found: _Result = decoded(cloudflare.result(raw, where), _RESULT, f"{where}, `result`")
    serie = found.main or found.serie_0
    if serie is None or len(serie.timestamps) != len(serie.values):
        raise PayloadError(f"{where}, `result` has no series of timestamps and values")
    try:
        points = {moment(time): number(value) for time, value in zip(serie.timestamps, serie.values, strict=True)}
        updated = found.meta.lastUpdated if found.meta else None
        return Netflows(points, max([moment(updated), *points]) if updated else None)
    except Refusal as refusal:
        raise PayloadError(f"{where}: {refusal.at(0)}") from None
