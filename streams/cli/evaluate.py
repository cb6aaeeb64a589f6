"""`shutdowns evaluate`: how well the engine tells shutdowns from other outages, on lists whose causes are known."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click
import msgspec
from rich.console import Console

from streams.cli.evaluate_signals import evaluate_signals
from streams.cli.lists import ListsCommand, SplitType, list_options, lists_of
from streams.cli.rendering import print_json
from streams.cli.scorecard import print_scorecard
from streams.errors import StreamsError
from streams.evaluation import Years, play, score
from streams.evaluation import evaluate as evaluation_of
from streams.evaluation.ablation import ablations
from streams.scoring import load_model
from streams.scoring.examples import measuring_scorer

Split = tuple[Years, Years]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(cls=ListsCommand)
@partial(list_options, demanded=False)
@click.option("--signals", multiple=True, type=_FILE, metavar="FILE…", help="Files of raw series: score detection.")
@click.option("--truth", type=_FILE, metavar="FILE", help="Their known outages: CSV: from, until, series.")
@click.option("--model", type=_FILE, help="Score by this model.")
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
    help="Draw precision over recall and reliability of all three answers (PNG or SVG).",
)
@click.option("--ablation", is_flag=True, help="Also leave out each feature in turn, and show what that costs.")
@click.option("--misses", default=20, show_default=True, type=click.IntRange(min=0), help="Worst misses to list.")
@click.option(
    "--scenarios",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Play the worlds of DIR/*.jsonl instead of lists (see docs/SCENARIOS.md); exit code 1 if any fails.",
)
@click.option("--only", metavar="PATTERN", help="Of the scenarios those whose name, group or file matches.")
@click.option("--show", metavar="NAME", help="Show what came out of one scenario, with reasons.")
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
    ablation: bool,
    misses: int,
    scenarios: Path | None,
    only: str | None,
    show: str | None,
) -> None:
    """Compare the engine with published lists whose causes were found out by hand.

    Four things are reported apart: the level (is `corroborated` right?), happened (are outages told from decoys,
    the same positions moved to times and places where none is listed?), on purpose (given that it happened), and
    the probability, which is the product of the last two.

    An outage is on purpose if its Cause is Government-Ordered or Exams; one of unknown or no cause counts as not on
    purpose. The engine never sees the cause. Each country is scored by a model fitted on all other countries, or
    every one by --model.

    \b
    shutdowns evaluate --reports stop_2016_2018.csv stop_2019.csv \\
      --outages ioda_investigated_2018_2019.csv \\
      --protests mass_mobilization_2016_2019_09.csv --plot accuracy.png

    \b
    shutdowns evaluate --scenarios worlds/ --only 'cable-*'

    With --signals and --truth it scores detection: how many known outages of raw series it finds, how far off their
    begins and ends are, how many others it makes a year, and how soon it tells, beside IODA's own detector.

    \b
    shutdowns evaluate --signals export.csv netflows.json --truth known.csv --plot detection.png

    docs/ACCURACY.md explains every figure, docs/SCENARIOS.md the form of scenarios, docs/DETECTION.md those of
    detection.
    """
    if scenarios is not None:
        from streams.cli.scenarios import run

        run(scenarios, only, show, as_json=as_json)
        return
    if signals or truth is not None:
        if not signals or truth is None or reports or outages or protests:
            raise click.UsageError("give --signals and --truth together, and no lists with them")
        evaluate_signals(signals, truth, plot, as_json=as_json)
        return
    _demand_lists(reports, outages, only, show)
    errors = Console(stderr=True)
    loaded = None if model is None else load_model(model)
    with errors.status("Running the lists through the stages"):
        played = play(lists_of(reports, outages, protests), measuring_scorer())
    with errors.status("Scoring each country by the others"):
        scored = score(played, split, loaded)
        if not scored.examples:
            raise StreamsError("no outage to score: none of the list's rows makes one in those years")
        found = evaluation_of(played, scored, _how(loaded is not None, split), misses)
    if ablation:
        with errors.status("Leaving out each feature in turn"):
            found = msgspec.structs.replace(found, ablation=ablations(scored, loaded or load_model()))
    if plot is not None:
        from streams.plots.accuracy import draw

        draw(plot, scored)
    if as_json:
        print_json(found)
    else:
        print_scorecard(found, Console())


def _demand_lists(reports: Sequence[Path], outages: Sequence[Path], only: str | None, show: str | None) -> None:
    """Refuse a command line that has neither lists nor scenarios.

    Raises:
        click.UsageError: it is one.
    """
    if only is not None or show is not None:
        raise click.UsageError("--only and --show are for scenarios: give --scenarios DIR too")
    if not reports or not outages:
        raise click.UsageError(
            "give lists (--reports and --outages), worlds (--scenarios DIR) or raw series (--signals and --truth)"
        )


def _how(one_model: bool, split: Split | None) -> str:
    fitted = "one model for all" if one_model else "each country by a model fitted without it"
    if split is None:
        return fitted
    fit, scored = (_years(years) for years in split)
    return f"years {scored}, {fitted}" + ("" if one_model else f", on {fit}")


def _years(years: Years) -> str:
    first, last = min(years, default=0), max(years, default=0)
    return f"from {first}" if last == 2100 else f"before {last + 1}" if first == 1990 else f"{first} to {last}"
