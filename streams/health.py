"""The pages of a process: /metrics for Prometheus, /livez and /readyz for whoever runs it; and a worker's health.

A stage's process tells its figures once a second. One that stalls tells nothing: it isn't live. One that has no
partitions yet, or restores its state, isn't ready. Idle is neither: what isn't there to do can't be behind. That a
stage is behind and does nothing about it is seen from outside, by Kafka's own offsets (`streams.lag`).
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from streams.errors import StreamsError
from streams.settings import Settings

#: A stage that has told nothing for so long does not live: several times the second between two tellings.
SILENCE_S = 15.0

#: A stage that is behind and has committed nothing for so long is stalled. Batches take a second or two.
STALL_S = 180.0

#: What Kafka said counts for so long: without it nobody knows how far a stage is behind, and none is stalled.
FRESH_S = 60.0


class PagesError(StreamsError):
    """The pages can't be served."""


@dataclass(slots=True)
class StageHealth:
    """What is known of one stage's process."""

    started_at: float
    told_at: float | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)
    restarts: int = 0
    #: Records behind by partition; of those that this worker has: what was committed, and when it last moved.
    behind: Mapping[int, int] = field(default_factory=dict)
    committed: int = 0
    moved_at: float = 0.0
    stuck: int = 0
    seen_at: float = -math.inf


class Health:
    """Of all stages of a worker. Thread-safe; `clock` is in seconds, `now` in Unix seconds."""

    def __init__(
        self,
        stages: Iterable[str],
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._now = now
        self._lock = threading.Lock()
        self._kafka_seen_s = now()
        self._stages = {stage: StageHealth(clock(), moved_at=clock()) for stage in stages}

    def told(self, stage: str, figures: Mapping[str, Any]) -> None:
        """A stage's process told its figures."""
        with self._lock:
            self._stages[stage].told_at = self._clock()
            self._stages[stage].figures = figures

    def restarted(self, stage: str) -> None:
        """A stage's process ended and is started again."""
        with self._lock:
            one = self._stages[stage]
            one.restarts += 1
            one.started_at, one.told_at, one.figures = self._clock(), None, {}
            one.moved_at, one.stuck = self._clock(), 0

    def seen(self, stage: str, behind: Mapping[int, int], committed: Mapping[int, int]) -> None:
        """Kafka's own view of a stage, by partition: records behind, and committed offsets.

        Only the partitions that this worker has count for its life: another's are the other's to answer for. While
        it joins its group or restores its state nothing is committed, and its own watchdog looks after that.
        """
        with self._lock:
            one = self._stages[stage]
            own = one.figures.get("partitions", ()) if one.figures.get("working") else ()
            one.stuck = sum(behind.get(part, 0) for part in own)
            done = sum(committed.get(part, 0) for part in own)
            if done != one.committed or not one.stuck or not self._fresh(one):
                one.moved_at = self._clock()
            one.behind, one.committed, one.seen_at = dict(behind), done, self._clock()
            self._kafka_seen_s = self._now()

    def heard(self) -> None:
        """Kafka answered."""
        with self._lock:
            self._kafka_seen_s = self._now()

    def _fresh(self, one: StageHealth) -> bool:
        return self._clock() - one.seen_at < FRESH_S

    def _stalls(self, one: StageHealth) -> bool:
        return one.stuck > 0 and self._fresh(one) and self._clock() - one.moved_at > STALL_S

    def stalled(self) -> list[str]:
        """The stages whose processes say that they work, and that commit nothing of what waits for them."""
        with self._lock:
            return [stage for stage, one in self._stages.items() if self._stalls(one)]

    def _tells(self, one: StageHealth) -> bool:
        return one.told_at is not None and self._clock() - one.told_at <= SILENCE_S

    def dead(self, patience_s: float = 60.0) -> list[str]:
        """Why this worker does not live; empty while it does. A start may take `patience_s`."""
        now, found = self._clock(), []
        with self._lock:
            for stage, one in self._stages.items():
                if one.told_at is None and now - one.started_at > patience_s:
                    found.append(f"{stage} has not started within {now - one.started_at:.0f} s")
                elif one.told_at is not None and not self._tells(one):
                    found.append(f"{stage} has told nothing for {now - one.told_at:.0f} s")
                elif self._stalls(one):
                    found.append(f"{stage} is {one.stuck} records behind and stands still")
        return found

    def unready(self) -> list[str]:
        """Why this worker is not ready; empty when it is."""
        found = self.dead()
        with self._lock:
            waiting = [stage for stage, one in self._stages.items() if not one.figures.get("working")]
        return found or [f"{stage} has no partitions yet, or restores its state" for stage in waiting]

    def collect(self) -> Iterator[Metric]:
        """The figures, as Prometheus's client asks for them."""
        families = _Families()
        with self._lock:
            for stage, one in self._stages.items():
                families.add(stage, one, tells=self._tells(one), fresh=self._fresh(one))
            seen_s = self._kafka_seen_s
        yield from families.all()
        yield kafka_seen(seen_s)


def kafka_seen(moment_s: float) -> Metric:
    """The figure of every process that talks to Kafka all the time."""
    return GaugeMetricFamily(
        "shutdowns_kafka_seen_timestamp_seconds", "When Kafka last answered this process.", value=moment_s
    )


class _Families:
    """The metrics of stages, empty to begin with."""

    def __init__(self) -> None:
        self.taken = _counter("records_in", "Records that a stage has processed.", "stage")
        self.given = _counter("records_out", "Records that a stage has sent.", "stage", "topic")
        self.refused = _counter("records_invalid", "Records that a stage refused.", "stage", "reason")
        self.restarts = _counter("stage_restarts", "Ends of a stage's process.", "stage")
        self.working = _gauge("stage_working", "1 while a stage works, and says so.", "stage")
        self.partitions = _gauge("stage_partitions", "Partitions of its source that a stage has here.", "stage")
        self.delay = _gauge("event_delay_seconds", "From the newest event of a batch to its arrival.", "stage")
        self.state = _gauge("state_bytes", "State of a stage on this disk.", "stage")
        self.memory = _gauge("memory_bytes", "Resident memory of a stage's process, less pages of files.", "stage")
        self.newest = _gauge(
            "newest_measurement_timestamp_seconds", "Until when a source's newest measurement reaches.", "source"
        )
        self.lag = _gauge("lag_records", "Records that the group has not committed.", "stage", "partition")

    def add(self, stage: str, one: StageHealth, *, tells: bool, fresh: bool) -> None:
        """Count in what is known of a stage: what it told, and only if that is `fresh`, what Kafka said."""
        figures = one.figures
        self.taken.add_metric([stage], figures.get("taken", 0))
        self.restarts.add_metric([stage], one.restarts)
        self.working.add_metric([stage], 1 if tells and figures.get("working") else 0)
        self.partitions.add_metric([stage], len(figures.get("partitions", ())))
        self.state.add_metric([stage], figures.get("state_bytes", 0))
        if figures.get("memory_bytes") is not None:
            self.memory.add_metric([stage], figures["memory_bytes"])
        if figures.get("delay_s") is not None:
            self.delay.add_metric([stage], figures["delay_s"])
        for source, moment_s in figures.get("newest", {}).items():
            self.newest.add_metric([source], moment_s)
        for topic, count in figures.get("given", {}).items():
            self.given.add_metric([stage, topic], count)
        for reason, count in figures.get("refused", {}).items():
            self.refused.add_metric([stage, reason], count)
        for partition, count in one.behind.items() if fresh else ():
            self.lag.add_metric([stage, str(partition)], count)

    def all(self) -> Iterator[Metric]:
        """All of them."""
        yield from vars(self).values()


def _counter(name: str, words: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"shutdowns_{name}", words, labels=labels)


def _gauge(name: str, words: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"shutdowns_{name}", words, labels=labels)


class Watched(Protocol):
    """What pages tell of."""

    def dead(self) -> list[str]:
        """Why it does not live; empty while it does."""
        ...

    def unready(self) -> list[str]:
        """Why it is not ready; empty when it is."""
        ...

    def collect(self) -> Iterable[Metric]:
        """The figures."""
        ...


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it that
        """Probes come every few seconds: none of them is worth a line."""


class Pages:
    """Serves the pages from a thread, until `close`."""

    def __init__(self, health: Watched, host: str, port: int) -> None:
        registry = CollectorRegistry()
        registry.register(health)
        metrics = make_wsgi_app(registry)

        def app(environ: dict[str, Any], respond: Callable[..., Any]) -> Iterable[bytes]:
            path = environ.get("PATH_INFO", "/")
            if path == "/metrics":
                return metrics(environ, respond)  # type: ignore[no-any-return]
            if path not in ("/livez", "/readyz"):
                respond("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
                return [b"There are /metrics, /livez and /readyz.\n"]
            faults = health.dead() if path == "/livez" else health.unready()
            status = "503 Service Unavailable" if faults else "200 OK"
            respond(status, [("Content-Type", "text/plain; charset=utf-8")])
            return [("\n".join(faults or ["ok"]) + "\n").encode()]

        try:
            self._server = make_server(host, port, app, server_class=WSGIServer, handler_class=_Quiet)
        except OSError as error:
            raise PagesError(
                f"the pages can't be served at {host}:{port}: {error.strerror}. Give another SHUTDOWNS_PAGES_PORT"
            ) from error
        self._host, self.port = host, self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, name="pages", daemon=True)
        self._thread.start()

    @property
    def words(self) -> str:
        """Where they are, to be told."""
        return f"pages at http://{self._host}:{self.port}/metrics, /livez, /readyz"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


@contextmanager
def pages(health: Watched, settings: Settings, tell: Callable[[str], object]) -> Iterator[None]:
    """The pages of a process, if its settings want any: served inside the block, and where they are told."""
    if settings.pages_port is None:
        yield
        return
    serving = Pages(health, settings.pages_host, settings.pages_port)
    tell(serving.words)
    try:
        yield
    finally:
        serving.close()
