"""What was judged becomes evidence: only what differs from what was given out before, under the next revision."""

from __future__ import annotations

from streams.detection.arrays import MISSING
from streams.detection.coverage import hours, span_of
from streams.detection.day import Day
from streams.detection.judging import Job
from streams.detection.memory import CoverageMark, Memory, OutageMark
from streams.detection.rules import DAY_S, HOUR_S, DetectionRules
from streams.detection.runs import Ended
from streams.stage import Store
from topics import Coverage, Origin, Outage


def changed_evidence(job: Job, known_s: int | None, rules: DetectionRules, store: Store) -> list[Outage | Coverage]:
    """The evidence that a finished job changes; what was given out is noted in the series' memory.

    `known_s` is when the values that came were known.
    """
    out: list[Outage | Coverage] = [_outage(job, mark, known_s) for mark in _outages(job, store)]
    out += [_coverage(job, day, mark, known_s) for day, mark in _coverages(job, rules, store)]
    return out


def _outages(job: Job, store: Store) -> list[OutageMark]:
    """Outages that are new, changed or gone."""
    memory, rule = job.memory, job.subject.rule
    run = job.progress.carry.run
    found = [*job.progress.ended, *([Ended(run, None)] if run is not None else [])]
    derived = {each.run.from_s: _mark(each) for each in found if each.counts(rule)}
    days = {from_s // DAY_S for from_s in derived} | {day for day in memory.head.days if day >= job.first_day}
    # what may have become something else: the outage that went on, and the change of level that may have been one
    began = set() if job.run is None else {job.run.from_s}
    if job.former is not None:
        began.add(job.former.run.from_s)
    days |= {from_s // DAY_S for from_s in began}
    changed = []
    for day in sorted(days):
        given = memory.given(day, store)
        before = {mark.from_s: mark for mark in given.outages}
        now = dict(before)
        for from_s, mark in derived.items():
            if from_s // DAY_S == day:
                now[from_s] = mark.after(before.get(from_s))
        for from_s, mark in before.items():
            could_change = from_s >= job.start_s or from_s in began
            if could_change and from_s not in derived and not mark.withdrawn:
                now[from_s] = mark.taken_back()
        fresh = [now[from_s] for from_s in sorted(now) if now[from_s] is not before.get(from_s)]
        if fresh:
            given.outages = [now[from_s] for from_s in sorted(now)]
            memory.said.add(day)
            changed += fresh
    return changed


def _mark(ended: Ended) -> OutageMark:
    run = ended.run
    return OutageMark(
        from_s=run.from_s,
        revision=0,
        withdrawn=False,
        from_uncertainty_s=run.from_uncertainty_s,
        until_s=ended.until_s,
        until_uncertainty_s=ended.until_uncertainty_s,
        critical=run.critical,
        ratio_min=round(run.ratio_min, 6),
        ratio_mean=round(run.ratio_sum / run.count, 6),
        area=round(run.area, 3),
    )


def _coverages(job: Job, rules: DetectionRules, store: Store) -> list[tuple[int, CoverageMark]]:
    """Days whose coverage is new or changed. The day before the first, and gaps, may have become missing."""
    memory = job.memory
    before = memory.before(job.first_day, store) if job.first_day in memory.fresh else None
    if before is not None and before[0] == job.first_day - 1 and _lasts_till_midnight(before[1]):
        before = None  # what it said was complete
    days = [*([] if before is None else [before[0]]), *job.judged]
    changed = []
    for at, day in enumerate(days):
        following = days[at + 1] if at + 1 < len(days) else memory.after(day, store)
        for number, mark in _letters(job, day, following, rules, store):
            given = memory.given(number, store)
            old = given.coverage
            if old is not None and old.says() == mark.says():
                continue
            mark.revision = 0 if old is None else old.revision + 1
            given.coverage = mark
            memory.said.add(number)
            changed.append((number, mark))
    return changed


def _lasts_till_midnight(day: Day) -> bool:
    last_s = int(day.times[-1])
    step_s = day.stamps[day.stamp[-1]].step_s
    return bool((last_s + step_s) // DAY_S > last_s // DAY_S)


def _letters(
    job: Job, day: int, following: int | None, rules: DetectionRules, store: Store
) -> list[tuple[int, CoverageMark]]:
    """Coverage of a day that has slots, and of the missing days between it and the next."""
    memory = job.memory
    slots = memory.day(day, store)
    assert slots is not None
    arrived = memory.arrived(day, store)
    goes_on = following is not None and following - day - 1 <= rules.gap_days
    came_on = arrived is not None and day - arrived[0] - 1 <= rules.gap_days
    start_s, steps = day * DAY_S, slots.steps
    until_s = int(slots.times[-1] + steps[-1])
    first, end = span_of(start_s, None if came_on else int(slots.times[0]), None if goes_on else until_s)
    spill_s, spill = (arrived[1].spill_s, arrived[1].spill) if arrived is not None else (0, MISSING)
    known_s = start_s + DAY_S if goes_on else until_s
    letters = hours(start_s, slots.times, steps, slots.verdict, spill_s, spill, known_s)
    spread = job.spreads[day] if day in job.spreads else _told_spread(memory, day, store)
    mark = CoverageMark(0, start_s + first * HOUR_S, letters[first:end], int(steps[-1]), spread)
    out = [(day, mark)]
    if goes_on and following is not None:
        out += [(gap, _gap(gap, slots)) for gap in range(day + 1, following)]
    return out


def _told_spread(memory: Memory, day: int, store: Store) -> float | None:
    told = memory.given(day, store).coverage
    return None if told is None else told.spread


def _gap(day: int, before: Day) -> CoverageMark:
    none = slice(0)
    carry, start_s = before.carry, day * DAY_S
    letters = hours(
        start_s, before.times[none], before.times[none], before.verdict[none], carry.spill_s, carry.spill,
        start_s + DAY_S,
    )  # fmt: skip
    return CoverageMark(0, start_s, letters, step_s=int(before.steps[-1]))


def _outage(job: Job, mark: OutageMark, known_s: int | None) -> Outage:
    subject = job.subject
    return Outage(
        id=f"outage/{subject.key}/{mark.from_s}",
        origin=Origin(source=subject.source),
        country=subject.place.country,
        place=subject.place,
        from_s=mark.from_s,
        until_s=mark.until_s,
        from_uncertainty_s=mark.from_uncertainty_s,
        until_uncertainty_s=mark.until_uncertainty_s,
        lineage=subject.lineage,
        known_s=known_s,
        revision=mark.revision,
        withdrawn=mark.withdrawn,
        series=subject.name,
        signals=(subject.signal,),
        severity="critical" if mark.critical else "warning",
        ratio_min=mark.ratio_min,
        ratio_mean=mark.ratio_mean,
        area=mark.area,
    )


def _coverage(job: Job, day: int, mark: CoverageMark, known_s: int | None) -> Coverage:
    subject = job.subject
    return Coverage(
        id=f"coverage/{subject.key}/{day * DAY_S}",
        origin=Origin(source=subject.source),
        country=subject.place.country,
        place=subject.place,
        from_s=mark.from_s,
        until_s=mark.from_s + HOUR_S * len(mark.hours),
        lineage=subject.lineage,
        known_s=known_s,
        revision=mark.revision,
        series=subject.name,
        signal=subject.signal,
        hours=mark.hours,
        step_s=mark.step_s,
        spread=mark.spread,
    )
