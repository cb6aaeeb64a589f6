"""Points and texts a second of geography, on one core: `python benchmarks/geography.py`.

Points lie around the world's cities, as reports' and measurements' do. Beside `locate_points` stands the plain way:
one `STRtree.query(predicate="intersects")` over the same pieces of polygons, without the raster, without coasts.
Texts are made of the names of cities, large ones more often, in sentences of six languages; each text comes once.
Seconds are of the processor, so that a shared machine says nearly the same.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

FRAMES = (
    "No internet in {0} since noon",
    "{0} and {1} are offline",
    "Internet coupé à {0}",
    "нет связи: {0}, {1}",
    "Sin señal en {0} y {1}",
    "لا يوجد إنترنت في {0}",
)
ALPHABETS = ("latin", "latin", "latin", "cyrillic", "latin", "arabic")


def seconds(function: Callable[[], Any]) -> float:
    """Processor seconds of a call."""
    started = time.process_time()
    function()
    return time.process_time() - started


def points(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Latitudes and longitudes around cities, half a degree about."""
    from streams.geography import tables

    known = tables.gazetteer()
    rng = np.random.default_rng(1)
    rows = rng.integers(known.first_city, len(known.kind), n)
    lat = np.asarray(known.latitude)[rows] + rng.normal(0, 0.5, n)
    lon = np.asarray(known.longitude)[rows] + rng.normal(0, 0.5, n)
    return np.clip(lat, -90, 90), (lon + 180) % 360 - 180


def texts(n: int) -> list[str]:
    """Different short texts that name cities of at least 100,000, each as often as it has inhabitants."""
    from streams.geography import tables
    from streams.geography.variants import script

    known, names = tables.gazetteer(), tables.names()
    people = {row: known.population[row] for row in range(known.first_city, len(known.kind))}
    large = {row for row, number in people.items() if number >= 100_000}
    called: dict[str, dict[str, int]] = {alphabet: {} for alphabet in set(ALPHABETS)}
    done: set[tuple[int, str]] = set()
    called["latin"] = {known.names[row]: people[row] for row in sorted(large)}
    for number in range(len(names)):
        name = names[number]
        alphabet = script(name)
        if alphabet in ("cyrillic", "arabic"):
            row = next((row for row, _ in names.rows(name) if row in large), None)
            # One name a city and alphabet, as one language has it.
            if row is not None and (row, alphabet) not in done:
                done.add((row, alphabet))
                called[alphabet][name.title()] = people[row]
    rng = np.random.default_rng(2)
    drawn = {}
    for alphabet, its in called.items():
        weights = np.asarray(list(its.values()), dtype=float)
        drawn[alphabet] = rng.choice(list(its), 2 * n, p=weights / weights.sum())
    made = []
    for i in range(n):
        one, other = drawn[ALPHABETS[i % len(FRAMES)]][2 * i : 2 * i + 2]
        made.append(FRAMES[i % len(FRAMES)].format(one, other))
    return list(dict.fromkeys(made))


def locating(n: int) -> None:
    """Print the rates of points, in bulk, plainly, and one by one."""
    from streams import geography
    from streams.geography.polygons import world

    lat, lon = points(n)
    geography.locate_points(lat[:100_000], lon[:100_000])
    bulk = seconds(lambda: geography.locate_points(lat, lon))
    tree = world().tree
    plain = seconds(lambda: tree.query(shapely.points(lon, lat), predicate="intersects"))
    few = list(zip(lat[: n // 20].round(2).tolist(), lon[: n // 20].round(2).tolist(), strict=True))
    fresh = seconds(lambda: [geography.locate(*point) for point in few])
    again = seconds(lambda: [geography.locate(*point) for _ in range(4) for point in few])
    sys.stdout.write(f"points in bulk                     {n / bulk:12,.0f} a second\n")
    sys.stdout.write(
        f"the same by STRtree.query alone    {n / plain:12,.0f} a second ({plain / bulk:.1f} times as long)\n"
    )
    sys.stdout.write(f"points one at a time, new          {len(few) / fresh:12,.0f} a second\n")
    sys.stdout.write(f"points one at a time, with a cache {4 * len(few) / again:12,.0f} a second\n")


def reading(n: int) -> None:
    """Print the rates of texts: the first pass meets most names for the first time, the second some, the
    third none, as in a stream of reports that goes on; no text is remembered from the pass before.
    """
    from streams import geography
    from streams.geography import texts as reader

    made = texts(2 * n)
    n = len(made) // 2
    first = seconds(lambda: list(geography.find_all(made[:n])))
    second = seconds(lambda: list(geography.find_all(made[n:])))
    reader._read.cache_clear()
    third = seconds(lambda: list(geography.find_all(made[:n])))
    sys.stdout.write(f"short texts, most names new        {n / first:12,.0f} a second\n")
    sys.stdout.write(f"short texts, some names new        {n / second:12,.0f} a second\n")
    sys.stdout.write(f"short texts, names met before      {n / third:12,.0f} a second\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--texts", type=int, default=40_000)
    options = parser.parse_args()
    from streams import geography

    started = time.process_time()
    geography.find_places("Almaty")
    sys.stdout.write(f"first text                         {time.process_time() - started:12.2f} s\n")
    started = time.process_time()
    geography.locate(43.25, 76.92)
    sys.stdout.write(f"first point                        {time.process_time() - started:12.2f} s\n")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"memory, everything loaded          {peak:12.0f} MB\n")
    locating(options.points)
    reading(options.texts)


if __name__ == "__main__":
    main()
