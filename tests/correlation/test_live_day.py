"""Ids over a live day: signals drop one after another, people report, measurements come late, signals return."""

from __future__ import annotations

import itertools

import pytest
from msgspec.structs import replace

from tests.correlation.evidence import (
    ALMATY,
    ALMATY_REGION,
    ASTANA,
    COUNTRY,
    DAY_S,
    HOUR_S,
    START_S,
    claim,
    coverage,
    day_claim,
    outage,
)
from tests.correlation.runs import at_once, one_by_one, standing
from topics import Evidence, Outage, ShutdownChange

PROBING = outage("probing", hours=None)
ROUTING = outage("routing", from_s=START_S + 600, hours=None, signals=("bgp",))
TRAFFIC = outage("traffic", from_s=START_S + 1800, hours=None, signals=("gtr",), lineage="google")
REPORT = claim("report", hours=None, ongoing=True)
PAPER = day_claim("paper", "2021-02-28", reporter="media")


def over(piece: Outage, hours: float) -> Outage:
    """An outage once its signal has returned, so many hours after the first drop."""
    return replace(piece, until_s=int(START_S + hours * HOUR_S), revision=piece.revision + 1)


DAY: list[Evidence] = [
    PROBING,
    ROUTING,
    REPORT,
    TRAFFIC,
    coverage("still", "dd", ALMATY_REGION),
    PAPER,
    over(PROBING, 3),
    over(ROUTING, 3.5),
    over(TRAFFIC, 4),
    replace(REPORT, until_s=START_S + 4 * HOUR_S, ongoing=False, revision=1),
]


def ids(changes: list[ShutdownChange]) -> set[str]:
    return {change.shutdown.id for change in changes}


def test_a_live_day_is_one_id_that_opens_escalates_and_closes() -> None:
    state, changes = one_by_one(DAY)
    assert len(ids(changes)) == 1
    kinds = [change.change for change in changes]
    assert kinds[0] == "opened"
    assert {kind: kinds.count(kind) for kind in ("opened", "escalated", "closed", "merged", "retracted")} == {
        "opened": 1,
        "escalated": 1,
        "closed": 1,
        "merged": 0,
        "retracted": 0,
    }
    assert kinds.index("escalated") < kinds.index("closed")
    assert [change.shutdown.revision for change in changes] == list(range(1, len(changes) + 1))
    (shutdown,) = state.standing()
    assert (shutdown.level, shutdown.status) == ("corroborated", "closed")
    assert (shutdown.from_s, shutdown.until_s) == (START_S, START_S + 4 * HOUR_S)
    assert standing(state) == at_once(DAY)


def test_the_level_never_falls_on_a_day_on_which_evidence_only_grows() -> None:
    order = ("reported", "measured", "corroborated")
    levels = [order.index(change.shutdown.level) for change in one_by_one(DAY)[1]]
    assert levels == sorted(levels)


@pytest.mark.parametrize("first", list(itertools.permutations((PROBING, REPORT, PAPER))))
def test_what_comes_first_names_it_whatever_that_is(first: tuple[Evidence, ...]) -> None:
    state, changes = one_by_one(first)
    (shutdown,) = state.standing()
    assert shutdown.level == "corroborated"
    assert ids(changes) == {shutdown.id}


def test_a_measurement_that_comes_days_later_keeps_the_reports_id() -> None:
    later = coverage("later", "n", ASTANA, START_S + 5 * DAY_S)
    state, changes = one_by_one([claim("report"), later, outage("late")])
    assert [change.change for change in changes] == ["opened", "escalated"]
    assert ids(changes) == {state.standing()[0].id}


def test_an_id_outlives_the_evidence_that_gave_it() -> None:
    gone = replace(over(PROBING, 3), withdrawn=True, revision=9)
    state, changes = one_by_one([PROBING, REPORT, ROUTING, gone])
    assert ids(changes) == {state.standing()[0].id}
    assert state.standing()[0].from_s == ROUTING.from_s


def test_an_id_comes_back_with_its_evidence() -> None:
    dropped = outage("o")
    gone = replace(dropped, withdrawn=True, revision=1)
    back = replace(dropped, revision=2)
    _, changes = one_by_one([dropped, gone, back])
    assert [change.change for change in changes] == ["opened", "retracted", "opened"]
    assert len(ids(changes)) == 1


def test_a_revised_begin_keeps_the_id() -> None:
    moved = replace(outage("o"), from_s=START_S - HOUR_S, revision=1)
    _, changes = one_by_one([outage("o"), claim("c"), moved])
    assert len(ids(changes)) == 1


def test_the_country_that_goes_dark_after_its_region_is_a_shutdown_of_its_own() -> None:
    region = outage("region", severity="critical", hours=12)
    country = outage("country", COUNTRY, START_S + 4 * HOUR_S, hours=8, severity="critical")
    state, changes = one_by_one([region, claim("c", ALMATY), country])
    first = changes[0].shutdown.id
    found = {one.place.name: one for one in state.standing()}
    assert set(found) == {"Almaty City", "Kazakhstan"}
    assert found["Almaty City"].id == first, "the region keeps its id"
    assert found["Almaty City"].incident == found["Kazakhstan"].incident
    assert "merged" not in {change.change for change in changes}
