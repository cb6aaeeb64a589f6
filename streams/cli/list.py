"""`shutdowns list`: the shutdowns there are, the newest revision of each."""

from __future__ import annotations

import sys

import click
from rich.console import Console

from streams.cli.options import Moment, connection, country_code, held, thresholds
from streams.cli.rendering import LEVEL_STYLES, shutdowns_table
from streams.settings import Settings
from streams.thresholds import Bounds, Thresholds
from topics import encode


@click.command(name="list")
@connection
@held
@click.option("--country", callback=country_code, metavar="NAME", help="Only of this country: its code or name.")
@click.option("--since", type=Moment(), help="Only those that last beyond this time.")
@click.option("--until", type=Moment(), help="Only those that begin before this time.")
@click.option(
    "--level",
    "levels",
    multiple=True,
    type=click.Choice([*LEVEL_STYLES]),
    help="Only of this level; repeatable.",
)
@thresholds
@click.option("--all", "everything", is_flag=True, help="Those that were merged or retracted too.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines, one record a shutdown.")
def list(  # noqa: A001
    bootstrap: str | None,
    prefix: str | None,
    where: str | None,
    country: str | None,
    since: int | None,
    until: int | None,
    levels: tuple[str, ...],
    happened: Bounds,
    on_purpose: Bounds,
    probability: Bounds,
    everything: bool,
    as_json: bool,
) -> None:
    """List the shutdowns that stand, by begin: level, place, local time, what is known of each, and its id.

    `happened` is the probability that connectivity was really cut or degraded; `on purpose`, given that it
    happened, that somebody decided it. `other causes` are what sources name instead, or that they deny it:
    `shutdowns show` says who.

    \b
    shutdowns list --happened 0.8 --on-purpose ..0.3       large failures
    shutdowns list --probability 0.5                       cuts on purpose, more likely than not
    """
    from streams.replay.holding import holdings
    from streams.replay.selection import Selection

    wanted = Selection(country=country, since_s=since, until_s=until)
    likely = Thresholds(happened, on_purpose, probability)
    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    found = [
        one
        for one in holdings(where, settings).shutdowns
        if wanted.gives(one)
        and (not levels or one.level in levels)
        and likely.takes(one)
        and (everything or one.status not in ("merged", "retracted"))
    ]
    if as_json:
        for one in found:
            sys.stdout.buffer.write(encode(one) + b"\n")
        sys.stdout.flush()
        return
    console = Console(width=max(Console().width, 160))
    console.print(shutdowns_table(found, ids=True))
    console.print(f"{len(found):,} shutdown{'' if len(found) == 1 else 's'}", style="dim", highlight=False)
