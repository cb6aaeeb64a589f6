"""One shutdown as a picture: signals against their baselines, claims, protests and what else may explain it on the
same axis, and a map."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from streams import geography
from streams.correlation.words import counted, signal_words
from streams.judgement_words import EXPLANATION_WORDS, both_words, explained, own_reasons
from streams.plots.extent import around
from streams.plots.maps import draw_map
from streams.plots.series import Judged, canvas, clock, curves, save
from streams.plots.words import LEVEL_COLOURS, place_and_country, when
from streams.replay.spans import span_of, window
from topics import LATEST_S, Cause, CommonDrop, Evidence, Place, Shutdown

#: Lanes below the signals: kinds of evidence, their colours, how many bars each may have.
LANES = {
    "outage": "#1a3a5c",
    "coverage": "#2e7d32",
    "claim": "#b26a00",
    "protest": "#7b3fa0",
    "cause": "#00696b",
    "common drop": "#5d4037",
}
BARS = 7

#: Reasons, and other explanations, that are told beside the map.
REASONS_TOLD, EXPLANATIONS_TOLD = 4, 3


class Bar(NamedTuple):
    """A piece of evidence in its lane; times are Unix seconds."""

    from_s: int
    until_s: int | None
    id: str
    words: str


def draw_shutdown(
    path: Path, shutdown: Shutdown, series: Sequence[Judged] = (), evidence: Mapping[str, Evidence] | None = None
) -> None:
    """Draw a shutdown into a PNG or SVG file, by its name.

    Args:
        path: the file.
        shutdown: what is drawn. Times below are local to its place, above the first panel UTC.
        series: its signals, as `streams.replay.series.series_around` finds them. Without any, outages are bars.
        evidence: by id: places claims, protests and causes on the map, and draws causes and common drops.

    Raises:
        StreamsError: matplotlib is not installed, or the file can't be written.
    """
    lanes = _lanes(shutdown, evidence or {}, with_outages=not series)
    heights = [2.0] * len(series) + [max(1.2, 0.26 * sum(min(len(one), BARS) + 1 for one in lanes.values()))]
    figure = canvas(13, max(5.2, 1.3 + sum(heights)))
    left, right = figure.subfigures(1, 2, width_ratios=[3, 1.35])
    axes = left.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
    for number, (axis, one) in enumerate(zip(axes, series, strict=False)):
        _signal(axis, one, legend=number == 0)
    _evidence(axes[-1], lanes)
    from_s, until_s = window(shutdown, least_s=12 * 3600 if series else 3600)
    _common_axis(axes, shutdown, from_s, until_s)
    _map(right, shutdown, evidence or {})
    figure.suptitle(
        f"{place_and_country(shutdown)}: {shutdown.level}, {when(shutdown)}", x=0.01, ha="left", fontweight="bold"
    )
    save(figure, path)


def _signal(axis: Any, one: Judged, *, legend: bool) -> None:
    series, _, rule = one
    curves(axis, one)
    axis.set_title(f"{signal_words([series.signal])}, {series.entity}", loc="left", fontsize=9, fontweight="bold")
    axis.set_title(rule.id, loc="right", fontsize=7, color="0.45")
    axis.tick_params(labelsize=8)
    axis.grid(axis="y", color="0.92")
    if legend:
        axis.legend(loc="lower left", fontsize=7, ncols=4, framealpha=0.9)


def _lanes(shutdown: Shutdown, evidence: Mapping[str, Evidence], *, with_outages: bool) -> dict[str, list[Bar]]:
    found: dict[str, list[Bar]] = {kind: [] for kind in LANES}
    for one in shutdown.evidence:
        found[one.kind].append(Bar(one.from_s, one.until_s, one.id, one.words))
    for cause in _causes(shutdown, evidence):
        words = f"{EXPLANATION_WORDS[cause.kind]}: {cause.title or cause.place.name} ({cause.origin.source})"
        found["cause"].append(Bar(cause.from_s, cause.until_s, cause.id, words))
    for drop in _common_drops(shutdown, evidence):
        words = f"{drop.verdict.replace('-', ' ')}: {signal_words(drop.signals)} in {', '.join(drop.countries)}"
        found["common drop"].append(Bar(drop.from_s, drop.until_s, drop.id, words))
    if not with_outages:
        del found["outage"]
    return {kind: sorted(bars, key=lambda one: (one.from_s, one.id)) for kind, bars in found.items() if bars}


def _causes(shutdown: Shutdown, evidence: Mapping[str, Evidence]) -> list[Cause]:
    """The causes among what else may explain it; claims that name one are drawn as claims."""
    known = (evidence.get(one.id) for one in shutdown.explanations)
    return [piece for piece in known if isinstance(piece, Cause)]


def _common_drops(shutdown: Shutdown, evidence: Mapping[str, Evidence]) -> list[CommonDrop]:
    drops = (piece for piece in evidence.values() if isinstance(piece, CommonDrop) and not piece.withdrawn)
    return [one for one in drops if one.drop in shutdown.common_drops and one.country == shutdown.country]


def _evidence(axis: Any, lanes: dict[str, list[Bar]]) -> None:
    """Each piece as a bar with a mark at its begin; the words beside it."""
    row = 0.0
    for kind, pieces in lanes.items():
        head = kind if kind == "coverage" else f"{kind}s"
        across = axis.get_yaxis_transform()  # across in shares of the axis, down in rows
        axis.text(0.003, row, head, transform=across, fontsize=8, fontweight="bold", color=LANES[kind], va="center")
        row += 1
        for piece in pieces[:BARS]:
            until_s = LATEST_S if piece.until_s is None else piece.until_s
            begin, end = _moment(piece.from_s), _moment(min(until_s, piece.from_s + 400 * 86_400))
            axis.barh(row, end - begin, left=begin, height=0.55, color=LANES[kind], alpha=0.35)
            axis.plot([begin], [row], marker="|", color=LANES[kind], ms=9, mew=2)
            words = textwrap.shorten(piece.words, 78, placeholder=" …")
            axis.text(0.012, row, words, transform=across, fontsize=7, va="center", color="0.15")
            row += 1
        if len(pieces) > BARS:
            axis.texts[-1].set_text(f"{axis.texts[-1].get_text()}   and {len(pieces) - BARS} more")
    axis.set_ylim(row - 0.3, -0.7)
    axis.set_yticks([])


def _common_axis(axes: Any, shutdown: Shutdown, from_s: int, until_s: int) -> None:
    zone = geography.zone(shutdown.place.time_zone)
    begin, end = span_of(shutdown)
    for number, axis in enumerate(axes):
        axis.axvspan(_moment(begin), _moment(end), color=LEVEL_COLOURS[shutdown.level], alpha=0.16, lw=0, zorder=0)
        axis.set_xlim(_moment(from_s), _moment(until_s))
        clock(axis, zone)
        axis.tick_params(labelbottom=number == len(axes) - 1, labelsize=8)
    utc = axes[0].secondary_xaxis("top")
    clock(utc, dt.UTC)
    utc.tick_params(labelsize=7, colors="0.4", pad=12 if len(axes) > 1 else 2)
    offset = dt.datetime.fromtimestamp(shutdown.from_s, zone).strftime("%z")
    axes[-1].set_xlabel(
        f"local time, {shutdown.place.time_zone} (UTC{offset[:3]}:{offset[3:]}); above: UTC",
        fontsize=8,
        color="0.3",
    )


def _map(figure: Any, shutdown: Shutdown, evidence: Mapping[str, Evidence]) -> None:
    top, bottom = figure.subplots(2, 1, height_ratios=[1.25, 1])
    marks: list[tuple[str, Place]] = []
    for piece in shutdown.evidence:
        known = evidence.get(piece.id)
        if known is not None and piece.kind in ("claim", "protest"):
            marks.append((piece.kind, known.place))
    marks += [("cause", cause.place) for cause in _causes(shutdown, evidence)]
    draw_map(top, shutdown.place, LEVEL_COLOURS[shutdown.level], around(shutdown.place, 1.25), marks)
    bottom.axis("off")
    lines = [f"{shutdown.level}, {shutdown.scope}, {shutdown.status}"]
    if likely := both_words(shutdown):
        lines.append(likely)
    sources, protests = counted(shutdown.sources, "independent source"), counted(shutdown.protests, "protest")
    lines += [f"{sources}, {protests} near it", ""]
    for other in shutdown.explanations[:EXPLANATIONS_TOLD]:
        lines += [*textwrap.wrap(explained(other), 58)[:2], ""]
    for reason in own_reasons(shutdown)[:REASONS_TOLD]:
        lines += [*textwrap.wrap(reason.words, 58)[:4], ""]
    bottom.text(0, 1, "\n".join(lines), va="top", fontsize=7.5, transform=bottom.transAxes)
    bottom.text(0, 0, f"{shutdown.id}, revision {shutdown.revision}", fontsize=6.5, color="0.45")


def _moment(at_s: int) -> Any:
    return np.datetime64(int(at_s), "s").astype(dt.datetime).replace(tzinfo=dt.UTC)
