"""Outages that come back at the same local time: both sides of every bound, clock changes, and the index."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.scoring import Recurrences
from tests.correlation.evidence import ALMATY_REGION, ASTANA, DAY_S, HOUR_S, START_S, local, outage
from topics import Outage

MINUTE_S = 60


def days(*outages: Outage) -> tuple[int, ...]:
    index = Recurrences()
    for one in outages:
        index.add(one)
    return index.days([outages[0].id])


# 28 Feb            1 Mar … 4 Mar          5 Mar
# |==14:00-17:00==| |==again: yes==| … yes |==no: five days on==|
@pytest.mark.parametrize(
    ("later", "found"),
    [(1, (1,)), (4, (4,)), (5, ()), (-1, (-1,)), (-4, (-4,)), (-5, ()), (0, ())],
)
def test_up_to_four_days_either_way(later: int, found: tuple[int, ...]) -> None:
    assert days(outage("a"), outage("b", from_s=START_S + later * DAY_S)) == found


# 14:00 in Almaty, and so many minutes more or less on the next day
@pytest.mark.parametrize(
    ("minutes", "same"), [(0, True), (15, True), (16, False), (-15, True), (-16, False), (120, False)]
)
def test_the_same_local_time(minutes: int, same: bool) -> None:
    again = outage("b", from_s=START_S + DAY_S + minutes * MINUTE_S, hours=9)
    assert (days(outage("a"), again) == (1,)) is same


def test_another_place_is_no_recurrence() -> None:
    assert days(outage("a"), outage("b", ASTANA, START_S + DAY_S)) == ()


def test_times_are_those_of_the_local_clock() -> None:
    """Berlin's clocks went forward on 28 March 2021: 08:00 is an hour less than a day after 08:00."""
    place = msgspec.structs.replace(ALMATY_REGION, time_zone="Europe/Berlin")
    one, other = (
        outage(key, place, local(f"2021-03-{day}T08:00", "Europe/Berlin")) for key, day in (("a", 27), ("b", 28))
    )
    assert other.from_s - one.from_s == DAY_S - HOUR_S
    assert days(one, other) == (1,)


BEGINS = st.integers(-12 * 96, 12 * 96).map(lambda quarter: START_S + quarter * 900)


@given(st.lists(st.tuples(BEGINS, st.sampled_from([1, 2, 3])), max_size=12))
def test_recurrence_is_mutual_and_the_same_in_any_order(spans: list[tuple[int, int]]) -> None:
    made = [outage(f"o{number}", from_s=begin, hours=hours) for number, (begin, hours) in enumerate(spans)]
    index, reverse = Recurrences(), Recurrences()
    for one in made:
        index.add(one)
    for one in reversed(made):
        reverse.add(one)
        reverse.add(one)
    for one in made:
        assert index.with_(one.id) == reverse.with_(one.id)
        for other, away in index.with_(one.id).items():
            assert index.with_(other)[one.id] == -away
    for one in made:
        index.discard(one.id)
    assert index.with_("o0") == {}
    assert index._slots == {}
