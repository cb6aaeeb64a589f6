"""Cause every fault that docs/RELIABILITY.md tells of, and hold what comes out to the run without Kafka.

    python -m benchmarks.faults                 all of them, twenty minutes
    python -m benchmarks.faults kills storm     some
    python -m benchmarks.faults --kills 10      fewer kills

Each fault has topics of its own. Workers of all stages run while the records come in; the fault is caused in the
middle; then it is waited for the end, and the shutdowns that stand are compared with the offline run: lost are
those missing or with other content, doubled are records of `shutdown-changes` that have a revision twice with two
contents.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.faults.bench import Bench
from benchmarks.faults.causes import FAULTS
from streams.kafka import Broker


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
            failed = failed or not one.good
            print(one, flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
