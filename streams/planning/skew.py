"""How unevenly keys fall on partitions, and partitions on workers.

Kafka's clients take a key's partition from its murmur2 hash. A country is one key, and countries differ, so the
fullest partition has several times the mean. A plan that takes them for even is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, NamedTuple

from streams.geography import tables

#: Numbers of partitions that are weighed. Powers of two, so that a doubling parts each partition into two.
PARTITIONS = (4, 8, 16, 32, 64, 128, 256)

#: What a topic's records are keyed by: so many ids that they fall evenly, a country, a source and country, one key.
Keys = Literal["ids", "country", "source/country", "one"]


def murmur2(data: bytes) -> int:
    """The hash of a key as Kafka's clients make it, 32 bits.

    >>> murmur2(b"ioda/KZ") % 4, murmur2(b"")
    (0, 275646681)
    """
    most, seed, factor = 0xFFFFFFFF, 0x9747B28C, 0x5BD1E995
    value = seed ^ len(data)
    whole = len(data) // 4 * 4
    for at in range(0, whole, 4):
        word = int.from_bytes(data[at : at + 4], "little") * factor & most
        word = (word ^ word >> 24) * factor & most
        value = (value * factor & most) ^ word
    if rest := data[whole:]:
        value = (value ^ int.from_bytes(rest, "little")) * factor & most
    value = (value ^ value >> 13) * factor & most
    return value ^ value >> 15


def partition_of(key: str, partitions: int) -> int:
    """The partition of a key."""
    return (murmur2(key.encode()) & 0x7FFFFFFF) % partitions


@lru_cache(maxsize=1)
def regions() -> dict[str, int]:
    """How many regions each country has on the map, and one for itself: what IODA measures of it."""
    known = tables.gazetteer()
    counts = dict.fromkeys(tables.countries(), 1)
    for row in range(len(known.keys)):
        if known.kind[row] == tables.UNIT:
            counts[known.place(row).country] += 1
    return counts


def shares(largest: float = 0.0) -> dict[str, float]:
    """Each country's share of all series, by its regions. `largest`: that of the United States, if it has more.

    Most networks of the world are of one country: where they are measured, that is its share.
    """
    counts = regions()
    total = sum(counts.values())
    found = {country: count / total for country, count in counts.items()}
    if largest > found["US"]:
        others = (1 - largest) / (1 - found["US"])
        found = {country: largest if country == "US" else share * others for country, share in found.items()}
    return found


def loads(keys: Mapping[str, float], partitions: int) -> list[float]:
    """What share each partition has."""
    found = [0.0] * partitions
    for key, share in keys.items():
        found[partition_of(key, partitions)] += share
    return found


def imbalance(keys: Mapping[str, float], partitions: int) -> float:
    """The fullest partition's load over the mean: 1 is even."""
    found = loads(keys, partitions)
    return max(found) * partitions / sum(found)


def busiest(each: list[float], workers: int) -> float:
    """The share of the worker with most to do: partitions are dealt by their numbers, whatever they hold."""
    return max(sum(each[first::workers]) for first in range(workers))


class Dealt(NamedTuple):
    """So many partitions among so many workers, and the share of the one with most to do."""

    workers: int
    partitions: int
    share: float


@lru_cache(maxsize=64)
def ways(keys: Keys, largest: float) -> tuple[Dealt, ...]:
    """All ways to deal a topic out with at least two partitions for each worker, the fewest workers first.

    One key is one partition and one worker.
    """
    if keys == "one":
        return (Dealt(1, 1, 1.0),)
    found = []
    for partitions in PARTITIONS:
        if keys == "ids":
            each = [1 / partitions] * partitions
        else:
            prefix = "ioda/" if keys == "source/country" else ""
            each = loads({prefix + country: share for country, share in shares(largest).items()}, partitions)
        found += [Dealt(workers, partitions, busiest(each, workers)) for workers in range(1, partitions // 2 + 1)]
    return tuple(sorted(found))
