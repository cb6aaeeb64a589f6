"""The numbers of the scorecard, done by hand; what is not defined is null."""

from __future__ import annotations

import pytest

from streams.evaluation.metrics import calibration, curve, macro, quality, recall_at

TRUTH = [True, False, True, False]
SCORES = [0.9, 0.8, 0.6, 0.1]


def test_quality_by_hand() -> None:
    found = quality(TRUTH, SCORES)
    assert (found.outages, found.positive) == (4, 2)
    assert found.precision == pytest.approx(2 / 3, abs=1e-4)
    assert found.recall == 1
    # At the first positive precision is 1, at the second 2 of 3.
    assert found.average_precision == pytest.approx((1 + 2 / 3) / 2, abs=1e-4)
    # Of the four pairs of a positive and another, three are in order.
    assert found.roc_auc == 0.75
    assert found.brier == pytest.approx((0.01 + 0.64 + 0.16 + 0.01) / 4, abs=1e-4)


def test_a_threshold_is_inside() -> None:
    assert quality(TRUTH, SCORES, 0.9).recall == 0.5
    assert quality(TRUTH, SCORES, 0.91).recall == 0
    assert quality(TRUTH, SCORES, 0.91).precision is None


def test_what_is_not_defined_is_null() -> None:
    none = quality([False, False], [0.2, 0.1])
    assert (none.precision, none.recall, none.average_precision, none.roc_auc) == (None, None, None, None)
    assert quality([True], [0.2]).roc_auc is None
    assert quality([], []).brier is None
    assert recall_at([False], [0.5], 0.5) is None


@pytest.mark.parametrize(("precision", "recall"), [(0.5, 1.0), (0.66, 1.0), (0.67, 0.5), (1.0, 0.5)])
def test_recall_at_a_precision(precision: float, recall: float) -> None:
    assert recall_at(TRUTH, SCORES, precision) == recall


def test_no_threshold_has_that_precision() -> None:
    assert recall_at([False, True], [0.9, 0.1], 0.8) is None


def test_calibration_rows_hold_every_outage_once() -> None:
    rows = calibration([True, False, False, True], [1.0, 0.0, 0.05, 0.049])
    assert sum(row.outages for row in rows) == 4
    assert [(row.from_, row.until, row.outages, row.share) for row in rows] == [
        (0.0, 0.01, 1, 0.0), (0.01, 0.05, 1, 1.0), (0.05, 0.2, 1, 0.0), (0.95, 1.0, 1, 1.0),
    ]  # fmt: skip


def test_macro_is_the_mean_of_where_it_is_defined() -> None:
    both = [quality(TRUTH, SCORES), quality([False], [0.2])]
    assert macro(both)["roc_auc"] == 0.75
    assert macro([both[1]])["recall"] is None


def test_the_curve_ends_at_nothing_said() -> None:
    recall, precision = curve(TRUTH, SCORES)
    assert (recall[0], recall[-1], precision[-1]) == (1, 0, 1)
    assert curve([False], [0.5]) == ([], [])
