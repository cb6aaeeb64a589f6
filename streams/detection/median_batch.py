"""The moving median with inpainting, many series at a time: the same as `baseline.advance_row`, vectorised.

Series share the times of their new values. Each step is a fixed number of numpy operations over all series;
only the pointers of medians that move further, and series that switch to a new normal, cost more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from streams.detection.arrays import NO_TIMES, NO_VALUES, Mask, Times, Values
from streams.detection.median_scalar import Baseline, Judged, advance_row
from streams.detection.rules import MedianRule

_NEVER = np.iinfo(np.int64).max

Ints = NDArray[np.int64]


def columns_of(bases: Sequence[Baseline]) -> Times:
    """The times at which any of the histories has a value, ascending."""
    first = bases[0].times
    if all(base.times is first or np.array_equal(base.times, first) for base in bases):
        return first
    return np.unique(np.concatenate([base.times for base in bases]))


def advance_rows(
    bases: Sequence[Baseline], columns: Times, times: Times, values: Values, rule: MedianRule
) -> tuple[list[Judged], list[Baseline]]:
    """Judge values of many series that come after their baselines.

    `columns` are the times of all histories (`columns_of`), `times` those of the new values, `values` one
    row a series, NaN is missing.
    """
    block = _Block(bases, columns, times, values, rule)
    for step in range(len(times)):
        block.step(step)
    return block.judged(), block.baselines()


class _Block:
    """The state of one call. Slots are columns: those of the histories first, then those of the new values.

    `slots[column, row]` is the rank of what the history of a row holds there, or `width` for nothing.
    """

    def __init__(
        self, bases: Sequence[Baseline], columns: Times, times: Times, values: Values, rule: MedianRule
    ) -> None:
        self.bases, self.rule, self.times, self.values = bases, rule, times, values
        rows, self.old = len(bases), len(columns)
        self.columns = np.concatenate((columns, times))
        self.width = len(self.columns)
        known = np.full((rows, self.width), np.nan)
        for row, base in enumerate(bases):
            at = slice(0, self.old)
            if len(base.times) == self.old:
                known[row, at] = base.values
            else:
                known[row, np.searchsorted(columns, base.times)] = base.values
        known[:, self.old :] = values
        order = np.argsort(known, axis=1)
        self.sorted = np.take_along_axis(known, order, axis=1)
        held = (order < self.old) & ~np.isnan(self.sorted)
        ranks = np.empty((rows, self.width), np.int32)
        np.put_along_axis(ranks, order, np.arange(self.width, dtype=np.int32)[None, :], axis=1)
        ranks[np.isnan(known)] = self.width
        self.slots = np.ascontiguousarray(ranks.T)
        self.new = np.ascontiguousarray(values.T)
        self._count(held)
        self.aside_from = np.array(
            [base.aside_times[0] if len(base.aside_times) else _NEVER for base in bases], np.int64
        )
        self.ratio = np.full((len(times), rows), np.nan)
        self.prediction = np.full((len(times), rows), np.nan)
        self.inpainted = np.zeros((len(times), rows), np.bool_)
        self.finished: dict[int, tuple[int, Judged, Baseline]] = {}

    def _count(self, held: Mask) -> None:
        """Count the history, of which `held` says which ranks it has."""
        rows = len(held)
        self.offset: Ints = np.arange(rows, dtype=np.int64) * (self.width + 1)
        count = np.zeros((rows, self.width + 1), np.int16)
        count[:, :-1] = held
        self.count = count.ravel()
        self.flat = self.sorted.ravel()
        self.flat_offset: Ints = np.arange(rows, dtype=np.int64) * self.width
        self.size = held.sum(axis=1)
        self.matured = np.zeros(rows, np.int64)
        self.pointer = np.zeros(rows, np.int64)
        self.below = np.zeros(rows, np.int64)
        self.head = self.ripe = 0

    def step(self, step: int) -> None:
        """Judge the values of one time."""
        time, rule = int(self.times[step]), self.rule
        self._expire(time)
        value, rank = self.new[step], self.slots[self.old + step]
        here = rank < self.width
        if not here.any():
            return
        active = (self.matured > 0) & here
        self._settle(np.flatnonzero(active))
        predicted = self.flat[np.minimum(self.flat_offset + self.pointer, self.flat.size - 1)]
        known = active & (predicted != 0)
        judged = known & (predicted >= rule.prediction_min)
        with np.errstate(all="ignore"):
            ratio = value / predicted
        extreme = known & ((ratio < rule.inpaint_below) | (ratio > rule.inpaint_above))
        self.aside_from[(here & (active & ~extreme | (self.size == 0)))] = _NEVER
        if extreme.any():
            over = np.flatnonzero(extreme & (self.aside_from <= time - rule.inpaint_s))
            for row in over.tolist():
                self._finish(row, step)
                here[row] = active[row] = judged[row] = extreme[row] = False
            self.aside_from[extreme & (self.aside_from == _NEVER)] = time
            rank[extreme] = self.pointer[extreme]
            self.inpainted[step] = extreme
        np.copyto(self.ratio[step], ratio, where=judged)
        np.copyto(self.prediction[step], predicted, where=active)
        self.count[self.offset + rank] += 1
        self.below += rank < self.pointer
        self.size += here

    def _expire(self, time: int) -> None:
        oldest, ripe = time - self.rule.window_s, time - self.rule.warmup_s
        while self.ripe < self.width and self.columns[self.ripe] <= ripe:
            self.matured += self.slots[self.ripe] < self.width
            self.ripe += 1
        while self.columns[self.head] < oldest:
            gone = self.slots[self.head]
            there = gone < self.width
            self.count[self.offset + gone] -= 1
            self.below -= gone < self.pointer
            self.size -= there
            self.matured -= there
            self.head += 1

    def _settle(self, rows: Ints) -> None:
        """Move the pointers of `rows` to their medians."""
        count, width = self.count, self.width + 1
        middle = (self.size - 1) >> 1
        left = rows[self.below[rows] > middle[rows]]
        pointer, below, target = self.pointer[left], self.below[left], middle[left]
        while left.size:
            pointer -= 1
            below -= count[left * width + pointer]
            self.pointer[left], self.below[left] = pointer, below
            more = below > target
            left, pointer, below, target = left[more], pointer[more], below[more], target[more]
        pointer = self.pointer[rows]
        within = self.below[rows] + count[rows * width + pointer]
        beyond = within <= middle[rows]
        right, pointer, below, target = rows[beyond], pointer[beyond], within[beyond], middle[rows][beyond]
        while right.size:
            pointer += 1
            self.pointer[right], self.below[right] = pointer, below
            below = below + count[right * width + pointer]
            more = below <= target
            right, pointer, below, target = right[more], pointer[more], below[more], target[more]

    def _finish(self, row: int, step: int) -> None:
        """Judge what is left of a row that switches to a new normal on its own, and let go of it here."""
        base = self._baseline(row, step)
        rest, final = advance_row(base, self.times[step:], self.values[row, step:], self.rule)
        self.finished[row] = step, rest, final
        self.slots[self.head : self.old + step, row] = self.width
        self.slots[self.old + step :, row] = self.width
        self.count[row * (self.width + 1) : (row + 1) * (self.width + 1)] = 0
        self.size[row] = self.matured[row] = self.below[row] = self.pointer[row] = 0
        self.aside_from[row] = _NEVER

    def _baseline(self, row: int, until: int) -> Baseline:
        """The baseline of a row after the first `until` new values."""
        held = self.slots[self.head : self.old + until, row]
        there = held < self.width
        times = self.columns[self.head : self.old + until]
        if not there.all():
            times, held = times[there], held[there]
        values = self.sorted[row, held]
        since = self.aside_from[row]
        if since == _NEVER:
            return Baseline(times, values, NO_TIMES, NO_VALUES)
        before = self.bases[row]
        kept = before.aside_times >= since
        fresh = self.inpainted[:until, row] & (self.times[:until] >= since)
        return Baseline(
            times,
            values,
            np.concatenate((before.aside_times[kept], self.times[:until][fresh])),
            np.concatenate((before.aside_values[kept], self.values[row, :until][fresh])),
        )

    def judged(self) -> list[Judged]:
        ratio, prediction, inpainted = (
            np.ascontiguousarray(each.T) for each in (self.ratio, self.prediction, self.inpainted)
        )
        new_normal: list[tuple[int, int] | None] = [None] * len(self.bases)
        for row, (step, rest, _) in self.finished.items():
            ratio[row, step:], prediction[row, step:] = rest.ratio, rest.prediction
            inpainted[row, step:] = rest.inpainted
            new_normal[row] = rest.new_normal
        return [Judged(*each) for each in zip(ratio, prediction, inpainted, new_normal, strict=True)]

    def baselines(self) -> list[Baseline]:
        """The baselines after the last value. Those that miss no value share their times.

        Their values are copies: one series that falls silent would keep those of all others in memory.
        """
        held = np.ascontiguousarray(self.slots[self.head :].T)
        times = self.columns[self.head :]
        values = self.sorted.ravel()[np.minimum(held, self.width - 1) + self.flat_offset[:, None]]
        whole = (held < self.width).all(axis=1) & (self.aside_from == _NEVER)
        return [
            Baseline(times, values[row].copy(), NO_TIMES, NO_VALUES)
            if simple
            else self.finished[row][2]
            if row in self.finished
            else self._baseline(row, len(self.times))
            for row, simple in enumerate(whole.tolist())
        ]
