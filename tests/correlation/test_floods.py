"""Of very many pieces that say the same a sample takes part: the same one in any order, whatever is taken back."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.correlation import CorrelateStage, CountryState, Rules, RulesError, default_rules
from streams.correlation.lifecycle import LEVELS
from streams.correlation.rules import default_text, read_rules
from streams.correlation.sample import Member, Sample
from tests.correlation.evidence import (
    ALMATY,
    ALMATY_REGION,
    DAY_S,
    HOUR_S,
    START_S,
    claim,
    day_claim,
    outage,
    protest,
)
from tests.correlation.runs import at_once, one_by_one, standing
from topics import Evidence, Shutdown, digest


def few(claims: int = 2, protests: int = 1, repeats: int = 1) -> Rules:
    """The default rules, but that fewer of a kind take part, so that samples displace, and are refilled, soon."""
    counted = {"claims_counted": claims, "protests_counted": protests, "repeats_counted": repeats}
    counted |= {"burst_individuals": 2, "individuals_shown": 2}
    return Rules(tuple(replace(one, value=counted.get(one.id, one.value)) for one in default_rules().all))


@st.composite
def crowds(draw: st.DrawFn) -> list[Evidence]:
    """Few places, hours and lineages, so that many say the same; revisions move pieces, take them back and bring
    them again."""
    found: list[Evidence] = []
    for number in range(draw(st.integers(2, 14))):
        for revision in range(draw(st.sampled_from([1, 1, 2, 3]))):
            piece = draw(_crowded(f"e{number}", number % 7))
            withdrawn = draw(st.sampled_from([False, False, True])) and revision > 0
            found.append(msgspec.structs.replace(piece, revision=revision, withdrawn=withdrawn))
    return found


@st.composite
def _crowded(draw: st.DrawFn, key: str, kind: int) -> Evidence:
    place = draw(st.sampled_from([ALMATY, ALMATY, ALMATY_REGION]))
    from_s = START_S + draw(st.sampled_from([0, 0, 5, 26])) * HOUR_S
    if kind == 6:
        return outage(key, place, from_s)
    if kind == 5:
        return protest(key, "2021-02-28", place, lineage=draw(st.sampled_from([key, "paper"])))
    reporter = draw(st.sampled_from(["individual", "individual", "individual", "media"]))
    lineage = draw(st.sampled_from([key, key, "hand"]))
    if kind == 4:
        return day_claim(key, "2021-02-28", place, reporter=reporter, lineage=lineage)
    extent = draw(st.sampled_from(["full", "full", "service"]))
    return claim(key, place, from_s, reporter=reporter, lineage=lineage, extent=extent)


RULES = st.builds(few, st.integers(2, 3), st.integers(1, 2), st.integers(1, 2))


@settings(max_examples=200)
@given(crowds(), RULES, st.randoms(use_true_random=False))
def test_order_does_not_matter(evidence: list[Evidence], rules: Rules, rng: random.Random) -> None:
    arriving = evidence * 2
    rng.shuffle(arriving)
    assert standing(one_by_one(arriving, rules)[0]) == at_once(evidence, rules)


@settings(max_examples=200)
@given(crowds(), RULES, st.sets(st.integers(0, 30)))
def test_restarts_do_not_matter(evidence: list[Evidence], rules: Rules, restarts: set[int]) -> None:
    given_out = []
    for forgetting in (restarts, set[int]()):
        stage, store, out = CorrelateStage(rules), dict[str, bytes](), []
        for at, piece in enumerate(evidence):
            if at in forgetting:
                stage.forget()
            out += stage.process([piece], store).out
        given_out.append(out)
        assert standing(CorrelateStage(rules).memory("KZ", store).state) == at_once(evidence, rules)
    assert given_out[0] == given_out[1]


@given(crowds())
def test_what_expires_lets_others_in(evidence: list[Evidence]) -> None:
    state, _ = one_by_one(evidence, few())
    for key in list(state.pieces):
        state.drop([key], [], [])
    assert not list(state.near.claims())
    assert not list(state.near.outages())


def first(members: set[tuple[str, str]], lineages: int, repeats: int) -> set[tuple[str, str]]:
    """Who takes part of a group, looked for among all of it."""
    ranked = sorted({lineage for lineage, _ in members}, key=digest)[:lineages]
    found = set()
    for one in ranked:
        found |= {(one, key) for key in sorted((key for its, key in members if its == one), key=digest)[:repeats]}
    return found


TURNS = st.tuples(st.integers(0, 1), st.integers(0, 4), st.integers(0, 4))


@given(st.integers(1, 3), st.integers(1, 3), st.lists(TURNS, max_size=80))
def test_a_sample_is_of_the_set(lineages: int, repeats: int, turns: list[tuple[int, int, int]]) -> None:
    """Ids come and go; who takes part, as was answered, is who would if all had come at once."""
    sample = Sample(lineages, repeats)
    there: dict[int, set[tuple[str, str]]] = {0: set(), 1: set()}
    answered: dict[int, set[str]] = {0: set(), 1: set()}
    for group, lineage, number in turns:
        one = (f"hand {lineage}", f"{lineage}/{number}")
        member = Member(group, *one)
        if one in there[group]:
            there[group].discard(one)
            was, others = sample.discard(member)
            assert was is (one[1] in answered[group])
            answered[group].discard(one[1])
            assert not answered[group] & set(others)
            answered[group] |= set(others)
        else:
            there[group].add(one)
            now, others = sample.add(member)
            assert set(others) <= answered[group]
            answered[group] -= set(others)
            answered[group] |= {one[1]} if now else set()
        for number_of_group, members in there.items():
            wanted = {key for _, key in first(members, lineages, repeats)}
            assert answered[number_of_group] == wanted


def crowd(number: int, from_s: int = START_S, **more: Any) -> list[Evidence]:
    """Reports by as many people."""
    told: dict[str, Any] = {"reporter": "individual", "extent": "full"} | more
    return [claim(f"{more} {from_s} {one}", ALMATY, from_s, **told) for one in range(number)]


def best(state: CountryState) -> Shutdown:
    """The shutdown of the highest level of those that an organisation's claim is part of."""
    return max((state.shutdowns[key] for key in state.used_by("ngo")), key=lambda one: LEVELS.index(one.level))


FLOODS = {
    "others at that hour": crowd(2_000),
    "others at another hour": crowd(2_000, START_S + 12 * HOUR_S),
    "one hand": crowd(2_000, lineage="hand"),
    "one hand at another hour": crowd(2_000, START_S + 12 * HOUR_S, lineage="hand"),
    "of services": crowd(2_000, extent="service"),
    "a paper called as people are": crowd(2_000, reporter="media", lineage="individual"),
    "papers that quote the government": crowd(2_000, reporter="media", lineage="government"),
    "a paper of services": crowd(2_000, reporter="media", lineage="paper", extent="service"),
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
@pytest.mark.parametrize("measured", [True, False], ids=["measured", "not measured"])
def test_a_flood_takes_nothing_away(flood: list[Evidence], measured: bool) -> None:
    base: list[Evidence] = [outage("o", ALMATY_REGION)] if measured else []
    base += crowd(20, cause="as they say")
    base += [claim("ngo", ALMATY, lineage="paper"), claim("state", lineage="government", reporter="government")]
    before = best(one_by_one(base)[0])
    state, _ = one_by_one([*base, *flood])
    after = best(state)
    assert LEVELS.index(after.level) >= LEVELS.index(before.level)
    assert after.sources >= before.sources
    assert after.support >= before.support
    assert set(before.acknowledged) <= set(after.acknowledged)
    # It costs no more than what counts.
    assert len(list(state.near.claims())) <= len(base) + 31


def test_a_flood_counts_as_thirty_and_moves_no_level() -> None:
    state, _ = one_by_one([claim("ngo"), *crowd(1_000)])
    (reported,) = state.standing()
    assert reported.level == "reported"
    assert reported.sources == 31
    assert reported.support == pytest.approx(1.8, abs=1e-4)
    together = next(one for one in reported.why if one.code == "individuals-together")
    assert together.words.endswith("There may be more, who would add nothing.")


def test_a_crowd_that_is_taken_back_is_made_up_from_the_rest() -> None:
    people = crowd(300)
    state, _ = one_by_one(people)
    listed = set(state.near.claims())
    for one in people:
        if one.id in listed:
            state.apply(msgspec.structs.replace(one, revision=1, withdrawn=True))
    rest = set(state.near.claims())
    assert len(rest) == 30
    assert not rest & listed


def test_protests_are_counted_up_to_a_bound() -> None:
    many = [protest(f"protest {one}", "2021-02-28") for one in range(600)]
    again = [protest(f"again {one}", "2021-02-28", lineage="one paper") for one in range(600)]
    state, _ = one_by_one([outage("o"), *many])
    assert state.standing()[0].protests == 500
    state, _ = one_by_one([outage("o"), *many[:30], *again])
    assert state.standing()[0].protests == 31


def test_a_piece_that_becomes_another_kind_takes_its_old_place_with_it() -> None:
    pieces: list[Evidence] = [
        outage("x", ALMATY_REGION),
        claim("x", ALMATY, revision=1),
        protest("x", "2021-02-28", revision=2),
        outage("x", ALMATY_REGION, START_S + DAY_S, revision=3),
    ]
    state = CountryState(default_rules())
    for at, piece in enumerate(pieces):
        state.apply(piece)
        assert standing(state) == at_once(pieces[: at + 1])


def test_fewer_must_not_count_than_look_coordinated() -> None:
    text = default_text().replace("[claims_counted]\nvalue = 30", "[claims_counted]\nvalue = 4")
    with pytest.raises(RulesError, match="claims_counted"):
        read_rules(text, "rules.toml")
