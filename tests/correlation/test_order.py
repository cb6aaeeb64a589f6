"""Cases in which it once mattered what came first, or where a worker crashed."""

from __future__ import annotations

import itertools

import pytest

from streams.correlation import CorrelateStage
from streams.stage import Overlay, Store
from tests.correlation.evidence import (
    ALMATY,
    ALMATY_REGION,
    ATYRAU,
    COUNTRY,
    DAY_S,
    HOUR_S,
    START_S,
    claim,
    common_drop,
    coverage,
    outage,
)
from tests.correlation.runs import at_once, one_by_one, standing
from topics import Evidence, ShutdownChange

ANNOUNCED = claim("c", attribution="announced", reporter="government")

#: On three days at one hour.
CUTS = [outage(f"day-{day}", from_s=START_S + day * DAY_S) for day in range(3)]

CASES: dict[str, list[Evidence]] = {
    "another kind of signal stayed normal while an outage lasted that is over": [
        outage("o", ALMATY_REGION, signals=("bgp",)),
        coverage("v", "n" * 24, ALMATY_REGION, signal="ping-slash24"),
    ],
    "it stayed normal between two outages that are one": [
        outage("o1", ALMATY_REGION, hours=12, signals=("bgp",)),
        outage("o2", ALMATY_REGION, START_S + 14 * HOUR_S, 12, signals=("bgp",)),
        coverage("v", "n", ALMATY_REGION, START_S + 12 * HOUR_S + 1800, signal="ping-slash24"),
    ],
    "a claimed cut of a campaign is swallowed by a wider outage": [
        *CUTS,
        claim("c"),
        outage("wide", COUNTRY, hours=3, severity="critical", signals=("bgp", "ping-slash24")),
    ],
    "a claimed cut of a campaign gets another first outage, of another hour": [
        *CUTS,
        claim("c"),
        outage("first", from_s=START_S - 90 * 60, hours=2),
    ],
    "what was announced should have begun by now": [
        ANNOUNCED,
        coverage("newest", "n", ATYRAU, START_S + DAY_S),
    ],
}


@pytest.mark.parametrize("pieces", CASES.values(), ids=CASES.keys())
def test_every_order_ends_the_same(pieces: list[Evidence]) -> None:
    expected = at_once(pieces)
    assert expected != at_once(pieces[:-1]), "the last piece says nothing"
    for arriving in itertools.permutations(pieces):
        assert standing(one_by_one(arriving)[0]) == expected


def crash(records: list[Evidence], store: Store, written: int) -> list[ShutdownChange]:
    """Work on records in a new worker that dies when it has written so many values; what it gave out."""
    overlay = Overlay(store)
    result = CorrelateStage().process(records, overlay)
    for key, value in list(overlay.changes())[:written]:
        if value is None:
            store.pop(key, None)
        else:
            store[key] = value
    return [record for _, record in result.out if isinstance(record, ShutdownChange)]


@pytest.mark.parametrize("first", range(16))
def test_an_id_that_was_given_out_is_known_wherever_a_worker_crashes(first: int) -> None:
    """The records come again in other batches, as they do after a crash. An outage that had the claim's id lifted
    to corroborated is not there any more, or not yet; nor must an id be forgotten whose evidence was taken over."""
    failure = common_drop("f", "source-failure")
    records: list[Evidence] = [
        coverage("calm", "n" * 24, ALMATY),
        common_drop("f", "source-failure", revision=1, withdrawn=True),
        outage("o", ALMATY, signals=("bgp",)),
    ]
    for second in range(16):
        store: Store = {}
        given_out = crash([claim("c"), failure], store, 1_000)
        given_out += crash(records, store, first)
        given_out += crash(records, store, second)
        given_out += crash(records[:2], store, 1_000)
        given_out += crash(records, store, 1_000)
        stage = CorrelateStage()
        stage.process([], store)
        state = stage.memory("KZ", store).state
        assert standing(state) == at_once([claim("c"), failure, *records])
        newest = {change.shutdown.id: change.shutdown.revision for change in given_out}
        assert {key: one.revision for key, one in state.shutdowns.items()} == newest
        assert len(newest) == 1
