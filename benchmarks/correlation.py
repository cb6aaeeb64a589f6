"""Pieces of evidence a second of correlation, in one country: `python benchmarks/correlation.py`.

The country is made: India and its regions, measured by three signals each. A day of it brings coverage of every
series, and more outages, claims and protests than any country has for long. What is counted, in seconds of one
processor, is how the cost of a piece changes with how much there is already: it must not.

- at once: `CountryState.load` of everything and one `settle`, as `shutdowns correlate` does;
- one by one: the last pieces through the stage (`CorrelateStage.process` in batches, its store written), as the
  worker does;
- ten years: then one claim of the country that lasts for ten years, in milliseconds.
"""

from __future__ import annotations

import argparse
import gc
import random
import resource
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from streams.correlation import CorrelateStage, CountryState, default_rules
from streams.stage import Overlay, Store
from topics import EVIDENCE, Claim, Coverage, Evidence, Origin, Outage, Place, Protest, decode, encode

BEGIN_S = 1_262_304_000
DAY_S = 86_400
SIGNALS = ("ping-slash24", "bgp", "merit-nt")

#: A busy country's day, beside the coverage of 37 places by three signals. India had 116 shutdowns in 2023.
OUTAGES, CLAIMS, PROTESTS = 4, 1, 8
BATCH = 500


def places() -> list[Place]:
    """The country and 36 regions: real ones of India, whose polygons the relations are worked out from."""
    from streams.geography import country_place, tables

    known = tables.gazetteer()
    number = known.number["IN"]
    rows = [row for row in range(len(known.keys)) if known.kind[row] == tables.UNIT and known.under(row, number)]
    found = (known.place(row) for row in rows)
    return [country_place("IN"), *[place for place in found if place.country == "IN"][:36]]


def day(number: int, where: list[Place], rng: random.Random) -> Iterator[Evidence]:
    """What one day brings."""
    from_s = BEGIN_S + number * DAY_S
    common: dict[str, Any] = {"origin": Origin(source="made"), "country": "IN"}
    for at, place in enumerate(where):
        for signal in SIGNALS:
            yield Coverage(
                id=f"v/{number}/{at}/{signal}", place=place, from_s=from_s, until_s=from_s + DAY_S, lineage="ioda",
                series=f"ioda/{at}/{signal}", signal=signal, hours="n" * 24, **common,
            )  # fmt: skip
    for one in range(OUTAGES):
        begin = from_s + rng.randrange(DAY_S)
        at = rng.randrange(1, len(where))
        yield Outage(
            id=f"o/{number}/{one}", place=where[at], from_s=begin, until_s=begin + rng.randrange(1800, 30_000),
            lineage="ioda", series=f"ioda/{at}/bgp", signals=(rng.choice(SIGNALS),), **common,
        )  # fmt: skip
    for one in range(CLAIMS):
        yield Claim(
            id=f"c/{number}/{one}", place=rng.choice(where[1:]), from_s=from_s, until_s=from_s + DAY_S,
            precision="day", lineage=f"paper-{rng.randrange(200)}", report=f"r/{number}/{one}", reporter="media",
            scope="regional", extent="full", **common,
        )  # fmt: skip
    for one in range(PROTESTS):
        yield Protest(
            id=f"p/{number}/{one}", place=rng.choice(where[1:]), from_s=from_s, until_s=from_s + DAY_S,
            precision="day", lineage=f"p/{number}/{one}", item=f"p/{number}/{one}", **common,
        )  # fmt: skip


def made(most: int) -> list[bytes]:
    """So many pieces, day by day, as they are on the topic."""
    rng = random.Random(1)  # noqa: S311 - the same pieces each time
    where = places()
    found: list[bytes] = []
    number = 0
    while len(found) < most:
        found += [encode(piece) for piece in day(number, where, rng)]
        number += 1
    return found[:most]


def at_once(values: list[bytes]) -> tuple[float, float, int]:
    """Pieces a second without and with reading their bytes, and the number of shutdowns."""
    gc.collect()
    started = time.process_time()
    pieces = [decode(EVIDENCE, value) for value in values]
    read = time.process_time()
    state = CountryState(default_rules())
    for piece in pieces:
        state.load(piece)
    state.settle()
    ended = time.process_time()
    return len(values) / (ended - read), len(values) / (ended - started), len(state.standing())


def one_by_one(values: list[bytes], last: int) -> tuple[float, float]:
    """Pieces a second of the last so many through the stage, after all before them; the store is a dict. And the
    milliseconds that a claim of ten years takes then."""
    store: Store = {}
    stage = CorrelateStage()
    state = stage.memory("IN", store).state
    pieces = [decode(EVIDENCE, value) for value in values]
    for piece in pieces[:-last]:
        state.load(piece)
        stage.memory("IN", store).keep(piece, None)
    state.settle()
    memory = stage.memory("IN", store)
    memory.write_conclusions(store)
    memory.write_evidence(store)
    gc.collect()
    batches = [pieces[at : at + BATCH] for at in range(len(pieces) - last, len(pieces), BATCH)]
    took_s = [_processed(stage, batch, store) for batch in [*batches, [ten_years()]]]
    return last / sum(took_s[:-1]), took_s[-1] * 1_000


def _processed(stage: CorrelateStage, batch: list[Evidence], store: Store) -> float:
    """Processor time of a batch through the stage, its output encoded and its writes in the store."""
    started = time.process_time()
    overlay = Overlay(store)
    for _, record in stage.process(batch, overlay).out:
        encode(record)
    for key, value in overlay.changes():
        if value is not None:
            store[key] = value
    return time.process_time() - started


def ten_years() -> Claim:
    """A claim of the whole country from the first day of the evidence on."""
    return Claim(
        id="c/ten-years", origin=Origin(source="made"), country="IN", place=places()[0], from_s=BEGIN_S,
        until_s=BEGIN_S + 3_652 * DAY_S, precision="day", lineage="paper", report="r/ten-years", reporter="media",
        scope="national", extent="full",
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], metavar="N")
    parser.add_argument("--last", type=int, default=5_000, help="pieces one by one (default: %(default)s)")
    given = parser.parse_args()
    values = made(max(given.sizes))
    kinds = Counter(decode(EVIDENCE, value).__class__.__name__ for value in values[:100_000])
    print("of 100,000 pieces: " + ", ".join(f"{number:,} {kind}" for kind, number in kinds.most_common()))
    names = ("pieces", "shutdowns", "at once/s", "with bytes/s", "one by one/s", "µs each", "ten years, ms")
    print("".join(f"{name:>14}" for name in names))
    for size in given.sizes:
        alone, whole, shutdowns = at_once(values[:size])
        each, long_ms = one_by_one(values[:size], min(given.last, size // 2))
        figures = (size, shutdowns, alone, whole, each, 1e6 / each, long_ms)
        print("".join(f"{number:>14,.0f}" for number in figures), flush=True)
    print(f"largest memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
