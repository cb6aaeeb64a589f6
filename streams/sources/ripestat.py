"""RIPEstat's BGP update activity -> measurements: announcements and withdrawals of a network or prefix.

Times are UTC and say nothing of it. A cut shows as a burst of withdrawals, then silence: neither is judged by a
baseline, both are kept beside what is. The answer doesn't say in which country its resource is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from streams.geography import country_code
from streams.sources.entities import network
from streams.sources.files import SourceError
from streams.sources.frames import Column, frames
from streams.sources.payloads import PayloadError, decoded, documents
from streams.sources.points import columns, moment, number
from streams.sources.rows import Accepted, Refusal, Row
from topics import MEASUREMENTS, Entity, Series, signals_named

SOURCE = "ripestat"

#: Counts of an update, and the signals that they are.
SIGNALS = signals_named("ripestat")


class _Update(msgspec.Struct):
    starttime: str
    announcements: float | None = None
    withdrawals: float | None = None


class _Data(msgspec.Struct):
    resource: str | int
    updates: list[_Update]
    sampling_period: int | None = None
    resource_type: str = "asn"


class _Answer(msgspec.Struct):
    status: str = "ok"
    data: msgspec.Raw = msgspec.Raw(b"null")
    messages: Any = None


_ANSWER, _DATA = msgspec.json.Decoder(_Answer), msgspec.json.Decoder(_Data)


def read(path: Path, place: str | None = None) -> Iterator[Row]:
    """The activity in a file of answers. `place` is the country of the resource.

    Raises:
        SourceError: the file is no such answer, can't be read, or `place` is missing or no country.
    """
    country = country_code(place or "")
    if country is None:
        raise SourceError(f"{path} doesn't say where its network is: give --place with the country, e.g. KZ")
    for line, raw in documents(path):
        found = answer(raw, f"{path}, line {line}", country)
        for frame in frames(SOURCE, found, reference=f"RIPEstat, bgp-update-activity, {path.name}"):
            yield Accepted(line, MEASUREMENTS, frame)


def answer(raw: bytes, where: str, country: str) -> list[Column]:
    """The activity of an answer as columns.

    Raises:
        PayloadError: it is none, or says that there was an error.
    """
    found = decoded(raw, _ANSWER, where)
    if found.status != "ok":
        raise PayloadError(f"{where}: the API reports an error: {found.status}, {str(found.messages)[:300]}")
    data = decoded(bytes(found.data), _DATA, f"{where}, `data`")
    resource = str(data.resource)
    digits = network(resource)
    entity = (
        Entity(type="asn", code=digits) if digits is not None else Entity(type="place", code=resource[:300] or "-")
    )
    try:
        times = [moment(one.starttime) for one in data.updates]
        counts = [{name: number(getattr(one, name)) for name in SIGNALS} for one in data.updates]
    except Refusal as refusal:
        raise PayloadError(f"{where}: {refusal.at(0)}") from None
    return [
        column
        for name, signal in SIGNALS.items()
        for column in columns(
            country,
            Series(entity=entity, signal=signal),
            {time_s: count[name] for time_s, count in zip(times, counts, strict=True)},
            data.sampling_period or None,
        )
    ]
