"""`shutdowns ingest`: lists that others published, onto the topics or into JSON Lines."""

from __future__ import annotations

import datetime as dt
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from streams.cli.options import connection
from streams.errors import StreamsError
from streams.settings import Settings
from streams.sources import Accepted, Rejected, Row
from streams.sources.lines import write_line
from topics import encode

F = TypeVar("F", bound=Callable[..., Any])
DAY_S = 86_400

#: Row numbers shown for each reason and flag.
EXAMPLES = 6


@dataclass(slots=True)
class Tally:
    """What became of the rows of all files: where each outcome happened, by file and row number."""

    accepted: list[tuple[Path, Accepted]] = field(default_factory=list)
    rejected: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    flagged: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    left_out: int = 0

    def table(self) -> Table:
        """Accepted, rejected by reason, flagged by flag; flagged rows are among the accepted."""
        table = Table(box=None, header_style="bold", pad_edge=False)
        table.add_column("outcome")
        table.add_column("rows", justify="right")
        table.add_column("which", overflow="fold", style="dim")
        table.add_row("[green]accepted[/]", f"{len(self.accepted):,}")
        if self.left_out:
            table.add_row("left out by --country, --since, --until", f"{self.left_out:,}")
        for style, word, groups in (("red", "rejected", self.rejected), ("yellow", "flagged", self.flagged)):
            for words, rows in sorted(groups.items(), key=lambda one: (-len(one[1]), one[0])):
                more = ", …" if len(rows) > EXAMPLES else ""
                table.add_row(
                    f"[{style}]{word}[/]: {words}", f"{len(rows):,}", "row " + ", ".join(rows[:EXAMPLES]) + more
                )
        return table


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


@click.group()
def ingest() -> None:
    """Publish lists that others made to the topics, or write them as JSON Lines with --out.

    Every row is accepted, or rejected with a reason; doubtful ones are flagged and kept. Ids are made from what
    the rows say: ingesting a list again changes nothing.
    """


def _common(command: F) -> F:
    """The options and the argument that all lists share."""
    day = click.DateTime(["%Y-%m-%d"])
    for option in (
        click.option("--until", type=day, metavar="DAY", help="Only what begins on this day or before."),
        click.option("--since", type=day, metavar="DAY", help="Only what begins on this day or after."),
        click.option("--country", metavar="NAME", help="Only of this country: its code or name."),
        click.option(
            "--out",
            metavar="FILE",
            type=click.Path(dir_okay=False, allow_dash=True),
            help='Write {"topic", "key", "value"} lines here instead of publishing; - is standard output.',
        ),
        connection,
        click.argument(
            "files",
            nargs=-1,
            required=True,
            metavar="FILE…",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
        ),
    ):
        command = option(command)
    return command


@ingest.command()
@_common
def stop(files: tuple[Path, ...], **given: Any) -> None:
    """Access Now's #KeepItOn list of shutdowns (STOP), of any year, as reports."""
    _ingest("stop", files, **given)


@ingest.command(name="ioda-outages")
@_common
def ioda_outages(files: tuple[Path, ...], **given: Any) -> None:
    """Outages that IODA's team looked into by hand, as evidence.

    Its columns of cause and confirmation are not read: they are what results are compared with.
    """
    _ingest("ioda_outages", files, **given)


@ingest.command(name="mass-mobilization")
@_common
def mass_mobilization(files: tuple[Path, ...], **given: Any) -> None:
    """The Mass Mobilization Project's list of protests, as news."""
    _ingest("mass_mobilization", files, **given)


def _ingest(
    source: str,
    files: Sequence[Path],
    *,
    bootstrap: str | None,
    prefix: str | None,
    out: str | None,
    country: str | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
) -> None:
    """Read all files first, so that a damaged one stops everything before anything is published."""
    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    wanted = Filter(_country(country), _day_s(since), _day_s(until, after=1))
    errors = Console(stderr=True)
    tally = _read(import_module(f"streams.sources.{source}").read, files, wanted)
    with _sender(settings, out) as send, _progress(errors) as progress:
        for _, row in progress.track(tally.accepted, description=f"{'writing' if out else 'publishing'} {source}"):
            send(row)
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


def _read(read: Callable[[Path], Iterator[Row]], files: Sequence[Path], wanted: Filter) -> Tally:
    tally = Tally()
    for path in files:
        for row in read(path):
            where = f"{path.name}:{row.number}" if len(files) > 1 else str(row.number)
            if isinstance(row, Rejected):
                tally.rejected[row.reason].append(where)
            elif not wanted.wants(row):
                tally.left_out += 1
            else:
                tally.accepted.append((path, row))
                for flag in row.flags:
                    tally.flagged[flag].append(where)
    return tally


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
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
