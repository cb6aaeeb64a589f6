"""`shutdowns digest`: a stretch of time as an e-mail."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import click

from streams.cli.options import connection
from streams.settings import Settings


@click.command()
@connection
@click.option("--hours", type=click.IntRange(1, 24 * 366), default=24, show_default=True)
@click.option("--until", "end", help="End of the stretch of time, ISO 8601 in UTC. [default: now]")
@click.option("--template", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="A Jinja template.")
@click.option("--address", default="", help="Of the API's page, for links, e.g. https://example.org")
def digest(
    bootstrap: str | None, prefix: str | None, hours: int, end: str | None, template: Path | None, address: str
) -> None:
    """Print the shutdowns of the last hours as an e-mail, to be piped to sendmail -t or the like.

    The first line of the template is the subject. The default: streams/notify/digest.txt.jinja.
    """
    from streams.notify.digest import TEMPLATE, compose, due
    from streams.reading import read_shutdowns

    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    until_s = int(time.time()) if end is None else _read_moment(end)
    since_s = until_s - hours * 3600
    found = due(read_shutdowns(settings).values(), since_s, until_s)
    message = compose(found, since_s, until_s, template=template or TEMPLATE, address=address)
    click.echo(message.as_bytes(), nl=False)


def _read_moment(text: str) -> int:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"--until {text!r}: {error}") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp())
