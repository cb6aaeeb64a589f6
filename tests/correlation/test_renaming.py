"""Ids over a state made anew in another order: what stood with which evidence decides, not what comes first."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from streams.correlation import CorrelateStage
from streams.correlation.lifecycle import over
from streams.correlation.standing import CorrelateStanding
from tests.correlation.evidence import (
    ALMATY,
    ALMATY_REGION,
    ASTANA,
    COUNTRY,
    DAY_S,
    HOUR_S,
    START_S,
    claim,
    coverage,
    outage,
)
from tests.correlation.histories import histories
from tests.correlation.runs import Country, standing
from topics import Evidence


def made_anew(live: Country, pieces: Sequence[Evidence]) -> Country:
    """The state made anew from evidence in that order, with the ids that consumers hold, and read again."""
    anew = Country()
    anew.take(pieces)
    says = [(0, one) for one in anew.given_out.values()]
    shutdowns = CorrelateStanding(anew.stage)
    for renamed in shutdowns.rename(live.given_out.values(), says, {0: anew.store}):
        assert renamed.partition == 0
        assert {one.id for one in renamed.unsaid} == anew.given_out.keys()
        anew.given_out = {one.id: one for one in renamed.said}
    fresh = Country(anew.store, CorrelateStage(), anew.given_out)
    state = fresh.stage.memory("KZ", fresh.store).state
    assert state.shutdowns == fresh.given_out, "what is written is what is said"
    assert standing(state) == standing(anew.stage.memory("KZ", anew.store).state)
    return fresh


BRIDGE: list[Evidence] = [
    claim("first", ALMATY, START_S - 3 * HOUR_S, hours=1),
    claim("second", ALMATY, START_S + 3 * HOUR_S, hours=1),
    outage("bridge", from_s=START_S - 2 * HOUR_S, hours=5),
    coverage("calm", "n" * 24, ASTANA),
]
WORLDS: dict[str, list[Evidence]] = {
    "two reports are bridged by an outage": BRIDGE,
    "two outages are bridged by a third": [
        outage("a"),
        outage("b", from_s=START_S + 5 * HOUR_S),
        outage("bridge", from_s=START_S + 2 * HOUR_S, hours=4),
        claim("c", from_s=START_S + 5 * HOUR_S),
    ],
    "a country, a region in it, and one claim of both": [
        outage("country", COUNTRY, severity="critical", hours=8),
        outage("region", from_s=START_S + HOUR_S, hours=2),
        claim("c", COUNTRY, scope="national"),
        claim("d", ASTANA),
    ],
    "an outage is taken back that had joined two reports": [
        *BRIDGE[:3],
        replace(BRIDGE[2], revision=1, withdrawn=True),
    ],
}


@pytest.mark.parametrize("pieces", WORLDS.values(), ids=WORLDS.keys())
def test_in_every_other_order_the_same_ids_stand_for_the_same(pieces: list[Evidence]) -> None:
    orders = list(itertools.permutations(pieces))
    lives = []
    for order in orders:
        lives.append(Country())
        lives[-1].take(order)
    assert len({frozenset(live.stands) for live in lives}) > 1, "the order decides what ids are made from"
    for live in lives:
        for order in orders[::5]:
            assert made_anew(live, order).stands == live.stands


@settings(max_examples=60)
@given(histories(most=9), st.randoms(use_true_random=False))
def test_whatever_the_evidence_ids_stay_with_it(evidence: list[Evidence], rng: random.Random) -> None:
    arriving = list(evidence)
    rng.shuffle(arriving)
    live = Country()
    live.take(evidence)
    anew = made_anew(live, arriving)
    assert sorted(anew.stands.values()) == sorted(live.stands.values())
    for key, one in live.given_out.items():
        if not over(one) and all(row.reporter != "individual" for row in one.evidence):
            assert anew.stands[key] == one.digest


def test_live_records_go_on_under_the_same_ids() -> None:
    live = Country()
    live.take(BRIDGE)
    [key] = live.stands
    for order in itertools.permutations(BRIDGE):
        anew = made_anew(live, order)
        steps = anew.take([claim("third", lineage="third"), replace(BRIDGE[2], revision=1, until_s=None)])
        assert {step.shutdown.id for step in steps} == {key}


def test_an_id_stays_with_what_is_left_of_its_evidence() -> None:
    live = Country()
    live.take(BRIDGE)
    [key] = live.stands
    for left in (BRIDGE[:1], BRIDGE[1:2], BRIDGE[2:3]):
        assert list(made_anew(live, left).stands) == [key]
    assert key not in made_anew(live, [claim("of another day", from_s=START_S + 9 * DAY_S)]).stands


def test_an_id_of_a_cut_in_a_campaign_does_not_go_over_to_the_night_that_was_claimed() -> None:
    nights: list[Evidence] = [outage(f"night {one}", from_s=START_S + one * DAY_S, hours=4) for one in range(6)]
    said = claim("c", ALMATY_REGION, START_S + 3 * DAY_S, 4)
    live = Country()
    live.take([said, *nights])
    carried = min(live.given_out.values(), key=lambda one: one.from_s)
    assert carried.why[0].detail == "campaign", "it lists the claim of another night"
    claimed = next(key for key, one in live.given_out.items() if one.from_s == START_S + 3 * DAY_S)
    anew = made_anew(live, [*nights[1:], said])
    assert carried.id not in anew.stands
    assert anew.given_out[claimed].from_s == START_S + 3 * DAY_S


def test_ids_of_individuals_reports_stay_with_their_days() -> None:
    first, second = (
        [claim(f"{day}/{one}", from_s=START_S + day * DAY_S, reporter="individual") for one in range(4)]
        for day in (0, 9)
    )
    live = Country()
    live.take([*first, *second])
    assert made_anew(live, [*second[::-1], *first]).stands == live.stands
    later = next(key for key, one in live.given_out.items() if one.from_s > START_S + DAY_S)
    assert list(made_anew(live, second).stands) == [later]


def test_what_had_ended_and_nobody_has_heard_of_is_not_said() -> None:
    live = Country()
    live.take(BRIDGE)
    assert any(map(over, live.given_out.values())), "two became one"
    anew = made_anew(Country(), BRIDGE)
    assert not any(map(over, anew.given_out.values()))
    assert len(anew.given_out) == 1
