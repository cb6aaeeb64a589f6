"""Frames become rows of numbers, or are refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from streams.detection.arrays import Times, Values
from streams.detection.day import Stamp
from streams.detection.rules import DAY_S, DetectionRule, DetectionRules
from streams.stage import Refused
from topics import LATEST_S, Measurement, Place, Series, digest
from topics.measurements import Entity
from topics.signals import signal_facts

Places = Callable[[Entity, str], "Place | None"]

_NAME_BYTES = 200

#: Sources measure every five minutes or more seldom. State is kept by the day, and a day must stay small.
LEAST_STEP_S = 60


@dataclass(frozen=True, slots=True)
class Subject:
    """A series as evidence names it. `name` is `source/type/code/signal`, `key` is that in its country."""

    key: str
    name: str
    source: str
    country: str
    signal: str
    lineage: str
    place: Place
    rule: DetectionRule


@dataclass(frozen=True, slots=True)
class Frame:
    """A record that can be used: `values[row]` are those of `subjects[row]` at `times`, NaN is missing.

    `days` are those of the times, see `days_of`. `name` tells records apart, also those of one id.
    """

    name: str
    subjects: tuple[Subject, ...]
    from_s: int
    times: Times
    days: list[tuple[int, int, int]]
    values: Values
    stamp: Stamp
    known_s: int | None


def series_name(source: str, series: Series) -> str:
    """The series' identity as a string, e.g. `ioda/region/2088/ping-slash24`; long ones end in a fingerprint."""
    parts = (source, series.entity.type, series.entity.code, series.signal)
    name = "/".join(part.replace("/", "%2F") for part in parts)
    return name if len(name) <= _NAME_BYTES else f"{name[: _NAME_BYTES - 33]}/{digest(name)}"


class Intake:
    """Reads frames; remembers the subject of each series it has met."""

    def __init__(self, rules: DetectionRules, places: Places) -> None:
        self._rules, self._places = rules, places
        self._subjects: dict[tuple[str, str, Series], Subject] = {}

    def forget(self) -> None:
        """Let go of the subjects."""
        self._subjects.clear()

    def read(self, index: int, record: Measurement) -> Frame | Refused:
        """The frame of a record, or why there is none."""
        if record.step_s < LEAST_STEP_S:
            detail = f"a value each {record.step_s} s; at most one in {LEAST_STEP_S} s can be kept"
            return Refused(index, "out-of-bounds", detail, "step_s")
        values = np.array(record.values, np.float64)
        last_s = record.from_s + record.step_s * (values.shape[1] - 1)
        if last_s + record.step_s > LATEST_S:
            return Refused(index, "absurd-time", f"its last value would be at {last_s}", "from_s")
        if record.known_s is not None and last_s > record.known_s + self._rules.clock_s:
            late = last_s - record.known_s
            return Refused(index, "absurd-time", f"its last value is {late} s after it was known", "from_s")
        if (wrong := _out_of_bounds(index, record, values)) is not None:
            return wrong
        subjects = []
        for row, series in enumerate(record.series):
            subject = self._subject(record, series)
            if subject is None:
                entity = series.entity
                detail = f"no place for {entity.type} {entity.code!r} ({entity.name!r}) of {record.country}"
                return Refused(index, "unknown-place", detail, f"series[{row}].entity")
            subjects.append(subject)
        times = record.from_s + record.step_s * np.arange(values.shape[1], dtype=np.int64)
        stamp = Stamp(-1 if record.known_s is None else record.known_s, record.id, record.step_s)
        name = digest([record.id, stamp.known_s, record.from_s, record.step_s, values.shape[1]])[:16]
        return Frame(name, tuple(subjects), record.from_s, times, days_of(times), values, stamp, record.known_s)

    def _subject(self, record: Measurement, series: Series) -> Subject | None:
        at = (record.origin.source, record.country, series)
        found = self._subjects.get(at)
        if found is None:
            place = self._places(series.entity, record.country)
            if place is None:
                return None
            rule = self._rules.of(series.signal)
            name = series_name(record.origin.source, series)
            found = self._subjects[at] = Subject(
                key=f"{record.country}/{name}",
                name=name,
                source=record.origin.source,
                country=record.country,
                signal=series.signal,
                lineage=series.lineage or signal_facts(series.signal).lineage or record.origin.source,
                place=place,
                rule=rule,
            )
        return found


def _out_of_bounds(index: int, record: Measurement, values: Values) -> Refused | None:
    if np.isfinite(values).all() and values.min() >= 0:
        return None
    with np.errstate(invalid="ignore"):
        wrong = np.isinf(values) | (values < 0)
    missing = np.isnan(values)
    if int(missing.sum()) != sum(row.count(None) for row in record.values):
        wrong |= missing & np.array([[each is not None for each in row] for row in record.values])
    if not wrong.any():
        return None
    row, column = (int(each[0]) for each in np.nonzero(wrong))
    detail = f"{record.values[row][column]} is no value of a measurement: it must be finite and not negative"
    return Refused(index, "out-of-bounds", detail, f"values[{row}][{column}]")


def days_of(times: Times) -> list[tuple[int, int, int]]:
    """The UTC days of ascending times: number, index of the first time, and one after the last."""
    if not len(times):
        return []
    first, last = int(times[0]) // DAY_S, int(times[-1]) // DAY_S
    if first == last:
        return [(first, 0, len(times))]
    days = times // DAY_S
    edges = [0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), len(days)]
    return [(int(days[at]), at, end) for at, end in pairwise(edges)]
