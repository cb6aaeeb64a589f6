"""Drops in several countries at once: the source's own failure, and causes that neighbours share."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.correlation.evidence import ASTANA, HOUR_S, START_S, claim, common_drop, outage
from tests.correlation.runs import at_once, conclude, one_by_one, standing, with_piece
from topics import Evidence, Origin

FAILURE = common_drop("f", "source-failure", source="ioda")
CABLE = common_drop("f", "shared-cause", signals=("bgp", "ping-slash24"), countries=("KG", "KZ", "UZ"))


@pytest.mark.parametrize(
    ("dropped", "drop", "failed"),
    [
        ({}, {}, True),
        ({}, {"signals": ("bgp", "ping-slash24")}, True),
        ({"signals": ("bgp", "ping-slash24")}, {}, False),  # another signal dropped too
        ({}, {"signals": ("bgp",)}, False),
        ({}, {"source": "cloudflare"}, False),
        ({}, {"hours": 1.5}, True),  # half of the outage
        ({}, {"hours": 1.5 - 1 / HOUR_S}, False),
        ({}, {"from_s": START_S + 3 * HOUR_S}, False),
        ({}, {"verdict": "shared-cause"}, False),  # a cable is no failure of the source
    ],
)
def test_an_outage_that_is_nothing_but_the_sources_failure(
    dropped: dict[str, Any], drop: dict[str, Any], failed: bool
) -> None:
    given: dict[str, Any] = {"verdict": "source-failure", "source": "ioda"} | drop
    shutdown = with_piece("o", outage("o", **dropped), common_drop("f", **given))
    assert (shutdown.why[0].detail == "source-failed") is failed
    assert shutdown.level == "measured"


def test_a_sources_failure_corroborates_nothing_and_says_why() -> None:
    found = conclude(outage("o"), claim("c"), FAILURE)
    assert sorted(one.level for one in found) == ["measured", "reported"]
    (failed,) = [one for one in found if one.level == "measured"]
    assert failed.happened is not None
    assert failed.happened < 0.05
    words = failed.why[0].words
    assert "source" in words
    assert "failed" in words
    assert all(elsewhere in words for elsewhere in ("Brazil", "France"))
    assert "Kazakhstan" not in words.partition("elsewhere")[2], "elsewhere is not here"
    assert "nobody has claimed" not in words, "somebody did, and it isn't known whether of this"


def test_another_source_that_dropped_too_is_what_the_claim_meets() -> None:
    other = replace(outage("other", signals=("traffic",), lineage="cloudflare"), origin=Origin(source="cloudflare"))
    found = conclude(outage("o"), other, claim("c"), FAILURE)
    levels = {row.id: one.level for one in found for row in one.evidence if row.kind == "outage"}
    assert levels == {"o": "measured", "other": "corroborated"}


def test_a_failure_reaches_as_far_as_its_own_time() -> None:
    later = outage("later", ASTANA, START_S + 12 * HOUR_S)
    shutdown = with_piece("later", outage("o"), later, claim("c", ASTANA, later.from_s), FAILURE)
    assert shutdown.level == "corroborated"


def test_a_failure_that_is_taken_back_leaves_what_was_before() -> None:
    pieces: list[Evidence] = [outage("o"), claim("c"), FAILURE, replace(FAILURE, revision=1, withdrawn=True)]
    before, _ = one_by_one(pieces[:2])
    after, changes = one_by_one(pieces)
    assert [one.level for one in before.standing()] == ["corroborated"]
    assert standing(after) == standing(before)
    assert {one.id for one in after.standing()} <= {change.shutdown.id for change in changes[:-2]}, "no new id"
    assert {change.shutdown.level for change in changes if change.because == ("f",)} >= {"measured", "corroborated"}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0), (0, 2, 1)])
def test_a_failure_may_come_before_or_after_what_it_explains(order: tuple[int, ...]) -> None:
    pieces: list[Evidence] = [outage("o"), claim("c"), FAILURE]
    state, _ = one_by_one([pieces[one] for one in order])
    assert standing(state) == at_once(pieces)


@pytest.mark.parametrize(
    ("drop", "shared"),
    [
        ({}, True),
        ({"signals": ("gtr",)}, False),
        ({"hours": 6}, True),  # half of the common drop
        ({"hours": 6 + 2 / HOUR_S}, False),
        ({"from_s": START_S + 3 * HOUR_S}, False),
    ],
)
def test_neighbours_that_drop_alike_share_a_cause(drop: dict[str, Any], shared: bool) -> None:
    given: dict[str, Any] = {"verdict": "shared-cause", "countries": ("KG", "KZ", "UZ")} | drop
    (shutdown,) = conclude(outage("o"), common_drop("f", **given))
    assert shutdown.common_drops == (("drop-f",) if shared else ())
    reasons = [reason for reason in shutdown.why if reason.detail == "shared-cause"]
    assert len(reasons) == shared
    for reason in reasons:
        assert reason.code == "same-drop"
        assert "Kyrgyzstan" in reason.words
        assert "Uzbekistan" in reason.words
        assert "Kazakhstan" not in reason.words, "elsewhere is not here"


def test_a_shared_cause_leaves_the_level_and_speaks_against_a_decision() -> None:
    (without,) = conclude(outage("o"), claim("c"))
    (shutdown,) = conclude(outage("o"), claim("c"), CABLE)
    assert shutdown.level == without.level == "corroborated"
    assert without.on_purpose is not None
    assert shutdown.on_purpose is not None
    assert shutdown.on_purpose < without.on_purpose
    assert shutdown.happened == without.happened
