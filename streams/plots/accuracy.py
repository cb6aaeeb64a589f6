"""How well scores tell shutdowns from other outages: precision over recall, and calibration, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streams.errors import StreamsError
from streams.evaluation import Scored
from streams.evaluation.metrics import calibration, curve, quality

#: Methods that are drawn as curves and those that are points, with their colours.
CURVES = {"probability": "#c62828", "probability_at_end": "#ef9a3d", "shipped": "#1a3a5c"}
POINTS = {"rule": "#607d8b", "rule_independent": "#2e7d32", "level": "#6a1b9a"}


def draw(path: Path, scored: Scored) -> None:
    """Draw the two curves into a PNG or SVG file, by its name.

    Raises:
        StreamsError: matplotlib is not installed, or the file can't be written.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise StreamsError("drawing needs matplotlib: pip install 'shutdown-streams[plot]'") from error
    figure = Figure(figsize=(13, 6.2), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    truth = [one.positive for one in scored.examples]
    _precision(left, truth, scored)
    _calibration(right, truth, scored)
    figure.suptitle(f"{len(truth):,} outages, {sum(truth)} on purpose", fontsize=11, fontweight="bold")
    try:
        figure.savefig(path, dpi=110)
    except (OSError, ValueError) as error:
        raise StreamsError(f"{path} can't be drawn: {error}") from error


def _precision(axis: Any, truth: list[bool], scored: Scored) -> None:
    for name, colour in CURVES.items():
        if name in scored.scores:
            recall, precision = curve(truth, scored.scores[name])
            found = quality(truth, scored.scores[name]).average_precision
            label = scored.words[name] + ("" if found is None else f": AP {found:.2f}")
            axis.step(recall, precision, where="post", color=colour, lw=1.4, label=label)
    for name, colour in POINTS.items():
        one = quality(truth, scored.scores[name])
        if one.precision is not None and one.recall is not None:
            axis.plot(one.recall, one.precision, "o", color=colour, ms=7, label=scored.words[name])
    axis.axhline(sum(truth) / max(1, len(truth)), color="0.7", lw=0.9, ls=":", label="share that is on purpose")
    axis.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="recall", ylabel="precision")
    axis.set_title("Outages on purpose told from others", loc="left", fontsize=10)
    axis.legend(loc="lower left", fontsize=8)
    axis.grid(color="0.92")


def _calibration(axis: Any, truth: list[bool], scored: Scored) -> None:
    axis.plot([0, 1], [0, 1], color="0.7", lw=0.9, ls=":", label="as often as said")
    for name, colour in CURVES.items():
        if name in scored.scores:
            rows = calibration(truth, scored.scores[name])
            axis.plot([row.mean for row in rows], [row.share for row in rows], "o-", color=colour, lw=1.2, ms=5)
            if name == "probability":
                for row in rows:
                    at, off = (row.mean, row.share), (7, -11) if row.mean > 0.015 else (-4, 8)
                    axis.annotate(f"{row.outages}", at, off, textcoords="offset points", fontsize=8, color=colour)
    axis.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel="probability", ylabel="share that was on purpose")
    axis.set_title("Calibration; figures are outages of the red points", loc="left", fontsize=10)
    axis.grid(color="0.92")
