"""`shutdowns release-reports`: let the form's reports go on."""

from __future__ import annotations

import logging
import signal

import click

from streams import logs
from streams.cli.options import connection
from streams.health import pages
from streams.settings import Settings


@click.command("release-reports")
@connection
@click.option(
    "--every", type=click.FloatRange(0, 86_400), metavar="SECONDS", help="How often. [default: 900; 0: at once]"
)
def release_reports(bootstrap: str | None, prefix: str | None, every: float | None) -> None:
    """Check the form's reports and release them to `reports`, every quarter of an hour all that came since.

    `serve-reports` and the form of `api` write to `form-reports`, a topic which this alone reads. What is a report
    of one person at the form goes on, shuffled, with one time for all, so that nothing that is made of it tells the
    second at which somebody wrote; anything else goes to `invalid`. Without this process the form's reports wait,
    for a week at most. One is enough, and it needs the rights of the role `releaser`.
    """
    from streams.release.releasing import Releaser

    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix, release_every_s=every)
    logs.set_up(settings.log_level, settings.log_format, "release")
    stopped: list[int] = []
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda number, _: stopped.append(number))
    releaser = Releaser(settings)
    often = f"every {settings.release_every_s:g} s" if settings.release_every_s else "at once"
    with pages(releaser.health, settings, logging.getLogger(__name__).info):
        releaser.run(
            lambda: bool(stopped),
            lambda: click.echo(f"Releasing the form's reports {often} (stop with Ctrl-C)"),
        )
