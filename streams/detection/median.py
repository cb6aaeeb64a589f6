"""`relative_to_median`: values relative to the moving median of their own past, as IODA judges them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from streams.detection.arrays import Mask, Times, Values
from streams.detection.median_batch import advance_rows, columns_of
from streams.detection.median_scalar import EMPTY, Baseline, Judged, RelativeToMedian, advance_row
from streams.detection.rules import IODA_MEDIAN, MedianRule

#: Below this many series a loop over them is quicker than vectorised steps.
FEW = 48
#: Columns of one vectorised block may be at most this many times those of its longest history.
_SPARSE = 2
#: A call works on at most so many series, and so many times, at once: the matrices of a block stay small.
ROWS = 2048
SPAN = 1008


def relative_to_median(times: ArrayLike, values: ArrayLike, rule: MedianRule = IODA_MEDIAN) -> RelativeToMedian:
    """Compare each value with the median of the history before it.

    Args:
        times: Unix seconds, strictly ascending, shape (n,).
        values: shape (n,), or (series, n) for series that share the times; NaN is missing.
        rule: history, warm-up, inpainting and minimum prediction.

    Returns:
        Ratio, prediction and whether inpainted, each of the shape of `values`.

    Raises:
        ValueError: times that do not ascend, shapes that differ, or values that are infinite.

    Method: IODA's production detector, InetIntel/watchtower-sentry `MovingStat`.

    >>> import numpy as np
    >>> times = 1_600_000_000 + 600 * np.arange(10)
    >>> values = [100, 100, 100, 100, 100, 100, 100, 40, 95, 100]
    >>> relative_to_median(times, values).ratio[6:]
    array([1.  , 0.4 , 0.95, 1.  ])
    """
    at = np.ascontiguousarray(times, dtype=np.int64)
    given = np.asarray(values, dtype=np.float64)
    if at.ndim != 1 or given.ndim not in (1, 2) or given.shape[-1] != len(at):
        raise ValueError(f"{given.shape} values do not fit {at.shape} times")
    if (np.diff(at) <= 0).any():
        raise ValueError("times must ascend strictly")
    if np.isinf(given).any():
        raise ValueError("values must be finite, or NaN where they are missing")
    rows = np.atleast_2d(given)
    ratio = np.full(rows.shape, np.nan)
    prediction = np.full(rows.shape, np.nan)
    inpainted: Mask = np.zeros(rows.shape, np.bool_)
    for first in range(0, len(rows), ROWS):
        block = slice(first, first + ROWS)
        bases = [EMPTY] * len(rows[block])
        for start in range(0, len(at), SPAN):
            span = slice(start, start + SPAN)
            judged, bases = advance(bases, at[span], rows[block, span], rule)
            ratio[block, span] = [each.ratio for each in judged]
            prediction[block, span] = [each.prediction for each in judged]
            inpainted[block, span] = [each.inpainted for each in judged]
    if given.ndim == 1:
        return RelativeToMedian(ratio[0], prediction[0], inpainted[0])
    return RelativeToMedian(ratio, prediction, inpainted)


def advance(
    bases: Sequence[Baseline], times: Times, values: Values, rule: MedianRule
) -> tuple[list[Judged], list[Baseline]]:
    """Judge values (series, n) that come after the series' baselines, at `times` (n,) that they share."""
    if len(bases) >= FEW:
        columns = columns_of(bases)
        if len(columns) <= _SPARSE * max(len(base.times) for base in bases) + len(times):
            return advance_rows(bases, columns, times, values, rule)
    done = [advance_row(base, times, row, rule) for base, row in zip(bases, values, strict=True)]
    return [judged for judged, _ in done], [base for _, base in done]
