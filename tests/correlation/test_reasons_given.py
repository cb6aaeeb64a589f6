"""What sources say of the reason: orders, other causes, denials, announcements; what may explain a drop."""

from __future__ import annotations

from typing import Any

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
    cause,
    claim,
    coverage,
    outage,
)
from tests.correlation.runs import conclude
from topics import Evidence, Place, Shutdown


def only(*pieces: Evidence) -> Shutdown:
    (shutdown,) = conclude(*pieces)
    return shutdown


def share(value: float | None) -> float:
    assert value is not None
    return value


def words(shutdown: Shutdown) -> str:
    return " ".join(reason.words for reason in shutdown.why)


# ---------------------------------------------------------------- technical causes that claims name


@pytest.mark.parametrize(
    ("named", "kind"),
    [("power outage", "power"), ("a cable was cut", "cable"), ("earthquake", "disaster"), (None, "technical")],
)
def test_a_claim_of_a_technical_cause_supports_that_it_happened_and_not_that_it_was_decided(
    named: str | None, kind: str
) -> None:
    without = only(outage("o"))
    shutdown = only(outage("o"), claim("c", attribution="technical", cause=named))
    assert shutdown.level == "corroborated"
    assert [(one.kind, one.id) for one in shutdown.explanations] == [(kind, "c")]
    assert ("agrees-in-time-and-place", "competing-explanation") in {(r.code, r.detail) for r in shutdown.why}
    assert share(shutdown.happened) > share(without.happened)
    assert share(shutdown.on_purpose) < share(only(outage("o"), claim("c")).on_purpose)
    assert "cut off" not in shutdown.why[0].words, "nobody says that it was cut"


@pytest.mark.parametrize(
    ("reporter", "said", "acknowledges"),
    [
        ("operator", {"attribution": "technical", "cause": "cable"}, False),
        ("operator", {"attribution": "denied"}, False),
        ("operator", {"attribution": "unknown"}, True),
        ("government", {"attribution": "ordered"}, True),
        ("media", {"attribution": "ordered", "ordered_by": "Ministry of the Interior"}, True),
        ("media", {"attribution": "unknown"}, False),
    ],
)
def test_only_orders_and_admissions_are_acknowledged(
    reporter: str, said: dict[str, Any], acknowledges: bool
) -> None:
    other = claim("other", reporter="media")
    shutdown = only(outage("o"), other, claim("c", reporter=reporter, **said))
    assert bool(shutdown.acknowledged) is acknowledges


def test_individuals_are_no_source_of_an_explanation() -> None:
    people = [
        claim(f"p{one}", reporter="individual", attribution="technical", cause="power cut") for one in range(3)
    ]
    assert only(outage("o"), *people).explanations == ()


# ---------------------------------------------------------------- what lies near it, and what measurers say


# |6 h before ........|drop begins|.... 3 h after|
@pytest.mark.parametrize(
    ("from_s", "near"),
    [
        (-7 * HOUR_S, 1),  # lasts an hour: ends 6 h before
        (-7 * HOUR_S - 1, 0),
        (0, 1),
        (3 * HOUR_S, 1),
        (3 * HOUR_S + 1, 0),
    ],
)
def test_a_cause_is_near_a_drop_from_six_hours_before_to_three_after(from_s: int, near: int) -> None:
    shutdown = only(outage("o", hours=9), cause("x", from_s=START_S + from_s))
    assert len(shutdown.explanations) == near


@pytest.mark.parametrize(
    ("place", "near"), [(ALMATY_REGION, 1), (ALMATY, 1), (COUNTRY, 1), (ASTANA, 0), (ATYRAU, 0)]
)
def test_a_cause_is_near_a_drop_where_their_places_touch(place: Place, near: int) -> None:
    assert len(only(outage("o"), cause("x", place)).explanations) == near


def test_a_cause_near_a_drop_competes_with_a_decision_and_denies_nothing() -> None:
    without, shutdown = only(outage("o"), claim("c")), only(outage("o"), claim("c"), cause("x", title="Blackout"))
    assert shutdown.level == without.level
    assert share(shutdown.on_purpose) < share(without.on_purpose)
    assert shutdown.happened == without.happened
    (one,) = shutdown.explanations
    assert (one.kind, one.id, one.source) == ("power", "x", "news")
    assert "Blackout" in words(shutdown)


@pytest.mark.parametrize(
    ("verdict", "kinds"),
    [("POWER_OUTAGE", ["power"]), ("CABLE_CUT", ["cable"]), ("GOVERNMENT_DIRECTED", []), ("UNKNOWN", [])],
)
def test_what_who_measured_it_says_of_the_cause(verdict: str, kinds: list[str]) -> None:
    assert [one.kind for one in only(outage("o", cause=verdict)).explanations] == kinds


def test_a_measurers_verdict_moves_on_purpose_as_far_as_it_is_verified() -> None:
    def on_purpose(**more: Any) -> float:
        return share(only(outage("o", **more)).on_purpose)

    assert on_purpose(cause="POWER_OUTAGE") < on_purpose() < on_purpose(cause="GOVERNMENT_DIRECTED")
    unsure = on_purpose(cause="GOVERNMENT_DIRECTED", verified=False)
    assert on_purpose() <= unsure < on_purpose(cause="GOVERNMENT_DIRECTED", verified=True)


# ---------------------------------------------------------------- denials


def test_a_denial_alone_is_no_shutdown() -> None:
    assert conclude(claim("d", attribution="denied", reporter="government")) == []


@pytest.mark.parametrize("others", [(outage("o"),), (claim("c"),), (outage("o"), claim("c"))])
def test_a_denial_moves_no_level_and_is_told(others: tuple[Evidence, ...]) -> None:
    denial = claim("d", attribution="denied", reporter="government", reporter_name="Ministry of Information")
    without, shutdown = only(*others), only(*others, denial)
    assert (shutdown.level, shutdown.sources) == (without.level, without.sources)
    assert [(one.kind, one.source) for one in shutdown.explanations] == [("denial", "Ministry of Information")]
    assert {row.id: row.role for row in shutdown.evidence}["d"] == "contradicts"
    assert "Ministry of Information" in words(shutdown)
    assert share(shutdown.probability) < share(without.probability)
    assert share(shutdown.happened) <= share(without.happened)


# |drop| 2 h |denied|
@pytest.mark.parametrize(
    ("place", "after_h", "told"), [(ALMATY, 0, 1), (ATYRAU, 0, 0), (ALMATY, 5, 1), (ALMATY, 5 + 1 / 60, 0)]
)
def test_a_denial_is_of_its_place_and_time(place: Place, after_h: float, told: int) -> None:
    denial = claim("d", place, int(START_S + after_h * HOUR_S), attribution="denied", reporter="government")
    assert len(only(outage("o"), denial).explanations) == told


# ---------------------------------------------------------------- announced cuts


def elsewhere(at_s: int) -> Evidence:
    """Evidence that says nothing of Almaty: it moves the country's newest."""
    return coverage("newest", "n", ATYRAU, at_s - HOUR_S)


# |newest evidence| |announced cut: begins| |newest evidence|
@pytest.mark.parametrize(("newest_s", "to_come"), [(-DAY_S, True), (0, True), (1, False), (DAY_S, False)])
def test_an_announced_cut_is_to_come_until_it_should_have_begun(newest_s: int, to_come: bool) -> None:
    announced = claim("c", reporter="government", attribution="announced")
    shutdown = only(announced, elsewhere(START_S + newest_s))
    assert (shutdown.level, shutdown.why[0].detail) == ("reported", "announced")
    said = shutdown.why[0].words.lower()
    assert ("has not begun" in said) is to_come
    assert "announced" in said


@pytest.mark.parametrize(
    ("series", "code"),
    [(None, "no-series"), ("nnn", "normal-but-no-full-cut"), ("nmn", "missing")],
)
def test_what_became_of_an_announced_cut_is_never_a_contradiction(series: str | None, code: str) -> None:
    pieces: list[Evidence] = [claim("c", attribution="announced"), elsewhere(START_S + DAY_S)]
    if series is not None:
        pieces.append(coverage("v", series, ALMATY))
    shutdown = only(*pieces)
    assert (shutdown.level, shutdown.why[0].code, shutdown.why[0].detail) == ("reported", code, "announced")


def test_an_announced_cut_that_is_met_is_corroborated() -> None:
    announced = claim("c", reporter="government", attribution="announced")
    shutdown = only(outage("o"), announced)
    assert shutdown.level == "corroborated"
    assert shutdown.why[0].detail != "announced"
    assert share(shutdown.on_purpose) > share(only(outage("o")).on_purpose)


def test_an_announcement_alone_does_not_say_that_it_happened() -> None:
    announced, told = only(claim("c", attribution="announced")), only(claim("c", attribution="ordered"))
    assert share(announced.happened) < share(told.happened)


def test_a_cut_that_somebody_reports_is_no_longer_only_announced() -> None:
    shutdown = only(claim("a", attribution="announced"), claim("c"))
    assert (shutdown.level, shutdown.why[0].detail) == ("reported", None)
