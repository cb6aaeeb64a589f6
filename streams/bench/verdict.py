"""Whether a long run stayed flat: pure, from what was seen of it.

- **Flat** is a figure that grows by no more than a share of itself an hour. The second half of the run counts, when
  everything that is kept for a while has been kept for that long. Garbage and compaction make saw-teeth, and a
  burst makes a peak; neither is a leak. So that half is cut into ten stretches, the least value of each is what was
  needed at the time, and the slope through those is the median of the slopes between any two (Theil and Sen), which
  two wrong ones of ten don't move.
- **Bounded** is a delay that in no stretch of that half is above a limit for its whole length, and whose slope, by
  the same estimate, would not lead there within an hour.
- What manages its memory itself is **within** its limit: a heap of Java's fills before it is cleared, however
  little is in use, and is never given back.
- Whatever was started again, refused or not fed as fast as it should be, is a fault by itself.

Under `LEAST_S` a slope says nothing, and is not judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from statistics import median

#: Growth an hour that still is flat: as a share, or, of what is small, in the figure's unit.
MEMORY_AN_HOUR, MEMORY_MB = 0.05, 8.0
STATE_AN_HOUR, STATE_MB = 0.10, 4.0

#: The longest that a record may wait to be processed, seconds.
DELAY_S = 30.0

#: The least share of the records that were to be fed; or, where that lets fewer be missing, as of a short run, how
#: many seconds the feed may be behind its time at the end.
FED, FED_BEHIND_S = 0.98, 3.0

#: A run shorter than this is too short for slopes, seconds.
LEAST_S = 900.0

STRETCHES = 10


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at one moment, `at_s` seconds after the beginning. Stages and processes by name."""

    at_s: float
    #: Event time that was fed up to here, Unix seconds.
    event_s: int
    memory_mb: Mapping[str, float]
    state_mb: Mapping[str, float]
    #: Records of its topic that a stage has not committed.
    lag: Mapping[str, int]
    #: For how long the oldest of those have been there, seconds.
    delay_s: Mapping[str, float]
    #: Processes of the machine that ran or wanted to: its load.
    load: float = 0.0


@dataclass(frozen=True, slots=True)
class Totals:
    """What a run of so many seconds came to."""

    seconds: float
    wanted: int
    fed: int
    ended: int
    refused: int
    changes: int


@dataclass(frozen=True, slots=True)
class Trend:
    """How one figure went in the second half: at its begin and end, its most, its slope, and whether that will do.

    `good` is None where the run was too short to say, `limit` where its slope counts and no limit.
    """

    name: str
    unit: str
    first: float
    last: float
    most: float
    an_hour: float
    good: bool | None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """All trends, and what is wrong, in words; nothing if all is well."""

    trends: Sequence[Trend]
    faults: Sequence[str] = field(default_factory=tuple)


def judge(looks: Sequence[Look], totals: Totals, limits_mb: Mapping[str, float] | None = None) -> Verdict:
    """The verdict on a run. `limits_mb` has the processes whose memory is judged by a limit.

    Raises:
        ValueError: nothing was looked at.
    """
    if not looks:
        raise ValueError("a run that nobody looked at can't be judged")
    half = [look for look in looks if look.at_s >= looks[-1].at_s / 2]
    times = [look.at_s for look in half]
    enough = looks[-1].at_s >= LEAST_S
    trends = []
    for name in half[-1].memory_mb:
        values = [look.memory_mb.get(name, 0.0) for look in half]
        limit = (limits_mb or {}).get(name)
        if limit is None:
            trends.append(flat(f"memory of {name}", times, values, MEMORY_AN_HOUR, MEMORY_MB, enough=enough))
        else:
            trends.append(within(f"memory of {name}", times, values, limit))
    for name in half[-1].state_mb:
        values = [look.state_mb.get(name, 0.0) for look in half]
        trends.append(flat(f"state of {name}", times, values, STATE_AN_HOUR, STATE_MB, enough=enough))
    for name in half[-1].delay_s:
        values = [look.delay_s[name] for look in half]
        trends.append(bounded(f"delay of {name}", times, values, DELAY_S, enough=enough))
    return Verdict(trends, [*(_words(one) for one in trends if one.good is False), *_faults(totals)])


def flat(
    name: str, times_s: Sequence[float], values: Sequence[float], share: float, least: float, *, enough: bool = True
) -> Trend:
    """Whether values stay as they are: growth an hour of at most `share` of their median, or of `least`."""
    lows = least_of_each(times_s, values)
    an_hour = slope(lows) * 3_600
    good = an_hour <= max(share * median(value for _, value in lows), least) if enough else None
    return Trend(name, "MB", values[0], values[-1], max(values), an_hour, good)


def within(name: str, times_s: Sequence[float], values: Sequence[float], limit: float) -> Trend:
    """Whether no value is above a limit."""
    an_hour = slope(least_of_each(times_s, values)) * 3_600
    return Trend(name, "MB", values[0], values[-1], max(values), an_hour, max(values) <= limit, limit)


def bounded(
    name: str, times_s: Sequence[float], values: Sequence[float], limit: float, *, enough: bool = True
) -> Trend:
    """Whether values stay under a limit, but for peaks, and are not on their way to it."""
    lows = least_of_each(times_s, values)
    an_hour = slope(lows) * 3_600
    worst = max(value for _, value in lows)
    good = worst <= limit and (not enough or worst + an_hour <= limit)
    return Trend(name, "s", values[0], values[-1], max(values), an_hour, good)


def least_of_each(times_s: Sequence[float], values: Sequence[float]) -> list[tuple[float, float]]:
    """Time and value of the least in each of `STRETCHES` equal stretches of time."""
    begin_s, length_s = times_s[0], (times_s[-1] - times_s[0]) / STRETCHES or 1.0
    lows: dict[int, tuple[float, float]] = {}
    for time_s, value in zip(times_s, values, strict=True):
        at = min(STRETCHES - 1, int((time_s - begin_s) / length_s))
        if at not in lows or value < lows[at][1]:
            lows[at] = (time_s, value)
    return [lows[at] for at in sorted(lows)]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The slope of most lines through two of the points: the median of all of them, 0 of a single point.

    >>> slope([(0, 1), (1, 2), (2, 3), (3, 100), (4, 5)])
    1.0
    """
    slopes = [(b - a) / (then - at) for (at, a), (then, b) in combinations(points, 2) if then > at]
    return float(median(slopes)) if slopes else 0.0


def _words(one: Trend) -> str:
    if one.unit == "s":
        return f"{one.name} is up to {one.most:.0f} s, and changes by {one.an_hour:+.1f} s an hour"
    if one.limit is not None:
        return f"{one.name} is up to {one.most:.0f} MB, and may be {one.limit:.0f} MB"
    return f"{one.name} grows by {one.an_hour:.1f} MB an hour, at {one.last:.0f} MB"


def _faults(totals: Totals) -> list[str]:
    found = []
    missing = 1 - totals.fed / totals.wanted if totals.wanted else 0.0
    if missing > max(1 - FED, FED_BEHIND_S / totals.seconds):
        found.append(f"only {totals.fed:,} of {totals.wanted:,} records could be fed in the time")
    if totals.ended:
        found.append(f"stages ended {totals.ended} times and were started again; see the worker's log")
    if totals.refused:
        found.append(f"{totals.refused:,} records were refused; see `shutdowns invalid list`")
    if not totals.changes:
        found.append("no shutdown came of it")
    return found
