"""`shutdowns fit`: the coefficients of the model of probability, from lists whose causes are known."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from streams.cli.lists import ListsCommand, YearsType, list_options, lists_of
from streams.errors import StreamsError
from streams.evaluation import Years, play, year
from streams.scoring import FEATURES, Model
from streams.scoring.examples import examples, measuring_scorer
from streams.scoring.fitting import fit as fit_model
from streams.scoring.model import dump_model
from streams.scoring.prior import Belief, default_prior


@click.command(cls=ListsCommand)
@list_options
@click.option(
    "--years", type=YearsType(), metavar="YEARS", help="Fit on these alone: 2018, 2016-2018 or 2016,2018."
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    default="-",
    metavar="FILE",
    help="Where the model goes. [default: standard output]",
)
def fit(
    reports: tuple[Path, ...],
    outages: tuple[Path, ...],
    protests: tuple[Path, ...],
    years: Years | None,
    out: Path,
) -> None:
    """Fit the model of probability on published lists, and write it as JSON.

    The lists go through the stages as always; then each outage of the list has features, and the cause that its
    list gives for it. Coefficients begin at what is believed beforehand (`streams/scoring/prior.toml`) and move as
    far as the data carry them. The same files give the same bytes. The model that ships was made by:

    \b
    shutdowns fit --reports stop_2016_2018.csv stop_2019.csv \\
      --outages ioda_investigated_2018_2019.csv \\
      --protests mass_mobilization_2016_2019_09.csv --out streams/scoring/model.json

    `shutdowns evaluate --model FILE` says how good a model is.
    """
    errors = Console(stderr=True)
    with errors.status("Running the lists through the stages"):
        played = play(lists_of(reports, outages, protests), measuring_scorer())
    found = examples(played.shutdowns, played.causes)
    learnt = [one for one in found if years is None or year(one.from_s) in years]
    if not any(one.positive for one in learnt):
        raise StreamsError(f"none of {len(learnt)} outages was on purpose by its cause: nothing to learn from")
    model = fit_model(learnt, sorted(played.read, key=lambda one: one.file))
    errors.print(_table(model))
    try:
        if str(out) == "-":
            sys.stdout.buffer.write(dump_model(model))
            sys.stdout.flush()
        else:
            out.write_bytes(dump_model(model))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StreamsError(f"{out} can't be written: {error.strerror or error}") from error


def _table(model: Model) -> Table:
    title = f"{model.reference}: {model.rows} outages, {model.positive} on purpose"
    table = Table("question", "feature", box=None, pad_edge=False, title=title, title_justify="left")
    for name in ("log-odds", "odds times", "believed beforehand"):
        table.add_column(name, justify="right")
    prior = default_prior()
    for question, features in FEATURES.items():
        part = model.part(question)
        rows = [("base", part.base, prior.bases[question])]
        rows += [
            (feature.name, part.log_odds[feature.name], belief)
            for feature, belief in zip(features, prior.features[question], strict=True)
        ]
        for name, log_odds, belief in rows:
            table.add_row(question, name, f"{log_odds:.3f}", f"{math.exp(log_odds):,.3g}", _believed(belief))
    return table


def _believed(belief: Belief) -> str:
    return f"{belief.mean:g} ± {belief.spread:g}"
