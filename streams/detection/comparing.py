"""The values of one UTC day held against what is usual for their series."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.detection.arrays import DROP, MISSING, NORMAL, UNJUDGED, Mask, Times, Values, Verdicts
from streams.detection.profile import Profiles, Usual, chance_variance, least_difference, unit_of
from streams.detection.rules import DAY_S, HOUR_S, DetectionRule

#: One value makes an outage only if it is so many times as far off as it must be to be part of one.
_ALONE = 1.5

#: How much wider the spread of the first values of a series is taken: of one value by this share.
_FEW = 3.0


class Compared(NamedTuple):
    """What values came to, each (series, n): NaN where nothing could be predicted.

    `floor` is the threshold, `low` is below it, `back` is near enough to the prediction to end any outage, `deep`
    is low enough for an outage of one value. `weak` says where the hour itself was never seen: only a drop can be
    told there.
    """

    prediction: Values
    floor: Values
    ratio: Values
    low: Mask
    back: Mask
    deep: Mask
    weak: Mask


def compare(
    profiles: Profiles, found: Usual, times: Times, step_s: int, values: Values, rule: DetectionRule
) -> Compared:
    """Compare a day's values (series, n) with what the profiles of the day's beginning predict.

    Series of which nothing is known are compared with their own values of that day so far. Of hours that a series
    with a rhythm has not been seen at, only what is far below all hours that it was seen at is a drop.
    """
    done = _against(found, times, step_s, values, rule)
    if not rule.rhythm:
        new = np.flatnonzero(~(profiles.days > 0).any(axis=1))
        if len(new):
            for whole, part in zip(done, _first_day(times, values[new], rule), strict=True):
                whole[new] = part
        return done
    unknown = np.isnan(profiles.level)[:, times % DAY_S // HOUR_S] & ~np.isnan(values)
    new = np.flatnonzero(unknown.any(axis=1))
    if len(new):
        _unseen_hours(done, new, profiles, times, values, rule)
    return done


def predictions(found: Usual, times: Times, step_s: int) -> Values:
    """What is usual at each of a day's times, shape (series, n); NaN is not known."""
    of_day = times % DAY_S
    hour = of_day // HOUR_S
    with np.errstate(over="ignore"):
        level = np.exp(found.level)
    if step_s >= HOUR_S:
        whole: Values = level[:, hour]
        return whole
    # an hour's level is that of its middle
    place = (of_day - (HOUR_S - step_s) / 2) / HOUR_S
    left = np.floor(place).astype(np.intp)
    one, other = level[:, left % 24], level[:, (left + 1) % 24]
    between = one + (other - one) * (place - left)
    return np.where(np.isnan(between), level[:, hour], between)


def _against(found: Usual, times: Times, step_s: int, values: Values, rule: DetectionRule) -> Compared:
    hour = times % DAY_S // HOUR_S
    limit = np.maximum(rule.deviations * found.spread, -math.log(rule.warning))
    prediction = predictions(found, times, step_s)
    prediction = np.where(prediction < rule.prediction_min, np.nan, prediction)
    lowest = np.exp(-limit)[:, hour]
    nearly = np.exp(-limit * rule.back)[:, hour]
    deepest = np.minimum(np.exp(-_ALONE * rule.deviations * found.spread), rule.critical)[:, hour]
    return _sorted_out(prediction, values, lowest, nearly, deepest, found.plus if rule.plus else None)


def _sorted_out(
    prediction: Values, values: Values, lowest: Values, nearly: Values, deepest: Values, plus: Values | None
) -> Compared:
    above = prediction if plus is None else prediction + plus
    value = values if plus is None else values + plus
    floor = lowest * above
    with np.errstate(invalid="ignore"):
        return Compared(
            prediction=prediction,
            floor=floor if plus is None else floor - plus,
            ratio=values / prediction,
            low=value < floor,
            back=value >= nearly * above,
            deep=value < deepest * above,
            weak=np.zeros(values.shape, np.bool_),
        )


def _first_day(times: Times, values: Values, rule: DetectionRule) -> Compared:
    """Compare values with the median of those before their hour, from `warmup_s` on."""
    shape = values.shape
    flags = (np.zeros(shape, np.bool_) for _ in range(4))
    done = Compared(*(np.full(shape, np.nan) for _ in range(3)), *flags)
    usable = ~np.isnan(values)
    hours = times // HOUR_S
    for first, end in _by_hour(times)[1:]:
        ripe = usable[:, :first] & (times[:first] <= hours[first] * HOUR_S - rule.warmup_s)
        rows = np.flatnonzero(ripe.any(axis=1))
        if not len(rows):
            continue
        history = np.where(usable[rows, :first], values[rows, :first], np.nan)
        level = np.nanmedian(history, axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            scatter = 1.4826 * np.nanmedian(np.abs(history - level[:, None]), axis=1) / level
        count = usable[rows, :first].sum(axis=1)
        unit = unit_of(level[:, None], least_difference(values[rows, :first]), rule)
        least = chance_variance(level[:, None], unit, rule)[:, 0]
        spread = np.sqrt(np.maximum(np.nan_to_num(scatter), rule.spread) ** 2 + least) * (1 + _FEW / np.sqrt(count))
        part = slice(first, end)
        limit = np.maximum(rule.deviations * spread, -math.log(rule.warning))[:, None]
        prediction = np.repeat(np.where(level < rule.prediction_min, np.nan, level)[:, None], end - first, axis=1)
        deepest = np.minimum(np.exp(-_ALONE * rule.deviations * spread), rule.critical)[:, None]
        found = _sorted_out(
            prediction, values[rows, part], np.exp(-limit), np.exp(-limit * rule.back), deepest, unit * rule.plus
        )
        for whole, each in zip(done, found, strict=True):
            whole[rows, part] = each
        usable[rows, part] &= ~found.low
    return done


#: So many hours must have been seen before anything is said of others; the quietest hour may be this much quieter.
_HOURS_SEEN, _QUIETER = 6, 0.5


def _unseen_hours(
    done: Compared, rows: NDArray[np.intp], profiles: Profiles, times: Times, values: Values, rule: DetectionRule
) -> None:
    """Judge values of hours that were not seen on earlier days by the quietest hour seen so far, that day's too."""
    known = profiles.days[rows] > 0
    seen = known.sum(axis=1)
    least = np.exp(np.where(known, profiles.level[rows], np.inf).min(axis=1))
    below = math.exp(-2 * rule.deviations * rule.spread)
    for first, end in _by_hour(times):
        part = slice(first, end)
        hour = int(times[first]) % DAY_S // HOUR_S
        value = values[rows, part]
        judged = (~known[:, hour] & (seen >= _HOURS_SEEN) & (least > rule.prediction_min))[:, None] & ~np.isnan(
            value
        )
        level = np.where(judged, least[:, None], np.nan)
        with np.errstate(invalid="ignore"):
            low = judged & (value < _QUIETER * below * level)
            back = judged & (value >= _QUIETER * level)
            ratio = value / level
        for whole, mine in ((done.prediction, level), (done.floor, _QUIETER * below * level), (done.ratio, ratio)):
            whole[rows, part] = np.where(judged, mine, whole[rows, part])
        for mask, mine in ((done.low, low), (done.back, back), (done.deep, low), (done.weak, judged)):
            mask[rows, part] = np.where(judged, mine, mask[rows, part])
        # what is far below, but not far enough for a drop, lowers no bar: it may be part of one
        fine = np.where(judged & ~back | low, np.nan, value)
        some = ~np.isnan(fine).all(axis=1)
        seen = seen + (some & ~known[:, hour])
        lowest = np.where(np.isnan(fine), np.inf, fine).min(axis=1)
        least = np.where(some & ~known[:, hour], np.minimum(least, lowest), least)


def _by_hour(times: Times) -> list[tuple[int, int]]:
    """First index, and one after the last, of the slots of each hour."""
    edges = [0, *(np.flatnonzero(np.diff(times // HOUR_S)) + 1).tolist(), len(times)]
    return list(pairwise(edges))


#: How far a drop has come: none goes on, one does, one that was critical does.
CALM, MILD, CRITICAL = 0, 1, 2


def verdicts(done: Compared, values: Values, going: Sequence[int], rule: DetectionRule) -> Verdicts:
    """The verdict of each value; `going` says of each series whether a drop goes on from before, and which.

    A drop begins with a value that is low. It goes on until a value is back; one that was critical ends with the
    first above `warning` already.
    """
    verdict = np.where(done.weak, np.uint8(UNJUDGED), np.uint8(NORMAL))
    some: list[bool] = np.any(done.low, axis=1).tolist()
    for row, state in enumerate(going):
        if state or some[row]:
            _follow(verdict[row], done, row, state, rule)
    verdict[np.isnan(done.prediction)] = UNJUDGED
    verdict[np.isnan(values)] = MISSING
    return verdict


def _follow(verdict: Verdicts, done: Compared, row: int, state: int, rule: DetectionRule) -> None:
    """Write the drops of a row into its verdicts."""
    ratio, low, back = done.ratio[row], done.low[row], done.back[row]
    with np.errstate(invalid="ignore"):
        # 1: mild and low, 2: critical and low, 3: ends what was critical, 4: ends everything
        events = np.select(
            [low & (ratio < rule.critical), low, back, ratio >= rule.warning], [CRITICAL, MILD, 4, 3], default=0
        )
    begun = 0
    for at in np.flatnonzero(events).tolist():
        event = int(events[at])
        if event <= CRITICAL:
            begun = begun if state else at
            state = max(state, event)
        elif state and (event == 4 or state == CRITICAL):
            verdict[begun:at] = DROP
            # what ends a drop is told even where nothing else could be
            verdict[at] = NORMAL
            state = CALM
    if state:
        verdict[begun:] = DROP
