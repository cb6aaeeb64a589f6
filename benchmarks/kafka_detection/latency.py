"""Time from a value's arrival to the outage that it makes: `python -m benchmarks.kafka_detection.latency`.

A broker of its own and one worker. Two days of ordinary values are published, then a value for each series every
step, one record each, spread over the step, in which all series drop and come back. What is measured is the time
from the moment at which the record was sent by which an outage begins, goes on or ends, to the moment at which that
outage's record was.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.kafka_detection.__main__ import everything, publish_to, say
from benchmarks.kafka_detection.job import MIDNIGHT_S, STEP_S
from benchmarks.kafka_detection.restore import settle, worker
from streams import admin
from streams.kafka import Broker
from streams.settings import Settings
from topics import EVIDENCE, MEASUREMENTS, Entity, Measurement, Origin, Outage, Series, decode, encode

#: Steps of a day, and days before anything drops.
DAY, DAYS = 144, 2

#: What the values of a series that drops are from then on: two low, then as before.
COURSE = (100, 20, 20, 100, 100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=100, help="default: %(default)s")
    parser.add_argument("--step", type=float, default=2.0, help="seconds that a step takes (default: %(default)s)")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    with tempfile.TemporaryDirectory() as folder, Broker(Path(folder) / "kafka", heap="768m") as broker:
        settings = Settings(bootstrap=broker.bootstrap, prefix="latency-")
        admin.create_topics(settings, {"detect": MEASUREMENTS})
        publish_to(MEASUREMENTS, history(given.series), settings)
        with worker(settings, Path(folder) / "state"):
            settle(settings)
            live(given.series, given.step, settings)
            settle(settings)
        taken = sorted(latencies(settings))
    if not taken:
        sys.exit("no outage was told")
    cuts = statistics.quantiles(taken, n=100)
    say(f"{len(taken):,} records of outages: {cuts[49]:.0f} ms in the middle, 95 % within {cuts[94]:.0f} ms")


def record(number: int, at: int, values: tuple[float, ...]) -> tuple[bytes, bytes]:
    """Key and value of a record of one series, from the step `at` on."""
    made = Measurement(
        id=f"{number}/{at}",
        origin=Origin(source="ioda"),
        country="KZ",
        from_s=MIDNIGHT_S + at * STEP_S,
        step_s=STEP_S,
        series=(Series(entity=Entity(type="asn", code=str(number + 1)), signal="ping-slash24"),),
        values=(values,),
        known_s=MIDNIGHT_S + (at + len(values)) * STEP_S,
    )
    return MEASUREMENTS.key(made).encode(), encode(made)


def history(series: int) -> Iterator[tuple[bytes, bytes]]:
    """Ordinary days."""
    for day in range(DAYS):
        for number in range(series):
            yield record(number, day * DAY, (100.0,) * DAY)


def live(series: int, step_s: float, settings: Settings) -> None:
    """A value for each series each step, as time passes."""
    for at, value in enumerate(COURSE, DAYS * DAY):
        ends = time.monotonic() + step_s
        for number in range(series):
            publish_to(MEASUREMENTS, [record(number, at, (float(value),))], settings)
            time.sleep(max(0.0, (ends - time.monotonic()) / (series - number)))


def latencies(settings: Settings) -> Iterator[int]:
    """Milliseconds between each outage's record and that of the value which made it so."""
    arrived: dict[tuple[str, int], int] = {}
    for one in everything(settings.prefix + MEASUREMENTS.name, settings):
        measured = decode(MEASUREMENTS, one.value)
        arrived[measured.series[0].entity.code, measured.known_s] = one.timestamp
    for one in everything(settings.prefix + EVIDENCE.name, settings):
        piece = decode(EVIDENCE, one.value)
        if isinstance(piece, Outage) and piece.known_s is not None:
            yield one.timestamp - arrived[piece.series.split("/")[2], piece.known_s]


if __name__ == "__main__":
    main()
