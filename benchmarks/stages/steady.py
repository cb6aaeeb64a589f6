"""What a series weighs once all of its history is there: `python -m benchmarks.stages.steady`.

Without Kafka, the store in memory in RocksDB's place, as in docs/DETECTION.md: a day of 10-minute values at a time,
until state and memory no longer grow.
"""

from __future__ import annotations

import argparse
import resource

from benchmarks.kafka_detection.__main__ import say
from benchmarks.kafka_detection.job import Shape, records, stage

LOOK_AT = (2, 9, 21, 36, 45)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=5_000, help="default: %(default)s")
    given = parser.parse_args()
    shape = Shape("steady", 50, 144, given.series, max(LOOK_AT), 0, "points/s")
    made, store = stage(), dict[str, bytes]()
    first_mb = 0.0
    say(f"{'days':>6}{'state, bytes a series':>24}{'keys a series':>16}{'memory, bytes a series':>26}")
    for number, record in enumerate(records(shape), 1):
        made.process([record], store)
        first_mb = first_mb or peak_bytes()
        day = number * 50 / given.series
        if day in LOOK_AT:
            size = sum(len(key) + len(value) for key, value in store.items())
            grown = (peak_bytes() - first_mb) / given.series
            say(f"{day:6.0f}{size / given.series:24,.0f}{len(store) / given.series:16.1f}{grown:26,.0f}")


def peak_bytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
