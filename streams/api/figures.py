"""What the servers tell those who watch them: /metrics, /livez, /readyz, at a port of their own.

Requests are counted by the class of their answer alone. Reports that were posted are not counted: whoever reads
the figures could tell from them when somebody reported, to the second.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from streams.api.feed import Feed
from streams.api.queries import LEVELS, STATUSES
from streams.api.state import State
from streams.health import SILENCE_S, kafka_seen

#: Classes of answers, as they are counted.
CLASSES = ("2xx", "3xx", "4xx", "5xx")


class ServerHealth:
    """Of one server. Its event loop beats; what the pages' thread reads are numbers and copies."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._beat_at = clock()
        self._waiting: list[str] = ["it starts"]
        self.answers: Counter[str] = Counter(dict.fromkeys(CLASSES, 0))

    async def beat(self, waiting: Callable[[], Awaitable[list[str]]]) -> None:
        """Show once a second that the event loop runs, and what keeps the server from being ready."""
        while True:
            self._waiting = await waiting()
            self._beat_at = self._clock()
            await asyncio.sleep(1.0)

    def dead(self) -> list[str]:
        """Why this process does not live; empty while it does."""
        silent_s = self._clock() - self._beat_at
        return [f"the event loop has not run for {silent_s:.0f} s"] if silent_s > SILENCE_S else []

    def unready(self) -> list[str]:
        """Why it is not ready; empty when it is."""
        return self.dead() or self._waiting

    def collect(self) -> Iterator[Metric]:
        """The figures, as Prometheus's client asks for them."""
        answers = CounterMetricFamily(
            "shutdowns_http_answers", "Answers to requests, by the class of their status.", labels=["status"]
        )
        for status, count in dict(self.answers).items():
            answers.add_metric([status], count)
        yield answers


class ApiHealth(ServerHealth):
    """Of `shutdowns api`, which knows all shutdowns: the one place where they are counted."""

    def __init__(self, state: State, feed: Feed, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock)
        self._state, self._feed = state, feed
        self.following: Callable[[], int] = lambda: 0

    def collect(self) -> Iterator[Metric]:
        """The figures, as Prometheus's client asks for them."""
        yield from super().collect()
        state = self._state
        known = GaugeMetricFamily(
            "shutdowns_shutdowns", "Shutdowns on the topic `shutdowns`.", labels=["level", "status"]
        )
        counts = dict(state.counts)
        for level in LEVELS:
            for status in STATUSES:
                known.add_metric([level, status], counts.get((level, status), 0))
        outages = GaugeMetricFamily(
            "shutdowns_outages_open", "Outages that have no end yet, by source.", labels=["source"]
        )
        for source, count in Counter(dict(state.open_outages).values()).items():
            outages.add_metric([source], count)
        incidents = GaugeMetricFamily(
            "shutdowns_incidents_open", "Incidents with a shutdown that is open.", value=len(state.open_incidents)
        )
        followers = GaugeMetricFamily(
            "shutdowns_api_followers", "Clients that follow /stream.", value=self.following()
        )
        unreadable = CounterMetricFamily(
            "shutdowns_api_unreadable", "Records that the API could not read.", value=state.unreadable
        )
        yield from (known, outages, incidents, followers, unreadable)
        yield kafka_seen(self._feed.heard_s)
