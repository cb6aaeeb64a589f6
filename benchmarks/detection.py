"""Points a second of detection by the default rules, and of IODA's detector: `python benchmarks/detection.py`.

IODA's is there twice: vectorised, as this project has it for comparison, and the plain way, one value at a time
with a deque for the window and bisect into a sorted list. Those two are compared value by value. The ratios are
what counts, since machines differ and are shared.
"""

from __future__ import annotations

import argparse
import bisect
import math
import sys
import time
from collections import deque

import numpy as np

from streams.detection import IODA_MEDIAN, DetectionRule, relative_to_median
from streams.detection.arrays import Times, Values
from streams.detection.intake import days_of
from streams.detection.judging import Progress, judge_day
from streams.detection.rules import PROBING, TRAFFIC
from streams.detection.runs import START

#: So many series are judged at once.
TOGETHER = 1_000

STEP_S = 600
BEGIN_S = 1_600_000_200


def made(series: int, days: int) -> tuple[np.ndarray, Values]:
    """Times (n,) and values (series, n): a daily rhythm, noise, a percent missing, an outage now and then."""
    rng = np.random.default_rng(1)
    n = days * 86_400 // STEP_S
    times = BEGIN_S + STEP_S * np.arange(n, dtype=np.int64)
    level = rng.uniform(50, 5_000, (series, 1))
    rhythm = 1 + 0.05 * np.sin(np.arange(n) / 144 * 2 * math.pi)
    values = np.round(level * rhythm * (1 + 0.03 * rng.standard_normal((series, n))))
    for row in range(0, series, 5):
        first = int(rng.integers(0, n - 40))
        values[row, first : first + int(rng.integers(2, 40))] *= 0.3
    values[rng.random((series, n)) < 0.01] = np.nan
    return times, np.maximum(values, 0)


def plain(times: list[int], values: list[float]) -> list[float]:
    """The ratios of one series, NaN where none."""
    rule = IODA_MEDIAN
    window: deque[tuple[int, float]] = deque()
    ordered: list[float] = []
    aside: list[tuple[int, float]] = []
    ratios = []
    for at, value in zip(times, values, strict=True):
        ratio = math.nan
        if value == value:
            while window and window[0][0] < at - rule.window_s:
                del ordered[bisect.bisect_left(ordered, window.popleft()[1])]
            kept = value
            if window and window[0][0] <= at - rule.warmup_s:
                predicted = ordered[-(-len(ordered) // 2) - 1]
                if predicted:
                    ratio = value / predicted
                    if rule.inpaint_below <= ratio <= rule.inpaint_above:
                        aside.clear()
                    elif not aside or aside[0][0] > at - rule.inpaint_s:
                        aside.append((at, value))
                        kept = predicted
                    else:
                        window, ordered = deque(aside), sorted(held for _, held in aside)
                        aside = []
                        predicted = ordered[-(-len(ordered) // 2) - 1]
                        ratio = value / predicted if predicted else math.nan
                    if predicted < rule.prediction_min:
                        ratio = math.nan
            window.append((at, kept))
            bisect.insort(ordered, kept)
        ratios.append(ratio)
    return ratios


def judged(times: Times, values: Values, rule: DetectionRule) -> int:
    """Judge all series by a rule, day by day; the number of their drops."""
    drops = 0
    for first in range(0, len(values), TOGETHER):
        block = values[first : first + TOGETHER]
        series = [Progress(START) for _ in block]
        for _, begin, end in days_of(times):
            steps = np.full(end - begin, STEP_S, np.int64)
            judge_day(series, times[begin:end], [steps] * len(block), block[:, begin:end], rule)
        drops += sum(len(one.ended) for one in series)
    return drops


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=5_000, help="series judged at once (default: %(default)s)")
    parser.add_argument("--days", type=int, default=21, help="days of 10-minute values (default: %(default)s)")
    parser.add_argument(
        "--plain", type=int, default=60, help="of them given to the plain way (default: %(default)s)"
    )
    given = parser.parse_args()
    times, values = made(given.series, given.days)
    relative_to_median(times[:200], values[:64, :200])
    judged(times, values[:8], PROBING)

    speeds = []
    for rule in (PROBING, TRAFFIC):
        began = time.process_time()
        judged(times, values, rule)
        speeds.append(values.size / (time.process_time() - began))

    began = time.process_time()
    fast = relative_to_median(times, values)
    ours = values.size / (time.process_time() - began)

    at, rows = times.tolist(), values[: given.plain].tolist()
    began = time.process_time()
    slow = np.array([plain(at, row) for row in rows])
    theirs = slow.size / (time.process_time() - began)

    same = np.allclose(slow, fast.ratio[: given.plain], rtol=1e-9, atol=0, equal_nan=True)
    sys.stdout.write(
        f"{given.series:,} series, {len(times):,} values each, on one core\n"
        f"  the rule probing             {speeds[0]:12,.0f} points/s\n"
        f"  the rule traffic             {speeds[1]:12,.0f} points/s\n"
        f"  ioda-median, vectorised      {ours:12,.0f} points/s\n"
        f"  ioda-median, plain Python    {theirs:12,.0f} points/s   (on {given.plain} of the series)\n"
        f"  the same ratios of those two {'yes' if same else 'NO':>12}\n"
    )
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
