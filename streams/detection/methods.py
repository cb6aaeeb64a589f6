"""The methods of judging series, by their names in rules. All go on from a baseline, and give the next one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from streams.detection.baseline import NO_TIMES, NO_VALUES, Baseline, Judged, Mask, Times, Values
from streams.detection.median import advance as advance_median
from streams.detection.rules import DAY_S, DetectionRule

WEEK_S = 7 * DAY_S

#: The standard deviation of normally distributed values over their median absolute deviation.
MAD_TO_SIGMA = 1.4826

#: A season's own scatter is taken for at least this share of its median: a few weeks may agree by chance.
LEAST_SIGMA = 0.05


def advance(
    bases: Sequence[Baseline], times: Times, values: Values, rule: DetectionRule
) -> tuple[list[Judged], list[Baseline]]:
    """Judge values (series, n) that come after the series' baselines, at `times` (n,) that they share."""
    if rule.method == "ioda-median":
        return advance_median(bases, times, values, rule)
    one = _seasonal if rule.method == "seasonal" else _counts
    done = [one(base, times, row, rule) for base, row in zip(bases, values, strict=True)]
    return [judged for judged, _ in done], [base for _, base in done]


def _seasonal(base: Baseline, times: Times, values: Values, rule: DetectionRule) -> tuple[Judged, Baseline]:
    """Compare values with the same hour of the weeks before: a nightly low is none, a low at noon is.

    The prediction is the median of what the series had within half an hour of the same time of the week, in the
    weeks of the rule's window, at least two of them. A value drops that is below warning and more than
    `deviations` standard deviations, from the median absolute deviation, under the prediction.
    """
    known = ~np.isnan(values)
    all_times = np.concatenate((base.times, times[known]))
    all_values = np.concatenate((base.values, values[known]))
    prediction = np.full(len(values), np.nan)
    sigma = np.full(len(values), np.nan)
    if len(all_times) and known.any():
        found, spread = _same_hours(all_times, all_values, times[known], (rule.window_s - DAY_S) // WEEK_S)
        prediction[known], sigma[known] = found, spread
    ratio = np.full(len(values), np.nan)
    judged = prediction >= max(rule.prediction_min, np.finfo(float).tiny)
    ratio[judged] = values[judged] / prediction[judged]
    far = np.zeros(len(values), np.bool_)
    far[judged] = values[judged] < (prediction - rule.deviations * sigma)[judged]
    drop: Mask = far & (ratio < rule.warning)
    kept = all_times >= (int(times[-1]) if len(times) else 0) - rule.window_s
    nothing = np.zeros(len(values), np.bool_)
    return (
        Judged(ratio, prediction, nothing, None, drop),
        Baseline(all_times[kept], all_values[kept], NO_TIMES, NO_VALUES),
    )


def _same_hours(past: Times, values: Values, times: Times, weeks: int) -> tuple[Values, Values]:
    """Median and standard deviation of `values` at the same time of the week as each of `times`; NaN if unknown."""
    shifts = WEEK_S * np.arange(1, weeks + 1)
    first = np.searchsorted(past, times[:, None] - shifts - 1800)
    end = np.searchsorted(past, times[:, None] - shifts + 1800, side="right")
    most = int((end - first).max(initial=0))
    if not most:
        return np.full(len(times), np.nan), np.full(len(times), np.nan)
    at = first[:, :, None] + np.arange(most)
    there = at < end[:, :, None]
    samples = np.where(there, values[np.minimum(at, len(past) - 1)], np.nan).reshape(len(times), -1)
    enough = there.any(axis=2).sum(axis=1) >= 2
    median = np.full(len(times), np.nan)
    sigma = np.full(len(times), np.nan)
    median[enough] = np.nanmedian(samples[enough], axis=1)
    scatter = np.nanmedian(np.abs(samples[enough] - median[enough, None]), axis=1)
    sigma[enough] = np.maximum(MAD_TO_SIGMA * scatter, LEAST_SIGMA * median[enough])
    return median, sigma


def _counts(base: Baseline, times: Times, values: Values, rule: DetectionRule) -> tuple[Judged, Baseline]:
    """Judge small counts by the exact tail of the Poisson distribution.

    The prediction is the mean of the history. A count drops that is so low that one as low or lower has a
    probability of at most `false_alarm`: that is the rate of false alarms of a series whose counts are Poisson's
    with the history's mean, per value. A drop is held in the history as the prediction, until it has lasted for
    `inpaint_s`: then what it dropped to is normal by and by.
    """
    held_times, held = base.times.tolist(), base.values.tolist()
    since = int(base.aside_times[0]) if len(base.aside_times) else None
    head = 0
    ratio, prediction = np.full(len(values), np.nan), np.full(len(values), np.nan)
    inpainted, drop = np.zeros(len(values), np.bool_), np.zeros(len(values), np.bool_)
    for index in np.flatnonzero(~np.isnan(values)).tolist():
        time, value = int(times[index]), float(values[index])
        while head < len(held_times) and held_times[head] < time - rule.window_s:
            head += 1
        kept = value
        if head < len(held_times) and held_times[head] <= time - rule.warmup_s:
            # fsum is exact: the same however the values were split into calls
            mean = math.fsum(held[head:]) / (len(held) - head)
            prediction[index] = mean
            if mean > 0:
                ratio[index] = value / mean
                drop[index] = value < mean and poisson_tail(math.floor(value), mean) <= rule.false_alarm
        if not drop[index]:
            since = None
        else:
            since = time if since is None else since
            if since > time - rule.inpaint_s:
                inpainted[index], kept = True, float(prediction[index])
        held_times.append(time)
        held.append(kept)
    begun = NO_TIMES if since is None else np.array([since], np.int64)
    after = Baseline(
        np.array(held_times[head:], np.int64), np.array(held[head:], np.float64), begun, np.full(len(begun), np.nan)
    )
    return Judged(ratio, prediction, inpainted, None, drop), after


def poisson_tail(count: int, mean: float) -> float:
    """The probability of `count` or fewer where `mean` are expected, by the Poisson distribution, exactly.

    >>> round(poisson_tail(0, 3.0), 6), round(poisson_tail(2, 3.0), 6)
    (0.049787, 0.42319)
    """
    if count < 0:
        return 0.0
    logs = [number * math.log(mean) - mean - math.lgamma(number + 1) for number in range(count + 1)]
    return min(1.0, math.fsum(map(math.exp, logs)))
