"""How a notifier fares, for Prometheus and for whoever runs it: /metrics, /livez, /readyz."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from streams.health import kafka_seen

#: A notifier waits a minute at most between two tries, and as long for an answer or for Kafka.
PATIENCE_S = 300.0


@dataclass(slots=True)
class Counts:
    """What became of the changes so far, and of the tries."""

    taken: int = 0
    undelivered: int = 0
    skipped: int = 0
    failed_tries: int = 0

    def __str__(self) -> str:
        return f"{self.taken} delivered, {self.undelivered} to `undelivered`, {self.skipped} not asked for"


@dataclass(slots=True, eq=False)
class NotifierHealth:
    """Of one notifier. It beats whenever it goes on; a receiver that fails makes it neither dead nor unready.

    `clock` is in seconds, `now` in Unix seconds.
    """

    name: str
    counts: Counts
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    behind: int = 0
    kafka_seen_s: float = field(init=False)
    _beat_at: float = field(init=False)
    _began: bool = False

    def __post_init__(self) -> None:
        self._beat_at, self.kafka_seen_s = self.clock(), self.now()

    def beat(self) -> None:
        """It goes on."""
        self._beat_at = self.clock()

    def heard(self, behind: int) -> None:
        """Kafka answered: so many changes are there that were not dealt with."""
        self.behind, self.kafka_seen_s, self._began = behind, self.now(), True

    def dead(self) -> list[str]:
        """Why this process does not live; empty while it does."""
        silent_s = self.clock() - self._beat_at
        return [f"{self.name} has stood still for {silent_s:.0f} s"] if silent_s > PATIENCE_S else []

    def unready(self) -> list[str]:
        """Why it is not ready: it has not heard of Kafka yet."""
        return self.dead() or ([] if self._began else [f"{self.name} has not begun to read"])

    def collect(self) -> Iterator[Metric]:
        """The figures, as Prometheus's client asks for them."""
        counters = {
            "delivered": (self.counts.taken, "Changes that the receiver took."),
            "undelivered": (self.counts.undelivered, "Changes that the receiver did not take in the end."),
            "skipped": (self.counts.skipped, "Changes that the receiver is not told of."),
            "failed_tries": (self.counts.failed_tries, "Requests that the receiver did not take."),
        }
        for name, (count, words) in counters.items():
            counter = CounterMetricFamily(f"shutdowns_notify_{name}", words, labels=["notifier"])
            counter.add_metric([self.name], count)
            yield counter
        behind = GaugeMetricFamily(
            "shutdowns_notify_behind", "Changes that a notifier has not dealt with.", labels=["notifier"]
        )
        behind.add_metric([self.name], self.behind)
        yield behind
        yield kafka_seen(self.kafka_seen_s)
