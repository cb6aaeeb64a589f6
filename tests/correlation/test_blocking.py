"""Measured blocking of services: what it bears out, what it doesn't, and that it tells nothing of cuts."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from streams.correlation import CorrelateStage
from streams.stage import Store
from tests.correlation import runs
from tests.correlation.evidence import (
    ALMATY,
    COUNTRY,
    DAY_S,
    NETWORK,
    START_S,
    blocking,
    claim,
    common_drop,
    coverage,
    day_claim,
    outage,
    protest,
)
from tests.correlation.runs import at_once, one_by_one
from topics import SHUTDOWN_CHANGES, Evidence, Place, Shutdown, ShutdownChange

OTHER_NETWORK: Place = msgspec.structs.replace(NETWORK, name="Beeline", network=21299)


def blocked_claim(key: str = "said", place: Place = COUNTRY, **more: Any) -> Evidence:
    given = {"extent": "service", "services": ("whatsapp",), "scope": "national"} | more
    return day_claim(key, "2021-02-28", place, **given)


def standing(*pieces: Evidence) -> list[Shutdown]:
    return one_by_one(list(pieces))[0].standing()


def only(*pieces: Evidence) -> Shutdown:
    [found] = standing(*pieces)
    return found


# ------------------------------------------------------------------ alone, and beside cuts


@pytest.mark.parametrize("place", [COUNTRY, NETWORK])
def test_blocking_that_nobody_claims_makes_no_shutdown(place: Place) -> None:
    assert standing(blocking("b", place, confirmed=True), protest("p", "2021-02-28")) == []


def test_blocking_bears_out_no_claim_of_a_full_cut_and_speaks_against_none() -> None:
    said = day_claim("said", "2021-02-28", COUNTRY, scope="national")
    without, beside = only(said), only(said, blocking("b"))
    assert (beside.level, beside.probability) == ("reported", without.probability)
    calm: list[Evidence] = [
        coverage(f"c{day}", "n" * 24, COUNTRY, START_S - START_S % DAY_S + day * DAY_S) for day in (-1, 0, 1)
    ]
    assert only(said, *calm).level == only(said, *calm, blocking("b")).level == "contradicted"


def test_blocking_changes_nothing_of_an_outage() -> None:
    pieces: list[Evidence] = [outage("o", COUNTRY), claim("said", COUNTRY)]
    assert only(*pieces, blocking("b")) == only(*pieces)


# ------------------------------------------------------------------ what it bears out


def test_a_claim_of_the_service_is_corroborated() -> None:
    found = only(blocked_claim(), blocking("b"))
    assert (found.level, found.sources, found.blocked, found.signals) == ("corroborated", 1, ("whatsapp",), ())
    reason = found.why[0]
    assert (reason.code, reason.detail) == ("claim-agrees", "blocking")
    assert set(reason.evidence) == {"b", "said"}
    assert "WhatsApp blocked in Kazakhstan: 90% of 400 tests failed, 2% is usual" in reason.words
    assert [(row.id, row.role) for row in found.evidence] == [("b", "supports"), ("said", "supports")]


def test_it_happened_more_surely_and_no_less_on_purpose() -> None:
    plain = only(blocked_claim())
    failed = only(blocked_claim(), blocking("b"))
    seen = only(blocked_claim(), blocking("b", confirmed=True))
    assert plain.happened is not None
    assert failed.happened is not None
    assert seen.happened is not None
    assert plain.happened < failed.happened < seen.happened
    assert plain.on_purpose == failed.on_purpose == seen.on_purpose


@pytest.mark.parametrize(
    ("services", "measured", "level"),
    [
        (("whatsapp",), "whatsapp", "corroborated"),
        (("WhatsApp", "Twitter"), "twitter", "corroborated"),
        (("social media",), "twitter", "corroborated"),
        (("twitter.com",), "twitter", "corroborated"),
        (("bbc.com",), "bbc.com", "corroborated"),
        # Counts of all tests together say that something was blocked, and not what.
        (("whatsapp",), None, "corroborated"),
        ((), "whatsapp", "corroborated"),
        (("telegram",), "whatsapp", "reported"),
        (("vpn",), "whatsapp", "reported"),
        (("sms",), None, "reported"),
        (("phone calls",), "whatsapp", "reported"),
    ],
)
def test_the_service_must_be_the_one_that_is_claimed(
    services: tuple[str, ...], measured: str | None, level: str
) -> None:
    assert only(blocked_claim(services=services), blocking("b", service=measured)).level == level


@pytest.mark.parametrize(
    ("begins_days", "hours", "level"),
    [
        (0, 24, "corroborated"),
        (-20, None, "corroborated"),  # blocked for weeks, and nobody says that it ended
        (-200, None, "reported"),  # and long not tested
        (-30, 48, "reported"),  # and long open again
        (2, 24, "reported"),  # only later
    ],
)
def test_the_service_must_be_blocked_in_the_claimed_time(begins_days: int, hours: float | None, level: str) -> None:
    assert only(blocked_claim(), blocking("b", COUNTRY, START_S + begins_days * DAY_S, hours)).level == level


def test_a_claim_that_names_no_service_is_of_what_began_then() -> None:
    said = blocked_claim(services=())
    assert only(said, blocking("b", COUNTRY, START_S - 3_600, None)).level == "corroborated"
    assert only(said, blocking("b", COUNTRY, START_S - 20 * DAY_S, None)).level == "reported"


def test_tests_that_go_on_keep_it_known() -> None:
    tested = blocking("b", COUNTRY, START_S - 200 * DAY_S, None, last_s=START_S - DAY_S)
    assert only(blocked_claim(), tested).level == "corroborated"


def test_a_day_of_blocking_late_in_a_long_claim_bears_out_little() -> None:
    said = day_claim("said", "2021-02-01", COUNTRY, 90, extent="service", services=("whatsapp",), scope="national")
    assert only(said, blocking("b", COUNTRY, START_S - 26 * DAY_S, 24)).level == "corroborated"
    assert only(said, blocking("b", COUNTRY, START_S, 24)).level == "reported"
    assert only(said, blocking("b", COUNTRY, START_S, 24 * 20)).level == "corroborated"


# ------------------------------------------------------------------ place, and whose word


def test_one_network_is_a_part_and_two_are_the_place() -> None:
    one = only(blocked_claim(), blocking("a", NETWORK))
    assert one.level == "reported"
    [beside] = [reason for reason in one.why if reason.detail == "blocking"]
    assert "one network, which is a part of what is claimed" in beside.words
    assert "a" in {row.id for row in one.evidence}
    both = only(blocked_claim(), blocking("a", NETWORK), blocking("b", OTHER_NETWORK))
    assert both.level == "corroborated"


def test_the_operator_who_speaks_of_its_own_network_is_borne_out_by_it() -> None:
    said = blocked_claim(reporter="operator", reporter_name="Kazakhtelecom")
    assert only(said, blocking("a", NETWORK)).level == "corroborated"
    assert only(said, blocking("a", OTHER_NETWORK)).level == "reported"


def test_a_town_sees_what_most_tests_of_its_country_show() -> None:
    said = blocked_claim("said", ALMATY, scope="local")
    assert only(said, blocking("b", share=0.9)).level == "corroborated"
    assert only(said, blocking("b", share=0.3)).level == "reported"


def test_who_only_repeats_the_measurement_bears_nothing_out() -> None:
    found = only(blocked_claim(lineage="ooni"), blocking("b"))
    assert found.level == "reported"
    assert any("repeats that measurement" in reason.words for reason in found.why)
    assert only(blocked_claim(lineage="ooni"), blocked_claim("more"), blocking("b")).sources == 1


def test_who_repeats_one_measurement_is_borne_out_by_another() -> None:
    other = blocking("other", lineage="somebody-else")
    assert only(blocked_claim(lineage="ooni"), other).level == "corroborated"
    assert only(blocked_claim(lineage="ooni"), other, blocking("b")).level == "corroborated"


def test_people_who_report_are_called_people() -> None:
    crowd = [
        claim(f"i{number}", COUNTRY, extent="service", services=("whatsapp",), reporter="individual")
        for number in range(4)
    ]
    found = only(*crowd, blocking("b"))
    assert found.level == "corroborated"
    assert "4 individuals say that" in found.why[0].words


def test_denials_are_not_borne_out() -> None:
    assert standing(blocked_claim(attribution="denied"), blocking("b")) == []


# ------------------------------------------------------------------ life


def test_it_escalates_and_comes_back_where_the_measurement_is_withdrawn() -> None:
    measured = blocking("b")
    _, changes = one_by_one(
        [blocked_claim(), measured, msgspec.structs.replace(measured, revision=1, withdrawn=True)]
    )
    assert [(change.change, change.shutdown.level) for change in changes] == [
        ("opened", "reported"),
        ("escalated", "corroborated"),
        ("updated", "reported"),
    ]
    assert len({change.shutdown.id for change in changes}) == 1
    assert changes[2].shutdown.blocked == ()


FAILED: dict[str, Any] = {"signals": ("ooni-anomalies-whatsapp",), "source": "ooni"}


@pytest.mark.parametrize(
    ("given", "level"),
    [
        ({}, "reported"),
        ({"hours": 12}, "reported"),  # half of the blocking
        ({"hours": 11.9}, "corroborated"),
        ({"signals": ("ooni-anomalies-telegram",)}, "corroborated"),
        ({"signals": ("ooni-anomalies",)}, "corroborated"),
        ({"verdict": "shared-cause"}, "corroborated"),
    ],
)
@pytest.mark.parametrize("places", [(COUNTRY,), (NETWORK, OTHER_NETWORK)])
def test_a_service_that_failed_everywhere_was_not_blocked(
    places: tuple[Place, ...], given: dict[str, Any], level: str
) -> None:
    measured = [blocking(f"b{at}", place) for at, place in enumerate(places)]
    failure = common_drop("f", **{"verdict": "source-failure", "hours": 24, **FAILED, **given})
    pieces = [blocked_claim(), *measured, failure]
    for order in (pieces, pieces[::-1]):
        found = only(*order)
        assert found.level == level
        told = [reason.words for reason in found.why if reason.detail == "service-failed"]
        assert bool(told) == (level == "reported")
        assert all("WhatsApp" in words and "Brazil" in words and "Kazakhstan" not in words for words in told)
    assert at_once(pieces) == runs.standing(one_by_one(pieces[::-1])[0]) == runs.standing(one_by_one(pieces)[0])
    gone = msgspec.structs.replace(failure, revision=1, withdrawn=True)
    assert only(*pieces, gone).level == "corroborated"


def test_a_block_page_is_no_failure_of_the_service() -> None:
    failure = common_drop("f", "source-failure", hours=24, **FAILED)
    assert only(blocked_claim(), blocking("b", confirmed=True), failure).level == "corroborated"


def test_a_failure_reaches_claims_that_lie_beside_it_in_time() -> None:
    """The claim is of the last hours of the blocking, which began with the failure."""
    pieces: list[Evidence] = [
        blocked_claim(), blocking("b", from_s=START_S - 3 * DAY_S, hours=80),
        common_drop("f", "source-failure", START_S - 3 * DAY_S, 41, **FAILED),
    ]  # fmt: skip
    for order in (pieces, pieces[::-1], [pieces[0], pieces[2], pieces[1]]):
        assert only(*order).level == "reported"


def test_it_is_the_same_after_a_restart() -> None:
    store: Store = {}
    stage = CorrelateStage()
    stage.process([blocking("b")], store)
    stage.forget()
    result = stage.process([blocked_claim()], store)
    [change] = [record for topic, record in result.out if topic is SHUTDOWN_CHANGES]
    assert isinstance(change, ShutdownChange)
    assert change.shutdown.level == "corroborated"


def test_a_corroborated_blocking_is_no_near_miss() -> None:
    pieces = [outage("o", COUNTRY, START_S, 3), blocked_claim()]
    state, _ = one_by_one(pieces)
    assert [one.condition for one in state.near_misses()] == ["extent"]
    state, _ = one_by_one([*pieces, blocking("b")])
    assert state.near_misses() == []
