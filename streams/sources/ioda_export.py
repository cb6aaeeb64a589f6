"""The CSV that IODA's dashboard exports, which people share -> measurements.

A column a signal, a row a time (UTC). Signals have steps of their own: a cell is empty where a signal has no value
at that time at all, and where its value is missing. Files called "normalized" have per cent of each column's
largest value: as good, since only ratios are judged.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from streams.sources import ioda
from streams.sources.entities import demanded
from streams.sources.files import SourceError
from streams.sources.frames import Column, frames
from streams.sources.points import MOST_STEPS
from streams.sources.rows import Accepted, Refusal, Rejected, Row, Schema, column, table
from topics import EARLIEST_S, LATEST_S, MEASUREMENTS, Entity, Series, signal_facts, signals_named

_TIME = "time_utc"
SCHEMA = Schema("an export of IODA's dashboard", (_TIME,))

#: Beginnings of the columns' names, and the signals they are.
SIGNALS = signals_named("ioda-export")


def read(path: Path, entity: str | None) -> Iterator[Row]:
    """The export's values as frames, numbered by the file's first row, and the rows that can't be read.

    Raises:
        SourceError: the file is none, or `entity` is missing or none.
    """
    columns, rejected = columns_of(path, *demanded(entity, path))
    yield from rejected
    for frame in frames(ioda.SOURCE, columns, reference=f"{ioda.TERMS}, export {path.name}"):
        yield Accepted(2, MEASUREMENTS, frame)


def columns_of(path: Path, of: Entity, country: str) -> tuple[list[Column], list[Rejected]]:
    """The export's signals as columns of an entity, and the rows that can't be read.

    Raises:
        SourceError: the file is none.
    """
    found = table(path, SCHEMA)
    rejected: list[Rejected] = []
    times: list[int] = []
    cells: dict[str, list[float | None]] = {}
    for row in found.rows:
        if isinstance(row, Rejected):
            rejected.append(row)
            continue
        number, named = row
        try:
            time_s, values = _time(named[_TIME]), {name: _value(named[name]) for name in named if name != _TIME}
        except Refusal as refusal:
            rejected.append(refusal.at(number))
            continue
        for name, value in values.items():
            cells.setdefault(name, [None] * len(times)).append(value)
        times.append(time_s)
    columns = [
        one
        for name, values_ in cells.items()
        if (signal := _signal(name)) is not None
        for one in _columns(
            Series(entity=of, signal=signal, lineage=signal_facts(signal).lineage), country, times, values_
        )
    ]
    if not columns:
        raise SourceError(f"{path} has no column of a signal: {', '.join(SIGNALS)}")
    return columns, rejected


def _signal(name: str) -> str | None:
    return next((signal for begin, signal in SIGNALS.items() if column(name).startswith(begin)), None)


def _time(text: str) -> int:
    try:
        moment = dt.datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=dt.UTC)
    except ValueError:
        raise Refusal("time can't be read", text[:80]) from None
    time_s = int(moment.timestamp())
    if not EARLIEST_S <= time_s <= LATEST_S:
        raise Refusal("absurd time", text[:80])
    return time_s


def _value(text: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise Refusal("a value is no number", text[:80]) from None
    if not 0 <= value < float("inf"):
        raise Refusal("a value out of bounds", text[:80])
    return value


def _columns(
    series: Series, country: str, times: Sequence[int], values: Sequence[float | None]
) -> Iterator[Column]:
    """A signal at its own step, or the export's if that is coarser; only from its first value to its last."""
    known = {time: value for time, value in zip(times, values, strict=True) if value is not None}
    if not known:
        return
    spacing = min((b - a for a, b in zip(sorted(set(times)), sorted(set(times))[1:], strict=False)), default=1)
    step = max(ioda.step_s(series.signal), spacing)
    first, last = min(known) // step * step, max(known)
    if (last - first) // step > MOST_STEPS:
        years = (last - first) // 31_557_600
        raise SourceError(f"its times lie {years} years apart, {step} s from one to the next")
    yield Column(country, series, first, step, [_at(known, time, step) for time in range(first, last + 1, step)])


def _at(known: dict[int, float], time: int, step: int) -> float | None:
    """The value of the step that begins at `time`: exports of coarser rows have it somewhere in between."""
    return (
        known[time]
        if time in known
        else next((known[at] for at in range(time, time + step, 300) if at in known), None)
    )
