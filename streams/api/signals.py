"""The signals of a shutdown's place against their baselines, from the measurements themselves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from streams import geography
from streams.api.store import Store
from streams.detection import DEFAULT_RULES
from streams.detection.single_series import Detection, detect
from streams.pipeline import measured_place
from topics import MEASUREMENTS, Measurement, Series, Shutdown, decode, signal_facts

#: Baselines look back so far, seconds; what is shown begins and ends so long before and after the shutdown.
BACK_S = 15 * 86_400
MARGIN_S = 24 * 3600

#: A shutdown without an end, or a very long one, is shown so far.
LONGEST_S = 14 * 86_400

#: Points of a series that are sent; a picture has no room for more.
MOST_POINTS = 1_200


@dataclass(slots=True)
class _Gathered:
    """The values of one series from all frames, by time, and the seconds between them."""

    country: str
    step_s: int
    series: Series
    values: dict[int, float] = field(default_factory=dict)


def window(shutdown: Shutdown) -> tuple[int, int]:
    """What is shown of a shutdown, Unix seconds: it and a day around it."""
    end_s = shutdown.from_s + LONGEST_S if shutdown.until_s is None else shutdown.until_s
    return shutdown.from_s - MARGIN_S, min(end_s, shutdown.from_s + LONGEST_S) + MARGIN_S


def signals(store: Store, shutdown: Shutdown) -> bytes:
    """`{"from_s": …, "until_s": …, "series": […]}`: signal, its words, times, values, baseline, outages of each."""
    first_s, last_s = window(shutdown)
    frames = store.frames(shutdown.country, first_s - BACK_S, last_s)
    gathered = _gather((decode(MEASUREMENTS, one, 2**31) for one in frames), shutdown)
    shown = [_shown(name, one, first_s, last_s) for name, one in sorted(gathered.items())]
    return orjson.dumps({"from_s": first_s, "until_s": last_s, "series": [one for one in shown if one]})


def _gather(frames: Iterable[Measurement], shutdown: Shutdown) -> dict[str, _Gathered]:
    found: dict[str, _Gathered] = {}
    for frame in frames:
        for series, row in zip(frame.series, frame.values, strict=True):
            entity = series.entity
            name = f"{frame.origin.source}/{entity.type}/{entity.code}/{series.signal}"
            if name not in found:
                if not _concerns(series, frame.country, shutdown):
                    continue
                found[name] = _Gathered(frame.country, frame.step_s, series)
            moments = range(frame.from_s, frame.until_s, frame.step_s)
            found[name].values.update(
                (at, math.nan if value is None else float(value)) for at, value in zip(moments, row, strict=True)
            )
    return found


def _concerns(series: Series, country: str, shutdown: Shutdown) -> bool:
    """A series of the shutdown's place, of what contains it, or of what it contains."""
    place = measured_place(series.entity, country)
    if place is None:
        return False
    return geography.contains(place, shutdown.place) or geography.contains(shutdown.place, place)


def _shown(name: str, one: _Gathered, first_s: int, last_s: int) -> dict[str, Any] | None:
    times = np.asarray(sorted(one.values), dtype=np.int64)
    judged = detect(times, np.asarray([one.values[at] for at in times.tolist()]), one.step_s, _rule(one))
    part = np.flatnonzero((times >= first_s) & (times < last_s))
    if not len(part):
        return None
    part = part[:: max(1, -(-len(part) // MOST_POINTS))]
    return {
        "series": name,
        "entity": one.series.entity.name,
        "signal": one.series.signal,
        "words": signal_facts(one.series.signal).words,
        "step_s": one.step_s,
        "times": times[part].tolist(),
        "values": list(_numbers(judged.values[part])),
        "baseline": list(_numbers(judged.prediction[part])),
        "outages": list(_spans(judged, first_s, last_s)),
    }


def _rule(one: _Gathered) -> Any:
    return DEFAULT_RULES.of(one.series.signal)


def _numbers(values: np.ndarray) -> Iterator[float | None]:
    return (round(value, 3) if math.isfinite(value) else None for value in values.tolist())


def _spans(judged: Detection, first_s: int, last_s: int) -> Iterator[tuple[int, int]]:
    for ended in judged.outages:
        until_s = int(judged.times[-1]) + judged.step_s if ended.until_s is None else ended.until_s
        if ended.run.from_s < last_s and until_s > first_s:
            yield ended.run.from_s, until_s
