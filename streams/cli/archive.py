"""`shutdowns archive`: topics to Parquet, and the check of what lies there."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from streams.cli.options import connection
from streams.errors import StreamsError
from streams.settings import Settings
from topics import SHARED, topic_named


class CopyingGroup(click.Group):
    """A group that copies where no other of its commands is named: `shutdowns archive FOLDER`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = ["copy", *args]
        return super().parse_args(ctx, args)


@click.group(cls=CopyingGroup)
def archive() -> None:
    """Copy topics to Parquet, every offset exactly once, and check what was copied.

    \b
    shutdowns archive FOLDER          the same as `archive copy FOLDER`
    shutdowns archive verify FOLDER   look for what is missing, doubled, cut off or damaged
    """


@archive.command()
@click.argument("folder", default="archive")
@connection
@click.option(
    "--topic", "names", multiple=True, metavar="TOPIC", help="Only this topic; repeatable. [default: all of them]"
)
@click.option("--once", is_flag=True, help="Stop where the topics end now, instead of going on.")
@click.option(
    "--every",
    type=click.FloatRange(min=1),
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="How often a batch is written.",
)
def copy(
    folder: str, bootstrap: str | None, prefix: str | None, names: tuple[str, ...], once: bool, every: float
) -> None:
    """Copy the topics into FOLDER (a path, or a URI such as s3://bucket/path) until Ctrl-C.

    Records come with their offsets, arrival times and headers, as they are, into one Parquet file a topic, day
    and batch. It goes on where the archive ends, may run beside the workers, and changes nothing in Kafka: no
    group, no commits. What Kafka had removed before it was read is noted as a gap, never passed over.
    """
    from streams.replay.archive import Archive
    from streams.replay.recorder import Recorder

    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    chosen = [_topic(name) for name in names] or list(SHARED)
    console = Console(stderr=True, highlight=False)
    with _interrupts() as stopped, _progress(console) as bar:
        task = bar.add_task("archived", total=None)
        recorder = Recorder(
            settings,
            Archive(folder),
            chosen,
            every_s=every,
            stopped=stopped,
            told=lambda now: bar.update(task, completed=now.read, total=max(now.total, now.read)),
        )
        done = recorder.run(follow=not once)
    click.echo(f"{done.written:,} records in {done.batches:,} batches to {folder}")
    if done.lost:
        click.echo(f"{done.lost:,} offsets were gone from Kafka before they were archived; they are noted as gaps")


def _topic(name: str) -> Any:
    try:
        return topic_named(name)
    except KeyError as error:
        raise StreamsError(error.args[0]) from None


@contextmanager
def _interrupts() -> Iterator[Any]:
    """Gives what says whether Ctrl-C or SIGTERM came; what is in work is then finished."""
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature is Python's
        came.append(number)

    before = {one: signal.signal(one, note) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(came)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True)


@archive.command()
@click.argument("folder", default="archive")
@click.option("--quick", is_flag=True, help="Only what the files' footers tell; read no records.")
def verify(folder: str, quick: bool) -> None:
    """Check the archive in FOLDER: say what it holds, and everything that is wrong with it.

    Found are files cut off, damaged or of another version, batches and days that are missing, and copies that
    overlap. Gaps that Kafka itself had (compaction, retention) are listed too; they are no faults. The exit code
    is 1 if there are faults.
    """
    from streams.replay.archive import Archive

    store = Archive(folder)
    found = store.contents()
    faults = list(found.faults)
    files = [file for some in found.files.values() for file in some]
    if not quick:
        with _progress(Console(stderr=True)) as bar:
            for file in bar.track(files, description="reading"):
                faults += store.examine(file)
    console = Console(highlight=False, width=max(Console().width, 120))
    console.print(_holdings(found.files))
    for fault in faults:
        style = "red" if fault.matters else "yellow"
        console.print(f"[{style}]{fault.kind}[/]  {fault.words}", soft_wrap=True)
    bad = sum(fault.matters for fault in faults)
    console.print(f"{len(files):,} files, " + (f"[red]{bad:,} faults[/]" if bad else "[green]no faults[/]"))
    if bad:
        sys.exit(1)


def _holdings(files: dict[str, Any]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("topic", "records", "batches", "first day", "last day", "gaps that Kafka had"):
        table.add_column(heading, justify="right" if heading in ("records", "batches") else "left")
    for topic, some in files.items():
        if not some:
            continue
        batches = {file.mark.batch: file.mark for file in some}
        gone: Counter[str] = Counter()
        for mark in batches.values():
            for gap in mark.gaps:
                gone[gap.why] += gap.ends - gap.begins
        days = sorted(file.mark.day for file in some)
        table.add_row(
            topic,
            f"{sum(file.mark.records for file in some):,}",
            f"{len(batches):,}",
            days[0],
            days[-1],
            ", ".join(f"{count:,} {why}" for why, count in gone.items()) or "none",
        )
    return table
