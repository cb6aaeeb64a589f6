"""How a live source fares, for Prometheus and for whoever runs it: /metrics, /livez, /readyz."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from streams.sources.conditions import CONDITIONS, condition
from streams.sources.files import FAILURES
from streams.sources.state import Status

#: A round may take so long, seconds, beyond three times the distance of two rounds.
PATIENCE_S = 900.0


class SourceHealth:
    """Of one source's process. A service that fails makes it neither dead nor unready: that is the service's matter
    and shows in the figures. Thread-safe; `clock` is in seconds."""

    def __init__(self, name: str, every_s: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._name, self._every_s, self._clock = name, every_s, clock
        self._lock = threading.Lock()
        self._told_at = clock()
        self._status: Status | None = None
        self._totals = {"records": 0, "requests": 0, "received": 0, "refused": 0, "rounds": 0}
        self._failures = dict.fromkeys(FAILURES, 0)

    def told(self, status: Status) -> None:
        """A round is over."""
        with self._lock:
            self._told_at, self._status = self._clock(), status
            self._totals["rounds"] += 1
            for name in ("records", "requests", "received", "refused"):
                self._totals[name] += getattr(status, name)
            for reason, count in status.failures.items():
                self._failures[reason] += count

    def lost_kafka(self) -> None:
        """Kafka went away over a round: that one is done again."""
        with self._lock:
            self._told_at = self._clock()
            self._failures["kafka"] += 1

    def dead(self) -> list[str]:
        """Why this process does not live; empty while it does."""
        with self._lock:
            silent_s = self._clock() - self._told_at
        limit_s = 3 * self._every_s + PATIENCE_S
        return [f"{self._name} has ended no round for {silent_s:.0f} s"] if silent_s > limit_s else []

    def unready(self) -> list[str]:
        """Why it is not ready: no round has ended yet."""
        with self._lock:
            waiting = self._status is None
        return self.dead() or ([f"{self._name} is in its first round"] if waiting else [])

    def collect(self) -> Iterator[Metric]:
        """The figures, as Prometheus's client asks for them."""
        with self._lock:
            totals, failures, status = dict(self._totals), dict(self._failures), self._status
        words = {
            "records": "Records that a source has published.",
            "requests": "Requests that a source has made.",
            "received": "Bytes that a source has received.",
            "refused": "Items of a source that no record could be made of.",
            "rounds": "Rounds that a source has ended.",
        }
        for name, count in totals.items():
            unit = "received_bytes" if name == "received" else name
            family = CounterMetricFamily(f"shutdowns_source_{unit}", words[name], labels=["source"])
            family.add_metric([self._name], count)
            yield family
        failed = CounterMetricFamily(
            "shutdowns_source_failures",
            "Parts of rounds of a source that failed, by reason.",
            labels=["source", "reason"],
        )
        for reason, count in failures.items():
            failed.add_metric([self._name, reason], count)
        yield failed
        if status is not None:
            yield self._condition(status)
            gauges = {
                "failing": (0 if status.failing_since_s is None else 1, "1 while the newest round failed."),
                "round_seconds": (status.took_s, "How long the newest round took."),
                "round_timestamp_seconds": (status.round_s, "When the newest round began."),
                "ok_timestamp_seconds": (status.ok_s or 0, "When the newest round without a failure began."),
            }
            for name, (value, meaning) in gauges.items():
                gauge = GaugeMetricFamily(f"shutdowns_source_{name}", meaning, labels=["source"])
                gauge.add_metric([self._name], value)
                yield gauge

    def _condition(self, status: Status) -> Metric:
        """The condition as of the newest round: 1 for the one that holds."""
        gauge = GaugeMetricFamily(
            "shutdowns_source_condition",
            "1 for the condition that a source was in after its newest round, 0 for others.",
            labels=["source", "condition"],
        )
        now = condition(self._name, status, status.round_s).word
        for word in CONDITIONS:
            gauge.add_metric([self._name, word], int(word == now))
        return gauge
