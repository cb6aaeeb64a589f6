"""Incidents: what links two shutdowns and what does not, what a removal splits, and that order changes nothing."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.correlation import default_rules
from streams.correlation.incidents import Incidents, Member
from streams.correlation.places import Places
from streams.correlation.windows import Span
from tests.correlation.evidence import ALMATY, ALMATY_REGION, ASTANA, ATYRAU, COUNTRY, DAY_S, HOUR_S, START_S
from topics import Place

GAP_S = default_rules().seconds("incident_gap_s")
ALL_PLACES = (COUNTRY, ALMATY_REGION, ALMATY, ASTANA, ATYRAU)
NUMBER = {place: number for number, place in enumerate(ALL_PLACES)}


def member(
    place: Place,
    after_s: int = 0,
    hours: int = 3,
    *,
    measured: bool = True,
    publications: tuple[str, ...] = (),
    outages: tuple[str, ...] = (),
    campaign: tuple[str, ...] = (),
) -> Member:
    from_s = START_S + after_s
    span = Span(from_s, from_s + hours * HOUR_S)
    return Member(span, NUMBER[place], measured, publications, outages, campaign)


def empty() -> Incidents:
    places = Places(default_rules())
    for place in ALL_PLACES:
        places.number(place)
    return Incidents(GAP_S, places)


def incidents(members: dict[str, Member], order: Iterable[str] | None = None) -> dict[str, str]:
    """The incident of each shutdown after all were added in an order."""
    found = empty()
    for key in members if order is None else order:
        found.add(key, members[key])
    found.rename()
    return {key: found.name(key) for key in sorted(members)}


def linked(one: Member, other: Member) -> bool:
    names = incidents({"a": one, "b": other})
    assert names == incidents({"b": other, "a": one})
    return names["a"] == names["b"]


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        # One place: at most a day apart.
        (member(ALMATY), member(ALMATY, 3 * HOUR_S + GAP_S), True),
        (member(ALMATY), member(ALMATY, 3 * HOUR_S + GAP_S + 1), False),
        (member(ALMATY), member(ALMATY_REGION, 3 * HOUR_S + GAP_S), True),
        # Places of one country and one hour, neither in the other.
        (member(ALMATY), member(ASTANA), False),
        (member(ATYRAU), member(ASTANA), False),
        # One inside the other: while they overlap.
        (member(COUNTRY), member(ATYRAU, HOUR_S), True),
        (member(COUNTRY), member(ATYRAU, 3 * HOUR_S + 1), False),
        # A national item that nobody measured swallows no towns.
        (member(COUNTRY, measured=False), member(ATYRAU, HOUR_S), False),
        (member(COUNTRY), member(ATYRAU, HOUR_S, measured=False), True),
        # One publication claims both, wherever and whenever.
        (member(ATYRAU, publications=("p",)), member(ASTANA, 90 * DAY_S, publications=("p", "q")), True),
        (member(ATYRAU, publications=("p",)), member(ASTANA, publications=("q",)), False),
        # One follows the other in a campaign.
        (member(ATYRAU, outages=("o1",)), member(ATYRAU, 40 * DAY_S, outages=("o2",), campaign=("o1",)), True),
        (member(ATYRAU, outages=("o1",)), member(ATYRAU, 40 * DAY_S, outages=("o2",), campaign=("o3",)), False),
        (member(ATYRAU, outages=("o1",)), member(ATYRAU, 40 * DAY_S, outages=("o1",)), False),
    ],
)
def test_shutdowns_are_linked_by_place_publication_or_campaign(one: Member, other: Member, together: bool) -> None:
    assert linked(one, other) is together
    assert linked(other, one) is together


def test_what_is_linked_by_way_of_others_is_one_incident() -> None:
    chain = {key: member(ALMATY, number * DAY_S) for number, key in enumerate("abcd")}
    assert len(set(incidents(chain).values())) == 1


def test_a_removal_splits_an_incident_and_tells_of_what_changed() -> None:
    found = empty()
    for number, key in enumerate("abc"):
        found.add(key, member(ALMATY, number * DAY_S))
    assert set(found.rename()) == {"a", "b", "c"}
    found.discard("b")
    changed = found.rename()
    assert set(changed) == {"c"}
    assert found.name("a") != found.name("c")
    with pytest.raises(KeyError):
        found.name("b")
    found.add("b", member(ALMATY, DAY_S))
    assert set(found.rename()) == {"b", "c"}
    assert found.name("a") == found.name("c")


def test_a_shutdown_that_moves_leaves_its_incident() -> None:
    found = empty()
    found.add("a", member(ALMATY))
    found.add("b", member(ALMATY, HOUR_S))
    found.rename()
    found.add("b", member(ALMATY, 30 * DAY_S))
    assert set(found.rename()) == {"b"}
    assert found.name("a") != found.name("b")


def test_what_is_as_it_was_changes_nothing() -> None:
    found = empty()
    found.add("a", member(ALMATY))
    assert found.rename() == {"a": found.name("a")}
    found.add("a", member(ALMATY))
    assert found.rename() == {}


def test_names_that_a_crash_left_apart_are_made_one() -> None:
    found = empty()
    found.load("a", member(ALMATY), "incident-old")
    found.load("b", member(ALMATY, HOUR_S), "incident-other")
    found.rename()
    assert found.name("a") == found.name("b")


MEMBERS = st.builds(
    member,
    place=st.sampled_from(ALL_PLACES),
    after_s=st.integers(0, 8).map(lambda number: number * DAY_S // 2),
    hours=st.integers(1, 20),
    measured=st.booleans(),
    publications=st.sampled_from([(), ("p",), ("q",), ("p", "q")]),
    outages=st.sampled_from([(), ("o1",), ("o2",)]),
    campaign=st.sampled_from([(), ("o1",), ("o2",)]),
)


@given(members=st.dictionaries(st.sampled_from("abcdefgh"), MEMBERS, max_size=8), data=st.data())
def test_neither_order_nor_what_came_and_went_makes_a_difference(
    members: dict[str, Member], data: st.DataObject
) -> None:
    expected = incidents(members)
    assert incidents(members, data.draw(st.permutations(sorted(members)))) == expected
    found = empty()
    gone = data.draw(st.lists(MEMBERS, max_size=3))
    for number, one in enumerate(gone):
        found.add(f"gone{number}", one)
    for key in data.draw(st.permutations(sorted(members))):
        found.add(key, members[key])
        if data.draw(st.booleans()):
            found.rename()
    for number in range(len(gone)):
        found.discard(f"gone{number}")
    found.rename()
    assert {key: found.name(key) for key in sorted(members)} == expected
