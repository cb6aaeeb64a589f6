"""How well places are found: marked sentences, the areas of STOP, the locations of Mass Mobilization.

    python -m streams.geography.evaluate sentences tests/geography/sentences/*.tsv
    python -m streams.geography.evaluate stop ../shared/data/stop_2016_2018.csv \\
        --asides tests/geography/stop_points.tsv
    python -m streams.geography.evaluate protests ../shared/data/mass_mobilization_2016_2019_09.csv
    python -m streams.geography.evaluate regions ../shared/data/ioda_regions.csv

Each prints its figures; `--wrong N` adds the N worst rows to be read. docs/GEOGRAPHY.md tells what came out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from streams.geography.evaluation import areas, entities, protests, sentences

_SETS: dict[str, tuple[Callable[[list[Path], int], str], str]] = {
    "sentences": (
        sentences.report,
        "sentences with each place marked: recall and precision, by script and language",
    ),
    "stop": (areas.report, "STOP's area_name against the coordinates beside it, by country"),
    "protests": (protests.report, "Mass Mobilization's location: the share located, by country"),
    "regions": (entities.report, "IODA's regions by country and name, against their HASC codes"),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m streams.geography.evaluate", description="How well places are found."
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    for name, (_, words) in _SETS.items():
        one = kinds.add_parser(name, help=words, description=words)
        one.add_argument("files", nargs="+", type=Path)
        one.add_argument("--wrong", type=int, default=0, metavar="N", help="print the N worst rows too")
        if name == "stop":
            one.add_argument("--asides", type=Path, metavar="FILE", help="points that are wrong in the list itself")
    options = parser.parse_args()
    if options.kind == "stop":
        sys.stdout.write(areas.report(options.files, options.wrong, options.asides))
    else:
        report, _ = _SETS[options.kind]
        sys.stdout.write(report(options.files, options.wrong))


if __name__ == "__main__":
    main()
