"""`shutdowns invalid`: what could not be read or located."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import click
from rich.console import Console
from rich.text import Text

from streams.cli.options import connection
from streams.errors import StreamsError
from streams.settings import Settings
from topics import INVALID, Invalid, decode, encode

#: Records of `invalid` carry those of others, so they may be larger than any of them.
_NO_LIMIT = 2**31
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
    found = [one for one in read_invalid(settings) if reason is None or one.reason == reason]
    shown = found[-limit:] if limit else found
    if as_json:
        for one in shown:
            click.echo(encode(one))
        return
    console = Console(highlight=False)
    for one in shown:
        console.print(lines(one), soft_wrap=True)
    counts = ", ".join(f"{count} {words}" for words, count in Counter(one.reason for one in found).most_common())
    console.print(
        f"{len(found)} invalid record{'' if len(found) == 1 else 's'}" + (f": {counts}" if counts else "")
    )


def lines(one: Invalid) -> Text:
    """A record in two lines: where and why, then how it begins."""
    text = Text()
    text.append(f"{one.topic} {one.partition}:{one.offset}", style="bold")
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


def read_invalid(settings: Settings) -> Iterator[Invalid]:
    """The records of `invalid`, from the oldest to the newest that is there now.

    Raises:
        KafkaUnreachableError: no broker answers.
        StreamsError: there is no such topic.
    """
    from streams import admin

    name = settings.prefix + INVALID.name
    with admin.connected(settings.bootstrap) as client:
        if not admin.live(client, [name]):
            raise StreamsError(
                f"there is no topic {name} at {settings.bootstrap}; run `shutdowns topics create` first"
            )
    from kafka import KafkaConsumer, TopicPartition

    consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap.split(","), enable_auto_commit=False)
    try:
        parts = [TopicPartition(name, one) for one in consumer.partitions_for_topic(name) or ()]
        consumer.assign(parts)
        ends = consumer.end_offsets(parts)
        consumer.seek_to_beginning()
        while any(consumer.position(part) < ends[part] for part in parts):
            for part, records in consumer.poll(timeout_ms=1000).items():
                yield from (decode(INVALID, one.value, _NO_LIMIT) for one in records if one.offset < ends[part])
    finally:
        consumer.close()
