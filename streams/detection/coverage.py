"""What a series said hour by hour, as letters: d drop, n normal, m missing, u unjudged."""

from __future__ import annotations

import numpy as np

from streams.detection.arrays import DROP, NORMAL, UNJUDGED, Times, Verdicts, alike, calm_verdict
from streams.detection.rules import DAY_S, HOUR_S

_NORMAL_DAY = "n" * 24


def hours(
    start_s: int, times: Times, steps: Times, verdict: Verdicts, spill_s: int, spill: int, until_s: int
) -> str:  # fmt: skip
    """Letters of the 24 hours of the UTC day that begins at `start_s`.

    One value below warning makes an hour a drop. An hour is normal only where normal values make up half of it,
    up to `until_s`, the end of what is known. A slot longer than an hour speaks for all hours it covers; `spill`
    is the verdict of the slot before the day, which stands until `spill_s`.
    """
    if spill_s <= start_s and until_s >= start_s + DAY_S and _whole(start_s, times, steps, verdict):
        return _NORMAL_DAY
    # seconds of each hour by verdict
    said = np.zeros((24, 4), np.int64)
    if len(times):
        bins = (times - start_s) // HOUR_S
        flat = np.bincount(bins * 4 + verdict, weights=np.minimum(steps, HOUR_S), minlength=96)
        said = flat.reshape(24, 4).astype(np.int64)
        for at in np.flatnonzero(steps > HOUR_S).tolist():
            last = min((int(times[at] + steps[at]) - start_s - 1) // HOUR_S, 23)
            said[bins[at] + 1 : last + 1, verdict[at]] += HOUR_S
    if spill_s > start_s:
        said[: min(-(-(spill_s - start_s) // HOUR_S), 24), spill] += HOUR_S
    known = np.clip(until_s - start_s - HOUR_S * np.arange(24), 1, HOUR_S)
    letters = np.full(24, "m")
    judged = said[:, NORMAL] + said[:, UNJUDGED]
    letters[2 * judged >= known] = "u"
    letters[2 * said[:, NORMAL] >= known] = "n"
    letters[said[:, DROP] > 0] = "d"
    return "".join(letters.tolist())


def _whole(start_s: int, times: Times, steps: Times, verdict: Verdicts) -> bool:
    """Whether a day is what most are: every slot there, and normal."""
    n = len(times)
    return bool(
        n >= 24
        and verdict is calm_verdict(n)
        and steps is alike(n, DAY_S // n)
        and times[0] == start_s
        and times[-1] == start_s + DAY_S - DAY_S // n
    )


def span_of(start_s: int, first_s: int | None, until_s: int | None) -> tuple[int, int]:
    """First hour and the hour after the last that a day's coverage speaks of.

    `first_s` is where the series begins and `until_s` where what it said ends; None where that is in
    another day.
    """
    first = 0 if first_s is None else (first_s - start_s) // HOUR_S
    end = 24 if until_s is None else min(-(-(until_s - start_s) // HOUR_S), DAY_S // HOUR_S)
    return first, max(end, first + 1)
