"""RIPEstat's BGP update activity -> measurements: announcements and withdrawals of a network or prefix.

Times are UTC and say nothing of it. A cut shows as a burst of withdrawals, then silence: neither is judged by a
baseline, both are kept beside what is. The answer doesn't say in which country its resource is.

Samples without an update are left out of an answer unless they are asked for. Such a sample is a count of 0, not a
missing one: silence is what a cut looks like. The sampling period is a float (21600.0). The time that an answer is
of may be shorter than the one that was asked for: the newest updates are hours old.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from streams.geography import country_code
from streams.sources.entities import network
from streams.sources.files import SourceError
from streams.sources.frames import Column, frames
from streams.sources.payloads import PayloadError, decoded, documents, lenient
from streams.sources.points import columns, moment, number
from streams.sources.rows import Accepted, Refusal, Row
from topics import MEASUREMENTS, Entity, Series, signals_named
from topics.measurements import Value

SOURCE = "ripestat"

#: Counts of an update, in the order of `_Counts`, and the signals that they are.
COUNTS = ("announcements", "withdrawals")
SIGNALS = signals_named("ripestat")

#: An answer has no more samples than this, silent ones included: ten years of the finest.
MOST_SAMPLES = 1_100_000

#: Announcements and withdrawals of a sample.
_Counts = tuple[Value, Value]


class Update(msgspec.Struct):
    """A sample: its begin, and what it counts."""

    starttime: str
    announcements: float | None = None
    withdrawals: float | None = None


class Data(msgspec.Struct):
    """What an answer has: samples, and what they are of."""

    resource: str | int
    updates: list[Update]
    sampling_period: float | str | None = None
    query_starttime: str | None = None
    query_endtime: str | None = None
    resource_type: str = "asn"

    @property
    def step_s(self) -> int | None:
        """The sampling period in whole seconds, however it is written.

        Raises:
            Refusal: it is no length of time.
        """
        if self.sampling_period in (None, ""):
            return None
        seconds = number(self.sampling_period)
        if not seconds or seconds % 1:
            raise Refusal("the sampling period is no whole number of seconds", str(self.sampling_period)[:80])
        return int(seconds)


class Answer(msgspec.Struct):
    """What every answer is wrapped in."""

    status: str = "ok"
    data: msgspec.Raw = msgspec.Raw(b"null")
    messages: Any = None
    data_call_status: str | None = None

    @property
    def notices(self) -> Iterator[str]:
        """What it says to who reads along: that the call will go, and its warnings."""
        state = self.data_call_status or ""
        if state and not state.startswith("supported"):
            yield f"RIPEstat says of this data call: {state}"
        for message in self.messages if isinstance(self.messages, list) else ():
            kind, *words = message if isinstance(message, list) else ["", message]
            if words and kind != "info":
                yield f"RIPEstat, {kind}: {words[0]}"


@dataclass(frozen=True, slots=True)
class Activity:
    """An answer: its columns, up to when it is of (Unix seconds; None where that isn't said), and its notices."""

    columns: list[Column]
    until_s: int | None
    notices: tuple[str, ...]


_ANSWER, _DATA = lenient(Answer), lenient(Data)


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
        for frame in frames(SOURCE, found.columns, reference=f"RIPEstat, bgp-update-activity, {path.name}"):
            yield Accepted(line, MEASUREMENTS, frame)


def answer(raw: bytes, where: str, country: str) -> Activity:
    """The activity of an answer.

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
        counts = [(number(one.announcements), number(one.withdrawals)) for one in data.updates]
        step_s = data.step_s
        asked = [moment(text) for text in (data.query_starttime, data.query_endtime) if text]
        samples = _with_silence(dict(zip(times, counts, strict=True)), asked, step_s)
    except Refusal as refusal:
        raise PayloadError(f"{where}: {refusal.at(0)}") from None
    found_columns = [
        column
        for at, name in enumerate(COUNTS)
        for column in columns(
            country,
            Series(entity=entity, signal=SIGNALS[name]),
            {time_s: both[at] for time_s, both in samples.items()},
            step_s,
        )
    ]
    until_s = asked[1] if len(asked) == 2 else None
    return Activity(found_columns, until_s, tuple(found.notices))


def _with_silence(samples: dict[int, _Counts], asked: list[int], step_s: int | None) -> dict[int, _Counts]:
    """The counts by time, with 0 for samples without an update, whether they were left out or came as null.

    Withdrawals that the answer never gives a number for stay missing: they aren't counted, rather than none.

    Raises:
        Refusal: the asked time has far more samples than an answer.
    """
    silent: _Counts = (0.0, 0.0 if any(withdrawn is not None for _, withdrawn in samples.values()) else None)
    found = {time_s: silent if both == (None, None) else both for time_s, both in samples.items()}
    if step_s is None or len(asked) != 2:
        return found
    first = min(samples, default=asked[0])
    begin_s = first - (first - asked[0]) // step_s * step_s
    if (asked[1] - begin_s) // step_s > MOST_SAMPLES:
        raise Refusal("the time that was asked for has far too many samples", f"{asked[0]} to {asked[1]}")
    return {**dict.fromkeys(range(begin_s, asked[1], step_s), silent), **found}
