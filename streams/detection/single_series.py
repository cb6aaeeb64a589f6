"""One series judged at once, outside the stage: for tools that people use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streams.detection.arrays import DROP, MISSING, NORMAL, UNJUDGED, Mask, Times, Values, Verdicts
from streams.detection.coverage import hours
from streams.detection.intake import days_of
from streams.detection.judging import Progress, judge_day
from streams.detection.median import relative_to_median
from streams.detection.rules import DAY_S, HOUR_S, DetectionRule, MedianRule, Rule
from streams.detection.runs import START, Ended, NewLevel, Slots, follow


@dataclass(frozen=True, slots=True)
class Detection:
    """What a series came to: what was judged at each of `times`, its outages, the last perhaps not over, and
    lasting changes of its level. Prediction, ratio and `floor`, below which values are a drop, are NaN where there
    is none.
    """

    times: Times
    values: Values
    step_s: int
    prediction: Values
    floor: Values
    ratio: Values
    verdict: Verdicts
    outages: tuple[Ended, ...]
    levels: tuple[NewLevel, ...] = ()

    @property
    def drops(self) -> Mask:
        """Which values are part of a drop."""
        found: Mask = self.verdict == DROP
        return found

    @property
    def missing(self) -> Mask:
        """Which values are missing."""
        found: Mask = self.verdict == MISSING
        return found

    @property
    def unjudged(self) -> Mask:
        """Which values are there but could not be judged."""
        found: Mask = self.verdict == UNJUDGED
        return found

    def unjudged_reason(self) -> str | None:
        """Why nothing of it could be judged, in words; None if something was."""
        there = ~np.isnan(self.values)
        if (self.verdict >= NORMAL).any():
            return None
        if not there.any():
            return "it has no values"
        if not (self.values[there] > 0).any():
            return "all its values are 0"
        hours = int(self.times[there][-1] - self.times[there][0] + self.step_s) / HOUR_S
        return f"{hours:,.0f} hours of it are too few to know what is usual: a day and more is needed"

    def letters(self) -> dict[int, str]:
        """What it said hour by hour, as `Coverage.hours` has it, by hours since 1970."""
        until_s = int(self.times[-1]) + self.step_s
        found: dict[int, str] = {}
        spill_s, spill = 0, MISSING
        for day in range(int(self.times[0]) // DAY_S, (until_s - 1) // DAY_S + 1):
            part = slice(*np.searchsorted(self.times, [day * DAY_S, (day + 1) * DAY_S]).tolist())
            steps = np.full(len(self.times[part]), self.step_s, np.int64)
            said = hours(day * DAY_S, self.times[part], steps, self.verdict[part], spill_s, spill, until_s)
            found.update(enumerate(said, day * DAY_S // HOUR_S))
            if len(steps):
                spill_s, spill = int(self.times[part][-1]) + self.step_s, int(self.verdict[part][-1])
        return {hour: found[hour] for hour in range(int(self.times[0]) // HOUR_S, -(-until_s // HOUR_S))}


def detect(times: Times, values: Values, step_s: int, rule: Rule) -> Detection:
    """Judge a series of one value each `step_s` seconds.

    Args:
        times: Unix seconds, strictly ascending, shape (n,).
        values: shape (n,), NaN is missing.
        step_s: seconds that each value stands for.
        rule: the method and its thresholds.

    Raises:
        ValueError: times that do not ascend.
    """
    if (np.diff(times) <= 0).any():
        raise ValueError("times must ascend strictly")
    if isinstance(rule, MedianRule):
        return _by_median(times, values, step_s, rule)
    assert isinstance(rule, DetectionRule)
    progress = Progress(START)
    steps = np.full(len(times), step_s, np.int64)
    prediction, floor, ratio = (np.full(len(times), np.nan) for _ in range(3))
    verdict = np.full(len(times), MISSING, np.uint8)
    for _, first, end in days_of(times):
        part = slice(first, end)
        if np.isnan(values[part]).all():
            continue  # silence changes nothing but how late the next value is
        [day] = judge_day([progress], times[part], [steps[part]], values[None, part], rule)
        prediction[part], floor[part], ratio[part] = day.prediction, day.floor, day.ratio
        verdict[part] = day.verdict
    for shown in (prediction, floor):
        shown[verdict == UNJUDGED] = np.nan
    run = progress.carry.run
    found = [*progress.ended, *([Ended(run, None)] if run is not None else [])]
    lasting = tuple(one for one in found if one.counts(rule))
    return Detection(times, values, step_s, prediction, floor, ratio, verdict, lasting, tuple(progress.levels))


def _by_median(times: Times, values: Values, step_s: int, rule: MedianRule) -> Detection:
    """Judge as IODA does: each value below the threshold is an outage, up to the first above it."""
    found = relative_to_median(times, values, rule)
    verdict = np.full(len(values), NORMAL, np.uint8)
    verdict[found.ratio < rule.warning] = DROP
    verdict[np.isnan(found.ratio)] = UNJUDGED
    verdict[np.isnan(values)] = MISSING
    # A value without a verdict ends an outage there: what it was measured against is gone.
    ends = np.where(verdict == UNJUDGED, NORMAL, verdict)
    plain = DetectionRule(id=rule.id, warning=0.99, critical=rule.critical, bridge_s=10**10, silence_s=10**10)
    steps = np.full(len(times), step_s, np.int64)
    ended, run = follow(START, Slots(times, steps, values, ends, found.ratio, verdict == DROP), plain)
    outages = [*ended, *([Ended(run, None)] if run is not None else [])]
    long = tuple(one for one in outages if one.run.last_s + step_s - one.run.from_s >= rule.minimum_s)
    floor = rule.warning * found.prediction
    return Detection(times, values, step_s, found.prediction, floor, found.ratio, verdict, long)
