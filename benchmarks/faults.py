"""Cause every fault that docs/RELIABILITY.md tells of, and hold what comes out to the run without Kafka.

    python benchmarks/faults.py                 all of them, a quarter of an hour
    python benchmarks/faults.py kills storm     some
    python benchmarks/faults.py --kills 10      fewer kills

Each fault has topics of its own. Workers of all stages run while the records come in; the fault is caused in the
middle; then it is waited for the end, and the shutdowns that stand are compared with the offline run: lost are
those missing or with other content, doubled are records of `shutdown-changes` that have a revision twice with two
contents.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from streams.kafka import Broker
from streams.reading import read_topic
from streams.scenarios.kazakhstan_2021_02_28 import SCENARIO
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


class Bench:
    """A broker, the records, and what they come to."""

    def __init__(self, broker: Broker, folder: Path, kills: int, pause_s: float) -> None:
        self.broker = broker
        self.folder = folder
        self.kills = kills
        self.pause_s = pause_s
        self.random = random.Random(20210228)
        self.mounted: list[Path] = []
        self.sent = list(records())
        self.wanted = contents(offline(self.sent))

    def run(self, name: str, fault: Callable[[Bench, Flow, Feed], str]) -> Outcome:
        flow = Flow(self.broker.bootstrap, f"{name}-{uuid.uuid4().hex[:6]}-", self.folder / name)
        feed = Feed(flow, self.sent)
        try:
            flow.worker("a").ready()
            feed.start()
            note = fault(self, flow, feed)
            feed.finish()
            started = time.monotonic()
            flow.settle(timeout_s=600)
            took_s = time.monotonic() - started
            found = contents(flow.shutdowns())
            lost = sum(1 for key, one in self.wanted.items() if found.get(key) != one)
            lost += len(found.keys() - self.wanted.keys())
            return Outcome(name, took_s, lost, doubled(flow), note)
        finally:
            feed.stop()
            flow.close()
            for folder in self.mounted:
                subprocess.run(["umount", "--lazy", str(folder)], check=False)
            self.mounted.clear()


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


def kills(bench: Bench, flow: Flow, feed: Feed) -> str:
    """SIGKILL to a stage's process, again and again."""
    worker = flow._workers[0]
    for _ in range(bench.kills):
        time.sleep(bench.random.uniform(0.3, 1.5))
        children = worker.children()
        if children:
            os.kill(bench.random.choice(children), signal.SIGKILL)
    return f"{bench.kills} stage processes, at random moments"


def worker_killed(bench: Bench, flow: Flow, feed: Feed) -> str:
    """SIGKILL to a whole worker, while another works."""
    flow.worker("b").ready()
    time.sleep(3)
    flow._workers[0].kill()
    return "one of two workers, for good"


def broker_killed(bench: Bench, flow: Flow, feed: Feed) -> str:
    """SIGKILL to Kafka, and its restart."""
    time.sleep(3)
    bench.broker.kill()
    time.sleep(3)
    bench.broker.restart()
    return "SIGKILL, 3 s, restart"


def broker_paused(bench: Bench, flow: Flow, feed: Feed) -> str:
    """Kafka stands still for longer than every time-out of the clients."""
    time.sleep(3)
    bench.broker.pause()
    time.sleep(bench.pause_s)
    bench.broker.resume()
    return f"SIGSTOP for {bench.pause_s:.0f} s"


def storm(bench: Bench, flow: Flow, feed: Feed) -> str:
    """A worker that joins and leaves every ten seconds."""
    for number in range(6):
        second = flow.worker(f"storm{number}")
        time.sleep(6)
        second.stop(timeout_s=40)
        time.sleep(4)
    return "a worker joins and leaves every 10 s, 6 times"


def corrupted(bench: Bench, flow: Flow, feed: Feed) -> str:
    """Garbage in the files of the state, and the worker killed."""
    time.sleep(4)
    worker = flow._workers[0]
    worker.kill()
    hit = 0
    for path in (flow.folder / "a").rglob("*"):
        if (path.is_file() and path.suffix in (".sst", ".log")) or path.name.startswith("MANIFEST"):
            path.write_bytes(b"\x00garbage" * 100)
            hit += 1
    flow.worker("a").ready()
    return f"{hit} files of RocksDB overwritten"


def state_disk_full(bench: Bench, flow: Flow, feed: Feed) -> str:
    """No space where a worker keeps its state; then there is some again."""
    folder = flow.folder / "small"
    folder.mkdir(parents=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(folder)], check=False)
    if done.returncode:
        return "not tried: this machine lets nobody mount a small disk"
    bench.mounted.append(folder)
    flow._workers[0].kill()
    worker = flow.worker("small")
    time.sleep(10)
    (folder / "filler").write_bytes(b"x" * max(0, shutil.disk_usage(folder).free - 4096))
    time.sleep(10)
    (folder / "filler").unlink()
    subprocess.run(["mount", "-o", "remount,size=500m", str(folder)], check=True)
    feed.finish()
    flow.settle(timeout_s=600)
    worker.kill()
    flow.worker("c").ready()
    return "48 MB, filled for 10 s"


def twice_and_shuffled(bench: Bench, flow: Flow, feed: Feed) -> str:
    """Every record twice, in any order, beside the first time."""
    mixed = bench.sent * 2
    bench.random.shuffle(mixed)
    flow.publish(mixed)
    return f"{len(mixed):,} records more, shuffled"


FAULTS: dict[str, Callable[[Bench, Flow, Feed], str]] = {
    "kills": kills,
    "worker-killed": worker_killed,
    "broker-killed": broker_killed,
    "broker-paused": broker_paused,
    "storm": storm,
    "corrupted-state": corrupted,
    "state-disk-full": state_disk_full,
    "twice-and-shuffled": twice_and_shuffled,
}


@contextmanager
def kafka(folder: Path) -> Iterator[Broker]:
    with Broker(folder / "kafka", heap="512m") as broker:
        yield broker


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=f"of {', '.join(FAULTS)} (default: all)")
    parser.add_argument("--kills", type=int, default=50, help="processes killed in one run (default: 50)")
    parser.add_argument("--pause", type=float, default=120, help="seconds that Kafka stands still (default: 120)")
    given = parser.parse_args()
    unknown = set(given.faults) - FAULTS.keys()
    if unknown:
        parser.error(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(FAULTS)}")
    failed = False
    with tempfile.TemporaryDirectory() as name, kafka(Path(name)) as broker:
        bench = Bench(broker, Path(name), given.kills, given.pause)
        print(f"{len(bench.sent):,} records, {len(bench.wanted):,} shutdowns stand in the end\n")
        print("| fault | how | to the end, s | lost | doubled |\n|---|---|---|---|---|")
        for fault in given.faults or FAULTS:
            one = bench.run(fault, FAULTS[fault])
            failed = failed or bool(one.lost or one.doubled)
            print(f"| {one.fault} | {one.note} | {one.took_s:.0f} | {one.lost} | {one.doubled} |", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
