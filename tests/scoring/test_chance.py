"""False alarms: the rates of a country, the same in any order, and what they come to in cases done by hand."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.scoring import Chances
from streams.scoring.chance import half_octave
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

#: Counts enter in half-octaves: at most so far off.
ROUNDED = 0.19


#: Begin of a history of a year, of a place that is far from the others.
OLD: tuple[Outage | Claim, ...] = (
    outage("old-outage", ATYRAU, START_S - 400 * DAY_S),
    claim("old-claim", ATYRAU, START_S - 400 * DAY_S),
)


def days_of(piece: Outage | Claim | Protest) -> range:
    """The days on which a claim could meet an outage, here three from its own on."""
    return range(piece.from_s // DAY_S, piece.from_s // DAY_S + 3) if isinstance(piece, Claim) else range(0)


def counted(*pieces: Outage | Claim | Protest) -> Chances:
    chances = Chances()
    for piece in pieces:
        chances.add(piece, days_of(piece))
    return chances


def often(number: int = 40, place: Place = ALMATY_REGION, **more: Any) -> list[Outage]:
    """Outages of a place on as many days, four days apart."""
    return [outage(f"{place.name}{day}", place, START_S - 4 * DAY_S * day, **more) for day in range(1, number + 1)]


def claims(number: int, place: Place = ALMATY, every: int = 4, **more: Any) -> list[Claim]:
    """Claims of a place, some days apart."""
    return [
        claim(f"c{place.name}{day}", place, START_S - every * DAY_S * day, **more) for day in range(1, number + 1)
    ]


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


def test_the_estimate_by_hand() -> None:
    """40 days of 1.1 years had an outage there, one of them the event itself; 60 days are claimed."""
    chances = counted(*OLD, *often(), *claims(20))
    years = 400 / 365
    by_hand = 39 / years * 60 / (365 * years)
    found = chances.false_alarms(ALMATY_REGION, often(1), 1)
    assert found == pytest.approx(by_hand, rel=2 * ROUNDED)


def test_nothing_to_say_without_claims_or_outages() -> None:
    chances = counted(*OLD, outage("o"), claim("c"))
    assert chances.false_alarms(ALMATY_REGION, [outage("o")], 0) is None
    assert chances.false_alarms(ASTANA, [outage("x", ASTANA)], 1) is None
    assert chances.false_alarms(ALMATY_REGION, [outage("o")], 1) is not None


@pytest.mark.parametrize(("days", "known"), [(340, False), (400, True)])
def test_below_a_year_of_history_nothing_is_known(days: int, known: bool) -> None:
    begin: list[Outage | Claim] = [
        outage("old-outage", ATYRAU, START_S - days * DAY_S),
        claim("old-claim", ATYRAU, START_S - days * DAY_S),
    ]
    now: list[Outage | Claim] = [outage("o"), claim("c")]
    found = counted(*begin, *now).false_alarms(ALMATY_REGION, [outage("o")], 1)
    assert (found is not None) is known
    for only in begin:
        one_sided = counted(only, *now)
        assert one_sided.false_alarms(ALMATY_REGION, [outage("o")], 1) is None, "both need a year"


@pytest.mark.parametrize("years", [2, 4, 8])
def test_never_below_one_in_the_years_observed(years: int) -> None:
    begin = START_S - years * 365 * DAY_S
    rare = counted(outage("old", ATYRAU, begin), claim("old-claim", ATYRAU, begin), outage("o"), claim("c"))
    found = rare.false_alarms(ALMATY_REGION, [outage("o")], 3)
    assert found == pytest.approx(1 / years, rel=ROUNDED)


def test_the_event_itself_is_no_chance() -> None:
    """Its outage is left out, and so are the days of its own claims."""
    chances = counted(*OLD, *often(), *claims(20))
    whole = chances.false_alarms(ALMATY_REGION, often(1), 1)
    own = chances.false_alarms(ALMATY_REGION, often(1), 1, own_days=30)
    assert whole is not None
    assert own == pytest.approx(whole / 2, rel=2 * ROUNDED)
    assert chances.false_alarms(ALMATY_REGION, often(1), 1, own_days=1_000) == pytest.approx(0.9, rel=ROUNDED)


def test_a_cluster_of_claims_is_one_chance() -> None:
    """Ten claims of one event cover one stretch and not ten."""
    chances = counted(*OLD, *often(), *claims(20))
    crowd = [claim(f"again{number}", lineage="c1", from_s=START_S - 4 * DAY_S) for number in range(10)]
    more = counted(*OLD, *often(), *claims(20), *crowd)
    assert more.false_alarms(ALMATY_REGION, often(1), 1) == chances.false_alarms(ALMATY_REGION, often(1), 1)


def test_more_lineages_are_rarer() -> None:
    """Of 21 clusters one in ten has a second lineage: chance makes the like of it a tenth as often."""
    seconds = [claim(f"s{day}", from_s=START_S - 40 * DAY_S * day) for day in (1, 2)]
    chances = counted(*OLD, *often(80), *claims(20, every=8), *seconds)
    one, two, three = (chances.false_alarms(ALMATY_REGION, often(1), lineages) for lineages in (1, 2, 3))
    assert one is not None
    assert two is not None
    assert three is not None
    assert one > two >= three


def test_more_kinds_of_signal_are_rarer() -> None:
    strong = [
        outage(f"t{day}", from_s=START_S - 9 * day * DAY_S, signals=("bgp", "gtr", "ping-slash24"))
        for day in range(11)
    ]
    chances = counted(*OLD, *often(90), *strong, *claims(90))
    weak, rare = (chances.false_alarms(ALMATY_REGION, [like], 1) for like in (outage("x"), strong[0]))
    assert weak is not None
    assert rare is not None
    assert weak == pytest.approx(9 * rare, rel=0.3)


def test_two_telescopes_are_one_kind() -> None:
    both = outage("x", signals=("merit-nt", "ucsd-nt"))
    chances = counted(*OLD, *often(), *claims(20))
    one = chances.false_alarms(ALMATY_REGION, [outage("x")], 1)
    assert chances.false_alarms(ALMATY_REGION, [both], 1) == one


def test_claims_of_elsewhere_are_no_chance_here() -> None:
    near = counted(*OLD, *often(), *claims(20)).false_alarms(ALMATY_REGION, often(1), 1)
    far = counted(*OLD, *often(), *claims(20), *claims(20, ASTANA)).false_alarms(ALMATY_REGION, often(1), 1)
    assert far == near
    shifted = [claim(f"all{day}", COUNTRY, START_S - 90 * DAY_S - 4 * DAY_S * day) for day in range(1, 21)]
    everywhere = counted(*OLD, *often(), *claims(20), *shifted).false_alarms(ALMATY_REGION, often(1), 1)
    assert near is not None
    assert everywhere == pytest.approx(2 * near, rel=2 * ROUNDED)


def test_signals_of_one_day_are_one_chance() -> None:
    twice = [*often(), *often(place=ALMATY_REGION, signals=("bgp",))]
    once = counted(*OLD, *often(), *claims(20)).false_alarms(ALMATY_REGION, often(1), 1)
    assert counted(*OLD, *twice, *claims(20)).false_alarms(ALMATY_REGION, often(1), 1) == once


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
        chances.add(piece, days_of(piece), -1)
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
        chances.add(piece, days_of(piece))
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
        piece = outage(f"o{number}", from_s=begin) if number % 2 else claim(f"c{number}", from_s=begin)
        chances.add(piece, days_of(piece))
        changes += len(chances.changed_places())
    assert changes < 100
