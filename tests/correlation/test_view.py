"""The view of a claim that no drop answers: its state, whether it is denied, and how much speaks against it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.correlation import default_rules
from streams.correlation.places import pair
from streams.correlation.view import View, together, view
from tests.correlation.evidence import ALMATY, ALMATY_REGION, ASTANA, COUNTRY, DAY_S, HOUR_S, claim, coverage
from topics import Claim, Coverage

RULES = default_rules()
HOURS = st.text("nmdu", min_size=3, max_size=3)


def looked(said: Claim, *pieces: Coverage) -> View:
    return view(said, pieces, lambda place: pair(said.place, place, RULES), RULES)


def series(signal: str, hours: str = "nnn", **more: Any) -> Coverage:
    given: dict[str, Any] = {"place": ALMATY} | more
    return coverage(f"v-{signal}", hours, signal=signal, series=f"x/y/{signal}", **given)


@pytest.mark.parametrize(
    ("pieces", "state"),
    [
        ([], "no-series"),
        ([series("ping-slash24")], "normal"),
        ([series("ping-slash24", "nmn")], "missing"),
        ([series("ping-slash24", "nn")], "missing"),
        ([series("ping-slash24", "nun")], "missing"),
        ([series("ping-slash24", "ndn")], "dropped"),
        ([series("ping-slash24", "mdm")], "dropped"),
        ([series("ping-slash24", place=COUNTRY)], "too-coarse"),
        ([series("ping-slash24", "ddd", place=COUNTRY)], "too-coarse"),
        ([series("ping-slash24", step_s=DAY_S)], "too-coarse"),
        ([series("ping-slash24", place=ASTANA)], "no-series"),
        ([series("ping-slash24", from_s=claim("c").from_s + 2 * DAY_S)], "no-series"),
    ],
)
def test_the_state_is_what_series_of_the_place_said(pieces: list[Coverage], state: str) -> None:
    found = looked(claim("c"), *pieces)
    assert found.state == state
    assert found.denied is (state == "normal")


def test_a_region_that_is_the_city_is_its_own_series() -> None:
    assert looked(claim("c"), series("ping-slash24", place=ALMATY_REGION)).state == "normal"


@pytest.mark.parametrize(
    ("signals", "denied"),
    [
        (["ping-slash24"], True),
        (["gtr"], True),
        (["netflows"], True),
        (["bgp"], False),
        (["merit-nt"], False),
        (["bgp", "merit-nt"], False),
        (["merit-nt", "ucsd-nt"], False),
        (["ooni-measurements"], False),
        (["ooni-measurements", "bgp", "merit-nt"], False),
        (["connectivity-index"], False),
        (["connectivity-index", "ooni-measurements"], False),
        (["mozilla"], False),
        (["mozilla", "dns-queries"], False),
        (["connectivity-index", "mozilla"], True),
        (["gtr-sarima"], False),
        (["unheard-of"], False),
    ],
)
def test_a_claim_is_denied_only_by_what_may_contradict(signals: list[str], denied: bool) -> None:
    found = looked(claim("c"), *(series(signal) for signal in signals))
    assert found.state == "normal"
    assert found.denied is denied


@pytest.mark.parametrize(
    "said",
    [
        claim("c", extent=None),
        claim("c", extent="service"),
        claim("c", networks=("mobile",)),
        claim("c", partial=True),
    ],
)
def test_what_probing_need_not_show_is_not_denied_by_it(said: Claim) -> None:
    assert not looked(said, series("ping-slash24")).denied


def test_the_series_of_a_whole_country_denies_no_claim_of_a_town_and_no_town_one_of_the_country() -> None:
    assert not looked(claim("c"), series("ping-slash24", place=COUNTRY)).denied
    assert not looked(claim("c", COUNTRY), series("ping-slash24", place=ALMATY)).denied


def test_a_noisy_series_denies_nothing() -> None:
    assert not looked(claim("c"), series("ping-slash24", spread=0.3)).denied


def test_a_kind_that_dropped_elsewhere_denies_nothing() -> None:
    """A drop inside the place, of a kind of signal, leaves that kind no word against the claim."""
    quiet = series("gtr", place=COUNTRY)
    loud = coverage("d", "ddd", ALMATY, signal="gtr", series="x/z/gtr")
    found = looked(claim("c", COUNTRY), quiet, loud)
    assert (found.state, found.denied, found.doubt) == ("dropped", False, 0.0)


def test_a_series_that_died_in_the_claimed_time_denies_nothing() -> None:
    dead = looked(claim("c", hours=6), series("ping-slash24", "nn" + "m" * 4))
    assert (dead.state, dead.denied) == ("missing", False)
    gone = looked(claim("c", hours=6), series("ping-slash24", "nn"))
    assert (gone.state, gone.denied) == ("missing", False)
    assert gone.series[0].normal == 2
    assert gone.series[0].hours == 6


def test_one_dead_series_of_several_is_the_reason_and_the_normal_ones_are_named_apart() -> None:
    found = looked(claim("c"), series("ping-slash24", "nmm"), series("gtr"))
    assert found.state == "missing"
    assert found.names == ("x/y/ping-slash24",)
    assert [one.series for one in found.normal] == ["x/y/gtr"]
    assert not found.denied


def test_a_week_of_ten_denies_no_claim_of_ten_weeks() -> None:
    long = claim("c", hours=70 * 24)
    week = looked(long, series("ping-slash24", "n" * 7 * 24))
    assert (week.state, week.denied) == ("missing", False)
    assert 0 < week.doubt < 1


@pytest.mark.parametrize(("seconds", "denied"), [(0, True), (HOUR_S, False)])
def test_a_claim_longer_than_what_is_looked_at_is_denied_by_none(seconds: int, denied: bool) -> None:
    length_s = RULES.seconds("sight_most_s") + seconds
    hours = length_s // HOUR_S
    pieces = [
        coverage(f"v{at}", "n" * min(24, hours - at), ALMATY, from_s=claim("c").from_s + at * HOUR_S)
        for at in range(0, hours, 24)
    ]
    found = looked(claim("c", hours=hours), *pieces)
    assert found.state == "normal"
    assert found.denied is denied


@given(
    hours=st.lists(HOURS, min_size=1, max_size=4),
    signals=st.permutations(["ping-slash24", "gtr", "bgp", "merit-nt"]),
    spread=st.none() | st.floats(0.0, 1.0),
)
def test_doubt_is_between_none_and_all_and_a_denial_is_full_doubt(
    hours: list[str], signals: Sequence[str], spread: float | None
) -> None:
    pieces = [series(signal, own, spread=spread) for signal, own in zip(signals, hours, strict=False)]
    found = looked(claim("c"), *pieces)
    assert 0.0 <= found.doubt <= 1.0
    assert found == looked(claim("c"), *reversed(pieces))
    if found.denied:
        assert found.doubt == 1.0


@given(hours=HOURS.filter(lambda text: "d" not in text), at=st.integers(0, 2))
def test_a_further_normal_hour_never_lowers_doubt(hours: str, at: int) -> None:
    more = hours[:at] + "n" + hours[at + 1 :]
    before, after = (looked(claim("c"), series("ping-slash24", own)) for own in (hours, more))
    assert before.doubt <= after.doubt


@given(calm=st.floats(0.0, 1.0), loud=st.floats(0.0, 1.0))
def test_more_noise_never_raises_doubt(calm: float, loud: float) -> None:
    calm, loud = sorted((calm, loud))
    doubts = [looked(claim("c"), series("gtr", spread=spread)).doubt for spread in (calm, loud)]
    assert doubts[0] >= doubts[1]


def test_a_second_normal_kind_never_lowers_doubt() -> None:
    one = looked(claim("c"), series("bgp"))
    two = looked(claim("c"), series("bgp"), series("connectivity-index"))
    assert one.doubt <= two.doubt


def test_several_claims_are_denied_together_only_if_each_is() -> None:
    denied = looked(claim("c"), series("ping-slash24"))
    longer = looked(claim("d", hours=5), series("ping-slash24"))
    both = together([denied, longer])
    assert (denied.denied, both.denied, both.state) == (True, False, "missing")
    assert both.doubt == min(denied.doubt, longer.doubt)
    assert together([denied, denied]).denied
