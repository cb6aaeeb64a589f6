"""What shutdowns say of probability and chance, by way of the engine: invariants 2, 5 and 7."""

from __future__ import annotations

import math
import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.correlation import CountryState, default_rules
from tests.correlation.evidence import (
    ALMATY,
    ALMATY_REGION,
    ASTANA,
    ATYRAU,
    DAY_S,
    HOUR_S,
    START_S,
    claim,
    coverage,
    outage,
    protest,
)
from tests.correlation.histories import histories
from topics import Evidence, Outage, Shutdown


def standing(*evidence: Evidence) -> CountryState:
    state = CountryState(default_rules())
    for piece in evidence:
        state.apply(piece)
    return state


def of(state: CountryState, piece: str) -> Shutdown:
    """The shutdown that stands on a piece, the most probable of several."""
    found = [state.shutdowns[key] for key in state.used_by(piece)]
    return max(found, key=lambda one: one.probability or 0.0)


def probability(state: CountryState, piece: str) -> float:
    found = of(state, piece).probability
    assert found is not None
    return found


BASE = outage("base", ALMATY_REGION)

#: Begin of a history of two years: an outage and a claim of a place that is far from the others.
A_YEAR: list[Evidence] = [
    outage("first-outage", ATYRAU, START_S - 700 * DAY_S),
    claim("first-claim", ATYRAU, START_S - 660 * DAY_S),
]

SUPPORT: dict[str, Evidence] = {
    "a claim of the place": claim("more", ALMATY, lineage="somebody-else"),
    "a claim of the region": claim("more", ALMATY_REGION, lineage="somebody-else", scope="regional"),
    "an individual's": claim("more", ALMATY, lineage="a-person", reporter="individual"),
    "blocked services": claim("more", ALMATY, extent="service", services=("telegram",)),
    "an order": claim("more", ALMATY, lineage="ministry", reporter="government"),
    "the day before": outage("more", ALMATY_REGION, START_S - DAY_S),
    "the day after": outage("more", ALMATY_REGION, START_S + DAY_S),
    "a protest there": protest("more", "2021-02-28", ALMATY),
}


@pytest.mark.parametrize("name", SUPPORT)
@given(evidence=histories(most=8))
def test_more_support_never_lowers(name: str, evidence: list[Evidence]) -> None:
    before = standing(*evidence, BASE)
    after = standing(*evidence, BASE, SUPPORT[name])
    assert probability(after, "base") >= probability(before, "base")


@given(evidence=histories(most=8))
def test_another_signal_never_lowers(evidence: list[Evidence]) -> None:
    """All else equal: beside other outages, a second signal can make this one take up what stood for itself."""
    plain = [piece for piece in evidence if not isinstance(piece, Outage)]
    more = outage("more", ALMATY_REGION, signals=("gtr",))
    assert probability(standing(*plain, BASE, more), "base") >= probability(standing(*plain, BASE), "base")


@given(evidence=histories(most=8))
def test_contradiction_never_raises(evidence: list[Evidence]) -> None:
    plain = [piece for piece in evidence if not isinstance(piece, Outage)]
    said = claim("said", ALMATY)
    before = standing(*plain, said)
    after = standing(*plain, said, coverage("calm", "n" * 24, ALMATY, series="ioda/calm"))
    assert probability(after, "said") <= probability(before, "said")


@given(evidence=histories())
def test_every_probability_is_explained(evidence: list[Evidence]) -> None:
    """Contributions of each question sum to its answer, and the probability is the product of both."""
    for shutdown in standing(*evidence).standing():
        answers = {"happened": shutdown.happened, "on-purpose": shutdown.on_purpose}
        for question, answer in answers.items():
            total = sum(one.log_odds for one in shutdown.contributions if one.question == question)
            assert answer == pytest.approx(1 / (1 + math.exp(-total)), abs=2e-4)
        assert shutdown.happened is not None
        assert shutdown.on_purpose is not None
        assert shutdown.probability == pytest.approx(shutdown.happened * shutdown.on_purpose, abs=2e-4)
        assert shutdown.model
        # Weeks of evidence are too few to say how often chance would make the like.
        assert shutdown.false_alarms_a_year is None


def numbers(state: CountryState) -> list[tuple[object, ...]]:
    """What stands, and its numbers; ids depend on what was given out before."""
    return sorted(
        (one.digest, one.happened, one.on_purpose, str(one.false_alarms_a_year)) for one in state.standing()
    )


@given(evidence=histories(), rng=st.randoms(use_true_random=False))
def test_rates_of_the_country_are_those_of_the_set(evidence: list[Evidence], rng: random.Random) -> None:
    """With so many outages and protests that counts round differently, any order ends in the same numbers."""
    many: list[Evidence] = [outage(f"m{day}", ASTANA, START_S - day * DAY_S, 1) for day in range(40, 49)]
    many += A_YEAR
    many += [protest(f"w{day}", f"2021-0{1 + day // 28}-{1 + day % 28:02}") for day in range(0, 50, 3)]
    whole = [*evidence, *many, BASE, claim("said", ALMATY)]
    rng.shuffle(whole)
    one_by_one, at_once = standing(*whole), CountryState(default_rules())
    for piece in whole:
        at_once.load(piece)
    at_once.settle()
    assert numbers(one_by_one) == numbers(at_once)


def test_a_cut_that_comes_back_is_more_probable_on_both_days() -> None:
    first, second = outage("first"), outage("second", from_s=START_S + DAY_S)
    alone = probability(standing(first), "first")
    state = standing(first, second)
    assert probability(state, "first") > 10 * alone
    assert probability(state, "second") > 10 * alone
    words = {one.feature: one.words for one in of(state, "first").contributions}
    assert "1 of the 4 days after" in words["recurrence"]


def test_chance_is_not_known_below_a_year_of_history() -> None:
    state = standing(outage("o"), claim("c"))
    assert of(state, "o").level == "corroborated"
    assert of(state, "o").false_alarms_a_year is None
    for piece in A_YEAR[:1]:
        state.apply(piece)
    assert of(state, "o").false_alarms_a_year is None, "a year of outages alone says nothing of claims"
    for piece in A_YEAR:
        state.apply(piece)
    assert of(state, "o").false_alarms_a_year is not None


def test_more_outages_of_a_country_make_chance_likelier() -> None:
    met = standing(
        *A_YEAR, outage("o"), *(claim(f"c{week}", from_s=START_S - week * 7 * DAY_S) for week in range(90))
    )
    before = of(met, "o").false_alarms_a_year
    for day in range(20, 320, 2):
        met.apply(outage(f"o{day}", from_s=START_S - day * DAY_S + HOUR_S))
    after = of(met, "o").false_alarms_a_year
    assert before is not None
    assert after is not None
    assert before >= 0.5, "never below one in the years observed"
    assert after > 5 * before


def test_what_ended_has_no_probability() -> None:
    state = standing(outage("o"), claim("c"))
    for key in ("o", "c"):
        piece = state.pieces[key]
        state.apply(msgspec.structs.replace(piece, revision=9, withdrawn=True))
    assert state.standing() == []
    for shutdown in state.shutdowns.values():
        assert (shutdown.happened, shutdown.on_purpose, shutdown.probability) == (None, None, None)
        assert (shutdown.contributions, shutdown.model) == ((), None)
