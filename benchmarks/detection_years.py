"""False alarms and recall of detection on years that are made up: `python benchmarks/detection_years.py`.

Five kinds of series, each with cuts that are known: traffic by day and night, the same with gaps, a telescope,
active probing of a large place, and of a small one. Every series is judged by its own rule and by IODA's detector;
the figures are in docs/DETECTION.md.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable

import numpy as np
from rich.console import Console

from streams.cli.evaluate_signals import score_table
from streams.detection.arrays import Times, Values
from streams.evaluation.signals import SignalScore, Window, score_signals
from streams.sources.series_files import SeriesData

HOUR_S, DAY_S = 3_600, 86_400
BEGIN_S = 1_609_459_200  # 1 January 2021
CUTS = 6

#: False alarms of IODA's detector over those of ours that are aimed at, where there is a rhythm.
GOAL = 10

Made = Callable[[Times, np.random.Generator], Values]


def traffic(times: Times, rng: np.random.Generator) -> Values:
    """Days and nights of a place's own depth and hour, quieter weekends, slow growth, holidays, noise."""
    peak_s, low = rng.integers(0, DAY_S), rng.uniform(0.1, 0.5)
    wave = (1 + low) / 2 + (1 - low) / 2 * np.cos((times % DAY_S - peak_s) / DAY_S * 2 * math.pi)
    weekend = np.where((times // DAY_S) % 7 < 2, rng.uniform(0.8, 1.05), 1.0)
    day = (times - BEGIN_S) // DAY_S
    days = np.exp(0.04 * rng.standard_normal(int(day[-1]) + 1))
    days[rng.integers(0, len(days), 10)] *= rng.uniform(0.75, 0.95, 10)
    growth = 1 + rng.uniform(-0.2, 0.4) * day / 365
    return 1e6 * wave * weekend * days[day] * growth * np.exp(0.03 * rng.standard_normal(len(times)))


def gappy(times: Times, rng: np.random.Generator) -> Values:
    """Traffic that misses 3 % of its values, and a day now and then."""
    values = traffic(times, rng)
    values[rng.random(len(times)) < 0.03] = np.nan
    for first in rng.integers(0, len(times) - 24, 8).tolist():
        values[first : first + int(rng.integers(6, 40))] = np.nan
    return values


def telescope(times: Times, rng: np.random.Generator) -> Values:
    """Source addresses: half the rhythm of traffic, heavy noise, and bursts of scans."""
    values = 400 * (traffic(times, rng) / 1e6) ** 0.5 * np.exp(0.15 * rng.standard_normal(len(times)))
    for first in rng.integers(0, len(times) - 24, 12).tolist():
        values[first : first + int(rng.integers(2, 24))] *= rng.uniform(1.5, 4)
    return np.round(values)


def large(times: Times, rng: np.random.Generator) -> Values:
    """/24s that answer in a country: 1 % of noise, a little by day, steps of a few per cent."""
    day = np.cos(times % DAY_S / DAY_S * 2 * math.pi)
    steps = np.ones(len(times))
    for first in rng.integers(0, len(times), 4).tolist():
        steps[first:] *= rng.uniform(0.96, 1.04)
    return np.round(20_000 * steps * (1 + 0.01 * day) * (1 + 0.006 * rng.standard_normal(len(times))))


def small(times: Times, rng: np.random.Generator) -> Values:
    """/24s that answer in a network of few: each of 20 to 60 does with a chance of its own."""
    count = int(rng.integers(20, 60))
    return rng.binomial(count, rng.uniform(0.85, 0.97), len(times)).astype(float)


#: By name: the signal, and how it is made.
KINDS: dict[str, tuple[str, Made]] = {
    "traffic": ("gtr", traffic),
    "traffic with gaps": ("gtr", gappy),
    "telescope": ("merit-nt", telescope),
    "probing, large": ("ping-slash24", large),
    "probing, small": ("ping-slash24", small),
}


def world(kind: str, number: int, days: int) -> tuple[SeriesData, list[Window]]:
    """One series of a kind, and its cuts: of 2 to 60 hours, to 2 to 20 per cent, none in the first two weeks."""
    signal, make = KINDS[kind]
    rng = np.random.default_rng([number, *kind.encode()])
    times = BEGIN_S + HOUR_S * np.arange(days * 24, dtype=np.int64)
    values = make(times, rng)
    name, windows = f"{kind} {number:04d}", []
    length = days * 24 - 14 * 24
    for cut in range(CUTS):
        first = 14 * 24 + int((cut + rng.uniform(0, 0.6)) * length / CUTS)
        hours = int(np.exp(rng.uniform(math.log(2), math.log(60))))
        part = slice(first, first + hours)
        values[part] = np.round(values[part] * rng.uniform(0.02, 0.2), 3)
        windows.append(Window(int(times[first]), int(times[first]) + hours * HOUR_S, name))
    return SeriesData(name, name, signal, times, values, HOUR_S), windows


def scores_of(kind: str, count: int, days: int) -> list[SignalScore]:
    """The scores of a kind by its own rule and by IODA's."""
    worlds = [world(kind, number, days) for number in range(count)]
    windows = {one.name: known for one, known in worlds}
    parts = [score_signals([one], windows[one.name]) for one, _ in worlds]
    return [_joined(kind, [part[at] for part in parts]) for at in (0, 1)]


def _joined(kind: str, parts: list[SignalScore]) -> SignalScore:
    """The scores of single series as one."""
    years, alarms = sum(one.years for one in parts), sum(one.false_alarms for one in parts)

    def middle(name: str) -> float | None:
        known = [value for one in parts if (value := getattr(one, name)) is not None]
        return float(np.median(known)) if known else None

    return SignalScore(
        signal=kind,
        rule=parts[0].rule,
        series=len(parts),
        years=years,
        windows=sum(one.windows for one in parts),
        hit=sum(one.hit for one in parts),
        begin_error_s=middle("begin_error_s"),
        end_error_s=middle("end_error_s"),
        false_alarms=alarms,
        a_year=alarms / years if years else None,
        told_s=middle("told_s"),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=1_000, help="series in all (default: %(default)s)")
    parser.add_argument("--days", type=int, default=365, help="length of each (default: %(default)s)")
    given = parser.parse_args()
    found = [scores_of(kind, max(1, given.series // len(KINDS)), given.days) for kind in KINDS]
    Console(width=140).print(score_table([one for pair in found for one in pair]))
    worse = []
    for own, ioda in found:
        goal = (ioda.false_alarms / GOAL) if own.rule in ("traffic", "telescope") else ioda.false_alarms
        if own.false_alarms > goal or own.hit < ioda.hit:
            worse.append(own.signal)
    sys.stdout.write(f"short of the goal: {', '.join(worse) or 'none'}\n")
    sys.exit(bool(worse))


if __name__ == "__main__":
    main()
