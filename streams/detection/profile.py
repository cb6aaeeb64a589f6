"""What is usual for a series at each hour of the day: its level, its spread, and how many days that rests on.

A profile is learned from one UTC day after the other, from the values that were no part of an outage, and is all
that the next day is judged by: no window of old values is kept. It has a size of its own and no more, `BYTES`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from streams.detection.arrays import Mask, Times, Values
from streams.detection.rules import DAY_S, HOUR_S, DetectionRule

#: Levels are natural logarithms: `base` plus `shape`; spreads are standard deviations of them, of one value.
_PACKED = np.dtype(
    [("base", "<f4"), ("unit", "<f4"), ("shape", "<f2", 24), ("spread", "<f2", 24), ("days", "u1", 24)]
)

BYTES = _PACKED.itemsize

#: A profile of nothing.
NOTHING = b""

_NOTHING = np.zeros((), _PACKED).tobytes()

#: Days beyond which more of them make no difference.
_MOST_DAYS = 200

#: Deviations beyond this many standard deviations move a profile no further: a burst is no habit.
_CLIP = 3.0

#: An hour's spread is pooled with that of all hours, which counts as much as this many days.
_POOLED_DAYS = 4.0

#: How many days' worth one day of a series without a rhythm tells of its spread.
_ALIKE = 4.0

#: The least level that has a logarithm.
_LEAST = 1e-9

#: The least difference is the unit that is counted if the largest value is so many of it at least, and, up to
#: `_MANY`, a whole number of it but for this share: one bad value in a series that never moved makes no unit.
_UNITS, _MANY, _WHOLE = 3, 200, 0.02

#: On a day with an outage, so many other hours tell how all hours moved.
_MOST_OF_A_DAY = 12

#: Differences smaller than this share of a value are those of rounding.
_ROUNDING = 1e-6

#: The expected range of 2, 3, ... normally distributed values, in standard deviations.
_RANGE = np.array([np.inf, np.inf, 1.128, 1.693, 2.059, 2.326, 2.534, 2.704, 2.847, 2.970, 3.078, 3.173, 3.258])


@dataclass(slots=True)
class Profiles:
    """Profiles of several series: logarithm of the level (NaN: unknown), variance, and days seen, each (series,
    24); and the unit that values are multiples of (0: unknown), (series, 1).
    """

    level: Values
    variance: Values
    days: Values
    unit: Values

    @classmethod
    def decode(cls, packed: Sequence[bytes]) -> Profiles:
        """The profiles that `encode` was given, or of nothing."""
        rows = np.frombuffer(b"".join(one or _NOTHING for one in packed), _PACKED)
        days = rows["days"].astype(np.float64)
        level = rows["base"].astype(np.float64)[:, None] + rows["shape"].astype(np.float64)
        level[days == 0] = np.nan
        return cls(level, rows["spread"].astype(np.float64) ** 2, days, rows["unit"].astype(np.float64)[:, None])

    def encode(self) -> list[bytes]:
        """Each profile as bytes; of nothing, no bytes."""
        known = self.days > 0
        some: list[bool] = np.any(known, axis=1).tolist()
        count = np.maximum(known.sum(axis=1), 1)
        level = np.where(known, self.level, 0.0)
        rows = np.zeros(len(level), _PACKED)
        rows["base"] = (level.sum(axis=1) / count).astype(np.float32)
        rows["unit"] = self.unit[:, 0]
        shape = level - rows["base"].astype(np.float64)[:, None]
        rows["shape"] = np.where(known, np.clip(shape, -60_000, 60_000), 0)
        rows["spread"] = np.where(known, np.sqrt(self.variance), 0)
        rows["days"] = np.where(known, np.minimum(self.days, _MOST_DAYS), 0)
        return [row.tobytes() if has else NOTHING for row, has in zip(rows, some, strict=True)]


def check(packed: bytes) -> None:
    """Refuse what is no profile.

    Raises:
        ValueError: its size or its numbers are not those of one.
    """
    if packed and len(packed) != BYTES:
        raise ValueError(f"a profile of {len(packed)} bytes; it has {BYTES}")
    if packed:
        row = np.frombuffer(packed, _PACKED)[0]
        if not all(np.isfinite(row[name]).all() for name in ("base", "unit", "shape", "spread")):
            raise ValueError("a profile with numbers that are none")


@dataclass(slots=True)
class Usual:
    """What a profile predicts for each hour: level (NaN: not known) and spread, both (series, 24); spread is the
    standard deviation of the logarithm of a value and `plus`, (series, 1)."""

    level: Values
    spread: Values
    plus: Values


def usual(profiles: Profiles, rule: DetectionRule) -> Usual:
    """The predictions of each hour of a day."""
    days, known = profiles.days, profiles.days > 0
    total = days.sum(axis=1, keepdims=True)
    level = profiles.level
    if not rule.rhythm:
        common = np.where(known, level * days, 0).sum(axis=1, keepdims=True) / np.maximum(total, 1)
        common[total == 0] = np.nan
        level = np.where(known, (np.where(known, level, 0) * days + common) / (days + 1), common)
    pooled = np.where(known, profiles.variance * days, 0).sum(axis=1, keepdims=True) / np.maximum(total, 1)
    own = (np.where(known, profiles.variance, 0) * days + _POOLED_DAYS * pooled) / (days + _POOLED_DAYS)
    # where all hours are alike, each of them tells of the others
    seen = days if rule.rhythm else np.maximum(days, total / 24) * _ALIKE
    plain = np.where(np.isnan(level), 0.0, np.exp(level))
    unit = unit_of(plain.max(axis=1, keepdims=True), profiles.unit, rule)
    chance = chance_variance(plain, unit, rule)
    variance = (rule.spread_days * (rule.spread**2 + chance) + seen * own) / (rule.spread_days + seen)
    # a series that never moved doesn't say what it counts
    least = np.where((profiles.unit > 0) | (rule.unit > 0), chance, 0.0)
    variance = np.maximum(variance, np.maximum(rule.spread_min**2, least)) * (1 + 1 / np.maximum(seen, 1))
    return Usual(level, np.sqrt(variance), unit * rule.plus)


def unit_of(level: Values, known: Values, rule: DetectionRule) -> Values:
    """The unit that values are counts of: the rule's, else what is `known` of the series (0: nothing), else 1 where
    its level is that high.
    """
    if rule.unit:
        return np.full_like(known, rule.unit)
    return np.where(known > 0, known, np.where(level >= 1, 1.0, 0.0))


def chance_variance(level: Values, unit: Values, rule: DetectionRule) -> Values:
    """How much of the variance of a logarithm is chance, where that many units are counted."""
    found: Values = rule.chance * unit / (level + unit / 2 + _LEAST)
    return found


def least_difference(values: Values) -> Values:
    """The least difference of two values that follow on each other, of each series, shape (series, 1); 0: it is no
    unit that values are counts of.

    The counts of a small network, also in per cent of its largest, differ by the unit soon.
    """
    if values.shape[1] < 2:
        return np.zeros((len(values), 1))
    steps = np.abs(np.diff(values, axis=1))
    with np.errstate(invalid="ignore"):
        least = np.where(steps > _ROUNDING * values[:, 1:], steps, np.inf).min(axis=1, keepdims=True)
    units = np.where(np.isnan(values), 0.0, values).max(axis=1, keepdims=True) / least
    whole = (units > _MANY) | (np.abs(units - np.rint(units)) <= _WHOLE)
    found: Values = np.where(whole & (units >= _UNITS - _WHOLE), least, 0.0)
    return found


@lru_cache(maxsize=1024)
def hourly(content: bytes) -> NDArray[np.intp]:
    """Indices of a day's slots by hour, shape (24, most of an hour), from the times of day as bytes of int64; those
    past the last slot stand for nothing."""
    hour = np.frombuffer(content, np.int64) // HOUR_S
    count = np.bincount(hour, minlength=24)
    index = np.full((24, max(1, int(count.max()))), len(hour), np.intp)
    index[hour, np.arange(len(hour)) - (np.cumsum(count) - count)[hour]] = np.arange(len(hour))
    index.flags.writeable = False
    return index


def typical_spread(found: Usual) -> list[float | None]:
    """The median spread of the hours that are known, of each series; None where none is."""
    known = ~np.isnan(found.level)
    ordered = np.sort(np.where(known, found.spread, np.inf), axis=1)
    middle = np.maximum(known.sum(axis=1) - 1, 0) // 2
    typical = ordered[np.arange(len(ordered)), middle]
    return [round(one, 3) if one < np.inf else None for one in typical.tolist()]


def learned(
    profiles: Profiles, before: Usual, times: Times, values: Values, accepted: Mask, rule: DetectionRule
) -> Profiles:
    """The profiles after one more day.

    Args:
        profiles: those of the day's beginning.
        before: what they predicted.
        times: the day's slots, Unix seconds, shape (n,).
        values: (series, n), NaN is missing.
        accepted: which of them are part of no outage.
        rule: how quickly is learned.
    """
    index = hourly((times % DAY_S).tobytes())
    padded = np.full((len(values), len(times) + 1), np.nan)
    padded[:, :-1] = np.where(accepted, values, np.nan)
    ordered = np.sort(padded[:, index], axis=2)
    count = (~np.isnan(ordered)).sum(axis=2)
    there = count > 0
    last = np.maximum(count, 1) - 1
    middle = _at(ordered, last // 2) / 2 + _at(ordered, (last + 1) // 2) / 2
    plus = before.plus
    with np.errstate(invalid="ignore", divide="ignore"):
        now = np.log(np.maximum(middle + plus, _LEAST))
        spans = np.log(np.maximum(_at(ordered, last) + plus, _LEAST) / np.maximum(ordered[:, :, 0] + plus, _LEAST))
    within = np.where(there, spans / _RANGE[np.minimum(count, len(_RANGE) - 1)], 0.0)
    limit = _CLIP * before.spread
    within = np.minimum(within, limit)
    compared = there & ~np.isnan(before.level)
    expected = np.log(np.exp(before.level) + plus) if rule.plus else before.level
    off = np.where(compared, now - np.where(compared, expected, 0.0), 0.0)
    if not rule.rhythm:
        new = np.flatnonzero(there.any(axis=1) & ~compared.any(axis=1))
        if len(new):
            off[new] = np.where(there[new], now[new] - _median(now[new]), 0.0)
    clipped = np.clip(off, -limit, limit)
    known = profiles.days > 0
    both = compared & known
    hours = both.sum(axis=1, keepdims=True)
    common = np.nan_to_num(_median(np.where(both, clipped, np.nan)))
    dropped = (~np.isnan(values) & ~accepted).any(axis=1, keepdims=True)
    common = np.where(dropped & (hours < _MOST_OF_A_DAY), 0.0, common * rule.level_rate * hours / 24)
    rate = 1 / np.minimum(profiles.days + 1, rule.memory_days)
    level = np.where(known, profiles.level, 0.0) + common + np.where(both, (clipped - common) * rate, 0.0)
    fresh = there & ~known
    plain = np.log(np.maximum(np.exp(now) - plus, _LEAST)) if rule.plus else now
    level = np.where(fresh, plain, np.where(known, level, np.nan))
    seen = within**2 + clipped**2
    variance = np.where(
        both, profiles.variance + (seen - profiles.variance) * rate, np.where(fresh, seen, profiles.variance)
    )
    unit = least_difference(values) if rule.chance and not rule.unit else np.zeros_like(profiles.unit)
    unit = np.where((unit > 0) & ((profiles.unit == 0) | (unit < profiles.unit)), unit, profiles.unit)
    return Profiles(level, variance, np.minimum(profiles.days + there, _MOST_DAYS), unit)


def _at(ordered: Values, index: NDArray[np.intp]) -> Values:
    rows, hours, width = ordered.shape
    found: Values = ordered.reshape(-1)[np.arange(rows * hours) * width + index.reshape(-1)].reshape(rows, hours)
    return found


def _median(values: Values) -> Values:
    """The median of each row, shape (series, 1); NaN is missing, and what a row of nothing has."""
    ordered = np.sort(values, axis=1)
    last = np.maximum((~np.isnan(values)).sum(axis=1), 1) - 1
    rows = np.arange(len(values))
    found: Values = (ordered[rows, last // 2] + ordered[rows, (last + 1) // 2])[:, None] / 2
    return found


def shifted(packed: bytes, ratio: float) -> bytes:
    """A profile whose level became another: all hours times `ratio`, of which few days are known."""
    profiles = Profiles.decode([packed])
    profiles.level += np.log(max(ratio, _LEAST))
    profiles.days = np.minimum(profiles.days, 2)
    return profiles.encode()[0]
