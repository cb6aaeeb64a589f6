"""Memory and start-up of a worker that holds many series: `python -m benchmarks.kafka_detection.restore`.

A broker of its own is started, days of 10-minute values are published and processed, then the worker is stopped
and started twice: with its folder (state in RocksDB), and without (state from the changelog).
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.kafka_detection.__main__ import family_of, publish, resident_mb, say, started
from benchmarks.kafka_detection.job import Shape
from streams import admin
from streams.kafka import Broker
from streams.lag import lag
from streams.settings import Settings
from topics import MEASUREMENTS

SOURCES = {"detect": MEASUREMENTS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=50_000, help="default: %(default)s")
    parser.add_argument("--days", type=int, default=8, help="days of 10-minute values (default: %(default)s)")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    shape = Shape("restore", 50, 144, given.series, given.days, 0, "points/s")
    with tempfile.TemporaryDirectory() as folder, Broker(Path(folder) / "kafka", heap="768m") as broker:
        settings = Settings(bootstrap=broker.bootstrap, prefix="restore-")
        admin.create_topics(settings, SOURCES)
        publish(shape, settings)
        data = Path(folder) / "state"
        with worker(settings, data) as (_, pid):
            settle(settings)
            memory = sum(map(resident_mb, family_of(pid)))
        say(f"{given.series:,} series, {given.days} days of 10-minute values")
        say(f"  resident after all of it              {memory:8,.0f} MB")
        with worker(settings, data) as (seconds, _):
            say(f"  start with the folder of its state    {seconds:8.1f} s")
        shutil.rmtree(data)
        with worker(settings, data) as (seconds, _):
            say(f"  start with the changelog alone        {seconds:8.1f} s   ({changelog(settings)})")


@contextmanager
def worker(settings: Settings, data: Path) -> Iterator[tuple[float, int]]:
    """A worker that is ready: after how many seconds, and its process."""
    with tempfile.TemporaryFile() as log:
        began = time.monotonic()
        with started("faust", settings, data, log) as process:
            assert process.stdout is not None
            if not process.stdout.readline():
                log.seek(0)
                sys.exit(f"the worker did not start:\n{log.read().decode()}")
            yield time.monotonic() - began, process.pid


def settle(settings: Settings) -> None:
    """Wait until everything published is processed and committed."""
    with admin.connected(settings) as client:
        while lag(client, settings, SOURCES)["detect"]:
            time.sleep(1)


def changelog(settings: Settings) -> str:
    """How much is on the changelog, in words."""
    with admin.connected(settings) as client:
        found = admin.live(client, [settings.changelog("detect")], count=True)
    return f"{sum(one.records for one in found.values()):,} records"


if __name__ == "__main__":
    main()
