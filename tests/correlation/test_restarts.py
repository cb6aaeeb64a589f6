"""A worker that starts anew in the middle of a long history ends where one ends that never stopped.

What depends on the history of a place (campaigns, long claims, how often chance makes the like) is noted in memory,
and has to be noted again after a restart.
"""

from __future__ import annotations

import random

import pytest

from streams.correlation import CorrelateStage
from streams.stage import Store
from tests.correlation.evidence import (
    ALMATY_REGION,
    ASTANA,
    COUNTRY,
    DAY_S,
    HOUR_S,
    START_S,
    claim,
    day_claim,
    outage,
)
from tests.correlation.runs import at_once, standing
from topics import Evidence


def history(rng: random.Random) -> list[Evidence]:
    """Two years of a country whose places drop at few hours of the day, with claims of days and of months."""
    found: list[Evidence] = []
    for number in range(120):
        place = rng.choice([ALMATY_REGION, ALMATY_REGION, COUNTRY])
        begin_s = START_S - 700 * DAY_S + rng.randrange(700) * DAY_S + rng.choice([0, 0, 6, 13]) * HOUR_S
        signal = rng.choice(["bgp", "ping-slash24", "gtr"])
        found.append(outage(f"o{number}", place, begin_s, rng.choice([1, 3]), signals=(signal,)))
    for number in range(25):
        begin_s = START_S - 700 * DAY_S + rng.randrange(700) * DAY_S
        place = rng.choice([ALMATY_REGION, ASTANA, COUNTRY])
        found.append(claim(f"c{number}", place, begin_s, rng.choice([3, 24, 60 * 24]), lineage=f"who {number % 9}"))
    found += [day_claim(f"d{number}", f"2021-01-{number + 1:02d}", COUNTRY, 9) for number in range(0, 27, 9)]
    return found


def restarted(pieces: list[Evidence], rng: random.Random) -> CorrelateStage:
    """The stage after pieces in batches, started anew from its store now and then."""
    store: Store = {}
    stage = CorrelateStage()
    at = 0
    while at < len(pieces):
        size = rng.randrange(1, 12)
        stage.process(pieces[at : at + size], store)
        at += size
        if rng.random() < 0.3:
            stage = CorrelateStage()
    fresh = CorrelateStage()
    fresh.process([], store)
    fresh.memory("KZ", store)
    return fresh


@pytest.mark.parametrize("seed", range(12))
def test_a_worker_that_starts_anew_ends_where_one_ends_that_never_stopped(seed: int) -> None:
    rng = random.Random(seed)
    pieces = history(rng)
    arriving = list(pieces)
    rng.shuffle(arriving)
    stage = restarted(arriving, rng)
    assert standing(stage.memory("KZ", {}).state) == at_once(pieces)
