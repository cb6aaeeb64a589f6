"""Constructed measurements: levels with a daily rhythm and noise, with cuts in them. The same every time."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from topics import Entity, Measurement, Origin, Series

DAY_S = 86_400


def quietness(time_s: int, offset_s: int) -> float:
    """Return how quiet a network is at a time: 1 at 04:00 local time, 0 at 16:00."""
    hour = (time_s + offset_s) % DAY_S / 3600
    return (1 + math.cos((hour - 4) / 24 * 2 * math.pi)) / 2


@dataclass(frozen=True, slots=True)
class Course:
    """How one series goes: `level` by day, less by `rhythm` (a share of it) towards 04:00 local time, `noise` (a
    share) on top, and only `during_cut` (a share) of it in a cut."""

    entity: Entity
    signal: str
    level: float
    rhythm: float
    noise: float
    during_cut: float

    def values(self, times: Sequence[int], cut: tuple[int, int], offset_s: int) -> list[float]:
        """Whole numbers, one a time. The noise depends on the series and the time alone."""
        found = []
        for time in times:
            quiet = quietness(time, offset_s)
            chance = random.Random(f"{self.entity.code}/{self.signal}/{time}")  # noqa: S311
            value = self.level * (1 - self.rhythm * quiet) * (1 + self.noise * chance.uniform(-1, 1))
            if cut[0] <= time < cut[1]:
                value *= self.during_cut
            found.append(float(round(value)))
        return found


def frames(
    country: str,
    courses: Sequence[Course],
    span: tuple[int, int],
    cut: tuple[int, int],
    *,
    step_s: int,
    offset_s: int,
    origin: Origin,
) -> Iterator[Measurement]:
    """One frame a UTC day of `span`, each with all the series. Spans are half-open, Unix seconds."""
    for day_s in range(span[0], span[1], DAY_S):
        times = range(day_s, day_s + DAY_S, step_s)
        yield Measurement(
            id=f"{origin.source}/{country}/{day_s}/constructed",
            origin=origin,
            country=country,
            from_s=day_s,
            step_s=step_s,
            series=tuple(Series(entity=course.entity, signal=course.signal) for course in courses),
            values=tuple(tuple(course.values(times, cut, offset_s)) for course in courses),
        )
