"""`shutdowns ingest`: what others publish, onto the topics or into JSON Lines."""

from __future__ import annotations

import datetime as dt
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from streams.errors import StreamsError
from streams.settings import Settings
from streams.sources import Accepted, Rejected, Row
from streams.sources.catalogue import FILE_OPTIONS, OPTIONS, SOURCES, Source
from streams.sources.files import METER
from streams.sources.lines import write_line
from topics import encode

DAY_S = 86_400

#: Row numbers shown for each reason and flag.
EXAMPLES = 6


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows are wanted: of a country (alpha-2), beginning within days (UTC seconds, half-open)."""

    country: str | None = None
    from_s: int | None = None
    until_s: int | None = None

    def wants(self, row: Accepted) -> bool:
        from streams.geography import country_code
        from streams.pipeline import begins_s

        record: Any = row.record
        if self.country is not None and country_code(record.country) != self.country:
            return False
        begin = begins_s(record)
        return (self.from_s is None or begin >= self.from_s) and (self.until_s is None or begin < self.until_s)


@dataclass(slots=True)
class Rows:
    """How many rows had an outcome, and which the first of them were."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, where: str) -> None:
        self.count += 1
        if len(self.first) < EXAMPLES:
            self.first.append(where)


@dataclass(slots=True)
class Tally:
    """What became of the rows of all files, by outcome. Its size does not grow with them."""

    accepted: int = 0
    left_out: int = 0
    rejected: dict[str, Rows] = field(default_factory=lambda: defaultdict(Rows))
    flagged: dict[str, Rows] = field(default_factory=lambda: defaultdict(Rows))

    def take(self, row: Row, where: str, wanted: Filter) -> TypeGuard[Accepted]:
        """Count a row; whether it is to be sent."""
        if isinstance(row, Rejected):
            self.rejected[row.reason].add(where)
            return False
        if not wanted.wants(row):
            self.left_out += 1
            return False
        self.accepted += 1
        for flag in row.flags:
            self.flagged[flag].add(where)
        return True

    def table(self) -> Table:
        """Accepted, rejected by reason, flagged by flag; flagged rows are among the accepted."""
        table = Table(box=None, header_style="bold", pad_edge=False)
        table.add_column("outcome")
        table.add_column("rows", justify="right")
        table.add_column("which", overflow="fold", style="dim")
        table.add_row("[green]accepted[/]", f"{self.accepted:,}")
        if self.left_out:
            table.add_row("left out by --country, --since, --until", f"{self.left_out:,}")
        for style, word, groups in (("red", "rejected", self.rejected), ("yellow", "flagged", self.flagged)):
            for words, rows in sorted(groups.items(), key=lambda one: (-one[1].count, one[0])):
                more = ", …" if rows.count > EXAMPLES else ""
                which = f"row {', '.join(rows.first)}{more}"
                table.add_row(f"[{style}]{word}[/]: {words}", f"{rows.count:,}", which)
        return table


class SourceGroup(click.Group):
    """A group with a command for each source that has files or a service."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click says what it takes
        return [source.name for source in SOURCES]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        source = next((source for source in SOURCES if source.name == cmd_name), None)
        return None if source is None else _command(source)


@click.group(cls=SourceGroup)
def ingest() -> None:
    """Publish what others measured, reported and wrote to the topics, or write it as JSON Lines with --out.

    Every row is accepted, or rejected with a reason; doubtful ones are flagged and kept. Ids are made from what
    the rows say: ingesting a file again changes nothing. `shutdowns sources list` says what each source needs.
    """


def _command(source: Source) -> click.Command:
    """The command of one source: its own options and those that all share."""
    day = click.DateTime(["%Y-%m-%d"])
    parameters: list[click.Parameter] = [
        click.Argument(
            ["files"],
            nargs=-1,
            required=not source.poller,
            metavar="FILE…",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
        ),
        click.Option(["--country"], metavar="NAME", help="Only of this country: its code or name."),
        click.Option(["--since"], type=day, metavar="DAY", help="Only what begins on this day or after."),
        click.Option(["--until"], type=day, metavar="DAY", help="Only what begins on this day or before."),
        click.Option(
            ["--out"],
            metavar="FILE",
            type=click.Path(dir_okay=False, allow_dash=True),
            help='Write {"topic", "key", "value"} lines here instead of publishing; - is standard output.',
        ),
        click.Option(["--bootstrap"], metavar="HOST:PORT", help="Kafka's address. [default: 127.0.0.1:9092]"),
        click.Option(["--prefix"], help="Put before the names of all topics and groups."),
    ]
    for name in source.options:
        kind = click.Path(exists=True, dir_okay=False, path_type=Path) if name in FILE_OPTIONS else None
        parameters.append(click.Option([f"--{name}"], type=kind, metavar=name.upper(), help=OPTIONS[name]))

    def run(**given: Any) -> None:
        _ingest(source, **given)

    topics = " and ".join(source.topics)
    words = f"{source.title}, to the topic {topics}.\n\nFiles: {source.files}.\n\nLicence: {source.licence}."
    return click.Command(source.name, callback=run, params=parameters, help=words)


def _ingest(
    source: Source,
    *,
    files: tuple[Path, ...],
    bootstrap: str | None,
    prefix: str | None,
    out: str | None,
    country: str | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
    **own: Any,
) -> None:
    """Look into all files first, so that one of another kind stops everything before anything is published."""
    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    wanted = Filter(_country(country), _day_s(since), _day_s(until, after=1))
    options = {name: value for name, value in own.items() if value is not None}
    read = source.read()
    for path in files:
        next(read(path, **options), None)
    errors, tally = Console(stderr=True), Tally()
    with _sender(settings, out) as send, _progress(errors) as progress:
        for path in files:
            task = progress.add_task(path.name, total=path.stat().st_size)
            token = METER.set(partial(progress.advance, task))
            try:
                for row in read(path, **options):
                    where = f"{path.name}:{row.number}" if len(files) > 1 else str(row.number)
                    if tally.take(row, where, wanted):
                        send(row)
            finally:
                METER.reset(token)
    (errors if out == "-" else Console()).print(tally.table())


def _country(text: str | None) -> str | None:
    from streams.geography import country_code

    code = None if text is None else country_code(text) or country_code(text.upper())
    if text is not None and code is None:
        raise click.BadParameter(
            f"no country is called {text!r}: give its ISO code or name", param_hint="--country"
        )
    return code


def _day_s(day: dt.datetime | None, after: int = 0) -> int | None:
    """The UTC midnight that begins a day, or the one `after` days later."""
    return None if day is None else int(day.replace(tzinfo=dt.UTC).timestamp()) + after * DAY_S


@contextmanager
def _sender(settings: Settings, out: str | None) -> Iterator[Callable[[Accepted], None]]:
    """Where accepted rows go: Kafka, or lines."""
    if out is None:
        from streams.sources.publishing import Publisher

        with Publisher(settings) as publisher:
            yield lambda row: publisher.send(row.topic, row.topic.key(row.record), encode(row.record))
        return
    try:
        if out == "-":
            yield _writer(sys.stdout.buffer)
            sys.stdout.flush()
        else:
            with Path(out).open("wb") as stream:
                yield _writer(stream)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StreamsError(f"{out} can't be written: {error.strerror or error}") from error


def _writer(stream: BinaryIO) -> Callable[[Accepted], None]:
    def write(row: Accepted) -> None:
        stream.write(write_line(row.topic, row.topic.key(row.record), encode(row.record)))

    return write


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
