"""The values of one UTC day held against what is usual for their series."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from streams.detection.arrays import DROP, MISSING, NORMAL, UNJUDGED, Mask, Times, Values, Verdicts
from streams.detection.profile import Profiles, Usual
from streams.detection.rules import DAY_S, HOUR_S, DetectionRule

#: What is added to counts before they are compared: 0 of 5 is less of a drop than 0 of 500.
_HALF = 0.5

#: One value makes an outage only if it is so many times as far off as it must be to be part of one.
_ALONE = 1.5


class Compared(NamedTuple):
    """What values came to, each (series, n): NaN where nothing could be predicted.

    `low` is below the threshold, `back` is near enough to the prediction to end an outage, `deep` is low enough for
    an outage of one value.
    """

    prediction: Values
    ratio: Values
    low: Mask
    back: Mask
    deep: Mask


def compare(
    profiles: Profiles, found: Usual, times: Times, step_s: int, values: Values, rule: DetectionRule
) -> Compared:
    """Compare a day's values (series, n) with what the profiles of the day's beginning predict.

    Series of which nothing is known are compared with their own values of that day so far, unless they have a rhythm.
    """
    done = _against(found, times, step_s, values, rule)
    if not rule.rhythm:
        new = np.flatnonzero(~(profiles.days > 0).any(axis=1))
        if len(new):
            for whole, part in zip(done, _first_day(times, values[new], rule), strict=True):
                whole[new] = part
    return done


def _against(found: Usual, times: Times, step_s: int, values: Values, rule: DetectionRule) -> Compared:
    of_day = times % DAY_S
    hour = of_day // HOUR_S
    limit = np.maximum(rule.deviations * found.spread, -math.log(rule.warning))
    with np.errstate(over="ignore"):
        level = np.exp(found.level)
    if step_s < HOUR_S:
        # an hour's level is that of its middle
        place = (of_day - (HOUR_S - step_s) / 2) / HOUR_S
        left = np.floor(place).astype(np.intp)
        one, other = level[:, left % 24], level[:, (left + 1) % 24]
        prediction = one + (other - one) * (place - left)
        prediction = np.where(np.isnan(prediction), level[:, hour], prediction)
    else:
        prediction = level[:, hour]
    prediction = np.where(prediction < rule.prediction_min, np.nan, prediction)
    lowest = np.exp(-limit)[:, hour]
    nearly = np.exp(-limit * rule.back)[:, hour]
    deepest = np.minimum(np.exp(-_ALONE * rule.deviations * found.spread), rule.critical)[:, hour]
    return _sorted_out(prediction, values, lowest, nearly, deepest, rule)


def _sorted_out(
    prediction: Values, values: Values, lowest: Values, nearly: Values, deepest: Values, rule: DetectionRule
) -> Compared:
    plus = _HALF if rule.counts else 0.0
    above = prediction + plus if plus else prediction
    value = values + plus if plus else values
    with np.errstate(invalid="ignore"):
        return Compared(
            prediction, values / prediction, value < lowest * above, value >= nearly * above, value < deepest * above
        )


def _first_day(times: Times, values: Values, rule: DetectionRule) -> Compared:
    """Compare values with the median of those before their hour, from `warmup_s` on."""
    shape = values.shape
    none = np.zeros(shape, np.bool_)
    done = Compared(np.full(shape, np.nan), np.full(shape, np.nan), none, none.copy(), none.copy())
    usable = ~np.isnan(values)
    hours = times // HOUR_S
    edges = [0, *(np.flatnonzero(np.diff(hours)) + 1).tolist(), len(times)]
    for first, end in zip(edges[1:-1], edges[2:], strict=True):
        ripe = usable[:, :first] & (times[:first] <= hours[first] * HOUR_S - rule.warmup_s)
        rows = np.flatnonzero(ripe.any(axis=1))
        if not len(rows):
            continue
        history = np.where(usable[rows, :first], values[rows, :first], np.nan)
        level = np.nanmedian(history, axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            scatter = 1.4826 * np.nanmedian(np.abs(history - level[:, None]), axis=1) / level
        count = usable[rows, :first].sum(axis=1)
        spread = np.sqrt(np.maximum(np.maximum(np.nan_to_num(scatter), rule.spread) ** 2 * (1 + 1 / count), 0))
        part = slice(first, end)
        limit = np.maximum(rule.deviations * spread, -math.log(rule.warning))[:, None]
        prediction = np.repeat(np.where(level < rule.prediction_min, np.nan, level)[:, None], end - first, axis=1)
        deepest = np.minimum(np.exp(-_ALONE * rule.deviations * spread), rule.critical)[:, None]
        found = _sorted_out(prediction, values[rows, part], np.exp(-limit), np.exp(-limit * rule.back), deepest, rule)
        for whole, each in zip(done, found, strict=True):
            whole[rows, part] = each
        usable[rows, part] &= ~found.low
    return done


def verdicts(done: Compared, values: Values, going: Mask) -> Verdicts:
    """The verdict of each value; `going` says in which series an outage goes on from before.

    Between a value that is low and one that is back, values are part of the drop.
    """
    verdict = np.full(values.shape, NORMAL, np.uint8)
    rows = np.flatnonzero(done.low.any(axis=1) | going)
    if len(rows):
        verdict[rows] = np.where(_in_drop(done.low[rows], done.back[rows], going[rows]), DROP, NORMAL)
    verdict[np.isnan(done.prediction)] = UNJUDGED
    verdict[np.isnan(values)] = MISSING
    return verdict


def _in_drop(low: Mask, back: Mask, going: Mask) -> Mask:
    n = low.shape[1]
    marked = low | back
    last = np.maximum.accumulate(np.where(marked, np.arange(1, n + 1), 0), axis=1)
    padded = np.concatenate((going[:, None], low), axis=1)
    found: Mask = np.take_along_axis(padded, last, axis=1)
    return found
