"""`relative_to_median` where the answer can be worked out by hand: both sides of every boundary."""

from __future__ import annotations

import math

import numpy as np
import pytest

from streams.detection import IODA_MEDIAN, MedianRule, relative_to_median, rule_named
from streams.detection.rules import median_rule_of

START = 1_600_000_000
HOUR = 3_600
DAY = 86_400
WEEK = 604_800
BGP = median_rule_of("bgp")


def last(points: list[tuple[int, float]], rule: MedianRule = IODA_MEDIAN) -> tuple[float, float, bool]:
    """What is said of the last of (seconds after the start, value) pairs."""
    times, values = [START + at for at, _ in points], [value for _, value in points]
    found = relative_to_median(times, values, rule)
    return float(found.ratio[-1]), float(found.prediction[-1]), bool(found.inpainted[-1])


def hourly(values: list[float], first: int = 0) -> list[tuple[int, float]]:
    return [(HOUR * (first + at), value) for at, value in enumerate(values)]


def test_warm_up_ends_when_the_oldest_value_is_an_hour_old() -> None:
    assert math.isnan(last([(0, 100), (HOUR - 1, 100)])[0])
    assert last([(0, 100), (HOUR, 150)]) == (1.5, 100, False)


def test_the_lower_of_the_middle_two() -> None:
    assert last(hourly([100, 110, 120, 130, 100]))[1] == 110
    assert last(hourly([100, 110, 120, 100]))[1] == 110
    assert last(hourly([130, 110, 120, 100, 100]))[1] == 110, "whatever their order"


def test_history_holds_what_is_a_week_old_to_the_second() -> None:
    points = [(0, 300.0), (WEEK - 2 * HOUR, 280.0), (WEEK - HOUR, 290.0)]
    assert last([*points, (WEEK, 280.0)])[1] == 290
    assert last([*points, (WEEK + 1, 280.0)])[1] == 280


def test_history_of_bgp_is_a_day() -> None:
    points = [(0, 300.0), (DAY - 2 * HOUR, 280.0), (DAY - HOUR, 290.0)]
    assert last([*points, (DAY, 280.0)], BGP)[1] == 290
    assert last([*points, (DAY + 1, 280.0)], BGP)[1] == 280


@pytest.mark.parametrize(
    ("value", "extreme"), [(80.0, False), (79.999, True), (200.0, False), (200.001, True), (0.0, True)]
)
def test_below_four_fifths_and_above_twice_is_extreme(value: float, extreme: bool) -> None:
    assert last(hourly([100, 100, value])) == (value / 100, 100, extreme)


def test_an_extreme_value_leaves_the_prediction_in_its_place() -> None:
    # were the three 10s in the history, the median would be 10
    assert last(hourly([100, 100, 10, 10, 10, 90])) == (0.9, 100, False)


def test_a_prediction_of_nothing_gives_no_ratio_and_is_not_extreme() -> None:
    assert np.isnan(last(hourly([0, 0, 500]))[0])
    # the 500s count, so that they are the normal at last
    assert last(hourly([0, 0, 500, 500, 500, 500]))[1] == 500


def test_below_twenty_no_verdict_but_inpainted() -> None:
    ratio, prediction, inpainted = last(hourly([19, 19, 5]))
    assert (math.isnan(ratio), prediction, inpainted) == (True, 19, True)
    assert last(hourly([20, 20, 5])) == (0.25, 20, True)


def test_after_a_week_of_extremes_they_are_the_normal() -> None:
    low = hourly([100.0] * 24 + [10.0] * 168)
    # the first 10 was kept aside at hour 24, a week before hour 192
    assert last(low) == (0.1, 100, True)
    assert last([*low, (192 * HOUR, 12.0)])[1:] == (10, False)
    assert last([*low, (192 * HOUR, 40.0)], median_rule_of("any"))[:2] == (4.0, 10), "made anew, and no bound on it"
    assert last([*low, (192 * HOUR, 90.0)]) == (0.9, 100, False), "not extreme: what was kept aside is forgotten"


def test_one_value_that_is_not_extreme_starts_the_week_anew() -> None:
    values = [100.0] * 24 + [10.0] * 100 + [95.0] + [10.0] * 100
    assert last(hourly(values)) == (0.1, 100, True)


def test_raw_values_older_than_the_history_count_once_when_they_become_it() -> None:
    """BGP's history is a day, what is kept aside is of a week: all of it makes the first prediction."""
    aside = [40.0] * 120 + [30.0] * 48
    points = hourly([100.0] * 24 + aside)
    assert last([*points, (192 * HOUR, 30.0)], BGP)[1] == 40
    assert last([*points, (192 * HOUR, 30.0), (193 * HOUR, 30.0)], BGP)[1] == 30


def test_missing_values_are_as_if_they_had_not_come() -> None:
    with_gaps = [(0, 100.0), (600, math.nan), (HOUR, 120.0), (HOUR + 600, math.nan), (2 * HOUR, 90.0)]
    assert last(with_gaps) == last([point for point in with_gaps if not math.isnan(point[1])])
    assert all(math.isnan(each) for each in last([*with_gaps, (3 * HOUR, math.nan)])[:2])


def test_warm_up_again_after_a_gap_as_long_as_the_history() -> None:
    points = [*hourly([100.0] * 5), (2 * WEEK, 70.0), (2 * WEEK + 600, 80.0)]
    assert math.isnan(last(points)[0])
    assert last([*points, (2 * WEEK + HOUR, 70.0)])[1] == 70


def test_one_or_many_series() -> None:
    times = START + HOUR * np.arange(4)
    rows = np.array([[100.0, 100, 50, 90], [30.0, 30, 30, 90]])
    both = relative_to_median(times=times, values=rows, rule=IODA_MEDIAN)
    assert both.ratio.shape == both.prediction.shape == both.inpainted.shape == (2, 4)
    for row in (0, 1):
        alone = relative_to_median(times, rows[row], IODA_MEDIAN)
        assert np.array_equal(alone.ratio, both.ratio[row], equal_nan=True)
    assert relative_to_median([], []).ratio.shape == (0,)
    assert relative_to_median([], np.empty((3, 0))).ratio.shape == (3, 0)
    assert relative_to_median(times, np.empty((0, 4))).ratio.shape == (0, 4)


@pytest.mark.parametrize(
    ("times", "values", "words"),
    [
        ([1, 1], [1.0, 1.0], "ascend"),
        ([2, 1], [1.0, 1.0], "ascend"),
        ([1, 2], [1.0], "do not fit"),
        ([1, 2], [1.0, math.inf], "finite"),
    ],
)
def test_what_makes_no_sense_is_refused(times: list[int], values: list[float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        relative_to_median(times, values)


def test_rules_by_name() -> None:
    assert rule_named("ioda-median") is IODA_MEDIAN
    assert rule_named("ioda-median-bgp") is median_rule_of("bgp")
    assert median_rule_of("bgp").window_s == DAY
    with pytest.raises(KeyError, match="there are connected, routing, "):
        rule_named("guess")
