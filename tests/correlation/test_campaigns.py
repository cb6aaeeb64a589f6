"""Campaigns: which drops at one hour are carried by a claim of one of them, both sides of every boundary."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.correlation.evidence import ALMATY_REGION, DAY_S, START_S, claim, common_drop, outage
from tests.correlation.runs import at_once, conclude, one_by_one, standing, with_piece
from topics import Outage

CLAIM = claim("c")


def cuts(*days: float) -> list[Outage]:
    """Drops of three hours so many days after the claimed one: `day-0` and so on, in the order given."""
    return [outage(f"day-{n}", from_s=round(START_S + day * DAY_S)) for n, day in enumerate(days)]


def minutes(number: float) -> float:
    """Minutes as a part of a day."""
    return number / 1440


@pytest.mark.parametrize(
    ("days", "carried"),
    [
        ((0, 1, 2), True),  # three days
        ((0, 1), False),
        ((0, 1 + minutes(45), 2 + minutes(45)), True),  # 45 minutes by the clock
        ((0, 1 + minutes(46), 2 + minutes(46)), False),
        ((0, 1 - minutes(45), 2 - minutes(45)), True),
        ((0, 1 - minutes(46), 2 - minutes(46)), False),
        ((0, 90, 45), True),  # pauses of 45 days
        ((0, 90, 45 + minutes(1)), False),
        ((0, 30, 60, 90), True),  # 90 days from the claimed one
        ((0, 30, 60, 90 + minutes(1)), False),
        ((0, -30, -60, -90), True),  # and before it
        ((0, -30, -60, -90 - minutes(1)), False),
    ],
)
def test_a_claim_carries_the_cuts_of_its_campaign(days: tuple[float, ...], carried: bool) -> None:
    drops = cuts(*days)
    shutdown = with_piece(drops[-1].id, *drops, CLAIM)
    assert shutdown.level == ("corroborated" if carried else "measured")
    assert (shutdown.why[0].detail == "campaign") is carried


# |cut| |noise| |noise| |cut| |noise| |noise?| |cut|: at least half of the days with drops are of the hour
@pytest.mark.parametrize(("noise", "level"), [((1, 2, 4), "corroborated"), ((1, 2, 4, 5), "measured")])
def test_where_a_place_drops_at_all_hours_an_hour_says_nothing(noise: tuple[int, ...], level: str) -> None:
    # Each at an hour of its own.
    others = [outage(f"noise-{day}", from_s=START_S + day * DAY_S - (1 + 2 * day) * 3600, hours=1) for day in noise]
    drops = cuts(0, 3, 6)
    assert with_piece("day-2", *drops, *others, CLAIM).level == level


def test_a_campaign_is_one_incident_of_which_each_cut_weighs_less_than_the_claimed_one() -> None:
    found = conclude(*cuts(0, 10, 20), CLAIM)
    assert len(found) == 3
    assert len({one.incident for one in found}) == len({one.campaign for one in found}) == 1
    claimed, *carried = found
    assert claimed.campaign is not None
    assert claimed.why[0].detail is None
    assert [one.support for one in carried] == pytest.approx([0.7 * claimed.support] * 2)
    assert all("c" in one.why[0].evidence and "hour" in one.why[0].words for one in carried)


def test_a_cut_with_a_claim_of_its_own_is_carried_by_none() -> None:
    own = claim("own", from_s=START_S + 2 * DAY_S)
    shutdown = with_piece("day-2", *cuts(0, 1, 2), CLAIM, own)
    assert (shutdown.why[0].detail, shutdown.support) == (None, 1.0)


def test_unclaimed_drops_at_one_hour_carry_nothing() -> None:
    found = conclude(*cuts(0, 1, 2))
    assert [(one.level, one.campaign) for one in found] == [("measured", None)] * 3


def test_a_claim_that_repeats_the_measurement_carries_nothing() -> None:
    found = conclude(*cuts(0, 1, 2), claim("c", lineage="ioda"))
    assert [one.level for one in found] == ["measured"] * 3


def test_a_drop_that_is_the_sources_own_failure_is_no_part_of_a_campaign() -> None:
    failure = common_drop("f", "source-failure", START_S + 2 * DAY_S, source="ioda")
    shutdown = with_piece("day-2", *cuts(0, 1, 2), CLAIM, failure)
    assert (shutdown.level, shutdown.why[0].detail) == ("measured", "source-failed")


def test_a_campaign_ends_with_its_claim() -> None:
    state, _ = one_by_one([*cuts(0, 1, 2), CLAIM, replace(CLAIM, revision=1, withdrawn=True)])
    assert [(one.level, one.campaign) for one in state.standing()] == [("measured", None)] * 3


def test_a_drop_after_one_of_the_campaign_was_withdrawn() -> None:
    cuts = [outage(f"day-{day}", ALMATY_REGION, START_S + day * DAY_S) for day in range(6)]
    withdrawn = replace(cuts[2], revision=cuts[2].revision + 1, withdrawn=True)
    later = outage("later", ALMATY_REGION, START_S + 9 * DAY_S)
    state, _ = one_by_one([*cuts, withdrawn, later])
    assert standing(state) == at_once([*cuts, withdrawn, later])
    assert {one for key in state.kept for one in state.kept[key].uses} == {
        *(f"day-{day}" for day in (0, 1, 3, 4, 5)),
        "later",
    }
