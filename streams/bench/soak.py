"""The soak: a feed, and looks at what it does to a system, for as long as one likes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from streams import admin
from streams.bench.verdict import Look, Totals
from streams.bench.watch import Watch
from streams.bench.world import Feed
from streams.correlation.rules import default_text
from streams.errors import StreamsError
from streams.settings import Settings
from streams.sources.publishing import Publisher
from topics import INVALID, SHUTDOWN_CHANGES, Measurement, encode

#: Evidence expires after 15 days of event time here, and not after 20 years, so that a run sees it expire. No
#: window reaches further than 14 days.
EXPIRY_S = 15 * 86_400

#: RocksDB's buffers are smaller here than by default, so that they fill and are written many times in a run: else
#: what they have in them at its end, a chance of megabytes, is taken for growth.
WRITE_BUFFER_BYTES = 1_048_576

#: How long the rest may take once nothing more is fed, seconds.
REST_S = 300.0


class SoakError(StreamsError):
    """The soak can't go on."""


def rules_text() -> str:
    """The default rules but for `expiry_s`."""
    text, count = re.subn(r"(?m)^(\[expiry_s\]\nvalue = )\d+$", rf"\g<1>{EXPIRY_S}", default_text())
    if count != 1:
        raise SoakError("the default rules have no `[expiry_s]` with a value in the next line")
    return text


class Soak:
    """Feeds a system and looks at it; iterate over `run` for the looks, then ask for the `totals`."""

    def __init__(self, settings: Settings, feed: Feed, watch: Watch, *, look_every_s: float) -> None:
        self._settings, self._feed, self._watch = settings, feed, watch
        self._look_every_s = look_every_s
        self._rounds = 0
        #: Records that were sent, those that belong into the time that passed, and values of measurements.
        self.fed = 0
        self.values = 0

    def run(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> Iterator[Look]:
        """Feed round after round at their time, for so long; give a look every now and then, the last at the end.

        Raises:
            StreamsError: Kafka took no more records.
        """
        began = clock()
        looked_s = 0.0
        with Publisher(self._settings) as publisher:
            while (passed_s := clock() - began) < seconds:
                if passed_s < self._rounds * self._feed.every_s:
                    time.sleep(min(self._rounds * self._feed.every_s, seconds) - passed_s)
                    continue
                self._publish(publisher)
                if passed_s - looked_s >= self._look_every_s:
                    looked_s = passed_s
                    yield self._look()
            publisher.flush()
        yield self._look()

    def _publish(self, publisher: Publisher) -> None:
        for topic, record in self._feed.round(self._rounds):
            publisher.send(topic, topic.key(record), encode(record))
            self.fed += 1
            if isinstance(record, Measurement):
                self.values += len(record.values) * len(record.values[0])
        self._rounds += 1

    def _look(self) -> Look:
        return self._watch.look(self._feed.at_s(self._rounds - 1))

    def rest(self) -> float:
        """Wait until everything is processed; give the seconds that it took.

        Raises:
            SoakError: it did not end in `REST_S`.
        """
        began = time.monotonic()
        while any((look := self._look()).lag.values()):
            if time.monotonic() - began > REST_S:
                raise SoakError(f"{REST_S:.0f} s after the last record the stages are behind still: {look.lag}")
            time.sleep(0.5)
        return time.monotonic() - began

    def totals(self, seconds: float) -> Totals:
        """What it came to, after `rest`."""
        prefix = self._settings.prefix
        with admin.connected(self._settings) as client:
            there = admin.live(client, [prefix + INVALID.name, prefix + SHUTDOWN_CHANGES.name], count=True)
        due = seconds / self._feed.every_s
        return Totals(
            seconds=seconds,
            wanted=round(self.fed * max(1.0, due / self._rounds)),
            fed=self.fed,
            ended=self._watch.ended,
            refused=there[prefix + INVALID.name].records,
            changes=there[prefix + SHUTDOWN_CHANGES.name].records,
        )


def write_rules(folder: Path) -> Path:
    """The rules of the soak as a file for `shutdowns worker --rules`."""
    path = folder / "rules.toml"
    path.write_text(rules_text(), "utf-8")
    return path
