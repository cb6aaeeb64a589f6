"""What every fault is tried on: workers of all stages, records that come in meanwhile, and what they come to."""

from __future__ import annotations

import random
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from streams.kafka import Broker
from streams.reading import read_topic
from streams.scenarios.kazakhstan_2021_02_28 import SCENARIO
from tests.clock import WrongClock
from tests.flow.system import Flow, Sent, contents, offline
from tests.flow.test_published import DATA, LISTS
from topics import SHUTDOWN_CHANGES, encode


@dataclass(frozen=True)
class Outcome:
    """A line of the table."""

    fault: str
    took_s: float
    lost: int
    doubled: int
    note: str


class NotHereError(Exception):
    """A fault can't be caused on this machine."""


@dataclass(frozen=True)
class Cause:
    """What causes a fault and says how; the small disk that it needs, and whether Kafka's data are to be on it."""

    cause: Callable[[Bench, Flow, Feed], str]
    disk: str = ""
    broker_on_disk: bool = False


class Bench:
    """A broker, the records, and what they come to."""

    def __init__(self, broker: Broker, folder: Path, kills: int, pause_s: float) -> None:
        self.broker = broker
        self.folder = folder
        self.kills = kills
        self.pause_s = pause_s
        self.random = random.Random(20210228)
        self.disk: Path | None = None
        self.clock = WrongClock(folder / "clock")
        self.sent = list(records())
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
                return self._run(name, fault)
        except NotHereError as error:
            return Outcome(name, 0.0, 0, 0, str(error))

    @contextmanager
    def _broker_on_disk(self) -> Iterator[None]:
        assert self.disk is not None
        usual = self.broker
        try:
            with Broker(self.disk / "kafka", heap="512m", min_free_mb=1) as self.broker:
                yield
        finally:
            self.broker = usual

    def _run(self, name: str, fault: Cause) -> Outcome:
        self.clock.set(0)
        self.more = []
        flow = Flow(self.broker.bootstrap, f"{name}-{uuid.uuid4().hex[:6]}-", self.folder / name)
        feed = Feed(flow, self.sent)
        try:
            flow.worker("a", **self.clock.environment).ready()
            feed.start()
            note = fault.cause(self, flow, feed)
            feed.finish()
            started = time.monotonic()
            flow.settle(timeout_s=600)
            took_s = time.monotonic() - started
            found = contents(flow.shutdowns())
            wanted = contents(offline([*self.sent, *self.more])) if self.more else self.wanted
            lost = sum(1 for key, one in wanted.items() if found.get(key) != one)
            lost += len(found.keys() - wanted.keys())
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

    def __init__(self, flow: Flow, sent: list[Sent]) -> None:
        self._flow = flow
        self._sent = sent
        self._hurry = threading.Event()
        self._stopped = False
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        size = 40
        for at in range(0, len(self._sent), size):
            if self._stopped:
                return
            while True:
                try:
                    self._flow.publish(self._sent[at : at + size])
                    break
                except Exception as error:  # the broker is away: that is what is tried here
                    self._failure = error
                    time.sleep(1)
                    if self._stopped:
                        return
            self._hurry.wait(0.5)

    def finish(self) -> None:
        """Publish what is left without a pause, and return when all is on Kafka."""
        self._hurry.set()
        self._thread.join(600)
        if self._thread.is_alive():
            raise RuntimeError(f"the records could not be published: {self._failure}")

    def stop(self) -> None:
        self._stopped = True
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
