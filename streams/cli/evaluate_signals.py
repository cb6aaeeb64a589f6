"""The part of `shutdowns evaluate` that scores detection on raw series."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from streams.cli.measurement_files import read_measurements
from streams.cli.rendering import print_json
from streams.detection.rules import unjudged_reason
from streams.errors import StreamsError
from streams.evaluation.signals import SignalScore, Window, score_signals
from streams.sources.points import moment
from streams.sources.rows import Refusal


def evaluate_signals(files: Sequence[Path], truth: Path, plot: Path | None, *, as_json: bool) -> None:
    """Score detection on the series of files against the windows of a list, and print how it did."""
    series = [one for file in files for one in read_measurements(file) if unjudged_reason(one.signal) is None]
    scores = score_signals(series, read_windows(truth))
    if plot is not None:
        from streams.plots.signal_scores import draw_scores

        draw_scores(plot, scores)
    if as_json:
        print_json(scores)
    else:
        Console().print(score_table(scores))


def read_windows(path: Path) -> list[Window]:
    """Known outages of a CSV with the columns from, until (empty: not over) and, if it likes, series.

    Raises:
        StreamsError: a column is missing, or a time can't be read; the message says where.
    """
    with path.open(newline="", encoding="utf-8-sig") as stream:
        rows = csv.DictReader(stream)
        if not {"from", "until"} <= set(rows.fieldnames or ()):
            raise StreamsError(f"{path} has no columns `from` and `until`: give a CSV of known outages, in UTC")
        found = []
        for number, row in enumerate(rows, 2):
            try:
                until = row["until"].strip()
                until_s = moment(until) if until else None
                found.append(Window(moment(row["from"].strip()), until_s, (row.get("series") or "").strip()))
            except Refusal as refusal:
                raise StreamsError(f"{path}, row {number}: {refusal.reason} ({refusal.detail})") from None
    return found


def score_table(scores: Sequence[SignalScore]) -> Table:
    """The scores of each signal, its own rule above IODA's."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("signal", "rule"):
        table.add_column(name, no_wrap=True)
    for name in ("series", "years", "found", "begin ±", "end ±", "told after", "false alarms", "a year"):
        table.add_column(name, justify="right")
    for one in scores:
        table.add_row(
            one.signal,
            one.rule,
            str(one.series),
            f"{one.years:.1f}",
            f"{one.hit} of {one.windows}",
            *(_minutes(each) for each in (one.begin_error_s, one.end_error_s, one.told_s)),
            f"{one.false_alarms:,}",
            "-" if one.a_year is None else f"{one.a_year:.2f}",
        )
    return table


def _minutes(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds / 60:.0f} min"
