"""Sight: each factor of what a series can see of a claim, both sides of each rule, and what must be monotone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.correlation import Rules, default_rules
from streams.correlation.places import Pair
from streams.correlation.sight import SPREADS, Sight, depth, network_share, of_coverage, sight
from streams.correlation.windows import Span
from tests.correlation.evidence import HOUR_S, START_S, claim, coverage
from topics import Claim, signal_facts

RULES = default_rules()
SAME = Pair(1.0, 1.0, same=True, holds=True, within=True)
DURING = Span(START_S, START_S + 3 * HOUR_S)
SHARES = st.floats(0.0, 1.0)


def pair(of_first: float, of_second: float) -> Pair:
    return Pair(of_first, of_second, same=False, holds=False, within=False)


def seen(
    said: Claim, signal: str = "ping-slash24", where: Pair = SAME, during: Span = DURING, **more: Any
) -> Sight:
    return sight(signal, where, said, during, RULES, **more)


def with_rule(name: str, value: float) -> Rules:
    return Rules(tuple(replace(rule, value=value) if rule.id == name else rule for rule in RULES.all))


@pytest.mark.parametrize("signal", ["bgp", "ping-slash24", "merit-nt", "gtr", "netflows", "connectivity-index"])
@pytest.mark.parametrize(("networks", "share"), [(("mobile",), "mobile"), (("broadband",), "fixed")])
def test_a_signal_sees_the_networks_that_the_catalogue_says(
    signal: str, networks: tuple[str, ...], share: str
) -> None:
    facts = signal_facts(signal)
    assert network_share(facts, claim("c", networks=networks)) == getattr(facts, share)
    assert network_share(facts, claim("c")) == max(facts.fixed, facts.mobile)


@pytest.mark.parametrize("extent", ["service", "throttling"])
def test_blocked_services_show_in_traffic_alone(extent: str) -> None:
    said = claim("c", extent=extent)
    assert network_share(signal_facts("gtr"), said) > 0
    for signal in ("bgp", "ping-slash24", "merit-nt", "ooni-measurements"):
        assert seen(said, signal).expected_drop == 0
        assert "kind" in seen(said, signal).limits


def test_a_mobile_cut_is_seen_by_traffic_and_hardly_by_probing() -> None:
    mobile = claim("c", networks=("mobile",))
    assert "networks" in seen(mobile).limits
    assert not seen(mobile).clear(RULES)
    assert "networks" not in seen(mobile, "gtr").limits
    assert seen(mobile, "gtr").clear(RULES)


def test_the_drop_is_the_share_of_the_series_people_that_the_claim_is_of() -> None:
    whole = seen(claim("c"))
    assert seen(claim("c"), where=pair(1.0, 0.5)).expected_drop == pytest.approx(whole.expected_drop / 2)
    assert seen(claim("c"), where=pair(0.3, 1.0)).covers == 0.3
    assert "place" not in whole.limits
    assert "place" in seen(claim("c"), where=pair(1.0, 0.49)).limits
    assert "place" in seen(claim("c"), where=pair(0.49, 1.0)).limits


def test_a_claim_of_a_part_is_seen_as_a_part() -> None:
    whole, part = seen(claim("c")), seen(claim("c", partial=True))
    assert part.expected_drop == pytest.approx(whole.expected_drop * RULES.number("partial_share"))
    assert "place" in part.limits


def test_a_cut_of_two_steps_is_seen_in_full_and_a_shorter_one_in_proportion() -> None:
    least = int(RULES.number("step_share") * HOUR_S)
    full = seen(claim("c"), during=Span(START_S, START_S + least), step_s=HOUR_S)
    half = seen(claim("c"), during=Span(START_S, START_S + least // 2), step_s=HOUR_S)
    assert "time" not in full.limits
    assert "time" in half.limits
    assert half.expected_drop == pytest.approx(full.expected_drop / 2)
    # A value a day says nothing of a cut of an hour.
    hour = seen(claim("c"), during=Span(START_S, START_S + HOUR_S), step_s=24 * HOUR_S)
    assert not hour.clear(RULES)


def test_a_step_that_nobody_knows_limits_nothing() -> None:
    assert signal_facts("netflows").step_s is None
    assert "time" not in seen(claim("c"), "netflows", during=Span(START_S, START_S + 60)).limits


def test_noise_is_the_series_own_spread_or_that_of_its_kind() -> None:
    assert seen(claim("c")).noise == SPREADS["probing"]
    loud = seen(claim("c"), spread=0.5)
    assert loud.noise == 0.5
    assert "noise" in loud.limits
    assert not loud.clear(RULES)


@pytest.mark.parametrize("extent", [None, "service", "throttling"])
def test_what_does_not_say_that_all_was_cut_is_half_of_it(extent: str | None) -> None:
    assert depth(claim("c", extent="full"), RULES) == 1.0
    assert depth(claim("c", extent=extent), RULES) == RULES.number("vague_depth")


def test_coverage_brings_its_own_step_and_spread() -> None:
    piece = coverage("v", "nnn", step_s=6 * HOUR_S, spread=0.2)
    found = of_coverage(piece, SAME, claim("c"), DURING, RULES)
    assert found == seen(claim("c"), step_s=6 * HOUR_S, spread=0.2)


@pytest.mark.parametrize(
    ("drop", "covers", "noise", "clear"),
    [
        (0.4, 0.5, 0.1, True),
        (0.39, 0.5, 0.09, False),
        (0.4, 0.49, 0.1, False),
        (0.4, 0.5, 0.11, False),
        (0.9, 1.0, 0.2, True),
        (0.9, 1.0, 0.23, False),
    ],
)
def test_a_drop_is_clear_from_each_of_three_rules_on(drop: float, covers: float, noise: float, clear: bool) -> None:
    assert Sight(drop, covers, noise, ()).clear(RULES) is clear


@pytest.mark.parametrize(("rule", "value"), [("deny_drop", 0.95), ("deny_noise", 40.0)])
def test_the_rules_say_what_is_clear(rule: str, value: float) -> None:
    assert seen(claim("c")).clear(RULES)
    assert not seen(claim("c")).clear(with_rule(rule, value))


@given(less=SHARES, more=SHARES, other=SHARES, signal=st.sampled_from(["bgp", "ping-slash24", "merit-nt", "gtr"]))
def test_a_larger_share_never_sees_less(less: float, more: float, other: float, signal: str) -> None:
    less, more = sorted((less, more))
    small, large = (seen(claim("c"), signal, pair(other, share)) for share in (less, more))
    assert 0.0 <= small.expected_drop <= large.expected_drop <= 1.0
    assert small.clear(RULES) <= large.clear(RULES)
    few, many = (seen(claim("c"), signal, pair(share, other)) for share in (less, more))
    assert few.covers <= many.covers
    assert few.clear(RULES) <= many.clear(RULES)


@given(short=st.integers(1, 10**6), long=st.integers(1, 10**6), step=st.integers(1, 10**5))
def test_a_longer_cut_and_a_finer_step_never_show_less(short: int, long: int, step: int) -> None:
    short, long = sorted((short, long))
    brief, lasting = (seen(claim("c"), during=Span(0, length), step_s=step) for length in (short, long))
    assert brief.expected_drop <= lasting.expected_drop
    finer = seen(claim("c"), during=Span(0, short), step_s=max(1, step // 2))
    assert brief.expected_drop <= finer.expected_drop


@given(calm=SHARES, loud=SHARES)
def test_more_noise_never_makes_it_clearer(calm: float, loud: float) -> None:
    calm, loud = sorted((calm, loud))
    assert seen(claim("c"), spread=loud).clear(RULES) <= seen(claim("c"), spread=calm).clear(RULES)
