"""Series to judge, made by formulas."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np

from streams.detection import DEFAULT_RULES
from streams.detection.arrays import Times, Values
from streams.detection.single_series import Detection, detect

HOUR, DAY = 3_600, 86_400

#: Midnight UTC, a Monday.
MONDAY = 1_611_532_800


def times(days: float, step_s: int = HOUR, *, start_s: int = MONDAY) -> Times:
    return start_s + step_s * np.arange(int(days * DAY / step_s), dtype=np.int64)


def flat(at: Times, level: float = 100.0, *, noise: float = 0.02, seed: int = 1) -> Values:
    found: Values = level * (1 + noise * np.random.default_rng(seed).standard_normal(len(at)))
    return found


def daily(at: Times, level: float = 1_000.0, *, low: float = 0.2, noise: float = 0.03, seed: int = 1) -> Values:
    """Traffic: at its height at 14:00 UTC, at 02:00 down to `low` of that."""
    wave = (1 + low) / 2 + (1 - low) / 2 * np.cos((at % DAY - 14 * HOUR) / DAY * 2 * math.pi)
    return flat(at, level, noise=noise, seed=seed) * wave


def cut(values: Values, at: Times, from_s: int, until_s: int, ratio: float) -> Values:
    return np.where((at >= from_s) & (at < until_s), values * ratio, values)


def judged(at: Times, values: Values, signal: str, step_s: int = HOUR) -> Detection:
    return detect(at, values, step_s, DEFAULT_RULES.of(signal))


def spans(found: Detection) -> list[tuple[int, int | None]]:
    return [(one.run.from_s, one.until_s) for one in found.outages]


def utc(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())
