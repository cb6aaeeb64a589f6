"""`shutdowns invalid`: what could not be read or located."""

from __future__ import annotations

from collections import Counter, deque

import click
from rich.console import Console
from rich.text import Text

from streams.cli.options import connection
from streams.reading import NO_LIMIT_BYTES, read_topic
from streams.settings import Settings
from topics import INVALID, Invalid, decode, encode

_FIRST_BYTES = 160


@click.command()
@connection
@click.option("--reason", metavar="REASON", help="Only those refused for this reason, e.g. unknown-place.")
@click.option("--limit", type=click.IntRange(min=1), help="Only the newest so many.")
@click.option("--json", "as_json", is_flag=True, help="The records as JSON Lines, whole, values in base64.")
def invalid(
    bootstrap: str | None, prefix: str | None, reason: str | None, limit: int | None, as_json: bool
) -> None:
    """List the records that could not be read or located, oldest first, and count the reasons."""
    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    show = _show_json if as_json else _show_lines
    counts: Counter[str] = Counter()
    newest: deque[Invalid] = deque(maxlen=limit)
    for record in read_topic(settings, INVALID):
        one = decode(INVALID, record.value, NO_LIMIT_BYTES)
        if reason is None or one.reason == reason:
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
    key = "" if one.key is None else f"key {_begin(one.key)}  "
    value = "no value" if one.value is None else _begin(one.value)
    text.append(f"    {key}{value}", style="dim")
    return text


def _begin(raw: bytes) -> str:
    words = raw[:_FIRST_BYTES].decode(errors="backslashreplace")
    printable = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in words)
    return printable + (f"… ({len(raw):,} bytes)" if len(raw) > _FIRST_BYTES else "")
