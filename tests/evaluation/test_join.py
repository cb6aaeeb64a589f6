"""The join of SIGCOMM '23, both sides of its bounds, and the levels' delays."""

from __future__ import annotations

import msgspec
import pytest

from streams.correlation import CountryState, default_rules
from streams.evaluation.delays import delays
from streams.evaluation.join import joined, joins, shares
from tests.correlation.evidence import ALMATY, COUNTRY, DAY_S, HOUR_S, START_S, claim, day_claim, local, outage
from topics import Evidence

MIDNIGHT_S = local("2021-02-28T00:00")


# claim's days      27 Feb |== 28 Feb ==| 1 Mar | 2 Mar |
# begins inside  |---------|------------|-------|
@pytest.mark.parametrize(
    ("days", "off_s", "matches"),
    [
        (1, -DAY_S - 1, False),
        (1, -DAY_S, True),
        (1, 2 * DAY_S, True),
        (1, 2 * DAY_S + 1, False),
        (5, 5 * DAY_S, True),
        (5, 5 * DAY_S + 1, False),
    ],
)
def test_days_of_a_claim(days: int, off_s: int, matches: bool) -> None:
    said = day_claim("c", "2021-02-28", COUNTRY, days)
    assert joins(said, outage("o", COUNTRY, MIDNIGHT_S + off_s)) is matches


@pytest.mark.parametrize(("off_s", "matches"), [(4 * DAY_S, True), (4 * DAY_S + 1, False)])
def test_clock_times_of_a_claim(off_s: int, matches: bool) -> None:
    said = claim("c", COUNTRY, hours=3 * 24)
    assert joins(said, outage("o", COUNTRY, START_S + off_s)) is matches


def test_an_open_claim_is_its_begin() -> None:
    said = claim("c", COUNTRY, hours=None)
    assert joins(said, outage("o", COUNTRY, START_S + 2 * DAY_S))
    assert not joins(said, outage("o", COUNTRY, START_S + 2 * DAY_S + 1))


def test_only_full_cuts_of_that_country_and_copies_apart() -> None:
    drop = outage("o", COUNTRY)
    copy = claim("copy", COUNTRY, lineage="ioda")
    for said, expected in (
        (claim("c"), ({"c"}, {"o"}, {"o"})),
        (copy, ({"copy"}, {"o"}, set())),
        (claim("s", extent="service"), (set(), set(), set())),
        (msgspec.structs.replace(claim("x"), country="KG"), (set(), set(), set())),
    ):
        assert joined([said], [drop]) == expected


def test_shares_are_of_the_years_and_of_places_for_the_engine() -> None:
    evidence: list[Evidence] = [
        outage("o"), claim("here", ALMATY, scope="local"), claim("all", COUNTRY, scope="national"),
        claim("old", ALMATY, START_S - 900 * DAY_S),
    ]  # fmt: skip
    state = CountryState(default_rules())
    for piece in evidence:
        state.load(piece)
    state.settle()
    found = {row.scope: row for row in shares(evidence, state.standing(), range(2021, 2022))}
    assert (found["local"].claims, found["local"].join, found["local"].engine) == (1, 1, 1)
    assert (found["national"].claims, found["national"].engine) == (1, 1)
    assert found["regional"].claims == 0


def test_each_level_is_reached_when_its_evidence_is_known() -> None:
    evidence: list[Evidence] = [
        outage("o", known_s=START_S + HOUR_S),
        claim("late", known_s=START_S + 5 * HOUR_S),
        claim("early", known_s=START_S + 3 * HOUR_S),
        claim("copy", lineage="ioda", known_s=START_S),
    ]
    state = CountryState(default_rules())
    for piece in evidence:
        state.load(piece)
    state.settle()
    found = {row.level: row for row in delays(state.standing(), evidence)}
    assert found["measured"].median_min == 60
    assert found["reported"].median_min == 180
    assert found["corroborated"].median_min == 180
    untimed = [msgspec.structs.replace(piece, known_s=None) for piece in evidence]
    assert [(row.shutdowns, row.timed) for row in delays(state.standing(), untimed)] == [(1, 0)] * 3
