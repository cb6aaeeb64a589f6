"""What is asked of a plan, and which of it makes no sense."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from streams.planning.figures import PlanError

DAY_S = 86_400

#: Above this no answer means anything: a thousand times every network on Earth, measured each minute.
MOST = 1e12


@dataclass(frozen=True, slots=True)
class Question:
    """A load, and what a worker may have. `series` 0 means that each brings a value in ten minutes."""

    points_per_s: float
    series: int = 0
    #: How many series a record of measurements has, and how many values of each.
    frame_series: int = 50
    frame_values: int = 1
    reports_per_day: float = 1_000
    news_per_day: float = 50_000
    outages_per_series_day: float = 0.02
    #: For how many days of evidence the memory of `correlate` is counted.
    evidence_days: int = 90
    #: The largest country's share of all series; 0: as the map's regions are shared out.
    largest_share: float = 0.0
    #: A worker is given no more than its measured rate divided by this.
    headroom: float = 2.0
    worker_memory_gb: float = 4.0
    replication: int = 3

    def checked(self) -> Question:
        """Itself, with `series` filled in.

        Raises:
            PlanError: a number is none, out of bounds, or does not fit the others.
        """
        for one in fields(self):
            value = getattr(self, one.name)
            if not math.isfinite(value) or value < 0 or value > MOST:
                raise PlanError(f"{one.name} is {value}: it must be a number from 0 to {MOST:.0e}")
        self._demand("points_per_s", self.points_per_s > 0, "more than 0: without points there is nothing to plan")
        self._demand("frame_series", 1 <= self.frame_series <= 5_000, "1 to 5000, what a record may have")
        self._demand("frame_values", 1 <= self.frame_values <= 10_000, "1 to 10000")
        self._demand("evidence_days", self.evidence_days >= 1, "at least 1")
        self._demand("largest_share", self.largest_share < 1, "below 1, a share of all series")
        self._demand("headroom", self.headroom >= 1, "at least 1: nobody does more than was measured")
        self._demand("worker_memory_gb", self.worker_memory_gb >= 1, "at least 1")
        self._demand("replication", self.replication >= 1, "at least 1")
        series = self.series or max(1, round(self.points_per_s * 600))
        step_s = series / self.points_per_s
        if step_s > 35 * DAY_S:
            raise PlanError(
                f"series is {series:,} for {self.points_per_s:g} points a second: a value of each in "
                f"{step_s / DAY_S:,.0f} days, which says nothing of outages. Give fewer series or more points."
            )
        if step_s < 60:
            raise PlanError(
                f"series is {series:,} for {self.points_per_s:g} points a second: a value of each every "
                f"{step_s:.2g} s, and detection refuses steps below a minute. Give more series or fewer points."
            )
        return Question(**{one.name: getattr(self, one.name) for one in fields(self)} | {"series": series})

    def _demand(self, name: str, holds: bool, words: str) -> None:
        if not holds:
            raise PlanError(f"{name} is {getattr(self, name):g}: it must be {words}")

    @property
    def frames_per_s(self) -> float:
        """Records of measurements a second."""
        return self.points_per_s / (self.frame_series * self.frame_values)

    @property
    def revisions_per_day(self) -> float:
        """How often a day what a series said is said again: with each frame, but no more than once an hour."""
        return min(24.0, max(1.0, self.points_per_s * DAY_S / self.series / self.frame_values))
