"""Recall and false alarms of detection by its own rules and by IODA's, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from streams.evaluation.signals import SignalScore
from streams.plots.series import canvas, save

_COLOURS = ("#2e7d32", "#9aa5b1")


def draw_scores(path: Path, scores: Sequence[SignalScore]) -> None:
    """Draw scores as `streams.evaluation.signals.score_signals` gives them: two a signal, its own rule first.

    Raises:
        StreamsError: matplotlib is not installed, or the file can't be written.
    """
    own, ioda = scores[0::2], scores[1::2]
    figure = canvas(10, 1.6 + 0.5 * len(own))
    at = np.arange(len(own))
    for axis, title in zip(figure.subplots(1, 2), ("known outages found", "false alarms a year"), strict=True):
        for side, (its, label) in enumerate(((own, "own rule"), (ioda, "ioda-median"))):
            shown = [(one.recall if title.startswith("known") else one.a_year) or 0.0 for one in its]
            bars = axis.barh(at + 0.4 * side, shown, height=0.38, color=_COLOURS[side], label=label)
            axis.bar_label(bars, [f"{one:.2f}" for one in shown], padding=3, fontsize=8)
        axis.set_yticks(at + 0.2, [one.signal for one in own])
        axis.invert_yaxis()
        axis.margins(x=0.15)
        axis.set_title(title, fontsize=10, loc="left")
        axis.spines[["top", "right"]].set_visible(False)
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=9)
    save(figure, path)
