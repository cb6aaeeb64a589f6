"""Changed series are judged anew from the day of their first change on, many at once if they share times."""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from msgspec.structs import replace

from streams.detection.arrays import DROP, MISSING, NORMAL, Times, Values, Verdicts, calm_verdict
from streams.detection.comparing import CALM, CRITICAL, MILD, compare, predictions, verdicts
from streams.detection.day import Day
from streams.detection.intake import Subject
from streams.detection.memory import Memory
from streams.detection.profile import (
    NOTHING,
    Profiles,
    learned,
    shifted,
    typical_spread,
    usual,
)
from streams.detection.rules import DAY_S, HOUR_S, DetectionRule
from streams.detection.runs import START, Carry, Ended, Former, NewLevel, Run, Slots, ended_by, follow, too_silent
from streams.stage import Store


@dataclass(slots=True)
class Progress:
    """How far a series has come: what the next day starts from, and the drops that ended and the levels that
    changed so far.
    """

    carry: Carry
    ended: list[Ended] = field(default_factory=list)
    levels: list[NewLevel] = field(default_factory=list)

    def begin(self, first_s: int, rule: DetectionRule) -> None:
        """Prepare for a day whose first slot is at `first_s`: what has gone on too long, or ended in silence, is
        over.

        Nothing but the carry of the day before and the time decide, so that it is the same however values came.
        """
        carry, run, profile, former = self.carry, self.carry.run, self.carry.profile, self.carry.former
        if former is not None and former.back_s and carry.value_s - former.back_s >= rule.returned_s:
            self.ended.append(Ended(former.run, former.back_s, former.back_uncertainty_s))
            self.levels = [level for level in self.levels if level.from_s != former.run.from_s]
            profile, former = former.profile, None
        elif former is not None and first_s - former.run.from_s > rule.return_s:
            former = None
        if run is not None and too_silent(run, first_s, rule):
            self.ended.append(ended_by(run, first_s, rule))
            run = None
        if run is not None and run.is_new_level(rule):
            ratio = run.mild_sum / run.mild_count
            self.levels.append(NewLevel(run.mild_s, ratio))
            profile = shifted(profile, ratio)
            if run.mild_s > run.from_s:
                self.ended.append(Ended(run, run.mild_s, run.last_step_s))
            else:
                former = Former(run, ratio, carry.profile)
            run = None
        if carry.value_s and first_s - carry.value_s > rule.forget_s:
            profile, former = NOTHING, None
        self.carry = replace(carry, profile=profile, run=run, former=former)

    def follow(self, slots: Slots, rule: DetectionRule) -> list[Ended]:
        """Take the drops of a judged day; those that ended and were no outages."""
        ended, run = follow(self.carry, slots, rule)
        self.ended += ended
        self.carry = replace(self.carry, run=run)
        return [one for one in ended if not one.counts(rule)]

    def move_on(self, slots: Slots, last: int, profile: bytes, rule: DetectionRule) -> None:
        """Take a day whose drops were followed and whose last value is that of the slot `last`, after which
        `profile` is what is usual.
        """
        carry = self.carry
        step_s = int(slots.steps[-1])
        spills = step_s > HOUR_S
        ratio = float(slots.ratio[last])
        self.carry = Carry(
            profile=profile,
            value_s=int(slots.times[last]),
            value=float(slots.values[last]),
            ratio=round(ratio, 6) if ratio < np.inf else 0.0,
            spill_s=int(slots.times[-1]) + step_s if spills else 0,
            spill=int(slots.verdict[-1]) if spills else MISSING,
            run=carry.run,
            former=None if carry.former is None else _nearer(carry.former, slots, carry.value_s, rule),
        )

    def stay(self, slots: Slots) -> None:
        """Take a day of silence."""
        step_s = int(slots.steps[-1])
        spills = step_s > HOUR_S
        self.carry = replace(self.carry, spill_s=int(slots.times[-1]) + step_s if spills else 0, spill=MISSING)


def _nearer(former: Former, slots: Slots, value_s: int, rule: DetectionRule) -> Former:
    """A former level after one more day of values; the last before them was at `value_s`."""
    found = usual(Profiles.decode([former.profile]), rule)
    [level] = predictions(found, slots.times, int(slots.steps.min()))
    known = np.flatnonzero(~np.isnan(slots.values) & ~np.isnan(level))
    near = slots.values[known] >= math.sqrt(former.ratio) * level[known]
    far = np.flatnonzero(~near)
    if not len(known) or (former.back_s and not len(far)):
        return former
    first = int(far[-1]) + 1 if len(far) else 0
    if first == len(known):
        return replace(former, back_s=0)
    begin_s = int(slots.times[known[first]])
    before_s = int(slots.times[known[first - 1]]) if first else value_s
    return replace(former, back_s=begin_s, back_uncertainty_s=begin_s - before_s)


@dataclass(frozen=True, slots=True)
class DayJudged:
    """What a day of one series came to. Ratio, prediction and `floor`, below which values are a drop, are NaN where
    nothing could be predicted; `spread` is how far values usually lie from the prediction, as a share of it.
    """

    verdict: Verdicts
    ratio: Values
    prediction: Values
    floor: Values
    spread: float | None


def judge_day(
    series: Sequence[Progress], times: Times, steps: Sequence[Times], values: Values, rule: DetectionRule
) -> list[DayJudged]:
    """Judge one UTC day of several series, which move on by it.

    Args:
        series: where they stand at the day's beginning.
        times: slots that they share, Unix seconds, shape (n,).
        steps: seconds that each slot stands for, by series.
        values: (series, n), NaN is missing.
        rule: that of all of them.
    """
    there = ~np.isnan(values)
    some: list[bool] = np.any(there, axis=1).tolist()
    for one, first, has in zip(series, there.argmax(axis=1).tolist(), some, strict=True):
        if has:
            one.begin(int(times[first]), rule)
    profiles = Profiles.decode([one.carry.profile for one in series])
    going = [_state(one.carry.run) for one in series]
    found = usual(profiles, rule)
    done = compare(profiles, found, times, int(steps[0].min()), values, rule)
    verdict = verdicts(done, values, going, rule)
    calm: list[bool] = np.all(verdict == NORMAL, axis=1).tolist()
    said = [calm_verdict(len(times)) if calm[row] else verdict[row].copy() for row in range(len(series))]
    slots = [
        Slots(times, steps[row], values[row], said[row], done.ratio[row], done.deep[row])
        for row in range(len(series))
    ]
    accepted = verdict != DROP
    drops: list[bool] = np.any(~accepted, axis=1).tolist()
    for row, one in enumerate(series):
        if some[row] and (drops[row] or one.carry.run is not None):
            for noise in one.follow(slots[row], rule):
                accepted[row] |= (times >= noise.run.from_s) & (times <= noise.run.last_s)
            # the rest of an hour in which a drop begins or ends is not what is usual either
            accepted[row] &= ~np.isin(times // HOUR_S, times[~accepted[row]] // HOUR_S)
            # nor is how an outage that goes on came about slowly
            if (run := one.carry.run) is not None and not run.sudden:
                accepted[row] = False
    after = learned(profiles, found, times, values, accepted, rule).encode()
    spreads = typical_spread(found)
    last = (there.shape[1] - 1 - there[:, ::-1].argmax(axis=1)).tolist()
    out = []
    for row, one in enumerate(series):
        if some[row]:
            one.move_on(slots[row], last[row], after[row], rule)
        else:
            one.stay(slots[row])
        out.append(DayJudged(said[row], done.ratio[row], done.prediction[row], done.floor[row], spreads[row]))
    return out


def _state(run: Run | None) -> int:
    return CALM if run is None else CRITICAL if run.critical else MILD


@dataclass(slots=True)
class Job:
    """A series to be judged from the UTC day `first_day` on, where `run` was going on and `former` was the level
    before the last change: the days that are left, and those behind.
    """

    subject: Subject
    memory: Memory
    days: list[int]
    progress: Progress
    run: Run | None
    former: Former | None
    first_day: int
    judged: list[int] = field(default_factory=list)
    spreads: dict[int, float | None] = field(default_factory=dict)

    @property
    def start_s(self) -> int:
        return self.first_day * DAY_S

    def take(self, judged: DayJudged) -> None:
        """Keep what the next day's slots came to."""
        number = self.days.pop(0)
        day = self.memory.days[number]
        self.judged.append(number)
        self.spreads[number] = judged.spread
        fresh = Day(day.times, day.values, day.stamp, day.stamps, judged.verdict, self.progress.carry)
        fresh.settled = day.settled and fresh.settled_in(day)
        if number in self.memory.touched or not fresh.came_to(day):
            self.memory.put(number, fresh)


def job_of(subject: Subject, memory: Memory, changed_s: int, store: Store) -> Job:
    """What is to be judged of a series that changed from `changed_s` on: that UTC day and all later ones."""
    number = changed_s // DAY_S
    arrived = memory.arrived(number, store)
    carry = START if arrived is None else arrived[1]
    later = memory.head.days[bisect.bisect_left(memory.head.days, number) :]
    days = [day for day in later if memory.day(day, store) is not None]
    return Job(subject, memory, days, Progress(carry), carry.run, carry.former, days[0])


def judge(jobs: list[Job]) -> None:
    """Judge all days of all jobs, a day of each at a time."""
    waiting = jobs
    while waiting:
        groups: dict[tuple[str, int, bytes], list[tuple[Job, Day]]] = {}
        for job in waiting:
            day = job.memory.days[job.days[0]]
            group = (job.subject.rule.id, int(day.steps.min()), day.times.tobytes())
            groups.setdefault(group, []).append((job, day))
        for members in groups.values():
            times, rule = members[0][1].times, members[0][0].subject.rule
            values = np.array([day.values for _, day in members])
            series, steps = [job.progress for job, _ in members], [day.steps for _, day in members]
            for (job, _), result in zip(members, judge_day(series, times, steps, values, rule), strict=True):
                job.take(result)
        waiting = [job for job in waiting if job.days]
