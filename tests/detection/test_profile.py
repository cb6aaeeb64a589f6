"""What is learned of a series: its levels, its spread, and what is not learned."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detection.arrays import Values
from streams.detection.profile import (
    BYTES,
    NOTHING,
    Profiles,
    check,
    learned,
    least_difference,
    shifted,
    typical_spread,
    usual,
)
from streams.detection.rules import PROBING, TELESCOPE, TRAFFIC, VOLUNTEERS, DetectionRule
from tests.detection.series import DAY, HOUR, MONDAY, daily, flat, times


def after(values: Values, rule: DetectionRule, step_s: int = HOUR) -> bytes:
    """The profile after days of values, none of them part of an outage."""
    packed = NOTHING
    per_day = DAY // step_s
    for day in range(len(values) // per_day):
        part = values[None, day * per_day : (day + 1) * per_day]
        at = times(1, step_s, start_s=MONDAY + day * DAY)
        before = Profiles.decode([packed])
        [packed] = learned(before, usual(before, rule), at, part, ~np.isnan(part), rule).encode()
    return packed


def levels(packed: bytes, rule: DetectionRule) -> Values:
    found: Values = np.exp(usual(Profiles.decode([packed]), rule).level[0])
    return found


def spread(packed: bytes, rule: DetectionRule) -> float:
    [found] = typical_spread(usual(Profiles.decode([packed]), rule))
    assert found is not None
    return found


def test_each_hour_of_a_rhythm_has_its_level() -> None:
    at = times(10)
    found = levels(after(daily(at), TRAFFIC), TRAFFIC)
    assert found == pytest.approx(daily(times(1), noise=0), rel=0.05)


@pytest.mark.parametrize("step_s", [300, 600, 1_800, HOUR])
def test_the_step_makes_no_difference(step_s: int) -> None:
    found = levels(after(flat(times(12, step_s), 500), PROBING, step_s), PROBING)
    assert found == pytest.approx(np.full(24, 500), rel=0.03)


def test_the_spread_is_that_of_single_values() -> None:
    for noise in (0.1, 0.2, 0.3):
        packed = after(flat(times(40, 600), noise=noise), TELESCOPE, 600)
        assert spread(packed, TELESCOPE) == pytest.approx(noise, rel=0.5)


def test_with_few_days_the_rule_says_how_wide_it_is() -> None:
    assert spread(after(flat(times(1), noise=0.001), TRAFFIC), TRAFFIC) > 0.8 * TRAFFIC.spread
    assert spread(after(flat(times(30), noise=0.001), TRAFFIC), TRAFFIC) < 0.5 * TRAFFIC.spread


def test_a_burst_is_no_habit() -> None:
    values = flat(times(20))
    values[15 * 24 + 9 : 15 * 24 + 14] *= 50
    assert levels(after(values, TRAFFIC), TRAFFIC)[9:14].max() < 115


def test_a_slow_change_is_followed() -> None:
    at = times(60)
    values = flat(at) * np.exp(-0.6 * (at - MONDAY) / (60 * DAY))
    assert levels(after(values, TRAFFIC), TRAFFIC).mean() == pytest.approx(values[-24:].mean(), rel=0.1)


def test_what_is_missing_or_set_aside_teaches_nothing() -> None:
    packed = after(flat(times(5)), PROBING)
    profiles = Profiles.decode([packed])
    before = usual(profiles, PROBING)
    at = times(1, start_s=MONDAY + 5 * DAY)
    low = np.full((1, 24), 3.0)
    unmoved = learned(profiles, before, at, low, np.zeros((1, 24), np.bool_), PROBING)
    assert np.allclose(unmoved.level, profiles.level)
    assert np.array_equal(unmoved.days, profiles.days)


def test_an_hour_never_seen_is_unknown_where_there_is_a_rhythm_and_like_the_others_where_not() -> None:
    values = flat(times(3))
    values.reshape(3, 24)[:, 5] = np.nan
    assert np.flatnonzero(np.isnan(levels(after(values, TRAFFIC), TRAFFIC))).tolist() == [5]
    assert levels(after(values, PROBING), PROBING)[5] == pytest.approx(100, rel=0.03)


def test_counts_have_their_own_chance() -> None:
    few, many = (after(np.full(40 * 24, float(count)), VOLUNTEERS) for count in (3, 3_000))
    assert spread(few, VOLUNTEERS) > 0.5
    assert spread(many, VOLUNTEERS) < 0.35


@pytest.mark.parametrize(
    ("row", "unit"),
    [
        ([95, 100, 95, 90, 100], 5),
        ([16.2, 32.4, 27, 27, 32.4], 5.4),
        ([20_000, 20_013, 19_985, 20_020], 13),
        ([7, 7, 7], 0),
        ([100, 100, 70, 100], 0),
        ([100, 100, 0, 100], 0),
        ([100, np.nan, 95, np.nan], 0),
        ([100], 0),
    ],
)
def test_the_unit_is_what_small_counts_are_multiples_of(row: list[float], unit: float) -> None:
    [[found]] = least_difference(np.array([row], np.float64))
    assert found == pytest.approx(unit)


def test_chance_makes_the_spread_of_a_small_network_at_least() -> None:
    rng = np.random.default_rng(3)
    few, many = (rng.binomial(count, 0.99, 30 * 144).astype(float) for count in (20, 20_000))
    assert spread(after(few, PROBING, 600), PROBING) > 0.05
    assert spread(after(few * 5, PROBING, 600), PROBING) == pytest.approx(
        spread(after(few, PROBING, 600), PROBING), rel=0.01
    )
    assert spread(after(many, PROBING, 600), PROBING) < 0.02


def test_a_new_level_shifts_all_hours_and_is_learned_anew() -> None:
    packed = after(daily(times(12)), TRAFFIC)
    moved = shifted(packed, 0.6)
    assert levels(moved, TRAFFIC) == pytest.approx(0.6 * levels(packed, TRAFFIC), rel=0.01)
    assert Profiles.decode([moved]).days.max() == 2


@given(st.lists(st.one_of(st.none(), st.floats(1e-6, 1e12)), min_size=24, max_size=24))
def test_a_profile_is_as_large_as_ever_and_reads_as_it_was_written(row: list[float | None]) -> None:
    values = np.array([np.nan if value is None else value for value in row])
    packed = after(values, TRAFFIC)
    check(packed)
    assert len(packed) in (0, BYTES)
    known = ~np.isnan(values)
    assert np.allclose(levels(packed, TRAFFIC)[known], values[known], rtol=0.02)
    assert np.isnan(levels(packed, TRAFFIC)[~known]).all()


@pytest.mark.parametrize("packed", [b"x", b"\xff" * BYTES, b"\0" * (BYTES + 1)])
def test_what_is_no_profile_is_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match="profile"):
        check(packed)
