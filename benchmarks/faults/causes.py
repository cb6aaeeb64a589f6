"""The faults: each is caused in the middle of the work, and says how."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.faults.bench import Bench, Cause, Feed
from tests.flow.system import Flow
from tests.flow.test_flood import flood


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
    for number in range(bench.joins):
        second = flow.worker(f"storm{number}")
        time.sleep(6)
        second.stop(timeout_s=40)
        time.sleep(4)
    return f"a worker joins and leaves every 10 s, {bench.joins} times"


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
    assert bench.disk is not None
    flow._workers[0].kill()
    worker = flow.worker("small", datadir=bench.disk).ready()
    time.sleep(5)
    fill(bench.disk)
    time.sleep(10)
    (bench.disk / "filler").unlink()
    subprocess.run(["mount", "-o", "remount,size=500m", str(bench.disk)], check=True)
    feed.finish()
    flow.settle(timeout_s=600)
    worker.kill()
    flow.worker("c").ready()
    return f"48 MB, filled for 10 s; stages ended {len(worker.exits())} times"


def broker_disk_full(bench: Bench, flow: Flow, feed: Feed) -> str:
    """No space where Kafka keeps its data: it ends. Then there is some again, and it is started again."""
    assert bench.disk is not None
    time.sleep(3)
    fill(bench.disk)
    began = time.monotonic()
    code = bench.broker.wait(120)
    took_s = time.monotonic() - began
    time.sleep(5)
    (bench.disk / "filler").unlink()
    bench.broker.restart()
    how = "went on" if code is None else f"ended after {took_s:.0f} s"
    return f"filled, Kafka {how}; 5 s, space again, restart"


def fill(disk: Path) -> None:
    """Leave no space."""
    with (disk / "filler").open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(16_384)):
            pass


def clock_ahead(bench: Bench, flow: Flow, feed: Feed) -> str:
    """The worker's clock jumps, less than Kafka minds."""
    time.sleep(3)
    bench.clock.set(600)
    feed.finish()
    return "10 min ahead from 3 s on"


def clock_far_ahead(bench: Bench, flow: Flow, feed: Feed) -> str:
    """The worker's clock jumps so far that Kafka takes nothing; then it is set right."""
    time.sleep(3)
    bench.clock.set(86_400)
    time.sleep(20)
    ended = len(flow._workers[0].exits())
    bench.clock.set(0)
    return f"a day ahead for 20 s; stages ended {ended} times"


def clock_behind(bench: Bench, flow: Flow, feed: Feed) -> str:
    """The worker's clock jumps back, and back again."""
    time.sleep(3)
    bench.clock.set(-3_600)
    time.sleep(5)
    bench.clock.set(-3 * 86_400)
    feed.finish()
    return "an hour back, 5 s later three days"


def twice_and_shuffled(bench: Bench, flow: Flow, feed: Feed) -> str:
    """Every record twice, in any order, beside the first time."""
    mixed = bench.sent * 2
    bench.random.shuffle(mixed)
    flow.publish(mixed)
    return f"{len(mixed):,} records more, shuffled"


def cluster_broker_lost(bench: Bench, flow: Flow, feed: Feed) -> str:
    """One broker of three dies, and never comes back."""
    assert bench.cluster is not None
    time.sleep(3)
    bench.cluster.brokers[0].kill()
    return "SIGKILL to one broker of three, for good"


def floods(bench: Bench, flow: Flow, feed: Feed) -> str:
    """A source that sends far more than all others, and as much again of what nobody can read."""
    time.sleep(3)
    reports = list(flood(20_000))
    garbage = [(topic, key, b"{" + value) for topic, key, value in reports]
    bench.more = reports
    flow.publish([*reports, *garbage])
    return f"{len(reports):,} reports of one place and day at once, and {len(garbage):,} that are no JSON"


FAULTS: dict[str, Cause] = {
    "kills": Cause(kills),
    "worker-killed": Cause(worker_killed),
    "broker-killed": Cause(broker_killed),
    "broker-paused": Cause(broker_paused),
    "storm": Cause(storm),
    "corrupted-state": Cause(corrupted),
    "state-disk-full": Cause(state_disk_full, disk="48m"),
    "broker-disk-full": Cause(broker_disk_full, disk="200m", broker_on_disk=True),
    "clock-ahead": Cause(clock_ahead),
    "clock-far-ahead": Cause(clock_far_ahead),
    "clock-behind": Cause(clock_behind),
    "twice-and-shuffled": Cause(twice_and_shuffled),
    "flood": Cause(floods),
    "cluster-broker-lost": Cause(cluster_broker_lost, cluster=True),
}
