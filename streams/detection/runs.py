"""Verdicts become outages: stretches below warning, with depth, area and uncertain ends."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.detection.baseline import Judged, Times, Values, alike
from streams.detection.rules import DetectionRule

#: Verdicts of single slots: no value, a value without a verdict, and the two verdicts.
MISSING, UNJUDGED, NORMAL, DROP = 0, 1, 2, 3


class Run(msgspec.Struct, frozen=True, array_like=True):
    """Values below warning with none above between them. Sums are kept so that it can go on."""

    from_s: int
    from_uncertainty_s: int
    last_s: int
    last_step_s: int
    count: int
    ratio_sum: float
    ratio_min: float
    area: float
    critical: bool

    def lasts(self, rule: DetectionRule) -> bool:
        """Whether it is as long as the rule wants an outage to be."""
        return self.last_s + self.last_step_s - self.from_s >= rule.minimum_s


class Carry(msgspec.Struct, frozen=True, array_like=True):
    """What the judgement of a day starts from, beside the history itself. Times are 0 where there is none.

    Attributes:
        aside_from_s: when the inpainting that goes on began.
        normal_from_s, normal_at_s: the newest new normal: since when its raw values are the history, and when
            they became it.
        value_s: when the last value was.
        spill_s, spill: until when the last slot stands, and its verdict.
        run: the outage that goes on.
    """

    aside_from_s: int = 0
    normal_from_s: int = 0
    normal_at_s: int = 0
    value_s: int = 0
    spill_s: int = 0
    spill: int = MISSING
    run: Run | None = None


#: Before the first slot.
START = Carry()


class Ended(NamedTuple):
    """A stretch below warning, over or not."""

    run: Run
    until_s: int | None

    @property
    def until_uncertainty_s(self) -> int:
        return 0 if self.until_s is None else self.until_s - self.run.last_s


def calm_verdict(size: int) -> NDArray[np.uint8]:
    """The verdict of slots that are all normal and none inpainted: always the same array, and so told at once."""
    return alike(size, NORMAL, "u1")  # type: ignore[return-value]


def verdicts(values: Values, judged: Judged, rule: DetectionRule) -> NDArray[np.uint8]:
    """The verdict of each slot."""
    verdict = np.full(len(values), NORMAL, np.uint8)
    verdict[judged.ratio < rule.warning if judged.drop is None else judged.drop] = DROP
    verdict[np.isnan(judged.ratio)] = UNJUDGED
    verdict[np.isnan(values)] = MISSING
    return verdict


def follow(
    run: Run | None, value_s: int, times: Times, steps: Times, verdict: NDArray[np.uint8], ratio: Values,
    rule: DetectionRule,
) -> tuple[list[Ended], Run | None, int]:  # fmt: skip
    """The stretches that end among slots, the one that goes on, and when the last value was.

    `run` goes on from before, `value_s` is when the last value before was. Missing slots neither begin nor
    end anything; a value without a verdict ends a stretch, as the baseline it was measured against is gone.
    """
    here = np.flatnonzero(verdict)
    if not len(here):
        return [], run, value_s
    drops = verdict[here] == DROP
    if run is None and not drops.any():
        return [], None, int(times[here[-1]])
    ended = []
    edges = np.flatnonzero(np.diff(drops)) + 1
    for part in np.split(here, edges):
        if verdict[part[0]] == DROP:
            run = _grown(run, value_s, times[part], steps[part], ratio[part], rule)
        elif run is not None:
            ended.append(Ended(run, int(times[part[0]])))
            run = None
        value_s = int(times[part[-1]])
    return ended, run, value_s


def _grown(run: Run | None, value_s: int, times: Times, steps: Times, ratio: Values, rule: DetectionRule) -> Run:
    # cumsum adds one after the other: the same sums however the values were split into calls
    lost = (1 - ratio) * 100 * steps / 60
    lowest, critical = float(ratio.min()), bool((ratio < rule.critical).any())
    first = int(times[0])
    if run is None:
        step = int(steps[0])
        run = Run(first, first - value_s if value_s else step, first, step, 0, 0.0, lowest, 0.0, critical)
    return Run(
        from_s=run.from_s,
        from_uncertainty_s=run.from_uncertainty_s,
        last_s=int(times[-1]),
        last_step_s=int(steps[-1]),
        count=run.count + len(times),
        ratio_sum=float(np.cumsum(np.concatenate(([run.ratio_sum], ratio)))[-1]),
        ratio_min=min(run.ratio_min, lowest),
        area=float(np.cumsum(np.concatenate(([run.area], lost)))[-1]),
        critical=run.critical or critical,
    )
