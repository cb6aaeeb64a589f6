"""One country with most of the evidence, piece by piece as the worker takes it: `python -m benchmarks.hot_country`.

A country is one key, so one partition and one worker. Three things can grow: how long it has been watched (more
pieces of the same density), how much happens in it (outages a day), and how finely it is measured (networks beside
its regions). For each, what a piece costs is told in slices of its history: processor time, steps given out, and
bytes written to the changelog in batches of the worker's size. Memory is that of the process; what it stores is
counted and not kept.

    python -m benchmarks.hot_country --pieces 400000                     long
    python -m benchmarks.hot_country --pieces 50000 --outages 400        much happens
    python -m benchmarks.hot_country --pieces 100000 --networks 5000     finely measured
"""

from __future__ import annotations

import argparse
import gc
import math
import os
import random
import time
from collections.abc import Iterator

from benchmarks.correlation import BATCH, BEGIN_S, DAY_S, SIGNALS, day, places
from benchmarks.kafka_detection.__main__ import resident_mb
from streams.correlation import CorrelateStage
from streams.stage import Overlay
from topics import EVIDENCE, Coverage, Evidence, Origin, Outage, Place, decode, encode


def networks(count: int) -> list[Place]:
    """Networks of the country: where in it they lie is not known."""
    return [
        Place(kind="network", country="IN", network=number + 1, name=f"AS{number + 1}", time_zone="Asia/Kolkata")
        for number in range(count)
    ]


def hot_day(number: int, where: list[Place], nets: list[Place], outages: int, rng: random.Random) -> list[Evidence]:
    """A day: that of `benchmarks.correlation`, with more outages, and what networks say."""
    from_s = BEGIN_S + number * DAY_S
    common = {"origin": Origin(source="made"), "country": "IN"}
    found = list(day(number, where, rng))
    for at, place in enumerate(nets):
        found.append(
            Coverage(
                id=f"vn/{number}/{at}",
                place=place,
                from_s=from_s,
                until_s=from_s + DAY_S,
                lineage="ioda",
                series=f"ioda/asn/{at}/bgp",
                signal="bgp",
                hours="n" * 24,
                **common,
            )
        )
    for one in range(outages):
        begin = from_s + rng.randrange(DAY_S)
        # Most outages are short: the median is half an hour, one in twenty lasts five hours or more.
        length = min(3 * DAY_S, int(1800 * math.exp(rng.gauss(0, 1.4))) + 300)
        place = rng.choice(nets) if nets and rng.random() < 0.9 else rng.choice(where[1:])
        found.append(
            Outage(
                id=f"on/{number}/{one}",
                place=place,
                from_s=begin,
                until_s=begin + length,
                lineage="ioda",
                series=f"ioda/{place.key}/bgp",
                signals=(rng.choice(SIGNALS),),
                **common,
            )
        )
    # As they arrive: by the end of what they tell.
    return sorted(found, key=lambda piece: (piece.until_s or piece.from_s, piece.id))


def pieces(given: argparse.Namespace) -> Iterator[bytes]:
    rng = random.Random(1)  # noqa: S311 - the same pieces each time
    where, nets = places(), networks(given.networks)
    number = made = 0
    while made < given.pieces:
        for piece in hot_day(number, where, nets, given.outages, rng)[: given.pieces - made]:
            yield encode(piece)
            made += 1
        number += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pieces", type=int, default=100_000, help="default: %(default)s")
    parser.add_argument("--outages", type=int, default=0, help="a day, beside the four (default: %(default)s)")
    parser.add_argument("--networks", type=int, default=0, help="measured each day (default: %(default)s)")
    parser.add_argument("--slices", type=int, default=8, help="default: %(default)s")
    given = parser.parse_args()
    stage, store = CorrelateStage(), dict[str, bytes]()
    size = given.pieces // given.slices
    names = ("pieces", "µs each", "steps each", "changelog B", "largest", "refused", "MB")
    print("".join(f"{name:>13}" for name in names))
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)  # as the worker does
    source = pieces(given)
    for number in range(given.slices):
        used, out, written, refused = 0.0, 0, 0, 0
        for first in range(0, size, BATCH):
            batch = [next(source) for _ in range(min(BATCH, size - first))]
            began = time.process_time()
            overlay = Overlay(store)
            result = stage.process([decode(EVIDENCE, value) for value in batch], overlay)
            for _, record in result.out:
                encode(record)
            changes = list(overlay.changes())
            used += time.process_time() - began
            out += len(result.out)
            refused += len(result.refused)
            for key, value in changes:
                written += len(key) + len(value or b"")
        near = stage.memory("IN", store).state.near
        largest = max((len(near.component(key).ids) for key in near.outages()), default=0)
        row = ((number + 1) * size, 1e6 * used / size, out / size, written / size, largest, refused)
        memory = resident_mb(os.getpid())
        texts = [f"{row[0]:,}", f"{row[1]:,.0f}", f"{row[2]:.2f}", f"{row[3]:,.0f}", f"{row[4]:,}", f"{row[5]:,}"]
        print("".join(f"{text:>13}" for text in (*texts, f"{memory:,.0f}")), flush=True)


if __name__ == "__main__":
    main()
