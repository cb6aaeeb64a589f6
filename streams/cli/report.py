"""`shutdowns report`: a year as one page."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from streams.cli.options import connection, country_code, held
from streams.settings import Settings


def _country(ctx: click.Context, param: click.Parameter, value: str) -> str | None:
    return None if value.casefold() in ("world", "all") else country_code(ctx, param, value)


@click.command()
@click.argument("country", callback=_country)
@click.argument("year", type=click.IntRange(1990, 2099))
@connection
@held
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The page. [default: shutdowns-COUNTRY-YEAR.html]",
)
def report(
    country: str | None, year: int, bootstrap: str | None, prefix: str | None, where: str | None, out: Path | None
) -> None:
    """Write a year of a COUNTRY (its code or name, or `world`) as one self-contained HTML page.

    Counts by country, month, level, duration and trigger, a map, and a table of all of them with links to what they
    stand on. The page loads nothing. Triggers are in the claims: from a run, make it with --evidence.

    \b
    shutdowns report Kazakhstan 2022
    shutdowns report world 2019 --from run.jsonl --out 2019.html
    """
    from streams.files import written_whole
    from streams.plots.report import page
    from streams.replay.holding import holdings

    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    run_file = where is not None and Path(where).is_file()
    run = holdings(where, settings, evidence=not run_file)
    text = page(run.shutdowns, country, year, {piece.id: piece for piece in run.evidence}, run.head)
    out = out or Path(f"shutdowns-{country or 'world'}-{year}.html")
    with written_whole(out) as stream:
        stream.write(text.encode())
    Console(stderr=True, highlight=False).print(f"written: {out}, {len(text) // 1024:,} kB")
