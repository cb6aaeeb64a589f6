"""Which individuals' claims take part, and as of which place: enough people, in any order, with corrections."""

from __future__ import annotations

import random
from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from streams.correlation.crowd import Crowd, of_individual
from streams.correlation.rules import default_rules
from tests.correlation.evidence import (
    ALMATY,
    ALMATY_REGION,
    ATYRAU,
    ATYRAU_REGION,
    COUNTRY,
    DAY_S,
    HOUR_S,
    START_S,
    claim,
)
from topics import Claim

LEAST = default_rules().count("individuals_shown")
PLACES = (ALMATY, ALMATY_REGION, ATYRAU, ATYRAU_REGION, COUNTRY)


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    number = draw(st.integers(0, 9))
    hand = draw(st.sampled_from([None, "a", "b", "c", "d", "e"]))
    lineage = draw(st.sampled_from(["text/1", "text/2"])) if draw(st.integers(0, 3)) == 0 else f"hand-{hand}"
    at = START_S + draw(st.sampled_from([0, HOUR_S, DAY_S]))
    who = "individual" if draw(st.integers(0, 9)) else "organisation"
    return claim(f"c{number}", draw(st.sampled_from(PLACES)), at, reporter=who, hand=hand, lineage=lineage)


def shown(crowd: Crowd, standing: dict[str, Claim]) -> dict[str, Claim]:
    """Let pieces stand, each instead of none, and return what takes part."""
    found: dict[str, Claim] = {}
    for one in standing.values():
        for was, now in crowd.turn(None, one):
            crowd.put(was, now)
            if was is not None:
                del found[was.id]
            if isinstance(now, Claim):
                found[now.id] = now
    return found


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(claims(), st.booleans()), max_size=30), st.randoms(use_true_random=False))
def test_what_takes_part_depends_on_the_set_alone(steps: list[tuple[Claim, bool]], dice: random.Random) -> None:
    crowd = Crowd(default_rules())
    standing: dict[str, Claim] = {}
    taking_part: dict[str, Claim] = {}
    for one, goes in steps:
        old, new = standing.pop(one.id, None), None if goes else one
        if new is not None:
            standing[one.id] = new
        for was, now in crowd.turn(old, new):
            assert taking_part.pop(was.id, None) == was if was is not None else now.id not in taking_part  # type: ignore
            crowd.put(was, now)
            if isinstance(now, Claim):
                taking_part[now.id] = now
    shuffled = dict(dice.sample(sorted(standing.items()), len(standing)))
    assert taking_part == shown(Crowd(default_rules()), shuffled)
    assert crowd.shown == {key: one for key, one in taking_part.items() if of_individual(one)}
    told = defaultdict[tuple[int, str], set[str | None]](set)
    for key, one in crowd.shown.items():
        if standing[key].place.kind != "country":
            told[(one.from_s + 5 * HOUR_S) // DAY_S, one.place.key].add(one.hand or one.lineage)
    assert all(len(people) >= LEAST for people in told.values())


def people(number: int, first: int = 0, place: object = ALMATY) -> list[Claim]:
    made = (claim(f"p{one}", reporter="individual", hand=f"h{one}") for one in range(first, first + number))
    return [replace(one, place=place, lineage=one.id) for one in made]


def places_told(*given: Claim) -> dict[str, str]:
    found = shown(Crowd(default_rules()), {one.id: one for one in given})
    return {key: one.place.key for key, one in found.items()}


def test_enough_people_of_a_town_are_shown_with_their_town() -> None:
    assert places_told(*people(2)) == {}
    assert places_told(*people(3)) == dict.fromkeys(("p0", "p1", "p2"), ALMATY.key)


def test_the_rest_of_a_region_is_shown_without_towns_and_that_of_a_country_is_not() -> None:
    few = [*people(2, place=ATYRAU), *people(1, 2, ATYRAU_REGION)]
    assert places_told(*few) == dict.fromkeys(("p0", "p1", "p2"), ATYRAU_REGION.key)
    assert places_told(*people(2), *people(2, 2, ATYRAU)) == {}
    two_left = [*people(3, place=ATYRAU), *people(2, 3, ATYRAU_REGION)]
    assert places_told(*two_left) == dict.fromkeys(("p0", "p1", "p2"), ATYRAU.key), "and these are not seen"


def test_those_who_say_that_a_country_is_cut_show_nobody_elses_town() -> None:
    """Two made up posts of a whole country lifted a lone report over the threshold."""
    lone = people(1, 9, ATYRAU)
    assert places_told(*people(5, place=COUNTRY), *lone) == {f"p{n}": COUNTRY.key for n in range(5)}


def test_one_person_with_many_posts_is_one() -> None:
    posts = [replace(one, hand="h", lineage=f"text/{one.id}") for one in people(9)]
    copies = [replace(one, lineage="text/same") for one in people(9)]
    unnamed = [replace(one, hand=None, lineage="individual/unnamed") for one in people(9)]
    assert places_told(*posts) == places_told(*copies) == places_told(*unnamed) == {}
