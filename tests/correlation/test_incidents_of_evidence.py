"""Which shutdowns are one incident: by place, by claim, by campaign."""

from __future__ import annotations

import msgspec
import pytest

from tests.correlation.evidence import (
    ALMATY,
    ALMATY_REGION,
    ASTANA,
    ATYRAU,
    COUNTRY,
    DAY_S,
    HOUR_S,
    START_S,
    claim,
    outage,
)
from tests.correlation.runs import conclude
from topics import Evidence, Place


def incidents(*pieces: Evidence) -> int:
    """How many incidents the shutdowns make, of which there is more than one."""
    found = conclude(*pieces)
    assert len(found) > 1
    return len({shutdown.incident for shutdown in found})


@pytest.mark.parametrize(
    ("place", "gap_s", "number"),
    [
        (ALMATY_REGION, DAY_S, 1),
        (ALMATY_REGION, DAY_S + 1, 2),
        (ASTANA, 0, 2),  # what is elsewhere on that day is another matter
        (ASTANA, -3 * HOUR_S, 2),
    ],
)
def test_incidents_hold_what_follows_within_a_day_at_one_place(place: Place, gap_s: int, number: int) -> None:
    later = outage("o2", place, from_s=START_S + 3 * HOUR_S + gap_s)
    assert incidents(outage("o1"), later) == number


@pytest.mark.parametrize(("from_h", "number"), [(3, 1), (3 + 1 / 60, 2)])
def test_incidents_hold_what_lies_inside_a_measured_place_while_they_overlap(from_h: float, number: int) -> None:
    national = outage("n", COUNTRY, severity="critical", hours=3)
    inside = outage("o", from_s=int(START_S + from_h * HOUR_S), hours=9, severity="critical")
    assert incidents(national, inside) == number


@pytest.mark.parametrize(("measured", "number"), [(True, 1), (False, 3)])
def test_a_vague_national_claim_swallows_no_towns(measured: bool, number: int) -> None:
    towns = [claim("a", ALMATY), claim("b", ATYRAU)]
    national: Evidence = (
        outage("n", COUNTRY, severity="critical", ratio_min=0.8) if measured else claim("n", COUNTRY, extent=None)
    )
    assert incidents(*towns, national) == number


@pytest.mark.parametrize(("report", "number"), [("c1", 1), ("c2", 2)])
def test_incidents_hold_what_one_report_claims(report: str, number: int) -> None:
    second = msgspec.structs.replace(claim("c2", ATYRAU), report=report)
    assert incidents(claim("c1", ALMATY), second) == number


@pytest.mark.parametrize(
    ("days", "claimed", "signals", "number"),
    [
        ((0, 10, 20), True, ("ping-slash24",), 1),
        ((0, 10), True, ("ping-slash24",), 2),  # two may be chance
        ((0, 10, 20), False, ("bgp", "ping-slash24"), 1),
        ((0, 10, 20), False, ("ping-slash24",), 3),  # nobody claims any, and one signal alone dropped
    ],
)
def test_incidents_hold_a_campaign(
    days: tuple[int, ...], claimed: bool, signals: tuple[str, ...], number: int
) -> None:
    cuts = [outage(f"o{day}", from_s=START_S + day * DAY_S, signals=signals) for day in days]
    assert incidents(*cuts, *[claim("c")] * claimed) == number
