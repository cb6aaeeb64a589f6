"""`shutdowns evaluate`: how well the engine tells shutdowns from other outages, on lists whose causes are known."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click
import msgspec
import orjson
from rich.console import Console
from rich.table import Table

from streams.cli.evaluate_signals import evaluate_signals
from streams.cli.lists import ListsCommand, SplitType, list_options, lists_of
from streams.errors import StreamsError
from streams.evaluation import Evaluation, Years, play, score
from streams.evaluation import evaluate as evaluation_of
from streams.evaluation.evaluation import Method
from streams.evaluation.sliding import FalseAlarms
from streams.scoring import load_model
from streams.scoring.examples import measuring_scorer

#: Countries and misses that are printed; `--json` has all countries.
SHOWN = 12

NOTE = (
    "P precision, R recall. No copies: without claims that repeat the measurement. P. by its end: the probability "
    "by what had begun when the outage ended, not by what came back later. Shipped, seen: the model that ships was "
    "fitted on these files. R at rule: recall at the precision of the rule, no copies. Macro: mean over countries."
)

Split = tuple[Years, Years]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(cls=ListsCommand)
@partial(list_options, wanted=False)
@click.option("--signals", multiple=True, type=_FILE, metavar="FILE…", help="Raw series, to score detection.")
@click.option("--truth", type=_FILE, metavar="FILE", help="Their known outages: CSV of from, until (UTC), series.")
@click.option("--model", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Score by this model.")
@click.option(
    "--split",
    type=SplitType(),
    metavar="YEARS",
    help="2019: fit on the years before, score from then on. 2016-2018:2019 says both.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of tables.")
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT.png",
    help="Draw precision over recall, and calibration (PNG or SVG).",
)
@click.option("--misses", default=20, show_default=True, type=click.IntRange(min=0), help="Worst misses to list.")
def evaluate(
    reports: tuple[Path, ...],
    outages: tuple[Path, ...],
    protests: tuple[Path, ...],
    signals: tuple[Path, ...],
    truth: Path | None,
    model: Path | None,
    split: Split | None,
    as_json: bool,
    plot: Path | None,
    misses: int,
) -> None:
    """Run the engine over published lists and compare with the causes that were found out by hand.

    Every outage that the list's row makes is scored. It is on purpose if its Cause is Government-Ordered or Exams,
    whatever else says so; one of unknown or no cause counts as not on purpose. The engine never sees the cause.
    Each country's outages are scored by a model fitted on all other countries', or by --model.

    \b
    shutdowns evaluate --reports stop_2016_2018.csv stop_2019.csv \\
      --outages ioda_investigated_2018_2019.csv \\
      --protests mass_mobilization_2016_2019_09.csv --plot accuracy.png

    docs/ACCURACY.md explains every figure.

    With --signals and --truth it scores detection instead: how many known outages of raw series it finds, how far
    off their begins and ends are, how many others it makes a year, and how soon it tells, beside IODA's own
    detector.

    \b
    shutdowns evaluate --signals export.csv netflows.json --truth known.csv --plot detection.png

    docs/DETECTION.md explains these figures.
    """
    if signals or truth is not None:
        if not signals or truth is None or reports or outages or protests:
            raise click.UsageError("give --signals and --truth together, and no lists with them")
        evaluate_signals(signals, truth, plot, as_json=as_json)
        return
    if not reports or not outages:
        raise click.UsageError("give --reports and --outages, or --signals and --truth")
    errors = Console(stderr=True)
    loaded = None if model is None else load_model(model)
    with errors.status("Running the lists through the stages"):
        played = play(lists_of(reports, outages, protests), measuring_scorer())
    with errors.status("Scoring each country by the others"):
        scored = score(played, split, loaded)
        if not scored.examples:
            raise StreamsError("no outage to score: none of the list's rows makes one in those years")
        found = evaluation_of(played, scored, _how(loaded is not None, split), misses)
    if plot is not None:
        from streams.plots.accuracy import draw

        draw(plot, scored)
    if as_json:
        document = orjson.dumps(msgspec.to_builtins(found), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        sys.stdout.buffer.write(document)
        sys.stdout.flush()
    else:
        _print(found, Console())


def _how(one_model: bool, split: Split | None) -> str:
    fitted = "one model for all" if one_model else "each country by a model fitted without it"
    if split is None:
        return fitted
    fit, scored = (_years(years) for years in split)
    return f"years {scored}, {fitted}" + ("" if one_model else f", on {fit}")


def _years(years: Years) -> str:
    first, last = min(years, default=0), max(years, default=0)
    return f"from {first}" if last == 2100 else f"before {last + 1}" if first == 1990 else f"{first} to {last}"


def _print(found: Evaluation, console: Console) -> None:
    console.print(
        f"[bold]{found.outages:,} outages, {found.positive:,} on purpose[/] by their cause; "
        f"{found.known_causes:,} have a cause that was found out, the rest count as not on purpose.\n"
        f"Scored: {found.scored}. {found.unused_rows:,} rows of the lists could not be read or located.\n"
    )
    for title, note, table in (
        ("Claims of a full cut that an outage answers", "", _join(found)),
        ("Outages on purpose told from others", NOTE, _methods(found.methods)),
        ("Calibration of the probability", "", _calibration(found)),
        ("By country", "The rule is the paper's, no copies.", _countries(found)),
        ("Coincidences", *_coincidences(found.false_alarms)),
        ("From a shutdown's begin to each level, minutes", "", _delays(found)),
        (f"The {len(found.misses)} outages furthest from the list's word", "", _misses(found)),
    ):
        console.print(f"[bold]{title}[/]")
        console.print(note, style="dim") if note else None
        console.print(table)
        console.print()


def _table(*columns: str, text: int = 1) -> Table:
    """A table whose first `text` columns are words, the others numbers."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for number, name in enumerate(columns):
        table.add_column(name, justify="left" if number < text else "right", no_wrap=True)
    return table


def _number(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _join(found: Evaluation) -> Table:
    table = _table("scope", "claims", "SIGCOMM '23 join", "share", "this engine", "share")
    for row in found.join:
        shares = [_number(matched / row.claims if row.claims else None) for matched in (row.join, row.engine)]
        table.add_row(row.scope, f"{row.claims}", f"{row.join}", shares[0], f"{row.engine}", shares[1])
    return table


def _methods(methods: Sequence[Method]) -> Table:
    names = ("P", "R", "R at rule", "AP", "AUC", "Brier", "macro AP", "AUC")
    table = _table("", *names)
    for method in methods:
        micro = method.micro
        rates = [_number(micro.precision), _number(micro.recall), _number(method.recall_at_rule)]
        over_all = [_number(micro.average_precision), _number(micro.roc_auc), _number(micro.brier, 4)]
        each = [_number(method.macro["average_precision"]), _number(method.macro["roc_auc"])]
        table.add_row(method.words, *rates, *over_all, *each)
    return table


def _calibration(found: Evaluation) -> Table:
    table = _table("probability", "outages", "mean", "on purpose")
    for row in next(one for one in found.methods if one.name == "probability").calibration:
        table.add_row(f"{row.from_:g} to {row.until:g}", f"{row.outages}", _number(row.mean), _number(row.share))
    return table


def _countries(found: Evaluation) -> Table:
    table = _table("", "outages", "on purpose", "rule: R", "P", "ours: R", "P", "AP")
    for row in found.countries[:SHOWN]:
        rule, own = row.methods["rule_independent"], row.methods["probability"]
        rates = [_number(one, 2) for one in (rule.recall, rule.precision, own.recall, own.precision)]
        table.add_row(row.country, f"{row.outages}", f"{row.positive}", *rates, _number(own.average_precision, 2))
    rest = found.countries[SHOWN:]
    if rest:
        sums = (sum(row.outages for row in rest), sum(row.positive for row in rest))
        table.add_row(f"{len(rest)} more", f"{sums[0]}", f"{sums[1]}")
    return table


def _coincidences(found: FalseAlarms | None) -> tuple[str, Table]:
    """What chance would make of the lists, in words, and by country."""
    table = _table("", "observed", "by chance")
    if found is None:
        return "The lists cover too little time together to move one against the other.", table
    for row in found.countries[:SHOWN]:
        table.add_row(row.country, f"{row.observed}", _number(row.expected, 2))
    words = (
        f"{found.observed} outages were met by independent claims in {found.years} years. Chance would have made "
        f"{found.expected:g}: so many were when claims are moved by {found.offsets} whole weeks, 2 and more. Over "
        f"{found.shutdowns} corroborated shutdowns, ones as strong come {found.counted_a_year:g} times a year "
        f"so counted, and {found.estimated_a_year:g} times as the stream estimates."
    )
    return words, table


def _delays(found: Evaluation) -> Table:
    table = _table("level", "shutdowns", "say when", "fastest", "median", "slowest")
    for row in found.delays:
        minutes = [_number(one, 0) for one in (row.fastest_min, row.median_min, row.slowest_min)]
        table.add_row(row.level, f"{row.shutdowns}", f"{row.timed}", *minutes)
    return table


def _misses(found: Evaluation) -> Table:
    table = _table("ID", "place", "begin, UTC", "cause", "hours", "p", text=4)
    for row in found.misses:
        begin = row.begin[:16].replace("T", " ")
        numbers = (f"{row.hours:.1f}", _number(row.probability))
        table.add_row(
            row.outage.rpartition("/")[2],
            f"{row.place}, {row.country}",
            begin,
            row.cause or "none",
            *numbers,
        )
    return table
