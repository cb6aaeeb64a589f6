"""`shutdowns sources`: every source that can be used, what it needs, and how those that are polled fare."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.table import Table

from streams.cli.check_source import check
from streams.cli.options import connection
from streams.errors import StreamsError
from streams.settings import Settings
from streams.sources.catalogue import SOURCES, as_markdown, source_named
from streams.sources.conditions import condition


@click.group()
def sources() -> None:
    """Every source of measurements, reports and news: what there is, what it needs, how it fares."""


sources.add_command(check)


@sources.command("list")
@click.argument("name", required=False)
@click.option("--markdown", is_flag=True, help="The table of docs/SOURCES.md.")
def list_(name: str | None, markdown: bool) -> None:
    """List the sources, or tell all about the one of that NAME."""
    if markdown:
        click.echo(as_markdown(), nl=False)
        return
    if name is not None:
        try:
            source = source_named(name)
        except KeyError as error:
            raise StreamsError(str(error.args[0])) from None
        for words, value in source.told():
            click.echo(f"{words:<10} {value}")
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("source", no_wrap=True)
    for column in ("topics", "files", "live", "needs", "delay"):
        table.add_column(column, overflow="fold")
    for source in SOURCES:
        table.add_row(
            source.name,
            ", ".join(source.topics),
            "yes" if source.reader else "-",
            "yes" if source.poller else "-",
            ", ".join(source.secrets) or "-",
            source.delay,
        )
    Console().print(table)
    click.echo("\n`shutdowns sources list NAME` tells licence, coverage and files of one.")


@sources.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a source.")
@connection
def status(bootstrap: str | None, prefix: str | None, as_json: bool) -> None:
    """How the live sources fare: when they last asked, what came, what is wrong. Exit code 1 if one is not ok.

    A source is `silent` if it should have asked by now: its process has ended, or hangs. It is `refused` if the
    service refuses us and `failing` if it fails, `embargoed` if it keeps the newest from this account, `empty` if
    it has told nothing and `stale` if it has told nothing new for longer than is usual for it.
    """
    from streams.sources.state import STATUS, Status, load

    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    found = {
        name: msgspec.convert(parts[STATUS], Status)
        for name, parts in sorted(load(settings).items())
        if STATUS in parts
    }
    now_s = int(time.time())
    if as_json:
        for name, one in found.items():
            fares = condition(name, one, now_s)
            told = {"source": name, "state": fares.word, "why_state": fares.why, **msgspec.to_builtins(one)}
            click.echo(msgspec.json.encode(told))
    elif not found:
        click.echo("No source was polled yet: `shutdowns ingest SOURCE --live`.")
    else:
        Console().print(_table(found, now_s))
    if any(condition(name, one, now_s).word != "ok" for name, one in found.items()):
        click.get_current_context().exit(1)


def _table(found: dict[str, Any], now_s: int) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("source")
    table.add_column("state")
    for column in ("last round", "records", "requests", "refused"):
        table.add_column(column, justify="right")
    table.add_column("what is wrong", overflow="fold")
    colours = {"ok": "green", "failing": "red", "refused": "red"}
    for name, one in found.items():
        fares = condition(name, one, now_s)
        wrong = fares.why
        if one.failing_since_s is not None:
            wrong = f"since {_time(one.failing_since_s)}: {one.error}"
        elif one.refused and not wrong:
            wrong = one.why
        table.add_row(
            name,
            f"[{colours.get(fares.word, 'yellow')}]{fares.word}[/]",
            _time(one.round_s),
            f"{one.records:,}",
            f"{one.requests:,}",
            f"{one.refused:,}",
            "; ".join(filter(None, (wrong, *one.notices))),
        )
    return table


def _time(at: int) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%d %H:%M")
