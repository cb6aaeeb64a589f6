"""Frames of volunteers' counts become evidence of blocked services: `topics.Blocking`, revised when counts grow."""

from __future__ import annotations

import math
from typing import NamedTuple

from streams.detection.blocking import RULE, BlockingRule, Count, count_of, judge
from streams.detection.blocking_memory import BlockingMark, BlockingMemory, Slot
from streams.detection.intake import Frame, Subject
from streams.detection.memory import RESUMED_WITHIN
from streams.detection.rules import DAY_S
from streams.stage import Store
from topics import Blocking, Origin, digest, service_code


class _Tested(NamedTuple):
    """What is tested: an entity, and of it one product or all together."""

    name: str
    subject: Subject
    product: str | None

    @property
    def key(self) -> str:
        return f"{self.subject.country}/{self.name}"


class BlockingWatch:
    """Judges the counts that frames bring. What comes out is the same as of one record at a time.

    Args:
        lateness_s: counts of days further behind the newest of their kind are too late (`BlockingMemory.floor`).
        rule: when tests show blocking.
    """

    def __init__(self, lateness_s: int, rule: BlockingRule = RULE) -> None:
        self._most_days = lateness_s // DAY_S
        self._rule = rule
        self._memories: dict[str, BlockingMemory] = {}
        self._late: list[tuple[int, int]] = []
        self._batches = 0

    def forget(self) -> None:
        """Partitions may come whose records of before a crash come again."""
        self._batches = 0

    def take(self, frame: Frame, store: Store) -> tuple[list[Blocking], list[tuple[int, int]]]:
        """Take in a frame: the evidence that it changes, and of rows with values that are too late how many."""
        found: list[Blocking] = []
        self._late = []
        for tested, rows in _tested(frame).items():
            memory = self._memories.get(tested.key)
            if memory is None:
                memory = self._memories[tested.key] = BlockingMemory.load(tested.key, store)
            # before any of them, as they came together
            floors = [memory.floor(frame.name, one.role, frame.from_s // DAY_S, self._most_days) for _, one in rows]
            changed = [
                day
                for (row, count), floor in zip(rows, floors, strict=True)
                for day in self._put(memory, frame, row, count, floor, store)
            ]
            if changed:
                marks = self._judge(memory, min(changed), store)
                found += [_piece(tested, mark, frame.known_s) for mark in marks]
        return found, self._late

    def write(self, store: Store) -> None:
        """Write what a batch changed."""
        for memory in self._memories.values():
            memory.write(store, self._most_days, resumed=self._batches < RESUMED_WITHIN)
        self._memories.clear()
        self._batches += 1

    def _put(
        self, memory: BlockingMemory, frame: Frame, row: int, count: Count, floor: int, store: Store
    ) -> list[int]:
        """Note the values of a row from day `floor` on; the days whose counts it changes."""
        record = int(digest(frame.stamp.record)[:15], 16)
        changed: list[int] = []
        late = 0
        for time_s, value in zip(frame.times.tolist(), frame.values[row].tolist(), strict=True):
            day = time_s // DAY_S
            if math.isnan(value) or day < floor:
                late += day < floor and not math.isnan(value)
                continue
            memory.goes_to(count.role, day)
            slot = Slot(value, frame.stamp.known_s, record)
            before = memory.day(day, store)
            if before.put(count.role, frame.stamp.step_s, time_s % DAY_S, slot):
                changed.append(day)
            memory.add(day)
        if late:
            self._late.append((row, late))
        return changed

    def _judge(self, memory: BlockingMemory, first: int, store: Store) -> list[BlockingMark]:
        """Judge a series again from its first changed day on."""
        days = [day for day in memory.head.days if day >= first]
        carry = memory.arrived(first, store)
        found, carries = judge(((day, memory.day(day, store).totals()) for day in days), carry, self._rule)
        for day, left in zip(days, carries, strict=True):
            if memory.day(day, store).carry != left:
                memory.day(day, store).carry = left
                memory.touched.add(day)
        return memory.changed(found, first, None if carry.run is None else carry.run.first)


def _tested(frame: Frame) -> dict[_Tested, list[tuple[int, Count]]]:
    """The rows of a frame that count tests, by what is tested."""
    found: dict[_Tested, list[tuple[int, Count]]] = {}
    for row, subject in enumerate(frame.subjects):
        count = count_of(subject.signal)
        if count is not None:
            name = subject.name.rpartition("/")[0]
            whole = name if count.product is None else f"{name}/{count.product}"
            same = next((one for one in found if one.name == whole), None)
            found.setdefault(same or _Tested(whole, subject, count.product), []).append((row, count))
    return found


def _piece(tested: _Tested, mark: BlockingMark, known_s: int | None) -> Blocking:
    subject = tested.subject
    return Blocking(
        id=f"blocking/{tested.key}/{mark.first * DAY_S}",
        origin=Origin(source=subject.source),
        country=subject.country,
        place=subject.place,
        from_s=mark.first * DAY_S,
        until_s=None if mark.until is None else mark.until * DAY_S,
        # It began and ended within those days: they are judged whole.
        from_uncertainty_s=DAY_S,
        until_uncertainty_s=DAY_S,
        lineage=subject.lineage,
        known_s=known_s,
        revision=mark.revision,
        withdrawn=mark.withdrawn,
        series=tested.name if tested.product else f"{tested.name}/all",
        service=None if tested.product is None else service_code(tested.product),
        domain=tested.product if tested.product and "." in tested.product else None,
        share=round(mark.bad / mark.tests, 6),
        usual=mark.usual,
        tests=mark.tests,
        last_s=None if mark.until is not None else (mark.last + 1) * DAY_S,
        confirmed=mark.confirmed,
    )
