"""`shutdowns detect`: outages in files of measurements, as a table, JSON Lines or a picture."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
import orjson
from rich.console import Console
from rich.table import Table

from streams import geography
from streams.cli.rendering import span_words
from streams.detection import DEFAULT_RULES, RULES, DetectionRule
from streams.detection.agreement import combine
from streams.detection.alone import Detection
from streams.detection.alone import detect as detect_series
from streams.detection.runs import Ended
from streams.errors import StreamsError
from streams.sources.series_files import SeriesData, read_series


class OutageRow(msgspec.Struct, kw_only=True):
    """An outage as `--json` prints it: times in Unix seconds, `until_s` null while it is not over."""

    series: str
    signal: str
    rule: str
    from_s: int
    until_s: int | None
    from_uncertainty_s: int
    until_uncertainty_s: int
    severity: str
    ratio_min: float
    ratio_mean: float
    area: float


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--rule", type=click.Choice(list(RULES)), help="Judge by this rule. [default: the signal's own]")
@click.option("--series", "wanted", metavar="TEXT", help="Only series with this in their name.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines, one an outage.")
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT.png",
    help="Draw the series (PNG or SVG).",
)
@click.option(
    "--time-zone", metavar="ZONE", help="IANA name of local time, e.g. Asia/Almaty. [default: the place's]"
)
def detect(
    file: Path, rule: str | None, wanted: str | None, as_json: bool, plot: Path | None, time_zone: str | None
) -> None:
    """Find outages in FILE.

    FILE is an export of IODA's dashboard (CSV), an answer of its API (JSON), JSON Lines of measurements as
    `shutdowns ingest --out` writes them, a CSV of the Monash IP Observatory, or any CSV with the columns time,
    series and value (time as Unix seconds or ISO 8601).

    \b
    shutdowns detect export.csv --time-zone Asia/Tehran --plot iran.png
    shutdowns detect values.csv --rule seasonal --json
    """
    if time_zone is not None:
        geography.zone(time_zone)
    series = [one for one in read_series(file) if wanted is None or wanted.casefold() in one.name.casefold()]
    if not series:
        raise StreamsError(f"{file} has no series with {wanted!r} in its name")
    judged = [(one, detect_series(one.times, one.values, one.step_s, _rule(rule, one))) for one in series]
    if as_json:
        for one, found in judged:
            for ended in found.outages:
                sys.stdout.buffer.write(orjson.dumps(msgspec.to_builtins(_row(rule, one, ended))) + b"\n")
        sys.stdout.flush()
    else:
        console = Console()
        console.print(_table(rule, judged, time_zone))
        for line in _agreement_lines(judged, time_zone):
            console.print(line, highlight=False)
        console.print(_summary(judged), style="dim", highlight=False)
    if plot is not None:
        from streams.plots.series import draw

        draw(plot, [(one, found, _rule(rule, one)) for one, found in judged], time_zone)
        Console(stderr=True).print(f"drawn: {plot}", highlight=False)


def _rule(name: str | None, series: SeriesData) -> DetectionRule:
    return RULES[name] if name is not None else DEFAULT_RULES.of(series.signal)


def _row(rule: str | None, series: SeriesData, ended: Ended) -> OutageRow:
    run = ended.run
    return OutageRow(
        series=series.name,
        signal=series.signal,
        rule=_rule(rule, series).id,
        from_s=run.from_s,
        until_s=ended.until_s,
        from_uncertainty_s=run.from_uncertainty_s,
        until_uncertainty_s=ended.until_uncertainty_s,
        severity="critical" if run.critical else "warning",
        ratio_min=round(run.ratio_min, 6),
        ratio_mean=round(run.ratio_sum / run.count, 6),
        area=round(run.area, 3),
    )


def _table(rule: str | None, judged: list[tuple[SeriesData, Detection]], zone: str | None) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("series", "severity", "when, local time", "hours", "lowest", "mean"):
        table.add_column(name, justify="right" if name in ("hours", "lowest", "mean") else "left")
    for series, found in judged:
        for ended in found.outages:
            row = _row(rule, series, ended)
            style = "bold red" if row.severity == "critical" else "yellow"
            end_s = ended.until_s or int(found.times[-1] + found.step_s)
            table.add_row(
                series.name,
                f"[{style}]{row.severity}[/]",
                span_words(row.from_s, row.until_s, zone or series.time_zone or "UTC"),
                f"{(end_s - row.from_s) / 3600:.1f}",
                f"{row.ratio_min:.0%}",
                f"{row.ratio_mean:.0%}",
            )
    return table


def _agreement_lines(judged: list[tuple[SeriesData, Detection]], zone: str | None) -> Iterator[str]:
    """Which signals of an entity agree, for those that have several."""
    entities: dict[str, dict[str, tuple[SeriesData, Detection]]] = {}
    for series, found in judged:
        entities.setdefault(series.entity, {})[series.signal] = series, found
    for entity, signals in entities.items():
        if len(signals) < 2:
            continue
        spans = {
            signal: [(ended.run.from_s, ended.until_s) for ended in found.outages]
            for signal, (_, found) in signals.items()
        }
        local = zone or next(iter(signals.values()))[0].time_zone or "UTC"
        for one in combine(entity, spans, {signal: found.letters() for signal, (_, found) in signals.items()}):
            parts = (("dropped", one.dropped), ("normal", one.normal), ("said nothing", one.missing))
            words = "; ".join(f"{', '.join(names)} {verb}" for verb, names in parts if names)
            yield f"{entity}, {span_words(one.from_s, one.until_s, local)}: {words}"


def _summary(judged: list[tuple[SeriesData, Detection]]) -> str:
    values = sum(len(found.times) for _, found in judged)
    missing = sum(int(found.missing.sum()) for _, found in judged)
    outages = sum(len(found.outages) for _, found in judged)
    with_some = sum(bool(found.outages) for _, found in judged)
    return (
        f"{outages} outages in {with_some} of {len(judged)} series; {values:,} values, {missing:,} of them missing"
    )
