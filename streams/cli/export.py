"""`shutdowns export`: shutdowns in the formats of others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from streams.cli.options import Moment, connection, country_code, held, thresholds
from streams.cli.rendering import LEVEL_STYLES
from streams.errors import StreamsError
from streams.settings import Settings
from streams.thresholds import Thresholds
from topics import Shutdown

NAMES = ("geojson", "csv", "parquet", "cap", "cloudevents", "stop")


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID…]")
@connection
@held
@click.option("--format", "name", type=click.Choice(NAMES), required=True, help="The format.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="The file, or of cap the folder. [default: standard output]"
)
@click.option("--country", callback=country_code, metavar="NAME", help="Only of this country: its code or name.")
@click.option("--since", type=Moment(), help="Only those that last beyond this time.")
@click.option("--until", type=Moment(), help="Only those that begin before this time.")
@click.option(
    "--level", "levels", multiple=True, type=click.Choice([*LEVEL_STYLES]), help="Only of this level; repeatable."
)
@thresholds
def export(
    ids: tuple[str, ...],
    bootstrap: str | None,
    prefix: str | None,
    where: str | None,
    name: str,
    out: Path | None,
    **given: Any,
) -> None:
    """Write shutdowns in a format of others: those of the IDs given, or all that stand.

    \b
    geojson      places with their geometry (RFC 7946)
    csv          for spreadsheets, one row a shutdown; no cell is run as a formula
    parquet      with the evidence nested
    cap          Common Alerting Protocol 1.2, a file a shutdown in the folder --out
    cloudevents  JSON Lines, as they are on the topic
    stop         the columns of Access Now's STOP list; triggers need evidence: a run made with --evidence

    A file is there whole or not at all.
    """
    from streams.files import written_whole
    from streams.replay.exports import FORMATS
    from streams.replay.holding import holdings
    from streams.replay.selection import Selection

    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    # A run without evidence can be exported; Kafka and archives have it anyway.
    asks = name == "stop" and (where is None or not Path(where).is_file())
    run = holdings(where, settings, evidence=asks)
    likely = Thresholds(given["happened"], given["on_purpose"], given["probability"])
    wanted = Selection(country=given["country"], since_s=given["since"], until_s=given["until"])
    chosen = [run.shutdown(one) for one in ids] or [
        one
        for one in run.shutdowns
        if wanted.gives(one)
        and one.status not in ("merged", "retracted")
        and (not given["levels"] or one.level in given["levels"])
        and likely.takes(one)
    ]
    made = FORMATS[name]
    evidence = {piece.id: piece for piece in run.evidence}
    if made.single and (out is not None or len(chosen) != 1):
        _folder(made, chosen, evidence, out)
    elif out is None:
        made.write(chosen, evidence, sys.stdout.buffer)
        sys.stdout.flush()
    else:
        with written_whole(out) as stream:
            made.write(chosen, evidence, stream)
    Console(stderr=True, highlight=False).print(f"{len(chosen):,} shutdowns as {made.title}", style="dim")


def _folder(made: Any, chosen: list[Shutdown], evidence: Any, out: Path | None) -> None:
    from streams.files import name_of, written_whole

    if out is None:
        raise StreamsError(
            f"{made.title}: give a folder with --out, or one ID; {len(chosen):,} shutdowns are chosen"
        )
    out.mkdir(parents=True, exist_ok=True)
    for shutdown in chosen:
        with written_whole(out / f"{name_of(shutdown.id)}{made.ending}") as stream:
            made.write([shutdown], evidence, stream)
