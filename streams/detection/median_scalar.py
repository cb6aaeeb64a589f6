"""The moving median with inpainting, one series at a time: IODA's detector (`MovingStat`), exactly.

Values are replaced by their ranks among all values that a call can meet, so that the median is a pointer
into the sorted values that moves a step or two whenever a value comes or goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.detection.arrays import NO_TIMES, NO_VALUES, Mask, Times, Values
from streams.detection.rules import MedianRule


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the judgement of the next value depends on.

    `times` and `values` are the history, inpainted where a value was extreme; `aside_times` and
    `aside_values` the raw values kept aside since inpainting began, empty while it hasn't.
    """

    times: Times
    values: Values
    aside_times: Times
    aside_values: Values


#: Of a series of which nothing was seen.
EMPTY = Baseline(NO_TIMES, NO_VALUES, NO_TIMES, NO_VALUES)


class RelativeToMedian(NamedTuple):
    """What `relative_to_median` says of each value; all three have the shape of its `values`.

    `ratio` is value / prediction, NaN where no verdict is given (missing, warm-up, prediction below the
    rule's minimum); `prediction` is NaN where there is none (missing, warm-up); `inpainted` is true where
    the prediction took the value's place in the history.
    """

    ratio: Values
    prediction: Values
    inpainted: Mask


class Judged(NamedTuple):
    """`RelativeToMedian`, and the last new normal: since when raw values are the history, when they became it."""

    ratio: Values
    prediction: Values
    inpainted: Mask
    new_normal: tuple[int, int] | None


class _Window:
    """A multiset of ranks with a pointer to its median (nearest rank, the lower of the middle two)."""

    __slots__ = ("below", "count", "head", "pointer", "ranks", "size", "times")

    def __init__(self, width: int, times: list[int], ranks: list[int]) -> None:
        self.count = [0] * width
        self.times, self.ranks = times, ranks
        for rank in ranks:
            self.count[rank] += 1
        self.size = len(ranks)
        self.head = self.pointer = self.below = 0

    def add(self, time: int, rank: int) -> None:
        self.times.append(time)
        self.ranks.append(rank)
        self.count[rank] += 1
        self.size += 1
        if rank < self.pointer:
            self.below += 1

    def expire(self, before: int) -> None:
        times, head = self.times, self.head
        while head < len(times) and times[head] < before:
            rank = self.ranks[head]
            self.count[rank] -= 1
            self.size -= 1
            if rank < self.pointer:
                self.below -= 1
            head += 1
        self.head = head

    def younger_than(self, time: int) -> bool:
        return self.size == 0 or self.times[self.head] > time

    def median(self) -> int:
        count, pointer, below = self.count, self.pointer, self.below
        middle = (self.size - 1) // 2
        while below > middle:
            pointer -= 1
            below -= count[pointer]
        while below + count[pointer] <= middle:
            below += count[pointer]
            pointer += 1
        self.pointer, self.below = pointer, below
        return pointer


def advance_row(base: Baseline, times: Times, values: Values, rule: MedianRule) -> tuple[Judged, Baseline]:
    """Judge the values of one series that come after `base`, in order.

    `times` are Unix seconds, ascending and after the history's; `values` has the same shape, NaN is missing.
    """
    here = np.flatnonzero(~np.isnan(values))
    pool = np.concatenate((base.values, base.aside_values, values[here]))
    order = np.argsort(pool, kind="stable")
    rank = np.empty(len(pool), np.int64)
    rank[order] = np.arange(len(pool))
    run = _Run(base, rule, pool[order], rank)
    fresh = rank[len(pool) - len(here) :].tolist()
    ratio = np.full(len(values), np.nan)
    prediction = np.full(len(values), np.nan)
    inpainted = np.zeros(len(values), np.bool_)
    seen_at, seen = here.tolist(), zip(times[here].tolist(), values[here].tolist(), fresh, strict=True)
    for index, (time, value, place) in zip(seen_at, seen, strict=True):
        found, predicted, painted = run.step(time, value, place)
        if found is not None:
            ratio[index] = found
        if predicted is not None:
            prediction[index] = predicted
        if painted:
            inpainted[index] = True
    return Judged(ratio, prediction, inpainted, run.new_normal), run.baseline()


class _Run:
    """One call's state: the window, the values kept aside, and the sorted values that ranks point into."""

    def __init__(self, base: Baseline, rule: MedianRule, ordered: Values, rank: NDArray[np.int64]) -> None:
        self.rule = rule
        self.sorted = ordered
        self.values: list[float] = ordered.tolist()
        history, aside = len(base.times), len(base.aside_times)
        self.window = _Window(len(ordered), base.times.tolist(), rank[:history].tolist())
        self.aside_times: list[int] = base.aside_times.tolist()
        self.aside_ranks: list[int] = rank[history : history + aside].tolist()
        self.new_normal: tuple[int, int] | None = None

    def step(self, time: int, value: float, rank: int) -> tuple[float | None, float | None, bool]:
        """Ratio and prediction where there are, whether inpainted."""
        rule, window = self.rule, self.window
        window.expire(time - rule.window_s)
        if window.size == 0:
            self._forget_aside()
        if window.younger_than(time - rule.warmup_s):
            window.add(time, rank)
            return None, None, False
        median = window.median()
        predicted = self.values[median]
        if not predicted or rule.inpaint_below <= value / predicted <= rule.inpaint_above:
            self._forget_aside()
            window.add(time, rank)
            return self._verdict(value, predicted), predicted, False
        if not self.aside_times or self.aside_times[0] > time - rule.inpaint_s:
            self.aside_times.append(time)
            self.aside_ranks.append(rank)
            window.add(time, median)
            return self._verdict(value, predicted), predicted, True
        return self._new_normal(time, value, rank)

    def _new_normal(self, time: int, value: float, rank: int) -> tuple[float | None, float | None, bool]:
        self.new_normal = self.aside_times[0], time
        self.window = window = _Window(len(self.values), self.aside_times, self.aside_ranks)
        self.aside_times, self.aside_ranks = [], []
        if window.younger_than(time - self.rule.warmup_s):
            window.add(time, rank)
            return None, None, False
        predicted = self.values[window.median()]
        window.add(time, rank)
        return self._verdict(value, predicted), predicted, False

    def _verdict(self, value: float, predicted: float) -> float | None:
        """The ratio, where the prediction is large enough to say anything; what is extreme is inpainted anyway."""
        return value / predicted if predicted and predicted >= self.rule.prediction_min else None

    def _forget_aside(self) -> None:
        if self.aside_times:
            self.aside_times, self.aside_ranks = [], []

    def baseline(self) -> Baseline:
        head = self.window.head
        return Baseline(
            np.array(self.window.times[head:], np.int64),
            self.sorted[np.array(self.window.ranks[head:], np.int64)],
            np.array(self.aside_times, np.int64),
            self.sorted[np.array(self.aside_ranks, np.int64)],
        )
