"""`shutdowns replay`: the past again, at once or on a clock, with other rules or less evidence."""

from __future__ import annotations

import datetime as dt
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from streams.cli.options import Moment, connection, country_code
from streams.cli.rendering import change_line, shutdowns_table
from streams.correlation import Rules
from streams.errors import StreamsError
from streams.settings import Settings


class OffsetRange(click.ParamType):
    """Offsets of one partition: `reports:2=1000:2000`, the end left out for all that follow."""

    name = "TOPIC:PARTITION=FROM[:UNTIL]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        found = re.fullmatch(r"([a-z-]+):(\d+)=(\d+)(?::(\d+))?", str(value))
        if found is None:
            self.fail(f"{value!r} is no range of offsets: write e.g. reports:2=1000:2000", param, ctx)
        topic, part, first, end = found.groups()
        return (topic, int(part)), (int(first), None if end is None else int(end))


@click.command()
@click.argument("sources", nargs=-1, metavar="[ARCHIVE | FILE.jsonl… | -]")
@connection
@click.option("--country", callback=country_code, metavar="NAME", help="Only of this country: its code or name.")
@click.option("--since", type=Moment(), help="Only shutdowns that last beyond this time.")
@click.option("--until", type=Moment(), help="Only shutdowns that begin before this time.")
@click.option("--as-of", type=Moment(), help="Only what was known by this time, by the clock of --by.")
@click.option(
    "--by",
    "clock",
    type=click.Choice(["arrival", "publication"]),
    default="arrival",
    show_default=True,
    help="What knowing means: arrived in Kafka, or published by its source.",
)
@click.option("--arrived-from", type=Moment(), help="Only records whose time in Kafka is this or later.")
@click.option("--arrived-until", type=Moment(), help="Only records whose time in Kafka is earlier.")
@click.option("--offset", "offsets", type=OffsetRange(), multiple=True, help="Only these offsets; repeatable.")
@click.option(
    "--inputs",
    type=click.Choice(["raw", "evidence"]),
    default="raw",
    show_default=True,
    help="Run all stages over the raw topics, or correlation over the topic evidence.",
)
@click.option("--what-is-left", is_flag=True, help="Use what is good of an archive that has faults.")
@click.option("--rules", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Rules of your own.")
@click.option(
    "--set", "changed", multiple=True, metavar="RULE=VALUE", help="One rule, e.g. claim_outage_h=4; repeatable."
)
@click.option("--without", multiple=True, metavar="SOURCE", help="Leave out a source's records; repeatable.")
@click.option("--fast", is_flag=True, help="All at once, and print what it came to. This is the default.")
@click.option(
    "--speed", type=click.FloatRange(min=0, min_open=True), metavar="N", help="Watch it unfold, N times as fast."
)
@click.option("--into-kafka", metavar="PREFIX", help="Publish the records to topics of their own instead.")
@click.option("--history", is_flag=True, help="Give every change too.")
@click.option("--evidence", is_flag=True, help="Give the evidence too: pictures and reports say more with it.")
@click.option("--table", is_flag=True, help="A table to read instead of JSON Lines.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the run here.")
def replay(sources: tuple[str, ...], bootstrap: str | None, prefix: str | None, **given: Any) -> None:
    """Take the topics back in time, and run the stages over them again.

    Records come from an ARCHIVE (a folder or URI, see `shutdowns archive`), from files of lines (see `shutdowns
    ingest --out`; - is standard input), or without either from Kafka, which is only read: no group, no commits.
    The first line that comes out says which rules, code and records the rest is from; the same of these three is
    the same output, byte by byte.

    \b
    shutdowns replay ARCHIVE --country KZ --as-of 2021-02-28T12:00Z --table
    shutdowns replay ARCHIVE --country KZ --speed 60
    shutdowns replay ARCHIVE --out a.jsonl
    shutdowns replay ARCHIVE --set claim_outage_h=4 --out b.jsonl; shutdowns diff a.jsonl b.jsonl
    shutdowns replay ARCHIVE --without access-now-stop --out c.jsonl
    shutdowns replay --country KZ --into-kafka replay-
    """
    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    modes = [name for name in ("fast", "speed", "into_kafka") if given[name]]
    if len(modes) > 1:
        raise click.UsageError(f"--{modes[0]} and --{modes[1].replace('_', '-')} exclude each other")
    selection = _selection(given)
    source = source_of(sources, settings, what_is_left=given["what_is_left"])
    rules = _rules(given)
    if given["into_kafka"] is not None:
        _into_kafka(source, selection, settings, given["into_kafka"], sources)
    elif given["speed"] is not None:
        _watch(source, selection, rules, given["speed"])
    else:
        _fast(source, selection, rules, given)


def _selection(given: dict[str, Any]) -> Any:
    from streams.replay.selection import Selection

    return Selection(
        country=given["country"],
        since_s=given["since"],
        until_s=given["until"],
        arrived_from_s=given["arrived_from"],
        arrived_until_s=given["arrived_until"],
        offsets=dict(given["offsets"]),
        as_of_s=given["as_of"],
        clock=given["clock"],
        without=frozenset(given["without"]),
        inputs=given["inputs"],
    )


def _rules(given: dict[str, Any]) -> Rules:
    from streams.replay.whatif import rules_for

    return rules_for(given["rules"], given["changed"])


def source_of(sources: tuple[str, ...], settings: Settings, *, what_is_left: bool = False) -> Any:
    """Where records are read from: an archive, files of lines, or Kafka.

    Raises:
        StreamsError: what is given is neither one archive nor files.
    """
    from streams.replay.archive import Archive
    from streams.replay.inputs import FromArchive, FromKafka, FromLines

    if not sources:
        return FromKafka(settings)
    paths = [Path(one) for one in sources]
    if all(path.is_file() or str(path) == "-" for path in paths):
        return FromLines(paths)
    if len(sources) > 1:
        raise StreamsError(f"give one archive, or files of lines; not {', '.join(sources)}")
    return FromArchive(Archive(sources[0]), what_is_left=what_is_left)


@contextmanager
def progress() -> Iterator[Callable[[int, int | None], None]]:
    """A bar on standard error; gives what to call with records passed, of how many."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("records", total=None)
        yield lambda passed, total: bar.update(task, completed=passed, total=total)


def _fast(source: Any, selection: Any, rules: Rules, given: dict[str, Any]) -> None:
    from streams.files import written_whole
    from streams.replay.play import replay as play

    began = time.monotonic()
    with progress() as told:
        run = play(source, selection, rules, history=given["history"], evidence=given["evidence"], told=told)
    took = time.monotonic() - began
    if given["out"] is not None:
        with written_whole(given["out"]) as stream:
            run.write(stream)
    elif not given["table"]:
        run.write(sys.stdout.buffer)
        sys.stdout.flush()
    if given["table"]:
        console = Console()
        console.print(shutdowns_table(run.shutdowns))
        for change in run.changes:
            console.print(change_line(change, change.shutdown.known_s))
    assert run.head is not None
    errors = Console(stderr=True, highlight=False)
    errors.print(
        f"{run.head.records:,} records, {len(run.shutdowns):,} shutdowns in {took:.1f} s; "
        f"rules {run.head.rules}, code {run.head.code}",
        style="dim",
    )
    for words, counts in (("refused", run.head.refused), ("left out", run.head.left_out)):
        for reason, number in counts.items():
            errors.print(f"  {number:,} {words}: {reason}", style="yellow")


def _watch(source: Any, selection: Any, rules: Rules, speed: float) -> None:
    from streams.replay.clock import unfold

    console = Console(highlight=False)
    counts: dict[str, int] = {}
    try:
        with console.status("reading …") as status:
            for at_s, change in unfold(source, selection, rules, speed=speed, ticked=_clock(status)):
                counts[change.change] = counts.get(change.change, 0) + 1
                console.print(change_line(change, at_s))
    except KeyboardInterrupt:
        console.print("stopped", style="dim")
    console.print(
        ", ".join(f"{number} {words}" for words, number in counts.items()) or "nothing happened", style="dim"
    )


def _clock(status: Any) -> Callable[[int], None]:
    """Shows the time that is played."""
    return lambda at_s: status.update(f"{dt.datetime.fromtimestamp(at_s, dt.UTC):%Y-%m-%d %H:%M} UTC")


def _into_kafka(source: Any, selection: Any, settings: Settings, prefix: str, sources: tuple[str, ...]) -> None:
    from streams.replay.republishing import republish

    own = replace(settings, prefix=prefix)
    with progress() as told:
        number = republish(source, selection, own, None if sources else settings, told)
    click.echo(f"{number:,} records on the topics {prefix}* at {own.bootstrap}; run the stages over them:")
    click.echo(f"  shutdowns worker --prefix {prefix}")
