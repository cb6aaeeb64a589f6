"""`shutdowns candidates`: what fell short of a shutdown, from files or from the topic."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import click
from rich.console import Console
from rich.text import Text

from streams.cli.inputs import take_lines
from streams.cli.options import connection
from streams.cli.rendering import span_words
from streams.correlation import load_rules
from streams.pipeline import Offline
from streams.reading import read_candidates
from streams.settings import Settings
from topics import Candidate, encode
from topics.candidates import Condition


@click.command()
@connection
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--country", metavar="CC", help="Only those of this country (ISO alpha-2).")
@click.option("--condition", type=click.Choice(get_args(Condition)), help="Only those that fell short by this.")
@click.option(
    "--rules", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Rules of your own, with FILES."
)
@click.option("--json", "as_json", is_flag=True, help="The records as JSON Lines, whole.")
def candidates(
    bootstrap: str | None,
    prefix: str | None,
    files: tuple[str, ...],
    country: str | None,
    condition: str | None,
    rules: Path | None,
    as_json: bool,
) -> None:
    """List near misses: what met all conditions of a corroborated shutdown but one, and which one.

    With FILES (records as `shutdowns ingest … --out FILE` writes them; "-" is standard input) the stages run over
    them without Kafka; without, the topic `candidates` is read. The conditions:

    \b
    time         a claim and an outage of one place, too far apart in time: by how much is said
    place        at one time, in places near each other that don't touch, such as neighbouring regions
    lineage      claimed, but only by sources that repeat the measurement
    extent       something dropped, but what is claimed is a blocked service, no cut
    depth        claimed, and a series dropped, for less than an outage
    individuals  too few individuals for their reports to be shown
    """
    found = _of_files(files, rules) if files else read_candidates(_settings(bootstrap, prefix))
    chosen = [
        one
        for one in sorted(found, key=lambda one: (one.from_s, one.id))
        if one.standing and country in (None, one.country) and condition in (None, one.condition)
    ]
    if as_json:
        for one in chosen:
            sys.stdout.buffer.write(encode(one) + b"\n")
        sys.stdout.flush()
        return
    console = Console(highlight=False)
    for one in chosen:
        console.print(lines(one), soft_wrap=True)
    counts = Counter(one.condition for one in chosen)
    words = ", ".join(f"{number} {name}" for name, number in counts.most_common())
    console.print(f"{len(chosen)} candidate{'' if len(chosen) == 1 else 's'}{words and ': '}{words}", style="dim")


def _settings(bootstrap: str | None, prefix: str | None) -> Settings:
    return Settings.from_environment(bootstrap=bootstrap, prefix=prefix)


def _of_files(files: tuple[str, ...], rules: Path | None) -> Iterable[Candidate]:
    offline = Offline(time.time(), load_rules(rules))
    take_lines(offline, files)
    offline.shutdowns()
    if offline.rejected:
        click.secho(f"{len(offline.rejected)} records could not be used: `shutdowns correlate` says why", err=True)
    return offline.candidates()


def lines(one: Candidate) -> Text:
    """A candidate in two lines: which condition, where and when; then what fell short of what."""
    days = one.precision == "day"
    text = Text()
    text.append(f"{one.condition:<12}", style="yellow")
    text.append(f"{one.country}  {one.place.name}", style="bold")
    text.append(f"  {span_words(one.from_s, one.until_s, one.place.time_zone, days=days)}\n", style="dim")
    text.append(f"            {one.words}")
    text.append(f"  [{one.rule}]", style="dim")
    return text
