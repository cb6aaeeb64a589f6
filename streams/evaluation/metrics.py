"""How well a score tells outages on purpose from others: the usual numbers, by scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np

from streams.errors import StreamsError

#: Edges of the calibration table's rows.
EDGES = (0.0, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 1.0)


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a calibration table: outages with a score in [from, until), the mean of it, and how many were."""

    from_: float = msgspec.field(name="from")
    until: float
    outages: int
    mean: float
    share: float


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """Of a score between 0 and 1: precision and recall where it is at least `threshold`, and over all thresholds.

    What is not defined is null: precision if nothing is said, the rest where all outages are of one kind.
    """

    outages: int
    positive: int
    threshold: float
    precision: float | None
    recall: float | None
    average_precision: float | None
    roc_auc: float | None
    brier: float | None


def quality(truth: Sequence[bool], scores: Sequence[float], threshold: float = 0.5) -> Quality:
    """The numbers of a score. Shapes: one truth and one score an outage."""
    sklearn = _sklearn()
    actual, given = np.array(truth, dtype=bool), np.array(scores, dtype=np.float64)
    said = given >= threshold
    right, both = int((said & actual).sum()), bool(actual.any() and not actual.all())
    return Quality(
        outages=len(actual),
        positive=int(actual.sum()),
        threshold=threshold,
        precision=_rounded(right / said.sum()) if said.any() else None,
        recall=_rounded(right / actual.sum()) if actual.any() else None,
        average_precision=_rounded(sklearn.average_precision_score(actual, given)) if actual.any() else None,
        roc_auc=_rounded(sklearn.roc_auc_score(actual, given)) if both else None,
        brier=_rounded(np.mean((given - actual) ** 2)) if len(actual) else None,
    )


def recall_at(truth: Sequence[bool], scores: Sequence[float], precision: float) -> float | None:
    """The highest recall at a precision of at least that; null if no threshold has it, or nothing is positive."""
    if not any(truth):
        return None
    precisions, recalls, _ = _sklearn().precision_recall_curve(truth, scores)
    # The last point, recall 0 at precision 1, is no threshold's.
    found = recalls[:-1][precisions[:-1] >= precision]
    return _rounded(found.max()) if len(found) else None


def curve(truth: Sequence[bool], scores: Sequence[float]) -> tuple[list[float], list[float]]:
    """Recall and precision at every threshold, from the lowest. Nothing where nothing is positive."""
    if not any(truth):
        return [], []
    precisions, recalls, _ = _sklearn().precision_recall_curve(truth, scores)
    return [*map(float, recalls)], [*map(float, precisions)]


def calibration(truth: Sequence[bool], scores: Sequence[float]) -> list[Bin]:
    """Scores in rows, and how many outages of each were on purpose. Rows without outages are left out."""
    actual, given = np.array(truth, dtype=bool), np.array(scores, dtype=np.float64)
    found: list[Bin] = []
    for low, high in pairwise(EDGES):
        inside = (given >= low) & ((given < high) | (high == EDGES[-1]))
        if inside.any():
            mean, share = _rounded(given[inside].mean()), _rounded(actual[inside].mean())
            found.append(Bin(from_=low, until=high, outages=int(inside.sum()), mean=mean, share=share))
    return found


def macro(one_each: Sequence[Quality]) -> dict[str, float | None]:
    """The mean of each number over those (countries) that it is defined for."""
    names = ("precision", "recall", "average_precision", "roc_auc", "brier")
    values = {name: [found for one in one_each if (found := getattr(one, name)) is not None] for name in names}
    return {name: _rounded(np.mean(found)) if found else None for name, found in values.items()}


def _rounded(number: float) -> float:
    return round(float(number), 4)


def _sklearn() -> Any:
    try:
        from sklearn import metrics
    except ImportError:
        raise StreamsError("evaluation needs scikit-learn: pip install 'shutdown-streams[fit]'") from None
    return metrics
