"""The methods beside IODA's: the hour of the week, and small counts."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from streams.detection import DEFAULT_RULES, DetectionRule, DetectionRules
from streams.detection.alone import detect
from streams.detection.baseline import EMPTY, Judged, Times, Values
from streams.detection.methods import advance, poisson_tail
from streams.detection.rules import COUNTS, DAY_S, HOUR_S, INDEX, SEASONAL
from tests.detection.frames import frame, newest, run
from topics import Coverage, Measurement, Outage

#: Midnight UTC, a Monday.
MONDAY = 1_611_532_800


def judge(values: Values, rule: DetectionRule, step_s: int = HOUR_S) -> Judged:
    [judged], _ = advance([EMPTY], times(len(values), step_s), values[None, :], rule)
    return judged


def times(n: int, step_s: int = HOUR_S) -> Times:
    return MONDAY + step_s * np.arange(n, dtype=np.int64)


def traffic(weeks: int) -> Values:
    """Hourly traffic: low at night, half on weekends, with some noise."""
    hour = np.arange(weeks * 168)
    daily = 600 + 500 * np.sin((hour % 24 - 8) / 24 * 2 * math.pi)
    weekend = np.where(hour % 168 >= 120, 0.5, 1.0)
    noise = 1 + 0.05 * np.random.default_rng(5).standard_normal(len(hour))
    found: Values = daily * weekend * noise
    return found


def test_a_nightly_low_is_no_drop_and_the_same_value_at_noon_is() -> None:
    values = traffic(6)
    night = values[3::24].min()
    assert night < 0.3 * np.median(values), "the median of a week would call every night an outage"
    calm = judge(values, SEASONAL)
    assert calm.drop is not None
    assert not calm.drop.any()
    values[5 * 168 + 36 : 5 * 168 + 39] = night
    judged = judge(values, SEASONAL)
    assert judged.drop is not None
    assert np.flatnonzero(judged.drop).tolist() == list(range(5 * 168 + 36, 5 * 168 + 39))
    assert judged.ratio[5 * 168 + 37] < 0.5


def test_two_weeks_must_be_known() -> None:
    judged = judge(traffic(4), SEASONAL)
    assert np.isnan(judged.prediction[: 2 * 168 - 1]).all()
    assert not np.isnan(judged.prediction[2 * 168 :]).any()


def test_an_outage_of_a_week_does_not_spoil_the_next() -> None:
    values = traffic(6)
    values[4 * 168 : 5 * 168] = 0
    judged = judge(values, SEASONAL)
    assert judged.drop is not None
    assert judged.drop[4 * 168 : 5 * 168].all()
    assert not judged.drop[5 * 168 :].any()


def test_seasonal_series_come_to_the_same_however_they_are_cut() -> None:
    values = traffic(6)
    values[5 * 168 + 36 : 5 * 168 + 50] = 1
    rules = DetectionRules(rules=(), otherwise=SEASONAL, lateness_s=60 * DAY_S)
    row = [float(value) for value in values]

    def parts(size: int) -> list[Measurement]:
        return [
            frame([row[at : at + size]], from_s=MONDAY + HOUR_S * at, step_s=HOUR_S, name=f"f{size}/{at}")
            for at in range(0, len(row), size)
        ]

    at_once = newest(run([parts(24)], rules))
    assert newest(run([[one] for one in reversed(parts(50))], rules)) == at_once
    outages = [one for one in at_once.values() if isinstance(one, Outage)]
    assert [(one.from_s, one.until_s) for one in outages] == [
        (MONDAY + HOUR_S * (5 * 168 + 36), MONDAY + HOUR_S * (5 * 168 + 50))
    ]
    assert any(isinstance(one, Coverage) and "d" in one.hours for one in at_once.values())


@pytest.mark.parametrize("mean", [0.5, 3.0, 40.0, 900.0])
def test_the_tail_is_poissons(mean: float) -> None:
    rng = np.random.default_rng(1)
    drawn = rng.poisson(mean, 200_000)
    for count in {0, int(mean) // 2, int(mean), int(mean) + 2}:
        assert poisson_tail(count, mean) == pytest.approx((drawn <= count).mean(), abs=0.005)
    assert poisson_tail(-1, mean) == 0


@pytest.mark.parametrize("mean", [2.0, 12.0, 60.0])
def test_false_alarms_are_as_rare_as_the_rule_says(mean: float) -> None:
    """The history's mean is an estimate, so a little more often than for a known mean."""
    counts = np.random.default_rng(2).poisson(mean, 60_000).astype(float)
    rule = msgspec.structs.replace(COUNTS, false_alarm=1e-3)
    judged = judge(counts, rule)
    assert judged.drop is not None
    assert judged.drop.mean() < 1.5e-3


def test_counts_that_stop_drop_and_become_normal_in_the_end() -> None:
    counts = np.random.default_rng(3).poisson(12, 24 * 60).astype(float)
    counts[24 * 20 :] = 0
    judged = judge(counts, COUNTS)
    assert judged.drop is not None
    assert judged.drop[24 * 20 : 24 * 27].all()
    assert judged.prediction[24 * 26] == pytest.approx(12, abs=1)
    assert not judged.drop[24 * 40 :].any()


def test_too_few_to_tell_is_no_drop() -> None:
    counts = np.full(24 * 20, 2.0)
    counts[24 * 10 : 24 * 11] = 0
    judged = judge(counts, COUNTS)
    assert judged.drop is not None
    assert not judged.drop.any()


def test_an_index_must_be_low_for_three_hours() -> None:
    values = np.array([10.0] * 48 + [4.0] * 3 + [10.0] * 10 + [4.0] * 2 + [10.0] * 10 + [8.0] * 9 + [10.0])
    found = detect(times(len(values)), values, HOUR_S, INDEX)
    assert [(one.run.from_s, one.until_s) for one in found.outages] == [
        (MONDAY + 48 * HOUR_S, MONDAY + 51 * HOUR_S)
    ]
    assert np.flatnonzero(found.drops).tolist() == [48, 49, 50, 61, 62]


def test_what_is_not_over_has_no_end() -> None:
    values = np.array([100.0] * 48 + [10.0] * 5 + [np.nan] * 3)
    [ended] = detect(times(len(values)), values, HOUR_S, INDEX).outages
    assert (ended.run.from_s, ended.until_s, ended.run.critical) == (MONDAY + 48 * HOUR_S, None, True)
    assert detect(times(len(values)), values, HOUR_S, INDEX).missing.sum() == 3


def test_a_series_judged_alone_comes_to_what_the_stage_says() -> None:
    values = traffic(3) + 3000
    values[300:320] *= 0.4
    rules = DetectionRules(rules=(), otherwise=DEFAULT_RULES.otherwise)
    alone = detect(times(len(values)), values, HOUR_S, rules.otherwise)
    row = [float(value) for value in values]
    staged = newest(run([[frame([row], from_s=MONDAY, step_s=HOUR_S)]], rules)).values()
    outages = [one for one in staged if isinstance(one, Outage)]
    assert [(one.from_s, one.until_s, one.ratio_min) for one in outages] == [
        (one.run.from_s, one.until_s, round(one.run.ratio_min, 6)) for one in alone.outages
    ]
    assert len(outages) == 1


def test_each_signal_has_its_rule() -> None:
    assert DEFAULT_RULES.of("netflows") is SEASONAL
    assert DEFAULT_RULES.of("connectivity-index") is INDEX
    assert DEFAULT_RULES.of("ooni-measurements") is COUNTS
    assert DEFAULT_RULES.of("anything").method == "ioda-median"
