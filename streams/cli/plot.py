"""`shutdowns plot`: one shutdown as a picture."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from streams.cli.options import connection, held
from streams.cli.replay import progress, source_of
from streams.settings import Settings


@click.command()
@click.argument("shutdown_id", metavar="ID")
@connection
@held
@click.option(
    "--measurements",
    multiple=True,
    metavar="ARCHIVE|FILE",
    help="Where the measurements are: an archive or files of lines. [default: where --from is, or Kafka]",
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="The picture, .png or .svg. [default: ID.png]"
)
def plot(
    shutdown_id: str,
    bootstrap: str | None,
    prefix: str | None,
    where: str | None,
    measurements: tuple[str, ...],
    out: Path | None,
) -> None:
    """Draw the shutdown of an ID: its signals against their baselines with the shutdown shaded, its claims and
    protests on the same axis of local time, and where it is on a map.

    \b
    shutdowns plot KZ-f911 --from ARCHIVE --out almaty.svg
    shutdowns plot KZ-f911 --from run.jsonl --measurements measurements.jsonl
    """
    from streams.files import name_of
    from streams.plots.shutdown import draw_shutdown
    from streams.replay.holding import holdings
    from streams.replay.series import series_around

    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    run = holdings(where, settings)
    shutdown = run.shutdown(shutdown_id)
    run_file = where is not None and Path(where).is_file()
    evidence = run.evidence if run_file else holdings(where, settings, evidence=True).evidence
    series = []
    if measurements or not run_file:
        sources = measurements or (() if where is None else (where,))
        with progress() as told:
            series = series_around(source_of(sources, settings), shutdown, told=told)
    out = out or Path(f"{name_of(shutdown.id)}.png")
    draw_shutdown(out, shutdown, series, {piece.id: piece for piece in evidence})
    Console(stderr=True, highlight=False).print(f"drawn: {out}, {len(series)} series")
