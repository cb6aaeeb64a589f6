"""`shutdowns detect`: outages in files of measurements, as a table, JSON Lines or a picture."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click
import msgspec
import numpy as np
import orjson
from rich.console import Console, JustifyMethod
from rich.table import Table

from streams import geography
from streams.cli.measurement_files import read_measurements
from streams.cli.rendering import span_words
from streams.detection import DEFAULT_RULES, RULES, Rule
from streams.detection.agreement import Agreement, combine
from streams.detection.failures import silences
from streams.detection.parts import Drop, wholes
from streams.detection.recurrence import Cut, recurrence_of
from streams.detection.rules import unjudged_reason
from streams.detection.runs import Ended
from streams.detection.single_series import Detection
from streams.detection.single_series import detect as detect_series
from streams.errors import StreamsError
from streams.sources.entities import FORMS
from streams.sources.series_files import SeriesData
from topics.signals import signal_facts

Judged = list[tuple[SeriesData, Detection]]

#: So many parts of a whole are named.
_PARTS = 8


class OutageRow(msgspec.Struct, kw_only=True):
    """An outage as `--json` prints it: times in Unix seconds, `until_s` null while it is not over.

    `recurs` is how often it came before at the same local hours, each time 1 to 4 days before the next.
    `agreeing` are the other signals of the entity that dropped with it, `normal` and `missing` those that did not.
    """

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
    recurs: int
    agreeing: tuple[str, ...]
    normal: tuple[str, ...]
    missing: tuple[str, ...]


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
@click.option("--entity", metavar="ENTITY", help=f"What the file measures, if it doesn't say: {FORMS}.")
@click.option("--signal", metavar="SIGNAL", help="What the values are, if the file doesn't say, e.g. traffic.")
def detect(
    file: Path, rule: str | None, wanted: str | None, as_json: bool, plot: Path | None, time_zone: str | None,
    entity: str | None, signal: str | None,
) -> None:  # fmt: skip
    """Find outages in FILE.

    FILE is whatever `shutdowns ingest` reads measurements from: an export of IODA's dashboard (CSV) or an answer of
    its API (JSON), Cloudflare's netflows, Google's traffic, OONI's counts, RIPEstat's update activity, a CSV of the
    Monash IP Observatory, JSON Lines as `shutdowns ingest --out` writes them; or any CSV with a column of times
    and one for each series, or with the columns time, series and value (time as Unix seconds or ISO 8601).

    \b
    shutdowns detect export.csv --entity asn/IR/44244 --plot iran.png
    shutdowns detect values.csv --signal traffic --json
    """
    if time_zone is not None:
        geography.zone(time_zone)
    series = [
        one
        for one in read_measurements(file, entity=entity, signal=signal)
        if wanted is None or wanted.casefold() in one.name.casefold()
    ]
    if not series:
        raise StreamsError(f"{file} has no series with {wanted!r} in its name")
    silent = [one for one in series if rule is None and unjudged_reason(one.signal) is not None]
    judged = [
        (one, detect_series(one.times, one.values, one.step_s, _rule(rule, one)))
        for one in series
        if one not in silent
    ]
    if as_json:
        agreed = _agreements(judged)
        for one, found in judged:
            for ended in found.outages:
                row = _row(_rule(rule, one), one, ended, _recurs(ended, found, _zone(one, time_zone)), agreed)
                sys.stdout.buffer.write(orjson.dumps(msgspec.to_builtins(row)) + b"\n")
        sys.stdout.flush()
    else:
        console = Console()
        console.print(_table(judged, time_zone))
        for line in _agreement_lines(judged, _agreements(judged), time_zone):
            console.print(line, highlight=False)
        for line in _failure_lines(judged, time_zone):
            console.print(line, highlight=False)
        for line in (
            *_whole_lines(judged, time_zone),
            *_level_lines(judged, time_zone),
            *_unjudged_lines(judged, silent),
        ):
            console.print(line, highlight=False)
        console.print(_summary(judged), style="dim", highlight=False)
    if plot is not None and judged:
        from streams.plots.series import draw

        draw(plot, [(one, found, _rule(rule, one)) for one, found in judged], time_zone)
        Console(stderr=True).print(f"drawn: {plot}", highlight=False)


def _rule(name: str | None, series: SeriesData) -> Rule:
    return RULES[name] if name is not None else DEFAULT_RULES.of(series.signal)


def _zone(series: SeriesData, chosen: str | None) -> str:
    return chosen or series.time_zone or "UTC"


def _recurs(ended: Ended, found: Detection, zone: str) -> int:
    cuts = [_cut(one) for one in found.outages]
    return recurrence_of(_cut(ended), cuts, zone).times


def _cut(ended: Ended) -> Cut:
    return Cut(ended.run.from_s, ended.until_s, ended.run.from_uncertainty_s, ended.until_uncertainty_s)


def _row(
    rule: Rule, series: SeriesData, ended: Ended, recurs: int, agreed: Mapping[str, Sequence[Agreement]]
) -> OutageRow:
    run = ended.run
    around = [one for one in agreed[series.entity] if series.signal in one.dropped and one.from_s <= run.from_s]
    return OutageRow(
        series=series.name,
        signal=series.signal,
        rule=rule.id,
        from_s=run.from_s,
        until_s=ended.until_s,
        from_uncertainty_s=run.from_uncertainty_s,
        until_uncertainty_s=ended.until_uncertainty_s,
        severity="critical" if run.critical else "warning",
        ratio_min=round(run.ratio_min, 6),
        ratio_mean=round(run.ratio_sum / run.count, 6),
        area=round(run.area, 3),
        recurs=recurs,
        agreeing=tuple(signal for signal in around[-1].dropped if signal != series.signal),
        normal=around[-1].normal,
        missing=around[-1].missing,
    )


def _table(judged: Judged, zone: str | None) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("series", "severity", "when, local time", "hours", "lowest", "mean", "recurs"):
        justify: JustifyMethod = "right" if name in ("hours", "lowest", "mean", "recurs") else "left"
        table.add_column(name, justify=justify, no_wrap=name not in ("series", "when, local time"))
    for series, found in judged:
        for ended in found.outages:
            run = ended.run
            severity, style = ("critical", "bold red") if run.critical else ("warning", "yellow")
            end_s = ended.until_s or int(found.times[-1] + found.step_s)
            table.add_row(
                series.name,
                f"[{style}]{severity}[/]",
                span_words(run.from_s, ended.until_s, _zone(series, zone)),
                f"{(end_s - run.from_s) / 3600:.1f}",
                f"{run.ratio_min:.0%}",
                f"{run.ratio_sum / run.count:.0%}",
                f"{times} x" if (times := _recurs(ended, found, _zone(series, zone))) else "",
            )
    return table


def _agreements(judged: Judged) -> dict[str, list[Agreement]]:
    """The combined outages of each entity."""
    entities: dict[str, dict[str, Detection]] = {}
    for series, found in judged:
        entities.setdefault(series.entity, {})[series.signal] = found
    return {
        entity: combine(
            entity,
            {
                signal: [(ended.run.from_s, ended.until_s) for ended in found.outages]
                for signal, found in signals.items()
            },
            {signal: found.letters() for signal, found in signals.items()},
        )
        for entity, signals in entities.items()
    }


def _agreement_lines(judged: Judged, agreed: Mapping[str, Sequence[Agreement]], zone: str | None) -> Iterator[str]:
    """Outages that several signals of an entity agree on."""
    zones = {series.entity: _zone(series, zone) for series, _ in judged}
    for entity, combined in agreed.items():
        for one in combined:
            if len(one.dropped) > 1:
                parts = (("dropped", one.dropped), ("normal", one.normal), ("said nothing", one.missing))
                words = "; ".join(f"{', '.join(names)} {verb}" for verb, names in parts if names)
                yield f"{entity}, {span_words(one.from_s, one.until_s, zones[entity])}: {words}"


def _failure_lines(judged: Judged, zone: str | None) -> Iterator[str]:
    """Stretches in which all series of a signal went missing at once."""
    for signal in dict.fromkeys(series.signal for series, _ in judged):
        its = [(series, found) for series, found in judged if series.signal == signal]
        for from_s, until_s, count in silences(found.letters() for _, found in its):
            when = span_words(from_s, until_s, _zone(its[0][0], zone))
            yield f"{when}: all {count} series of {signal or 'the file'} missing at once, the source's own failure"


def _whole_lines(judged: Judged, zone: str | None) -> Iterator[str]:
    """Outages of most parts of a whole: of the regions of a file, or of the counties of one region."""
    groups: dict[tuple[str, str], dict[str, tuple[SeriesData, Detection]]] = {}
    for series, found in judged:
        _, comma, region = series.entity.rpartition(", ")
        groups.setdefault((series.signal, region if comma else ""), {})[series.entity] = series, found
    for (signal, region), parts in groups.items():
        drops = {
            name: [Drop(one.run.from_s, one.until_s) for one in found.outages] for name, (_, found) in parts.items()
        }
        for whole in wholes(drops, {name: _weight(*part) for name, part in parts.items()}):
            when = span_words(whole.from_s, whole.until_s, _zone(next(iter(parts.values()))[0], zone))
            shown = ", ".join(part.removesuffix(f", {region}") for part in whole.parts[:_PARTS])
            more = f" and {len(whole.parts) - _PARTS} more" if len(whole.parts) > _PARTS else ""
            yield (
                f"{region or 'the whole'} ({signal}), {when}: {len(whole.parts)} of {len(parts)} parts out at "
                f"{whole.share:.0%} of the whole: {shown}{more}"
            )


def _weight(series: SeriesData, found: Detection) -> float:
    """How much a part makes of the whole: its usual value, where values add up; an index doesn't."""
    if signal_facts(series.signal).kind in ("index", "delay", "other"):
        return 1.0
    usual = found.prediction[~np.isnan(found.prediction)]
    return float(np.median(usual)) if len(usual) else 0.0


def _level_lines(judged: Judged, zone: str | None) -> Iterator[str]:
    """Changes of level that lasted."""
    for series, found in judged:
        for level in found.levels:
            when = span_words(level.from_s, None, _zone(series, zone)).replace("not over yet", "from then on")
            yield f"{series.name}: {when}: {level.ratio:.0%} of what it was, a lasting change of level, no outage"


def _unjudged_lines(judged: Judged, silent: Sequence[SeriesData]) -> Iterator[str]:
    """Series that were not judged, and why."""
    for series in silent:
        yield f"{series.name}: not judged: {unjudged_reason(series.signal)}"
    for series, found in judged:
        if (reason := found.unjudged_reason()) is not None:
            yield f"{series.name}: not judged: {reason}"


def _summary(judged: Judged) -> str:
    values = sum(len(found.times) for _, found in judged)
    missing = sum(int(found.missing.sum()) for _, found in judged)
    outages = sum(len(found.outages) for _, found in judged)
    unjudged = sum(int(found.unjudged.sum()) for _, found in judged)
    with_some = sum(bool(found.outages) for _, found in judged)
    return (
        f"{outages} outages in {with_some} of {len(judged)} series; {values:,} values, {missing:,} of them missing "
        f"and {unjudged:,} not judged"
    )
