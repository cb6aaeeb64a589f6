"""One series judged at once, outside the stage: for tools that people use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streams.detection.baseline import EMPTY, Judged, Mask, Times, Values
from streams.detection.coverage import hours
from streams.detection.methods import advance
from streams.detection.rules import DAY_S, HOUR_S, DetectionRule
from streams.detection.runs import DROP, MISSING, Ended, follow, verdicts


@dataclass(frozen=True, slots=True)
class Detection:
    """What a series came to: what was judged at each of `times`, and its outages, the last perhaps not over."""

    times: Times
    values: Values
    step_s: int
    judged: Judged
    verdict: NDArray[np.uint8]
    outages: tuple[Ended, ...]

    @property
    def drops(self) -> Mask:
        """Which values are below warning."""
        found: Mask = self.verdict == DROP
        return found

    @property
    def missing(self) -> Mask:
        """Which values are missing."""
        found: Mask = self.verdict == MISSING
        return found

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


def detect(times: Times, values: Values, step_s: int, rule: DetectionRule) -> Detection:
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
    [judged], _ = advance([EMPTY], times, values[None, :], rule)
    verdict = verdicts(values, judged, rule)
    steps = np.full(len(times), step_s, np.int64)
    ended, run, _ = follow(None, 0, times, steps, verdict, judged.ratio, rule)
    found = [*ended, *([Ended(run, None)] if run is not None else [])]
    return Detection(times, values, step_s, judged, verdict, tuple(one for one in found if one.run.lasts(rule)))
