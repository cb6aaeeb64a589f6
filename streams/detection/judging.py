"""Changed series are judged from their first change on, many at once where they share their times."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field

import numpy as np

from streams.detection.baseline import EMPTY, Baseline, Judged, Mask, Times, Values, alike
from streams.detection.day import Day
from streams.detection.intake import Subject
from streams.detection.memory import Memory
from streams.detection.methods import advance
from streams.detection.rules import DAY_S, HOUR_S
from streams.detection.runs import NORMAL, START, Carry, Ended, Run, calm_verdict, follow, verdicts
from streams.stage import Store


@dataclass(slots=True)
class Job:
    """A series to be judged from `start_s` on, where `run` was going on: the days that are left, and what has come
    of those behind.
    """

    subject: Subject
    memory: Memory
    start_s: int
    days: list[int]
    base: Baseline
    carry: Carry
    run: Run | None
    first_day: int
    ended: list[Ended] = field(default_factory=list)
    judged: list[int] = field(default_factory=list)

    def slots(self) -> tuple[Day, int]:
        """The next day, and from which of its slots on it is to be judged."""
        day = self.memory.days[self.days[0]]
        return day, int(np.searchsorted(day.times, self.start_s))

    def take(self, judged: Judged, base: Baseline) -> None:
        """Keep what the next day's slots came to."""
        number = self.days.pop(0)
        day = self.memory.days[number]
        first = int(np.searchsorted(day.times, self.start_s))
        if judged.calm and self.carry.run is None and first == 0:
            self._take_calm(number, day, base)
            return
        times, values, steps = day.times[first:], day.values[first:], day.steps[first:]
        verdict = verdicts(values, judged, self.subject.rule)
        inpainted, held = judged.inpainted, np.where(judged.inpainted, judged.prediction, values)
        ended, run, value_s = follow(
            self.carry.run, self.carry.value_s, times, steps, verdict, judged.ratio, self.subject.rule
        )
        self.carry = self._carried(base, day, value_s, int(verdict[-1]), run, judged.new_normal)
        self.base = base
        self.ended += ended
        self.judged.append(number)
        fresh = Day(
            day.times,
            day.values,
            day.stamp,
            day.stamps,
            np.concatenate((day.verdict[:first], verdict)),
            np.concatenate((day.inpainted[:first], inpainted)),
            np.concatenate((day.held[:first], held)),
            self.carry,
        )
        fresh.settled = day.settled if first >= day.settled else fresh.settled_in(day)
        if number in self.memory.touched or not fresh.came_to(day):
            self.memory.put(number, fresh)

    def _take_calm(self, number: int, day: Day, base: Baseline) -> None:
        """The same for a day of normal values alone, as most are."""
        n = len(day.times)
        self.carry = self._carried(base, day, int(day.times[-1]), NORMAL, None, None)
        self.base = base
        self.judged.append(number)
        nothing: Mask = alike(n, 0, "?")  # type: ignore[assignment]
        fresh = Day(day.times, day.values, day.stamp, day.stamps, calm_verdict(n), nothing, day.values, self.carry)
        fresh.settled = day.settled and fresh.settled_in(day)
        if number in self.memory.touched or not fresh.came_to(day):
            self.memory.put(number, fresh)

    def _carried(
        self, base: Baseline, day: Day, value_s: int, verdict: int, run: Run | None, switch: tuple[int, int] | None
    ) -> Carry:
        """What goes on after a day whose last slot came to `verdict`."""
        since, at = switch or (self.carry.normal_from_s, self.carry.normal_at_s)
        step_s = day.stamps[day.stamp[-1]].step_s
        spills = step_s > HOUR_S
        return Carry(
            aside_from_s=int(base.aside_times[0]) if len(base.aside_times) else 0,
            normal_from_s=since,
            normal_at_s=at,
            value_s=value_s,
            spill_s=int(day.times[-1]) + step_s if spills else 0,
            spill=verdict if spills else 0,
            run=run,
        )


def job_of(subject: Subject, memory: Memory, changed_s: int, store: Store) -> Job:
    """What is to be judged of a series that changed at `changed_s` and perhaps after.

    Slots after the last one judged only go on from there. A late value takes the series back to the
    beginning of its UTC day, to the baseline as it was then.
    """
    number = changed_s // DAY_S
    fits: Baseline | None = None
    if memory.end_s is None:
        start_s, fits, carry = changed_s, EMPTY, START
    elif changed_s > memory.end_s:
        start_s, fits = changed_s, memory.base
        last = memory.day(memory.end_s // DAY_S, store)
        assert last is not None
        carry = last.carry
    else:
        start_s = number * DAY_S
        before = memory.before(number, store)
        carry = START if before is None else before[1].carry
    base = fits if fits is not None else memory.baseline(start_s, carry, subject.rule.window_s, store)
    later = memory.head.days[bisect.bisect_left(memory.head.days, number) :]
    days = [day for day in later if memory.day(day, store) is not None]
    return Job(subject, memory, start_s, days, base, carry, carry.run, days[0])


def judge(jobs: list[Job]) -> None:
    """Judge all days of all jobs, a day of each at a time."""
    waiting = jobs
    while waiting:
        groups: dict[tuple[str, bytes], list[tuple[Job, Times, Values]]] = {}
        for job in waiting:
            day, first = job.slots()
            times = day.times[first:]
            group = (job.subject.rule.id, times.tobytes())
            groups.setdefault(group, []).append((job, times, day.values[first:]))
        for group_jobs in groups.values():
            members = [job for job, _, _ in group_jobs]
            values = np.array([row for _, _, row in group_jobs])
            rule = members[0].subject.rule
            judged, bases = advance([job.base for job in members], group_jobs[0][1], values, rule)
            for job, result, base in zip(members, judged, bases, strict=True):
                job.take(result, base)
        waiting = [job for job in waiting if job.days]
    for job in jobs:
        job.memory.base = job.base
