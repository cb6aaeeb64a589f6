"""Patterns: the local days and hours at which a place dropped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.correlation.patterns import DAY_S, Begin, Patterns, apart_s
from tests.correlation.evidence import ALMATY, ASTANA, ATYRAU, HOUR_S, local, outage

NIGHT = local("2021-02-28T02:00")


def day(text: str) -> int:
    return local(f"{text}T00:00", "UTC") // DAY_S


def test_a_day_is_that_of_the_place() -> None:
    patterns = Patterns()
    # 02:00 in Almaty is 20:00 of the day before in UTC, and 01:00 in Atyrau.
    patterns.add(outage("o", ALMATY, NIGHT), 0)
    patterns.add(outage("p", ATYRAU, NIGHT - 2 * HOUR_S), 1)
    assert patterns.days(0, day("2021-02-01"), day("2021-03-31")) == {day("2021-02-28")}
    assert patterns.days(1, day("2021-02-01"), day("2021-03-31")) == {day("2021-02-27")}


def test_days_leave_the_last_one_and_other_places_out() -> None:
    patterns = Patterns()
    for number in range(3):
        patterns.add(outage(f"o{number}", ALMATY, NIGHT + number * DAY_S), 0)
    patterns.add(outage("other", ASTANA, NIGHT + 3 * DAY_S), 1)
    first = day("2021-02-28")
    assert patterns.days(0, first, first + 2) == {first, first + 1}
    assert patterns.days(0, first, first + 9) == {first, first + 1, first + 2}
    assert patterns.days(0, first, first) == set()
    assert patterns.days(7, first, first + 9) == set()


def test_two_drops_of_a_day_are_one_day() -> None:
    patterns = Patterns()
    patterns.add(outage("o", ALMATY, NIGHT), 0)
    patterns.add(outage("p", ALMATY, NIGHT + 5 * HOUR_S), 0)
    first = day("2021-02-28")
    assert patterns.days(0, first, first + 1) == {first}
    assert not patterns.alone_on_its_day("o")
    patterns.discard("o")
    assert patterns.days(0, first, first + 1) == {first}
    assert patterns.alone_on_its_day("p")
    patterns.discard("p")
    assert patterns.days(0, first, first + 1) == set()


def test_around_has_both_ends_of_the_reach_and_not_the_outage_itself() -> None:
    patterns = Patterns()
    for number in range(-2, 3):
        patterns.add(outage(f"o{number}", ALMATY, NIGHT + number * DAY_S), 0)
    patterns.add(outage("other", ASTANA, NIGHT), 1)
    assert [begin.key for begin in patterns.around("o0", DAY_S)] == ["o-1", "o1"]
    assert [begin.key for begin in patterns.around("o0", DAY_S - 1)] == []
    assert [begin.key for begin in patterns.around("o0", 2 * DAY_S)] == ["o-2", "o-1", "o1", "o2"]


def test_what_is_forgotten_is_known_no_longer() -> None:
    patterns = Patterns()
    patterns.add(outage("o", ALMATY, NIGHT), 0)
    assert patterns.begin("o") == (0, Begin(local("2021-02-28T02:00", "UTC"), "o"))
    patterns.discard("o")
    patterns.discard("never-known")
    with pytest.raises(KeyError):
        patterns.begin("o")


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("2021-02-28T02:00", "2021-03-05T02:00", 0),
        ("2021-02-28T02:00", "2021-03-05T02:45", 2_700),
        ("2021-02-28T23:50", "2021-03-05T00:10", 1_200),
        ("2021-02-28T00:00", "2021-03-05T12:00", 43_200),
        ("2021-02-28T06:00", "2021-03-05T19:00", 11 * HOUR_S),
    ],
)
def test_begins_are_apart_by_the_clock_alone(one: str, other: str, apart: int) -> None:
    begins = [Begin(local(text, "UTC"), text) for text in (one, other)]
    assert apart_s(*begins) == apart_s(*reversed(begins)) == apart


@given(one=st.integers(0, 10**9), other=st.integers(0, 10**9), days=st.integers(0, 1_000))
def test_whole_days_make_no_difference_to_the_clock(one: int, other: int, days: int) -> None:
    apart = apart_s(Begin(one, "a"), Begin(other, "b"))
    assert 0 <= apart <= DAY_S // 2
    assert apart_s(Begin(one + days * DAY_S, "a"), Begin(other, "b")) == apart


@given(hours=st.lists(st.integers(0, 500), max_size=12, unique=True), data=st.data())
def test_neither_order_nor_what_came_and_went_makes_a_difference(hours: list[int], data: st.DataObject) -> None:
    pieces = [outage(f"o{hour}", ALMATY, NIGHT + hour * HOUR_S) for hour in hours]
    gone = data.draw(st.sets(st.sampled_from(pieces).map(lambda piece: piece.id))) if pieces else set()
    first, second = Patterns(), Patterns()
    for piece in pieces:
        if piece.id not in gone:
            first.add(piece, 0)
    for piece in data.draw(st.permutations(pieces)):
        second.add(piece, 0)
    for key in sorted(gone):
        second.discard(key)
    low, high = day("2021-02-01"), day("2021-04-30")
    assert first.days(0, low, high) == second.days(0, low, high)
    for piece in pieces:
        if piece.id not in gone:
            assert first.around(piece.id, 5 * DAY_S) == second.around(piece.id, 5 * DAY_S)
