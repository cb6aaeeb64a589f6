"""Verdicts become outages: stretches of drops, with depth, area and uncertain ends."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.detection.arrays import DROP, MISSING, UNJUDGED, Mask, Times, Values, Verdicts
from streams.detection.rules import DetectionRule


class Run(msgspec.Struct, frozen=True, array_like=True):
    """Values in a drop with none between them that is back. Sums are kept so that it can go on.

    `mild_s` is since when every value has been above the rule's `lasting_above`, 0 where the last was not;
    `mild_sum` and `mild_count` are of their ratios. `deep` says that one of its values alone makes an outage,
    `sudden` that it began with a fall and not with a rise that did not come.
    """

    from_s: int
    from_uncertainty_s: int
    last_s: int
    last_step_s: int
    count: int
    ratio_sum: float
    ratio_min: float
    area: float
    critical: bool
    deep: bool
    sudden: bool
    mild_s: int
    mild_sum: float
    mild_count: int

    def counts(self, rule: DetectionRule) -> bool:
        """Whether it is an outage, while it goes on: long enough, more than one bad value, and no quiet morning."""
        if not (self.deep or self.count > 1) or (rule.rhythm and not (self.sudden or self.critical)):
            return False
        least_s = rule.minimum_s if self.critical else max(rule.minimum_s, rule.mild_minimum_s)
        return self.last_s + self.last_step_s - self.from_s >= least_s

    def is_new_level(self, rule: DetectionRule) -> bool:
        """Whether values have been so little below the level for so long that they are a level of their own."""
        least_s = rule.restoring_s if self.critical else rule.lasting_s
        return self.mild_s > 0 and self.last_s - self.mild_s >= least_s


class Former(msgspec.Struct, frozen=True, array_like=True):
    """A level that was left for good, as it seems: values may still return to it.

    Attributes:
        run: the drop to the new level, all of it mild.
        ratio: of the new level to this one.
        profile: what was usual, as bytes.
        back_s: since when every value has been nearer to this level than to the new one, 0 if the last was not.
        back_uncertainty_s: the time since the value before that.
    """

    run: Run
    ratio: float
    profile: bytes
    back_s: int = 0
    back_uncertainty_s: int = 0


class Carry(msgspec.Struct, frozen=True, array_like=True):
    """What the judgement of a day starts from. Times are 0 where there is none.

    Attributes:
        profile: what is usual, as bytes (see `streams.detection.profile`).
        value_s: when the last value was.
        value, ratio: the last value, and its ratio to the prediction; 0 where there was none.
        spill_s, spill: until when the last slot stands, and its verdict.
        run: the outage that goes on.
        former: the level before the last change.
    """

    profile: bytes = b""
    value_s: int = 0
    value: float = 0.0
    ratio: float = 0.0
    spill_s: int = 0
    spill: int = MISSING
    run: Run | None = None
    former: Former | None = None


#: Before the first slot.
START = Carry()


class Ended(NamedTuple):
    """A drop, over or not."""

    run: Run
    until_s: int | None
    until_uncertainty_s: int = 0

    def counts(self, rule: DetectionRule) -> bool:
        """Whether it is an outage. One of a single value is so while no other has come, or if it lasted."""
        if self.run.count == 1 and self.until_s is not None and self.until_s - self.run.from_s < rule.alone_s:
            return False
        return self.run.counts(rule)


class NewLevel(NamedTuple):
    """A lasting change of level: since when, and the ratio of the new level to the old one."""

    from_s: int
    ratio: float


def ended_by(run: Run, time: int, rule: DetectionRule) -> Ended:
    """The end of a drop after which the next value comes at `time`, back or too late to go on from."""
    gap = time - run.last_s
    if gap <= max(rule.bridge_s, 3 * run.last_step_s):
        return Ended(run, time, gap)
    return Ended(run, run.last_s + run.last_step_s, min(gap, rule.silence_s))


def too_silent(run: Run, time: int, rule: DetectionRule) -> bool:
    """Whether a drop can't go on with a value at `time`: nothing is known of all that lies between."""
    return time - run.last_s > max(rule.silence_s, 3 * run.last_step_s)


class Slots(NamedTuple):
    """The slots of a day of one series, or some of them; all have the same length."""

    times: Times
    steps: Times
    values: Values
    verdict: Verdicts
    ratio: Values
    deep: Mask

    def part(self, index: NDArray[np.intp]) -> Slots:
        return Slots(
            self.times[index],
            self.steps[index],
            self.values[index],
            self.verdict[index],
            self.ratio[index],
            self.deep[index],
        )


def follow(carry: Carry, slots: Slots, rule: DetectionRule) -> tuple[list[Ended], Run | None]:
    """The drops that end among slots that come after `carry`, and the one that goes on.

    Missing slots and such as could not be judged neither begin nor end anything.
    """
    run = carry.run
    there = np.flatnonzero(slots.verdict != MISSING)
    here = there[slots.verdict[there] != UNJUDGED]
    drops = slots.verdict[here] == DROP
    if not len(here) or (run is None and not drops.any()):
        return [], run
    ended = []
    for part in np.split(here, np.flatnonzero(np.diff(drops)) + 1):
        if slots.verdict[part[0]] == DROP:
            if run is None:
                at = int(np.searchsorted(there, part[0]))
                run = _begun(carry, slots.part(_just_before(there[:at], slots, part[0])), slots.part(part))
            run = _grown(run, slots.part(part), rule)
        elif run is not None:
            ended.append(ended_by(run, int(slots.times[part[0]]), rule))
            run = None
    return ended, run


#: A drop is sudden if it begins with a fall of at least `_FALL` of its depth, in logarithms, to one of its first
#: `_FEW` values, from the highest of so many seconds before, or of the `_FEW` values before.
_FALL, _FEW, _BEFORE_S = 0.5, 2, 5_400


def _just_before(there: NDArray[np.intp], slots: Slots, at: int) -> NDArray[np.intp]:
    recent = int((slots.times[there] >= slots.times[at] - _BEFORE_S).sum())
    return there[max(0, len(there) - max(recent, _FEW)) :]


def _begun(carry: Carry, before: Slots, drop: Slots) -> Run:
    """A drop of which nothing is counted yet."""
    first, step = int(drop.times[0]), int(drop.steps[0])
    if len(before.times):
        value_s, value, ratio = int(before.times[-1]), float(before.values.max()), float(before.ratio.max())
    else:
        value_s, value, ratio = carry.value_s, carry.value, carry.ratio
    depth = np.maximum(drop.ratio[:_FEW], _TINY)
    lowest = np.maximum(drop.values[:_FEW], _TINY * max(value, _TINY))
    fallen = np.log(max(ratio, _TINY)) - np.log(depth), np.log(max(value, _TINY)) - np.log(lowest)
    sudden = (np.minimum(*fallen) >= -_FALL * np.log(depth)).any()
    return Run(
        from_s=first,
        from_uncertainty_s=first - value_s if value_s else step,
        last_s=first,
        last_step_s=step,
        count=0,
        ratio_sum=0.0,
        ratio_min=float(drop.ratio[0]),
        area=0.0,
        critical=False,
        deep=False,
        sudden=bool(sudden),
        mild_s=0,
        mild_sum=0.0,
        mild_count=0,
    )


#: A ratio so small is as good as nothing.
_TINY = 1e-3


def _grown(run: Run, drop: Slots, rule: DetectionRule) -> Run:
    """A drop with more values."""
    times, ratio = drop.times, drop.ratio
    mild_s, mild_sum, mild_count = run.mild_s, run.mild_sum, run.mild_count
    worse = np.flatnonzero(ratio < rule.lasting_above)
    after = int(worse[-1]) + 1 if len(worse) else 0
    if len(worse):
        mild_s, mild_sum, mild_count = 0, 0.0, 0
    if after < len(times):
        mild_s = mild_s or int(times[after])
        mild_sum = _sum(mild_sum, ratio[after:])
        mild_count += len(times) - after
    return Run(
        from_s=run.from_s,
        from_uncertainty_s=run.from_uncertainty_s,
        last_s=int(times[-1]),
        last_step_s=int(drop.steps[-1]),
        count=run.count + len(times),
        ratio_sum=_sum(run.ratio_sum, ratio),
        ratio_min=min(run.ratio_min, float(ratio.min())),
        area=_sum(run.area, (1 - ratio) * 100 * drop.steps / 60),
        critical=run.critical or bool((ratio < rule.critical).any()),
        deep=run.deep or bool(drop.deep.any()),
        sudden=run.sudden,
        mild_s=mild_s,
        mild_sum=mild_sum,
        mild_count=mild_count,
    )


def _sum(start: float, values: Values) -> float:
    # cumsum adds one after the other: the same sum however the values were split into calls
    return float(np.cumsum(np.concatenate(([start], values)))[-1])
