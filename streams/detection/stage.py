"""The `detect` stage: frames of measurements in, outages and coverage out."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from streams.detection.adding_up import AddingUp, WholeOf
from streams.detection.blocking import count_of
from streams.detection.blocking_watch import BlockingWatch
from streams.detection.day import MOST_SLOTS, Day, merge
from streams.detection.emit import changed_evidence
from streams.detection.intake import Frame, Intake, Places, days_of
from streams.detection.judging import Job, job_of, judge
from streams.detection.memory import RESUMED_WITHIN, Memory
from streams.detection.rules import DAY_S, DEFAULT_RULES, DetectionRules
from streams.stage import Refused, Result, Store
from topics import EVIDENCE, MEASUREMENTS, Blocking, Coverage, Measurement, Outage


@dataclass(slots=True)
class Counts:
    """What the stage has seen since it was made, in values: for metrics and for people."""

    values: int = 0
    duplicates: int = 0
    contradictions: int = 0
    late: int = 0
    too_late: int = 0
    too_many: int = 0


class _Row(NamedTuple):
    """One series' part of a record: the record's place in its batch, its frame, and the row."""

    place: int
    frame: Frame
    row: int


@dataclass(slots=True)
class _Unused:
    """How many values of a record are not used, the first series that has some, and why."""

    series: str
    why: str
    number: int = 0

    def refused(self, place: int) -> Refused:
        values = f"{self.number} of its values are" if self.number > 1 else "a value of it is"
        detail = f"{values} not used; of series {self.series}: {self.why}. The other values count"
        return Refused(place, "out-of-bounds", detail, "from_s")


class DetectStage:
    """Outages and coverage of every series, revised when values come late. Implements `streams.stage.Stage`.

    Args:
        rules: how each signal is judged.
        places: the place of an entity of a frame's country, or None; a frame with an entity that has none is
            refused as `unknown-place`.
        whole_of: which place a place is a part of, so that parts add up to outages of the whole; None: they don't.
        series_kept: so many series are kept decoded between batches, those used last.

    A value more than `rules.lateness_s` older than the newest that its series had when it came is not used, and
    counted in `counts.too_late`; its record is refused, while the other values of it count. Of values that
    contradict each other for one time that of the newer record counts: the greater `known_s`, then the greater id;
    both are counted in `counts.contradictions`. Values with which a UTC day would have more than `MOST_SLOTS` times
    are not used either, and counted in `counts.too_many`.
    """

    name = "detect"
    source = MEASUREMENTS
    outputs = (EVIDENCE,)
    layout = 3

    def __init__(
        self,
        rules: DetectionRules = DEFAULT_RULES,
        *,
        places: Places,
        whole_of: WholeOf | None = None,
        series_kept: int = 60_000,
    ) -> None:
        self.rules = rules
        self._adding_up = None if whole_of is None else AddingUp(rules, whole_of)
        self.counts = Counts()
        self._intake = Intake(rules, places)
        self._blocking = BlockingWatch(rules.lateness_s)
        self._kept: dict[str, Memory] = {}
        self._batches = 0
        self._series_kept = series_kept
        self._unused: dict[int, _Unused] = {}
        self._too_late = f"more than {rules.lateness_s // DAY_S} days older than its newest"

    def forget(self) -> None:
        """Drop what is cached of the store."""
        self._kept.clear()
        self._batches = 0
        self._intake.forget()
        self._blocking.forget()
        if self._adding_up is not None:
            self._adding_up.forget()

    def process(self, records: Sequence[Measurement], store: Store) -> Result:
        """Judge what a batch brings. Raises nothing that a record could cause: it is refused instead.

        What comes out is the same as of one record at a time, revisions and all; series are judged independently of
        each other, so the first records of all of them are judged together, then the second ones.
        """
        result, waiting, frames = Result(), dict[str, deque[_Row]](), list[tuple[int, Frame]]()
        told: list[tuple[_Row, Outage | Coverage | Blocking]] = []
        self._unused.clear()
        for index, record in enumerate(records):
            frame = self._intake.read(index, record)
            if isinstance(frame, Refused):
                result.refused.append(frame)
                continue
            frames.append((index, frame))
            last = len(frame.subjects)
            blocking, late = self._blocking.take(frame, store)
            told += [(_Row(index, frame, last), piece) for piece in blocking]
            for row, number in late:
                # Counts of all services together are a series like others, too: what is too late is told there.
                if _of_one_service(frame.subjects[row].signal):
                    self.counts.too_late += number
                    self._note(_Row(index, frame, row), number, self._too_late)
            for row, subject in enumerate(frame.subjects):
                if subject.signal in self.rules.unjudged or _of_one_service(subject.signal):
                    continue
                waiting.setdefault(subject.key, deque()).append(_Row(index, frame, row))
        memories = {key: self._memory(key, store) for key in waiting}
        while waiting:
            told += self._wave([(memories[key], rows.popleft()) for key, rows in waiting.items()], store)
            waiting = {key: rows for key, rows in waiting.items() if rows}
        told.sort(key=lambda each: (each[0].place, each[0].row))
        result.out = [(EVIDENCE, piece) for piece in self._with_wholes(frames, told, store)]
        result.refused += [unused.refused(place) for place, unused in sorted(self._unused.items())]
        self._blocking.write(store)
        # written after what parts add up to, so that an outage that comes again after a crash is told again
        for memory in memories.values():
            memory.write(store, self.rules)
            self._keep(memory)
        self._batches += 1
        return result

    def _with_wholes(
        self, frames: list[tuple[int, Frame]], told: list[tuple[_Row, Outage | Coverage | Blocking]], store: Store
    ) -> list[Outage | Coverage | Blocking]:
        """What was told of series, and after each record what it changes of what they are parts of."""
        if self._adding_up is None:
            return [piece for _, piece in told]
        by_record: dict[int, list[tuple[_Row, Outage | Coverage | Blocking]]] = {}
        for row, piece in told:
            by_record.setdefault(row.place, []).append((row, piece))
        out: list[Outage | Coverage | Blocking] = []
        for index, frame in frames:
            its = by_record.get(index, [])
            out += [piece for _, piece in its]
            dropped = [(frame.subjects[row.row], piece) for row, piece in its if isinstance(piece, Outage)]
            out += self._adding_up.after(frame, dropped, store)
        self._adding_up.write()
        return out

    def _wave(self, rows: list[tuple[Memory, _Row]], store: Store) -> list[tuple[_Row, Outage | Coverage]]:
        """Judge one record's part of each of many series."""
        jobs: list[tuple[_Row, Job]] = []
        for memory, row in rows:
            changed_s = self._merge(memory, row, store)
            if changed_s is not None:
                jobs.append((row, job_of(row.frame.subjects[row.row], memory, changed_s, store)))
        judge([job for _, job in jobs])
        told: list[tuple[_Row, Outage | Coverage]] = []
        for row, job in jobs:
            told += [(row, piece) for piece in changed_evidence(job, row.frame.known_s, self.rules, store)]
            job.memory.settle(job.judged[-1])
        return told

    def _merge(self, memory: Memory, row: _Row, store: Store) -> int | None:
        """Add a record's values to a series; the time of the first that changed anything."""
        frame, counts = row.frame, self.counts
        # a copy, or a series that falls silent would keep the values of its whole frame in memory
        times, values = frame.times, frame.values[row.row].copy()
        counts.values += len(times)
        floor_s = memory.floor_s(frame.name, frame.from_s, self.rules.lateness_s)
        if frame.from_s < floor_s:
            fits = times >= floor_s
            counts.too_late += int((~fits).sum())
            if known := int((~np.isnan(values[~fits])).sum()):
                self._note(row, known, self._too_late)
            times, values = times[fits], values[fits]
        changed_s: int | None = None
        for number, first, end in frame.days if times is frame.times else days_of(times):
            part, fresh = (times, values) if end - first == len(times) else (times[first:end], values[first:end])
            done = merge(memory.day(number, store) or Day(), part, fresh, frame.stamp)
            if len(done.day.times) > MOST_SLOTS:
                # Values at every odd second: no source has them, and none may fill the state.
                counts.too_many += end - first
                self._note(row, end - first, f"of a day with more than {MOST_SLOTS} values")
                continue
            counts.duplicates += done.duplicates
            counts.contradictions += done.contradictions
            if done.touched:
                memory.put(number, done.day)
            if len(done.changed):
                first_s = int(done.changed[0] if done.changed is part else done.changed.min())
                changed_s = first_s if changed_s is None else min(first_s, changed_s)
                if memory.end_s is not None and first_s <= memory.end_s:
                    counts.late += int((done.changed <= memory.end_s).sum())
        return changed_s

    def _note(self, row: _Row, number: int, why: str) -> None:
        """Note that values of a record are not used."""
        series = row.frame.subjects[row.row].name
        unused = self._unused.setdefault(row.place, _Unused(series, why))
        unused.series, unused.why = min((unused.series, unused.why), (series, why))
        unused.number += number

    def _memory(self, key: str, store: Store) -> Memory:
        memory = self._kept.pop(key, None)
        if memory is None:
            return Memory.load(key, store, resumed=self._batches < RESUMED_WITHIN)
        memory.began_s = memory.end_s
        return memory

    def _keep(self, memory: Memory) -> None:
        self._kept[memory.key] = memory
        if len(self._kept) > self._series_kept:
            del self._kept[next(iter(self._kept))]


def _of_one_service(signal: str) -> bool:
    """Whether a signal counts the tests of one service: that they are few says nothing of the network."""
    count = count_of(signal)
    return count is not None and count.product is not None
