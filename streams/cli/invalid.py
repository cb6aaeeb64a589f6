"""`shutdowns invalid`: what could not be read or located, and what to do about it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from streams.cli.options import connection
from streams.dead_letters import Fate, Filter, read, settle
from streams.errors import StreamsError
from streams.settings import Settings
from topics import Invalid, encode

_FIRST_BYTES = 160


def _filters(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--topic", metavar="TOPIC", help="Only those of this topic, e.g. reports."),
        click.option("--reason", metavar="REASON", help="Only those refused for this reason, e.g. unknown-place."),
    ):
        command = option(command)
    return command


@click.group(invoke_without_command=True)
@connection
@_filters
@click.option("--limit", type=click.IntRange(min=1), help="Only the newest so many.")
@click.option("--all", "decided", is_flag=True, help="Those that were retried or dropped, too.")
@click.option("--json", "as_json", is_flag=True, help="The records as JSON Lines, whole, values in base64.")
@click.pass_context
def invalid(ctx: click.Context, /, **options: Any) -> None:
    """List the records that could not be read or located, oldest first, and count the reasons.

    \b
    shutdowns invalid --reason unknown-place        look at them
    shutdowns invalid show reports/2/17             one of them, whole
    shutdowns invalid retry --reason unknown-place  put them back after a fix, each once
    shutdowns invalid drop --topic news             done with them: no longer listed

    Nothing is deleted: `invalid` keeps every record for 90 days, and --all lists those that were settled.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(listing, **options)


@invalid.command("list")
@connection
@_filters
@click.option("--limit", type=click.IntRange(min=1), help="Only the newest so many.")
@click.option("--all", "decided", is_flag=True, help="Those that were retried or dropped, too.")
@click.option("--json", "as_json", is_flag=True, help="The records as JSON Lines, whole, values in base64.")
def listing(
    bootstrap: str | None,
    prefix: str | None,
    reason: str | None,
    topic: str | None,
    limit: int | None,
    decided: bool,
    as_json: bool,
) -> None:
    """List them, oldest first, and count the reasons."""
    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    show = _show_json if as_json else _show_lines
    counts: Counter[str] = Counter()
    newest: deque[Invalid] = deque(maxlen=limit)
    for one in read(settings, Filter(reason=reason, topic=topic), decided=decided):
        counts[one.reason] += 1
        if limit:
            newest.append(one)
        else:
            show(one)
    for one in newest:
        show(one)
    if not as_json:
        words = ", ".join(f"{count} {name}" for name, count in counts.most_common())
        click.echo(f"{counts.total()} invalid record{'' if counts.total() == 1 else 's'}{words and ': '}{words}")


@invalid.command()
@connection
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
def show(bootstrap: str | None, prefix: str | None, ids: tuple[str, ...]) -> None:
    """Show records whole, by their ids (topic/partition/offset; `*` stands for anything)."""
    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    found = 0
    for one in read(settings, Filter(ids=ids), decided=True):
        found += 1
        _show_lines(one)
        click.echo((one.value or b"").decode(errors="backslashreplace"))
    if not found:
        raise StreamsError(f"no invalid record has the id {', '.join(ids)}; `shutdowns invalid --all` lists them")


@invalid.command()
@connection
@_filters
@click.argument("ids", nargs=-1, metavar="[ID…]")
def retry(
    bootstrap: str | None, prefix: str | None, reason: str | None, topic: str | None, ids: tuple[str, ...]
) -> None:
    """Put refused records back onto their topics, each once: by ID, or all that --reason or --topic name.

    Do it after what was wrong is mended: a place that is known now, a newer version. What is refused again is a new
    record of `invalid`.
    """
    _settle("retried", Settings.from_environment(bootstrap=bootstrap, prefix=prefix), Filter(ids, reason, topic))


@invalid.command()
@connection
@_filters
@click.argument("ids", nargs=-1, metavar="[ID…]")
def drop(
    bootstrap: str | None, prefix: str | None, reason: str | None, topic: str | None, ids: tuple[str, ...]
) -> None:
    """Say that refused records need nothing more: they are no longer listed, and never put back."""
    _settle("dropped", Settings.from_environment(bootstrap=bootstrap, prefix=prefix), Filter(ids, reason, topic))


def _settle(fate: Fate, settings: Settings, wanted: Filter) -> None:
    if wanted == Filter():
        raise click.UsageError("Say which: ids, --reason or --topic. '*' as id means all.")
    counts: Counter[str] = Counter()
    for one, why in settle(settings, read(settings, wanted), fate):
        counts[fate if why is None else "left alone"] += 1
        if why is not None:
            click.echo(f"{one.id}: {why}", err=True)
    click.echo(", ".join(f"{count} {words}" for words, count in counts.items()) or "no open record is meant")


def _show_json(one: Invalid) -> None:
    click.echo(encode(one))


def _show_lines(one: Invalid) -> None:
    Console(highlight=False).print(lines(one), soft_wrap=True)


def lines(one: Invalid) -> Text:
    """A record in two lines: where and why, then how it begins."""
    text = Text()
    where = one.id if one.partition is None else f"{one.partition}:{one.offset}"
    text.append(f"{one.topic} {where}", style="bold")
    text.append(f"  {one.reason}", style="red")
    text.append(f" {one.field}" if one.field else "", style="cyan")
    text.append(f"  {one.detail}\n")
    if one.error is not None:
        text.append(f"    {one.error}\n", style="red")
    key = "" if one.key is None else f"key {_begin(one.key)}  "
    value = "no value" if one.value is None else _begin(one.value)
    text.append(f"    {key}{value}", style="dim")
    return text


def _begin(raw: bytes) -> str:
    words = raw[:_FIRST_BYTES].decode(errors="backslashreplace")
    printable = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in words)
    return printable + (f"… ({len(raw):,} bytes)" if len(raw) > _FIRST_BYTES else "")
