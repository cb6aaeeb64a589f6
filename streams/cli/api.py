"""`shutdowns api`: the events over HTTP."""

from __future__ import annotations

import click

from streams import logs
from streams.cli.options import behind_proxies, connection
from streams.errors import StreamsError
from streams.settings import Settings


@click.command()
@connection
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at; 0.0.0.0 for all.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free one.")
@click.option(
    "--rate",
    type=click.FloatRange(0),
    default=30.0,
    show_default=True,
    help="A client's requests a second; 0: any.",
)
@click.option(
    "--burst", type=click.IntRange(1), default=120, show_default=True, help="Requests at once of a client."
)
@click.option(
    "--streams", type=click.IntRange(1), default=5000, show_default=True, help="Most followers of /stream."
)
@click.option(
    "--streams-per-client", type=click.IntRange(1), default=100, show_default=True, help="Most of them of a client."
)
@behind_proxies
def api(
    bootstrap: str | None,
    prefix: str | None,
    host: str,
    port: int,
    rate: float,
    burst: int,
    streams: int,
    streams_per_client: int,
    proxies: str,
) -> None:
    """Serve the shutdowns over HTTP, to services and people.

    Reads the topics from the start into memory, follows them, and answers at /shutdowns, /incidents, /candidates,
    /places, /stream (server-sent events), /feed.atom and /stats; /openapi.json describes it all. / is a page for
    people, /report a form for those who know of a shutdown. Run as many as there are readers for: each is whole
    by itself. No client's address is written or logged.
    """
    try:
        from streams.api.guard import Limits
        from streams.api.server import listen, serve
        from streams.sources.salt import salt
    except ModuleNotFoundError as error:
        raise StreamsError(f"{error.name} is not installed: pip install 'shutdown-streams[engine,api]'") from error
    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    logs.set_up(settings.log_level, settings.log_format, "api")
    with listen(host, port) as listener:
        at = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        serve(
            settings,
            listener,
            limits=Limits(rate=rate, burst=burst, streams=streams, streams_per_client=streams_per_client),
            proxies=proxies,
            salt=salt(),
            started=lambda: click.echo(f"Serving at {at} (stop with Ctrl-C)"),
        )
