"""`shutdowns serve-reports`: take citizens' reports over HTTP."""

from __future__ import annotations

import click

from streams import logs
from streams.cli.options import behind_proxies, connection
from streams.errors import StreamsError
from streams.settings import Settings


@click.command("serve-reports")
@connection
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at; 0.0.0.0 for all.")
@click.option("--port", type=click.IntRange(0, 65535), default=8081, show_default=True, help="0 takes a free one.")
@behind_proxies
def serve_reports(bootstrap: str | None, prefix: str | None, host: str, port: int, proxies: str) -> None:
    """Take citizens' reports over HTTP, and nothing else: onto the topic `form-reports`.

    GET and POST /report is the form for people, POST /reports takes the same fields as JSON and answers with the
    report's id and a receipt that takes it back. An answer is given when Kafka has the report. Reads no topic, so
    that a machine before the world needs no right but to write there; `shutdowns release-reports` lets them go on.
    Nothing of a sender is kept or logged; docs/PRIVACY.md says what is. SHUTDOWNS_SALT must be that of everything
    else that reads reports.

    \b
    curl -d '{"country": "KZ", "place": "Almaty", "start": "2021-02-28T14:00"}' http://127.0.0.1:8081/reports
    """
    try:
        from streams.api.receiving import receive
        from streams.api.server import listen
        from streams.sources.salt import salt
    except ModuleNotFoundError as error:
        raise StreamsError(f"{error.name} is not installed: pip install 'shutdown-streams[engine,api]'") from error
    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    logs.set_up(settings.log_level, settings.log_format, "reports")
    with listen(host, port) as listener:
        at = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        receive(
            settings,
            listener,
            salt=salt(),
            proxies=proxies,
            started=lambda: click.echo(f"Taking reports at {at}/report (stop with Ctrl-C)"),
        )
