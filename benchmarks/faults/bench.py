"""What every fault is tried on: workers of all stages, records that come in meanwhile, and what they come to."""

from __future__ import annotations

import random
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from streams.kafka import Broker
from streams.kafka.cluster import Cluster
from streams.reading import read_topic
from streams.scenarios.kazakhstan_2021_02_28 import SCENARIO
from tests.clock import WrongClock
from tests.flow.system import Flow, Sent, offline
from tests.flow.test_published import DATA, LISTS
from tests.renaming import contents
from topics import SHUTDOWN_CHANGES, encode


@dataclass(frozen=True)
class Outcome:
    """A line of the table; without figures where the fault could not be caused."""

    fault: str
    took_s: float | None
    lost: int | None
    doubled: int | None
    note: str

    @property
    def good(self) -> bool:
        """Whether it was caused, and nothing was lost or doubled."""
        return self.lost == 0 and self.doubled == 0

    def __str__(self) -> str:
        figures = ("-" if one is None else f"{one:.0f}" for one in (self.took_s, self.lost, self.doubled))
        return f"| {' | '.join((self.fault, self.note, *figures))} |"


class NotHereError(Exception):
    """A fault can't be caused on this machine."""


@dataclass(frozen=True)
class Cause:
    """What causes a fault and says how; the small disk that it needs, and whether Kafka's data are to be on it, or
    Kafka is to be a cluster."""

    cause: Callable[[Bench, Flow, Feed], str]
    disk: str = ""
    broker_on_disk: bool = False
    cluster: bool = False


class Bench:
    """A broker, the records, and what they come to.

    Args:
        broker: Kafka; faults kill and pause it.
        folder: for state, disks and clusters.
        kills: processes killed in one run.
        pause_s: for how long Kafka stands still.
        joins: how often a worker joins and leaves.
        sent: the records; none: `records()`.
        at_once: so many of them come each half second.
    """

    def __init__(
        self,
        broker: Broker,
        folder: Path,
        kills: int,
        pause_s: float,
        *,
        joins: int = 6,
        sent: Sequence[Sent] | None = None,
        at_once: int = 40,
    ) -> None:
        self.broker = broker
        self.folder = folder
        self.kills = kills
        self.pause_s = pause_s
        self.joins = joins
        self.at_once = at_once
        self.random = random.Random(20210228)
        self.disk: Path | None = None
        self.cluster: Cluster | None = None
        self.clock = WrongClock(folder / "clock")
        self.sent = list(records() if sent is None else sent)
        #: What a fault sent besides, and the offline run is to have too.
        self.more: list[Sent] = []
        self.wanted = contents(offline(self.sent))

    def run(self, name: str, fault: Cause) -> Outcome:
        """Cause a fault in the middle of the work, and wait for the end."""
        try:
            with ExitStack() as stack:
                if fault.disk:
                    self.disk = stack.enter_context(small_disk(self.folder / f"{name}-disk", fault.disk))
                if fault.broker_on_disk:
                    stack.enter_context(self._broker_on_disk())
                if fault.cluster:
                    self.cluster = stack.enter_context(Cluster(self.folder / f"{name}-kafka"))
                return self._run(name, fault, self.cluster.bootstrap if self.cluster else self.broker.bootstrap)
        except NotHereError as error:
            return Outcome(name, None, None, None, str(error))
        finally:
            self.cluster = None

    @contextmanager
    def _broker_on_disk(self) -> Iterator[None]:
        assert self.disk is not None
        usual = self.broker
        try:
            with Broker(self.disk / "kafka", heap="512m", min_free_mb=1) as self.broker:
                yield
        finally:
            self.broker = usual

    def _run(self, name: str, fault: Cause, bootstrap: str) -> Outcome:
        self.clock.set(0)
        self.more = []
        flow = Flow(bootstrap, f"{name}-{uuid.uuid4().hex[:6]}-", self.folder / name)
        feed = Feed(flow, self.sent, self.at_once)
        try:
            flow.worker("a", environment=self.clock.environment).ready()
            feed.start()
            note = fault.cause(self, flow, feed)
            feed.finish()
            started = time.monotonic()
            flow.settle(timeout_s=600)
            took_s = time.monotonic() - started
            found = contents(flow.shutdowns())
            wanted = contents(offline([*self.sent, *self.more])) if self.more else self.wanted
            # Whole incidents, by what their shutdowns say: one that is not in both is lost or made up.
            lost = len(set(wanted) ^ set(found))
            return Outcome(name, took_s, lost, doubled(flow), note)
        finally:
            feed.stop()
            flow.close()


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of its own, e.g. of `48m`.

    Raises:
        NotHereError: this machine lets nobody mount one.
    """
    folder.mkdir(parents=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=False)
    if done.returncode:
        raise NotHereError("not tried: this machine lets nobody mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


class Feed:
    """Publishes the records a few at a time, from a thread, until it is told to hurry."""

    def __init__(self, flow: Flow, sent: list[Sent], at_once: int) -> None:
        self._flow = flow
        self._at_once = at_once
        self._sent = sent
        self._hurry = threading.Event()
        self._stopped = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        size = self._at_once
        for at in range(0, len(self._sent), size):
            if self._stopped.is_set():
                return
            while True:
                try:
                    self._flow.publish(self._sent[at : at + size])
                    break
                except Exception as error:  # the broker is away: that is what is tried here
                    self._failure = error
                    time.sleep(1)
                    if self._stopped.is_set():
                        return
            self._hurry.wait(0.5)

    def finish(self) -> None:
        """Publish what is left without a pause, and return when all is on Kafka."""
        self._hurry.set()
        self._thread.join(600)
        if self._thread.is_alive():
            raise RuntimeError(f"the records could not be published: {self._failure}")

    def stop(self) -> None:
        self._stopped.set()
        self._hurry.set()


def records() -> Iterator[Sent]:
    """The seed case and, where they are beside the repository, two years of published lists."""
    from streams.sources import Accepted

    for topic, record in SCENARIO.records():
        yield topic, topic.key(record), encode(record)
    for reader, names in LISTS.values():
        for name in names:
            if (DATA / name).exists():
                for row in reader.read(DATA / name):
                    if isinstance(row, Accepted):
                        yield row.topic, row.topic.key(row.record), encode(row.record)


def doubled(flow: Flow) -> int:
    """Revisions of a shutdown that are on the topic with two contents: a reader could not tell which counts."""
    seen: dict[tuple[str, int], str] = {}
    twice = 0
    from topics import decode

    for row in read_topic(flow.settings, SHUTDOWN_CHANGES):
        one = decode(SHUTDOWN_CHANGES, row.value, 2**31).shutdown
        key = (one.id, one.revision)
        twice += key in seen and seen[key] != one.digest
        seen[key] = one.digest
    return twice
