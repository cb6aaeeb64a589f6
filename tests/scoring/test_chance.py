"""False alarms: the rates of a country, the same in any order, and what they come to in cases done by hand."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.scoring import Chances
from streams.scoring.chance import at_least, half_octave
from tests.correlation.evidence import (
    ALMATY,
    ALMATY_REGION,
    ASTANA,
    ATYRAU,
    COUNTRY,
    DAY_S,
    START_S,
    claim,
    outage,
    protest,
)
from topics import Claim, Outage, Place, Protest

PLACES = (COUNTRY, ALMATY_REGION, ALMATY, ASTANA, ATYRAU)
WINDOW_S = 3 * DAY_S

#: Counts enter in half-octaves: at most so far off.
ROUNDED = 0.19


def counted(*pieces: Outage | Claim | Protest) -> Chances:
    chances = Chances()
    for piece in pieces:
        chances.add(piece, WINDOW_S)
    return chances


@pytest.mark.parametrize(
    ("count", "rounded"),
    [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 6), (6, 6), (7, 8), (8, 8), (10, 11), (16, 16), (1000, 1024)],
)
def test_counts_in_half_octaves(count: int, rounded: int) -> None:
    assert half_octave(count) == rounded


@given(st.integers(0, 10**7))
def test_half_octaves_never_fall_and_stay_near(count: int) -> None:
    assert half_octave(count) <= half_octave(count + 1)
    assert abs(half_octave(count) - count) <= 0.25 * count


@pytest.mark.parametrize("events", [1, 2, 3])
@pytest.mark.parametrize("mean", [1e-9, 1e-3, 0.5, 3.0])
def test_the_tail_of_poisson(events: int, mean: float) -> None:
    terms = (math.exp(-mean) * mean**number / math.factorial(number) for number in range(events, 60))
    assert at_least(events, mean) == pytest.approx(sum(terms), rel=1e-6)


def test_poisson_has_no_edges() -> None:
    assert at_least(0, 0.0) == 1
    assert at_least(1, 0.0) == 0
    assert at_least(600, 0.1) == 0
    assert at_least(1, 500.0) == pytest.approx(1)


def test_one_outage_and_one_claim_within_a_year() -> None:
    """One day of outages a year, claimed for 3 of its 365 days: 0.0082 times."""
    chances = counted(outage("o"), claim("c"))
    assert chances.false_alarms(ALMATY_REGION, [outage("o")], 1) == pytest.approx(3 / 365, rel=ROUNDED)
    assert chances.false_alarms(ALMATY_REGION, [outage("o")], 2) == pytest.approx(
        (3 / 365) ** 2 / 2, rel=2 * ROUNDED
    )


def test_nothing_to_say_without_claims_or_outages() -> None:
    chances = counted(outage("o"), claim("c"))
    assert chances.false_alarms(ALMATY_REGION, [outage("o")], 0) is None
    assert chances.false_alarms(ASTANA, [outage("x", ASTANA)], 1) is None


def test_more_kinds_of_signal_are_rarer() -> None:
    one = [outage(f"o{day}", from_s=START_S - 9 * day * DAY_S) for day in range(8)]
    three = outage("t", signals=("bgp", "gtr", "ping-slash24"))
    chances = counted(*one, three, claim("c"))
    weak, strong = (chances.false_alarms(ALMATY_REGION, [like], 1) for like in (one[0], three))
    assert weak is not None
    assert strong is not None
    assert weak == pytest.approx(8 * strong, rel=0.1)


def test_claims_of_elsewhere_are_no_chance_here() -> None:
    near = counted(outage("o"), claim("c"), claim("far", ATYRAU))
    assert near.false_alarms(ALMATY_REGION, [outage("o")], 1) == pytest.approx(3 / 365, rel=ROUNDED)
    everywhere = counted(outage("o"), claim("c"), claim("all", COUNTRY))
    assert everywhere.false_alarms(ALMATY_REGION, [outage("o")], 1) == pytest.approx(6 / 365, rel=ROUNDED)


def test_signals_of_one_day_are_one_chance() -> None:
    chances = counted(outage("a"), outage("b", signals=("bgp",)), outage("c", signals=("gtr",)), claim("c1"))
    both = [outage("a"), outage("b", signals=("bgp",)), outage("c", signals=("gtr",))]
    assert chances.false_alarms(ALMATY_REGION, both, 1) == pytest.approx(3 / 365, rel=ROUNDED)


def test_the_usual_number_of_protests_is_that_of_the_median_week() -> None:
    assert Chances().usual_protests(7 * DAY_S) is None
    monday = START_S // (7 * DAY_S) * 7 * DAY_S
    chances = Chances()
    for week, number in enumerate((2, 2, 6, 0, 2)):
        for each in range(number):
            day = protest(f"p{week}-{each}", "2021-02-28")
            chances.add(type(day)(**{name: getattr(day, name) for name in day.__struct_fields__} | {
                "from_s": monday + week * 7 * DAY_S, "until_s": monday + week * 7 * DAY_S + DAY_S,
            }))  # fmt: skip
    assert chances.usual_protests(7 * DAY_S) == 2
    assert chances.usual_protests(3 * DAY_S) == pytest.approx(6 / 7)


def test_a_protest_in_several_places_is_one() -> None:
    chances = Chances()
    for number, place in enumerate((ALMATY, ASTANA, ATYRAU)):
        for day in ("07", "14", "21", "28"):
            chances.add(protest(f"p{number}-{day}", f"2021-02-{day}", place, lineage=f"one-{day}"))
    assert chances.usual_protests(7 * DAY_S) == 1


def test_three_weeks_are_too_few_to_say_what_is_usual() -> None:
    chances = Chances()
    for day, known in (("07", False), ("14", False), ("21", False), ("28", True)):
        chances.add(protest(day, f"2021-02-{day}"))
        assert (chances.usual_protests(7 * DAY_S) is not None) is known


@st.composite
def pieces(draw: st.DrawFn, key: str) -> Outage | Claim | Protest:
    place, begin = draw(st.sampled_from(PLACES)), START_S + DAY_S * draw(st.integers(-700, 700))
    match draw(st.sampled_from(["outage", "claim", "protest"])):
        case "outage":
            return outage(key, place, begin, signals=(draw(st.sampled_from(["bgp", "gtr", "merit-nt"])),))
        case "claim":
            return claim(key, place, begin, lineage=draw(st.sampled_from("abc")))
    return protest(key, f"202{draw(st.integers(0, 2))}-0{draw(st.integers(1, 9))}-11", place)


HISTORIES = st.integers(0, 16).flatmap(lambda most: st.tuples(*(pieces(f"e{number}") for number in range(most))))


def answers(chances: Chances) -> list[float | None]:
    found = [
        chances.false_alarms(place, [outage("x", place, signals=signals)], lineages)
        for place in PLACES
        for signals in (("bgp",), ("bgp", "gtr", "merit-nt"))
        for lineages in (1, 2)
    ]
    return [*found, chances.usual_protests(7 * DAY_S)]


@given(HISTORIES, st.randoms(use_true_random=False))
def test_the_set_decides_and_what_is_taken_back_leaves_nothing(
    history: tuple[Outage | Claim | Protest, ...], rng: random.Random
) -> None:
    shuffled = list(history)
    rng.shuffle(shuffled)
    kept = shuffled[: len(shuffled) // 2]
    chances = counted(*shuffled)
    assert answers(chances) == answers(counted(*history))
    for piece in shuffled[len(kept) :]:
        chances.add(piece, WINDOW_S, -1)
    known = {piece.place.key for piece in kept if isinstance(piece, Outage)}
    fresh = counted(*kept)
    for place in PLACES:
        if place.key in known:
            one = [outage("x", place)]
            assert chances.false_alarms(place, one, 1) == fresh.false_alarms(place, one, 1)
    assert chances.usual_protests(DAY_S) == fresh.usual_protests(DAY_S)


@given(HISTORIES)
def test_what_answers_otherwise_is_said(history: tuple[Outage | Claim | Protest, ...]) -> None:
    chances = Chances()
    before = {place.key: [*answers_of(chances, place)] for place in PLACES}
    for piece in history:
        chances.add(piece, WINDOW_S)
        changed = chances.changed_places()
        for place in PLACES:
            now = answers_of(chances, place)
            assert now == before[place.key] or place.key in changed
            before[place.key] = now


def answers_of(chances: Chances, place: Place) -> list[float | None]:
    index = PLACES.index(place)
    return answers(chances)[4 * index : 4 * index + 4]


def test_few_of_many_pieces_change_an_answer() -> None:
    """Counts grow by half-octaves: a place's answer becomes another some dozens of times, however many come."""
    chances = Chances()
    rng = random.Random(7)
    changes = 0
    for number in range(4_000):
        begin = START_S + rng.randrange(1_000) * DAY_S
        chances.add(
            outage(f"o{number}", from_s=begin) if number % 2 else claim(f"c{number}", from_s=begin), WINDOW_S
        )
        changes += len(chances.changed_places())
    assert changes < 100
