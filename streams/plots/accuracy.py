"""Draw precision over recall and a reliability diagram for each answer of the engine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from streams.errors import StreamsError
from streams.evaluation import Scored
from streams.evaluation.metrics import calibration, curve, quality

#: The colour of the answer itself, and those of the methods that are drawn beside it.
OWN = "#c62828"
CURVES = {"probability_at_end": "#ef9a3d", "shipped": "#1a3a5c"}
POINTS = {"rule": "#607d8b", "rule_independent": "#2e7d32", "level": "#6a1b9a"}


class _Panel(NamedTuple):
    """One answer: its title, the truth and its scores; `others` are methods drawn beside it, by name."""

    title: str
    truth: Sequence[bool]
    scores: Sequence[float]
    positive: str
    others: Sequence[str] = ()


def draw(path: Path, scored: Scored) -> None:
    """Draw the curves into a PNG or SVG file, by its name.

    Raises:
        StreamsError: matplotlib is not installed, or the file can't be written.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise StreamsError("drawing needs matplotlib: pip install 'shutdown-streams[plot]'") from error
    figure = Figure(figsize=(15, 9.5), layout="constrained")
    FigureCanvasAgg(figure)
    panels = _panels(scored)
    for panel, column in zip(panels, figure.subplots(2, len(panels)).T, strict=True):
        _precision(column[0], panel, scored)
        _reliability(column[1], panel)
    truth = [one.positive for one in scored.examples]
    decoys = len(scored.happened.truth) - sum(scored.happened.truth)
    figure.suptitle(
        f"{len(truth):,} outages, {sum(truth)} on purpose; {decoys:,} decoys", fontsize=12, fontweight="bold"
    )
    try:
        figure.savefig(path, dpi=110)
    except (OSError, ValueError) as error:
        raise StreamsError(f"{path} can't be drawn: {error}") from error


def _panels(scored: Scored) -> list[_Panel]:
    truth = [one.positive for one in scored.examples]
    asked = scored.happened
    return [
        _Panel("Happened: listed outages and decoys", asked.truth, asked.scores, "listed"),
        _Panel("On purpose, given that it happened", truth, scored.scores["on_purpose"], "on purpose"),
        _Panel(
            "Probability: happened × on purpose",
            truth,
            scored.scores["probability"],
            "on purpose",
            [name for name in (*CURVES, *POINTS) if name in scored.scores],
        ),
    ]


def _precision(axis: Any, panel: _Panel, scored: Scored) -> None:
    _curve(axis, panel.truth, panel.scores, OWN, panel.title.partition(",")[0].partition(":")[0].lower())
    for name in panel.others:
        if name in CURVES:
            _curve(axis, panel.truth, scored.scores[name], CURVES[name], scored.words[name])
            continue
        one = quality(panel.truth, scored.scores[name])
        if one.precision is not None and one.recall is not None:
            # Two points may lie on each other: the larger ring stays visible around the dot.
            ring = name == "rule"
            axis.plot(
                one.recall,
                one.precision,
                "o",
                color=POINTS[name],
                ms=11 if ring else 6,
                mfc="none" if ring else POINTS[name],
                label=scored.words[name],
            )
    share = sum(panel.truth) / max(1, len(panel.truth))
    axis.axhline(share, color="0.7", lw=0.9, ls=":", label=f"share that is {panel.positive}")
    axis.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="recall", ylabel="precision")
    axis.set_title(panel.title, loc="left", fontsize=11)
    axis.legend(loc="lower left", fontsize=8)
    axis.grid(color="0.92")


def _curve(axis: Any, truth: Sequence[bool], scores: Sequence[float], colour: str, words: str) -> None:
    recall, precision = curve(truth, scores)
    found = quality(truth, scores).average_precision
    label = words + ("" if found is None else f": AP {found:.3f}")
    axis.step(recall, precision, where="post", color=colour, lw=1.4, label=label)


def _reliability(axis: Any, panel: _Panel) -> None:
    """Draw what was said against how often it was so, with the number of outages at each point."""
    axis.plot([0, 1], [0, 1], color="0.7", lw=0.9, ls=":", label="as often as said")
    rows = calibration(panel.truth, panel.scores)
    axis.plot([row.mean for row in rows], [row.share for row in rows], "o-", color=OWN, lw=1.2, ms=5)
    last = (-1.0, -1.0)
    lifted = False
    for row in rows:
        # Labels of points that lie together are put one above the other.
        lifted = not lifted and abs(row.mean - last[0]) < 0.06 and abs(row.share - last[1]) < 0.06
        left = row.mean > 0.5
        at, off = (row.mean, row.share), (-7 if left else 7, 9 if lifted else -3)
        axis.annotate(
            f"{row.outages}",
            at,
            off,
            textcoords="offset points",
            fontsize=8,
            color=OWN,
            ha="right" if left else "left",
        )
        last = (row.mean, row.share)
    axis.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.09), xlabel="answer", ylabel=f"share that was {panel.positive}")
    axis.set_title("Reliability, with how many lie at each point", loc="left", fontsize=10)
    axis.legend(loc="upper left", fontsize=8)
    axis.grid(color="0.92")
