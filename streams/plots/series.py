"""Series with their baselines, thresholds, outages and missing stretches, one below the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from streams import geography
from streams.detection.rules import Rule
from streams.detection.single_series import Detection
from streams.errors import StreamsError
from streams.files import written_whole
from streams.sources.series_files import SeriesData

#: More series than these make no picture that can be read; those with the largest outages are drawn.
MOST = 12

Judged = tuple[SeriesData, Detection, Rule]


def draw(path: Path, judged: Sequence[Judged], time_zone: str | None = None) -> None:
    """Draw series into a PNG or SVG file, by its name. Local time is that of `time_zone`, or of each place.

    Raises:
        StreamsError: matplotlib is not installed, or the file can't be written.
    """
    shown = sorted(judged, key=lambda one: -sum(ended.run.area for ended in one[1].outages))[:MOST]
    figure = canvas(12, 1.1 + 2.4 * len(shown))
    axes = figure.subplots(len(shown), 1, squeeze=False)[:, 0]
    for number, (axis, one) in enumerate(zip(axes, shown, strict=True)):
        _panel(axis, one, time_zone or one[0].time_zone, legend=number == 0)
    if len(shown) < len(judged):
        figure.supxlabel(f"{len(shown)} of {len(judged)} series, those with the largest outages", fontsize=9)
    save(figure, path)


def canvas(width: float, height: float) -> Any:
    """An empty figure of so many inches, bound to no window.

    Raises:
        StreamsError: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise StreamsError("drawing needs matplotlib: pip install 'shutdown-streams[plot]'") from error
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save(figure: Any, path: Path) -> None:
    """Write a figure as PNG or SVG, by the file's name, whole or not at all. The same figure is the same bytes.

    Raises:
        StreamsError: it can't be written, or the name has another ending.
    """
    import matplotlib as mpl

    kind = path.suffix.removeprefix(".").casefold()
    if kind not in ("png", "svg"):
        raise StreamsError(f"{path} can't be drawn: pictures are .png or .svg")
    fixed = {"metadata": {"Software": None}} if kind == "png" else {"metadata": {"Date": None, "Creator": None}}
    with (
        mpl.rc_context({"svg.hashsalt": "shutdown-streams", "svg.fonttype": "none"}),
        written_whole(path) as stream,
    ):
        figure.savefig(stream, dpi=110, format=kind, **fixed)


def curves(axis: Any, one: Judged) -> None:
    """A series with its baseline and the threshold of a drop; what is missing is hatched, what could not be judged
    is grey.
    """
    found = one[1]
    at = [dt.datetime.fromtimestamp(int(time), dt.UTC) for time in found.times]
    step = dt.timedelta(seconds=found.step_s)
    for number, (begin, end) in enumerate(_stretches(found.missing)):
        label = "missing" if number == 0 else None
        axis.axvspan(at[begin], at[end] + step, facecolor="0.9", hatch="///", edgecolor="0.7", lw=0, label=label)
    for number, (begin, end) in enumerate(_stretches(found.unjudged)):
        label = "not judged" if number == 0 else None
        axis.axvspan(at[begin], at[end] + step, facecolor="0.95", lw=0, label=label)
    axis.step(at, found.values, where="post", color="#1a3a5c", lw=1.1, label="value")
    axis.plot(at, found.prediction, color="#2e7d32", lw=1.0, label="baseline")
    axis.fill_between(at, found.floor, found.prediction, color="#2e7d32", alpha=0.12, lw=0, label="usual")
    axis.plot(at, found.floor, color="#c62828", lw=0.9, ls="--", label="threshold")
    axis.set_ylim(bottom=0, top=1.08 * max(1e-9, float(np.nanmax(found.values, initial=0.0))))
    axis.set_xlim(at[0], at[-1] + step)


def _panel(axis: Any, one: Judged, time_zone: str | None, *, legend: bool) -> None:
    series, found, rule = one
    first, last = (dt.datetime.fromtimestamp(int(found.times[at]), dt.UTC) for at in (0, -1))
    days = f"{first:%-d %b} to {last:%-d %b %Y}"
    for number, ended in enumerate(found.outages):
        until_s = ended.until_s or int(found.times[-1]) + found.step_s
        span = [dt.datetime.fromtimestamp(moment, dt.UTC) for moment in (ended.run.from_s, until_s)]
        colour = "#c62828" if ended.run.critical else "#ef9a3d"
        axis.axvspan(*span, color=colour, alpha=0.25, lw=0, label="outage" if number == 0 else None)
    curves(axis, one)
    axis.set_title(f"{series.name}  ({rule.id})", loc="left", fontsize=10, fontweight="bold")
    clock(axis, dt.UTC)
    clocks = f"{days}, UTC"
    if time_zone is not None:
        local = axis.secondary_xaxis("top")
        clock(local, geography.zone(time_zone))
        local.tick_params(labelsize=7, colors="0.35")
        clocks = f"{days}, below UTC, above {time_zone}"
    axis.set_title(clocks, loc="right", fontsize=8, color="0.35")
    axis.tick_params(labelsize=8)
    axis.grid(axis="y", color="0.92")
    if legend:
        axis.legend(loc="lower left", fontsize=8, ncols=5, framealpha=0.9)


def clock(axis: Any, zone: dt.tzinfo) -> None:
    """Label an axis of times by the clocks of a zone."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(tz=zone)
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=zone, show_offset=False))


def _stretches(mask: np.ndarray) -> list[tuple[int, int]]:
    """First and last index of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return [(int(first), int(end) - 1) for first, end in zip(edges[::2], edges[1::2], strict=True)]
