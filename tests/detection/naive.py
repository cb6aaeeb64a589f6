"""The issue's text as plain Python: the reference that `relative_to_median` is held against."""

from __future__ import annotations

import math


def naive(
    times: list[int],
    values: list[float],
    *,
    window_s: int = 604_800,
    warmup_s: int = 3_600,
    inpaint_s: int = 604_800,
    below: float = 0.8,
    above: float = 2.0,
    least: float = 20.0,
) -> list[tuple[float, float, bool]]:
    """Ratio, prediction (NaN where none) and whether inpainted, of each value. NaN is missing."""
    history: list[tuple[int, float]] = []
    aside: list[tuple[int, float]] = []
    out = []
    for time, value in zip(times, values, strict=True):
        if math.isnan(value):
            out.append((math.nan, math.nan, False))
            continue
        history = [(when, held) for when, held in history if when >= time - window_s]
        if not history:
            aside = []
        if not history or history[0][0] > time - warmup_s:
            history.append((time, value))
            out.append((math.nan, math.nan, False))
            continue
        prediction = median(history)
        ratio = value / prediction if prediction else math.nan
        verdict = ratio if prediction >= least else math.nan
        if not (ratio < below or ratio > above):
            aside = []
            history.append((time, value))
            out.append((verdict, prediction, False))
        elif not aside or aside[0][0] > time - inpaint_s:
            aside.append((time, value))
            history.append((time, prediction))
            out.append((verdict, prediction, True))
        else:
            history, aside = aside, []
            if history[0][0] > time - warmup_s:
                out.append((math.nan, math.nan, False))
            else:
                prediction = median(history)
                ratio = value / prediction if prediction >= least and prediction != 0 else math.nan
                out.append((ratio, prediction, False))
            history.append((time, value))
    return out


def median(history: list[tuple[int, float]]) -> float:
    ordered = sorted(value for _, value in history)
    return ordered[math.ceil(len(ordered) / 2) - 1]
