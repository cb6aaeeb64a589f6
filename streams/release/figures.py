"""How the release of the form's reports fares: /metrics, /livez, /readyz.

Reports are not counted: whoever reads the figures could tell from them when somebody reported.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

#: A round may take so long, seconds, beyond three times the distance of two rounds.
PATIENCE_S = 300.0


@dataclass(slots=True, eq=False)
class ReleaseHealth:
    """Of one process. `clock` is in seconds, `now` in Unix seconds."""

    every_s: float
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    refused: int = 0
    rounds: int = 0
    ended_s: float = 0.0
    _ended_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._ended_at = self.clock()

    def ended(self, refused: int) -> None:
        """A round is over: all that was there is on `reports`, but so many records that went to `invalid`."""
        self.refused += refused
        self.rounds += 1
        self.ended_s, self._ended_at = self.now(), self.clock()

    def dead(self) -> list[str]:
        """Why this process does not live; empty while it does."""
        silent_s = self.clock() - self._ended_at
        limit_s = 3 * self.every_s + PATIENCE_S
        return [f"nothing was released for {silent_s:.0f} s"] if silent_s > limit_s else []

    def unready(self) -> list[str]:
        """Why it is not ready; empty when it is. That it waits for its time is no reason."""
        return self.dead()

    def collect(self) -> Iterator[Metric]:
        """The figures, as Prometheus's client asks for them."""
        yield CounterMetricFamily(
            "shutdowns_release_refused",
            "Records of `form-reports` that were no report of one person at the form.",
            value=self.refused,
        )
        yield GaugeMetricFamily(
            "shutdowns_release_timestamp_seconds",
            "When all that was on `form-reports` was last released.",
            value=self.ended_s,
        )
