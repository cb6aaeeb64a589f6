"""`python -m streams.kafka`: fetch Kafka's pinned jars, or with --pin resolve them anew and write the lock."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from streams.kafka.errors import JarsError
from streams.kafka.jars import default_cache, ensure_jars, ops_folder, pin


def main(arguments: Sequence[str] | None = None) -> None:
    """Do it, or exit with 1 and the reason."""
    parser = argparse.ArgumentParser(prog="python -m streams.kafka", description=__doc__)
    parser.add_argument("--pin", action="store_true", help="resolve anew and write the lock")
    parser.add_argument("--lock", type=Path, help="the lock, if not the package's own")
    parser.add_argument("--cache", type=Path, help=f"folder of the jars [{default_cache()}]")
    given = parser.parse_args(arguments)
    try:
        if given.pin:
            print(f"{len(pin(given.lock or ops_folder() / 'jars.lock'))} jars pinned")
        else:
            print(f"{len(ensure_jars(given.cache, lock=given.lock))} jars are there, with the pinned sums")
    except JarsError as error:
        parser.exit(1, f"{error}\n")


if __name__ == "__main__":
    main()
