"""`shutdowns notify`: tell a webhook of every change, at least once."""

from __future__ import annotations

import logging
import os
import signal
from urllib.parse import urlsplit

import click

from streams import logs
from streams.cli.options import connection, country_codes, thresholds
from streams.cli.rendering import LEVEL_STYLES
from streams.health import pages
from streams.settings import Settings, of_environment
from streams.thresholds import Bounds, Thresholds

log = logging.getLogger(__name__)

#: The variables with the secret and the address: options can be read by everybody on the machine.
SECRET, URL = "SHUTDOWNS_WEBHOOK_SECRET", "SHUTDOWNS_WEBHOOK_URL"


@click.command()
@connection
@click.option("--url", help=f"Where to POST each change, as JSON. [default: {URL}]")
@click.option("--name", default="webhook", show_default=True, help="Where to go on is kept under it.")
@click.option(
    "--country",
    "countries",
    multiple=True,
    callback=country_codes,
    metavar="NAME",
    help="Only of this country: its code or name; repeatable.",
)
@click.option(
    "--level", "levels", multiple=True, type=click.Choice([*LEVEL_STYLES]), help="Only of this level; repeatable."
)
@thresholds
@click.option("--attempts", type=click.IntRange(1, 100), default=8, show_default=True)
@click.option("--first-pause", type=click.FloatRange(0), default=1.0, show_default=True, help="Seconds, doubled.")
@click.option("--from-start", is_flag=True, help="The first time, begin with the oldest change, not the next one.")
@click.option("--again", is_flag=True, help="Deliver what is on `undelivered` for this name, then stop.")
def notify(
    bootstrap: str | None,
    prefix: str | None,
    url: str | None,
    name: str,
    countries: tuple[str, ...],
    levels: tuple[str, ...],
    happened: Bounds,
    on_purpose: Bounds,
    probability: Bounds,
    attempts: int,
    first_pause: float,
    from_start: bool,
    again: bool,
) -> None:
    """Tell a webhook of every change of a shutdown, at least once.

    Each request carries the change as JSON, CloudEvents headers (ce-id, ce-type …) and the headers of Standard
    Webhooks: webhook-id, webhook-timestamp, webhook-signature (HMAC-SHA256 with the secret in
    SHUTDOWNS_WEBHOOK_SECRET). What is answered with 2xx is delivered; on 408, 425, 429, 5xx or no answer it is
    tried again; what isn't taken in the end goes to the topic `undelivered`, from where --again delivers it.

    The secret is better given in a file that SHUTDOWNS_WEBHOOK_SECRET_FILE names, and so is an address that has a
    token in it: SHUTDOWNS_WEBHOOK_URL_FILE.
    """
    url = url or _given(URL)
    host = _host(url)
    if not host:
        raise click.UsageError(
            f"say with --url, {URL} or {URL}_FILE where to send the changes, e.g. https://example.org/hook"
        )
    secret = _given(SECRET)
    if not secret:
        raise click.UsageError(
            f"set {SECRET} to the secret that requests are signed with, 16 bytes or more, or {SECRET}_FILE to a "
            "file that has it"
        )
    from streams.notify.notifier import Notifier, Receiver
    from streams.notify.webhook import read_secret

    receiver = Receiver(
        name=name,
        url=url,
        key=read_secret(secret),
        countries=frozenset(countries),
        levels=frozenset(levels),
        thresholds=Thresholds(happened, on_purpose, probability),
        attempts=attempts,
        first_pause_s=first_pause,
    )
    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    logs.set_up(settings.log_level, settings.log_format, "notify")
    stopped: list[int] = []
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda number, _: stopped.append(number))
    notifier = Notifier(settings, receiver)
    click.echo(f"Telling {host} of the changes at {settings.bootstrap}, as {name!r}; stop with Ctrl-C.")
    with pages(notifier.health, settings, log.info):
        notifier.run(from_start=from_start, again=again, stop=lambda: bool(stopped))
    click.echo(f"{notifier.counts}")


def _given(named: str) -> str:
    """What a variable says, or the file that it names with `_FILE` behind; else nothing."""
    found = of_environment(named, os.environ, secret=True)
    return found[1] if found else ""


def _host(url: str) -> str | None:
    """What of an address may be told; None where it is none."""
    try:
        return urlsplit(url).hostname if url.startswith(("http://", "https://")) else None
    except ValueError:
        return None
