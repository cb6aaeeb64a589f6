"""`relative_to_median` against the issue's text as plain Python, and what can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.detection import RelativeToMedian, relative_to_median
from streams.detection import median as module
from streams.detection.rules import MedianRule
from tests.detection.naive import naive

START = 1_600_000_000
SMALL = MedianRule(id="small", window_s=40, warmup_s=8, inpaint_s=30, prediction_min=5)


def small(times: list[int], values: list[float]) -> list[tuple[float, float, bool]]:
    return naive(times, values, window_s=40, warmup_s=8, inpaint_s=30, least=5)


def assert_same(got: RelativeToMedian, wanted: list[tuple[float, float, bool]]) -> None:
    assert np.allclose(got.ratio, [each[0] for each in wanted], rtol=0, atol=1e-9, equal_nan=True)
    assert np.allclose(got.prediction, [each[1] for each in wanted], rtol=0, atol=1e-9, equal_nan=True)
    assert got.inpainted.tolist() == [each[2] for each in wanted]


VALUES = st.one_of(
    st.just(math.nan),
    st.sampled_from([0.0, 3.0, 5.0, 10.0, 79.0, 80.0, 100.0, 200.0, 201.0]),
    st.floats(50, 150),
)
STEPS = st.sampled_from([1, 2, 2, 2, 2, 2, 3, 8, 9, 39, 40, 41, 70])


@st.composite
def series(draw: st.DrawFn, rows: int = 1) -> tuple[list[int], list[list[float]]]:
    """Stretches of one level, each with gaps, so that plateaus outlast the inpainting."""
    regular = draw(st.booleans())
    times = [START]
    drawn: list[list[float]] = [[] for _ in range(rows)]
    for _ in range(draw(st.integers(1, 6))):
        length = draw(st.integers(1, 40))
        for row in drawn:
            level = draw(VALUES)
            noise = draw(st.lists(VALUES, max_size=3))
            row.extend(noise[n] if n < len(noise) else level for n in range(length))
        for _ in range(length):
            times.append(times[-1] + (2 if regular else draw(STEPS)))
    return times[:-1], drawn


@settings(max_examples=400, deadline=None)
@given(series())
def test_equals_the_text_on_any_series(drawn: tuple[list[int], list[list[float]]]) -> None:
    times, (values,) = drawn
    assert_same(relative_to_median(times, values, SMALL), small(times, values))


@settings(max_examples=200, deadline=None)
@given(series(rows=4), st.integers(1, 50))
def test_vectorised_over_series_equals_the_text(drawn: tuple[list[int], list[list[float]]], span: int) -> None:
    times, rows = drawn
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FEW", 1)
        patch.setattr(module, "SPAN", span)
        patch.setattr(module, "ROWS", 3)
        got = relative_to_median(times, np.array(rows), SMALL)
    for row, values in enumerate(rows):
        assert_same(RelativeToMedian(*(each[row] for each in got)), small(times, values))


def realistic(seed: int, step: int, length: int) -> tuple[list[int], list[float]]:
    """Noise of counts, a daily wave, gaps, jumps, plateaus, and an outage longer than a week."""
    rng = np.random.default_rng(seed)
    values = np.round(400 + 30 * np.sin(np.arange(length) * step / 86_400 * 6.28) + rng.normal(0, 15, length))
    for _ in range(4):
        at, span = int(rng.integers(0, length)), int(rng.integers(1, length // 6))
        values[at : at + span] = np.round(values[at : at + span] * rng.choice([0.0, 0.1, 0.5, 0.79, 2.5]))
    at = int(rng.integers(length // 4, length // 2))
    values[at : at + 9 * 86_400 // step] = np.round(values[at : at + 9 * 86_400 // step] * 0.3)
    values[rng.random(length) < 0.03] = np.nan
    values[200:230] = values[200]
    return (START + step * np.arange(length)).tolist(), values.tolist()


@pytest.mark.parametrize("seed", range(6))
def test_realistic_series_of_five_weeks(seed: int) -> None:
    times, values = realistic(seed, 1_800, 48 * 35)
    assert_same(relative_to_median(times, values), naive(times, values))


def test_realistic_series_vectorised() -> None:
    drawn = [realistic(seed, 3_600, 24 * 30) for seed in range(60)]
    got = relative_to_median(drawn[0][0], [values for _, values in drawn])
    for row, (times, values) in enumerate(drawn):
        assert_same(RelativeToMedian(*(each[row] for each in got)), naive(times, values))
