"""What is said of a drop whose claims don't count, and of a cut that was announced: by meaning."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.correlation.evidence import (
    ALMATY,
    ALMATY_REGION,
    ATYRAU,
    COUNTRY,
    DAY_S,
    HOUR_S,
    START_S,
    claim,
    coverage,
    day_claim,
    outage,
)
from tests.correlation.runs import at_once, conclude, one_by_one, standing
from topics import Claim, Coverage, Evidence, Shutdown

UNCLAIMED = "nobody has claimed it"


def measured(*pieces: Evidence) -> Shutdown:
    (found,) = [one for one in conclude(*pieces) if one.signals]
    return found


# ---------------------------------------------------------------- claims that are ruled out

#: The country dropped, and the town that is claimed has a series of its own, which stayed normal.
NATIONAL = outage("o", COUNTRY, severity="critical", ratio_min=0.05)
TOWN = claim("c", ALMATY_REGION)
CALM = coverage("calm", "n" * 3, ALMATY_REGION)
#: One drop late in a claim of three months.
LATE = outage("o", ALMATY_REGION, START_S + 60 * DAY_S)
LONG = day_claim("c", "2021-02-28", ALMATY_REGION, 90)
#: A weak drop on the day after the claimed one.
WEAK = outage("o", ALMATY_REGION, START_S + DAY_S, 1, signals=("bgp",))
DAY_BEFORE = day_claim("c", "2021-02-28", ALMATY_REGION)

RULED_OUT: dict[str, tuple[list[Evidence], str]] = {
    "the claimed place's own series stayed normal": ([NATIONAL, TOWN, CALM], "Almaty City region itself"),
    "a long claim, and one drop late in it": ([LATE, LONG], "long time"),
    "a weak drop on another day": ([WEAK, DAY_BEFORE], "another time"),
}


@pytest.mark.parametrize(("pieces", "why"), RULED_OUT.values(), ids=RULED_OUT.keys())
def test_a_claim_that_was_ruled_out_is_said_to_be_and_why(pieces: list[Evidence], why: str) -> None:
    shutdown = measured(*pieces)
    reason = shutdown.why[0]
    assert (shutdown.level, reason.code, reason.detail) == ("measured", "nobody-claims", "ruled-out")
    assert UNCLAIMED not in reason.words
    assert "the only claim" in reason.words
    assert "ruled out" in reason.words
    assert why in reason.words
    assert set(reason.evidence) == {"o", "c"}


@pytest.mark.parametrize(("pieces", "why"), RULED_OUT.values(), ids=RULED_OUT.keys())
def test_it_is_the_same_whatever_comes_first_and_when_the_claim_goes(pieces: list[Evidence], why: str) -> None:
    del why
    for order in itertools.permutations(pieces):
        assert standing(one_by_one(order)[0]) == at_once(pieces)
    gone = [piece for piece in pieces if piece.id != "c"]
    assert UNCLAIMED in measured(*gone).why[0].words


def test_where_another_counts_nothing_is_said_of_one_that_is_ruled_out() -> None:
    shutdown = measured(NATIONAL, TOWN, CALM, claim("d", COUNTRY, scope="national"))
    assert shutdown.level == "corroborated"
    assert "ruled out" not in shutdown.why[0].words


def test_a_claim_that_another_drop_answers_is_none_of_this_one() -> None:
    words = [one.why[0].words for one in conclude(WEAK, DAY_BEFORE, outage("p", ALMATY_REGION))]
    assert [("ruled out" in said, UNCLAIMED in said) for said in words] == [(False, False), (False, True)]


def test_several_claims_are_not_called_the_only_one_and_individuals_are_not_named() -> None:
    people = [claim(f"person{one}", ALMATY_REGION, reporter="individual") for one in range(4)]
    for more in ([claim("d", ALMATY_REGION)], people):
        reason = measured(NATIONAL, TOWN, CALM, *more).why[0]
        assert "only" not in reason.words
        assert reason.words.count("itself") == 1
        assert not any("person" in key for key in reason.evidence)
    reason = measured(NATIONAL, CALM, *people).why[0]
    assert ("ruled out" in reason.words, reason.evidence) == (True, ("o",))


# ---------------------------------------------------------------- announced cuts

NOT_COME, UNKNOWN = "did not come", "whether it came is not known"


def announced(**more: Any) -> Claim:
    return claim("c", attribution="announced", reporter="government", **more)


def newest(at_s: int = START_S + DAY_S) -> Coverage:
    """Evidence of elsewhere: the begin has passed by it."""
    return coverage("newest", "n", ATYRAU, at_s)


# |begin: 08:00|   |end: 11:00|
@pytest.mark.parametrize(
    ("series", "said"),
    [
        ([], UNKNOWN),
        ([coverage("v", "nnn", ALMATY)], NOT_COME),
        ([coverage("v", "n", ALMATY)], NOT_COME),
        ([coverage("v", "nmm", ALMATY)], NOT_COME),
        ([coverage("v", "mnn", ALMATY)], UNKNOWN),
        ([coverage("v", "nmd", ALMATY)], UNKNOWN),
        ([coverage("v", "mmm", ALMATY)], UNKNOWN),
        ([coverage("v", "nnn", ALMATY, signal="bgp")], UNKNOWN),
        ([coverage("v", "nnn", ALMATY, signal="merit-nt")], UNKNOWN),
        ([coverage("v", "nnn", COUNTRY)], UNKNOWN),
        ([coverage("v", "nnn", ATYRAU)], UNKNOWN),
    ],
)
def test_an_announced_cut_is_said_not_to_have_come_only_where_it_would_have_been_seen(
    series: list[Evidence], said: str
) -> None:
    (shutdown,) = conclude(announced(), newest(), *series)
    reason = shutdown.why[0]
    assert (shutdown.level, reason.detail) == ("reported", "announced")
    assert [word for word in (NOT_COME, UNKNOWN) if word in reason.words] == [said]
    assert ("throughout" in reason.words) == (series == [coverage("v", "nnn", ALMATY)])


def test_what_did_not_begin_may_still_come() -> None:
    (shutdown,) = conclude(announced(hours=12), newest(), coverage("v", "nnnn", ALMATY))
    words = shutdown.why[0].words
    assert "when it was to" in words
    assert "4 of 12 hours" in words


@pytest.mark.parametrize(
    "more",
    [{"networks": ("mobile",)}, {"extent": "service"}, {"partial": True}, {"precision": "day", "hours": 24}],
)
def test_of_what_series_would_not_have_shown_it_is_not_known_whether_it_came(more: dict[str, Any]) -> None:
    (shutdown,) = conclude(announced(**more), newest(), coverage("v", "nnn", ALMATY))
    assert UNKNOWN in shutdown.why[0].words
    assert NOT_COME not in shutdown.why[0].words


def test_an_announced_cut_that_has_not_begun_is_said_neither_to_have_come_nor_not() -> None:
    (shutdown,) = conclude(announced(), newest(START_S - 2 * HOUR_S), coverage("v", "nnn", ALMATY, START_S - DAY_S))
    assert not [word for word in (NOT_COME, UNKNOWN) if word in shutdown.why[0].words]


def test_one_that_came_is_not_said_not_to_have() -> None:
    shutdown = measured(outage("o"), announced(), newest())
    assert shutdown.level == "corroborated"
    assert NOT_COME not in shutdown.why[0].words


def test_of_several_that_begin_at_different_hours_only_what_was_seen_is_told() -> None:
    several = [
        announced(hours=0.5),
        claim("later", ALMATY, START_S + HOUR_S // 4, 1, attribution="announced", reporter="government"),
    ]
    series = [coverage(f"v{hours}", hours, ALMATY, series=f"ioda/{hours}") for hours in ("n", "nn")]
    (shutdown,) = conclude(*several, *series, newest())
    assert NOT_COME not in shutdown.why[0].words
    assert UNKNOWN in shutdown.why[0].words
