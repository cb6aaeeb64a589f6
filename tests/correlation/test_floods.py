"""Of very many pieces that say the same a sample takes part: the same one in any order, whatever is taken back."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.correlation import CountryState, Rules, RulesError, default_rules
from streams.correlation.rules import default_text, read_rules
from streams.correlation.sample import Sample
from tests.correlation.evidence import ALMATY, ASTANA, START_S, claim, outage, protest
from tests.correlation.histories import histories
from topics import Claim, Evidence


def few(claims: int = 2, protests: int = 1) -> Rules:
    """The default rules, but that fewer of a kind take part, so that samples displace, and are refilled, soon."""
    counted = {"claims_counted": claims, "protests_counted": protests}
    counted |= {"burst_individuals": 2, "individuals_shown": 2}
    return Rules(tuple(replace(one, value=counted.get(one.id, one.value)) for one in default_rules().all))


def standing(state: CountryState) -> dict[str, str]:
    shutdowns = {one.id: one.digest for one in state.standing()}
    return shutdowns | {one.id: one.digest for one in state.near_misses()}


def at_once(evidence: Sequence[Evidence], rules: Rules) -> CountryState:
    state = CountryState(rules)
    for piece in evidence:
        state.load(piece)
    state.settle()
    return state


def one_by_one(evidence: Sequence[Evidence], rules: Rules) -> CountryState:
    state = CountryState(rules)
    for piece in evidence:
        state.apply(piece)
    return state


@settings(max_examples=200)
@given(histories(), st.integers(2, 3), st.integers(1, 2), st.randoms(use_true_random=False))
def test_order_does_not_matter(evidence: list[Evidence], claims: int, protests: int, rng: random.Random) -> None:
    arriving = evidence * 2
    rng.shuffle(arriving)
    rules = few(claims, protests)
    assert standing(one_by_one(arriving, rules)) == standing(at_once(evidence, rules))


@given(histories(), st.data())
def test_what_is_taken_back_lets_others_in(evidence: list[Evidence], data: st.DataObject) -> None:
    state = one_by_one(evidence, few())
    gone = data.draw(st.sets(st.sampled_from([piece.id for piece in evidence])))
    taken_back = [
        msgspec.structs.replace(piece, revision=9, withdrawn=True) for piece in evidence if piece.id in gone
    ]
    for piece in taken_back:
        state.apply(piece)
    assert standing(state) == standing(at_once([*evidence, *taken_back], few()))


@given(histories())
def test_what_expires_lets_others_in(evidence: list[Evidence]) -> None:
    state = at_once(evidence, few())
    for key in list(state.pieces):
        state.drop([key], [], [])
    assert not list(state.near.claims())
    assert not list(state.near.outages())


@given(st.integers(1, 4), st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), max_size=60))
def test_a_sample_is_of_the_set(most: int, turns: list[tuple[int, int]]) -> None:
    """Ids come and go in any order; who takes part is known from what was answered alone."""
    sample = Sample(most)
    there: set[tuple[int, str]] = set()
    taking_part: set[tuple[int, str]] = set()
    for group, number in turns:
        key = str(number)
        if (group, key) in there:
            there.discard((group, key))
            was, other = sample.discard(group, key)
            assert was is ((group, key) in taking_part)
            taking_part.discard((group, key))
            taking_part |= set() if other is None else {(group, other)}
        else:
            there.add((group, key))
            now, other = sample.add(group, key)
            taking_part -= set() if other is None else {(group, other)}
            taking_part |= {(group, key)} if now else set()
    again = Sample(most)
    wanted: set[tuple[int, str]] = set()
    for group, key in sorted(there):
        now, other = again.add(group, key)
        wanted -= set() if other is None else {(group, other)}
        wanted |= {(group, key)} if now else set()
    assert taking_part == wanted
    for group in range(3):
        assert sum(1 for one in wanted if one[0] == group) == min(most, sum(1 for one in there if one[0] == group))


def crowd(number: int) -> list[Claim]:
    """Reports by as many people, over the hours of a day."""
    return [
        claim(f"person {one}", ALMATY, START_S + one % 6 * 3_600, reporter="individual") for one in range(number)
    ]


def test_a_flood_counts_as_a_hundred_and_moves_no_level() -> None:
    base: list[Evidence] = [outage("elsewhere", ASTANA), claim("ngo", ALMATY)]
    state = one_by_one([*base, *crowd(1_000)], default_rules())
    assert len(list(state.near.claims())) == 101
    (reported,) = [one for one in state.standing() if one.level == "reported"]
    assert reported.sources == 101
    assert reported.support == pytest.approx(1.8)
    together = next(one for one in reported.why if one.code == "individuals-together")
    assert together.words.endswith("There may be more, who would add nothing.")
    (measured,) = [one for one in state.standing() if one.level != "reported"]
    assert measured.level == "measured"


def test_one_source_that_repeats_itself_counts_as_one_and_takes_nobodys_place() -> None:
    repeated = [
        claim(f"row {one}", ALMATY, START_S + one % 6 * 3_600, lineage="feed", reporter="media")
        for one in range(500)
    ]
    state = one_by_one([*repeated, *crowd(3), claim("ngo", ALMATY)], default_rules())
    assert len(list(state.near.claims())) == 104
    (one,) = state.standing()
    assert one.sources == 5


def test_a_crowd_that_is_taken_back_is_made_up_from_the_rest() -> None:
    people = crowd(300)
    state = one_by_one(people, default_rules())
    listed = set(state.near.claims())
    for one in people:
        if one.id in listed:
            state.apply(msgspec.structs.replace(one, revision=1, withdrawn=True))
    rest = set(state.near.claims())
    assert len(rest) == 100
    assert not rest & listed


def test_protests_are_counted_up_to_a_bound() -> None:
    many = [protest(f"protest {one}", "2021-02-28") for one in range(600)]
    state = one_by_one([outage("o"), *many], default_rules())
    (one,) = state.standing()
    assert one.protests == 500


def test_fewer_must_not_count_than_look_coordinated() -> None:
    text = default_text().replace("[claims_counted]\nvalue = 100", "[claims_counted]\nvalue = 4")
    with pytest.raises(RulesError, match="claims_counted"):
        read_rules(text, "rules.toml")
