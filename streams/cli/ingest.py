"""`shutdowns ingest`: what others publish, onto the topics or into JSON Lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from streams.cli.sending import sender
from streams.cli.tally import Filter, Tally
from streams.settings import Settings
from streams.sources import Row
from streams.sources.catalogue import FILE_OPTIONS, FLAG_OPTIONS, LIVE_OPTIONS, OPTIONS, SOURCES, Source
from streams.sources.files import METER
from streams.sources.replacing import Replaced

DAY_S = 86_400


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
    topics = " and ".join(source.topics)
    words = [f"{source.title}, to the topic {topics}.", f"Licence: {source.licence}."]
    if source.files:
        words.append(f"Files: {source.files}.")
    if source.poller:
        words.append("--live asks the service again and again.")
    if source.secrets:
        words.append(f"Needs {' and '.join(source.secrets)}, or with _FILE behind it a file that has it.")

    def run(**given: Any) -> None:
        _run(source, **given)

    parameters = [*_parameters(source), *_own(source)]
    return click.Command(
        source.name, callback=run, params=parameters, help="\n\n".join(words), short_help=source.title
    )


def _parameters(source: Source) -> Iterator[click.Parameter]:
    """Those that all sources share, as far as they have files or a service."""
    day = click.DateTime(["%Y-%m-%d"])
    file = click.Path(exists=True, dir_okay=False, path_type=Path)
    if source.reader:
        yield click.Argument(["files"], nargs=-1, required=not source.poller, metavar="FILE…", type=file)
    if source.reader and source.topics != ("measurements",) and not source.newest_only:
        yield click.Option(
            ["--replaces"],
            type=file,
            metavar="FILE",
            help="The older list: what isn't in the new one is withdrawn, what it says otherwise corrected.",
        )
    if source.poller:
        yield click.Option(["--live"], is_flag=True, help="Ask the source's service, every round what is new.")
        yield click.Option(["--url"], metavar="URL", help="Where the service is, if not where its provider has it.")
        yield click.Option(["--rounds"], type=click.IntRange(1), metavar="N", help="End after so many rounds.")
    yield click.Option(["--country"], metavar="NAME", help="Only of this country: its code or name.")
    yield click.Option(["--since"], type=day, metavar="DAY", help="Only what begins on this day or after.")
    yield click.Option(
        ["--until"],
        type=day,
        metavar="DAY",
        help="Only what begins on this day or before."
        + (" With --live: that stretch, once; where polling stands is not changed." if source.poller else ""),
    )
    yield click.Option(
        ["--out"],
        metavar="FILE",
        type=click.Path(dir_okay=False, allow_dash=True),
        help='Write {"topic", "key", "value"} lines here instead of publishing; - is standard output.',
    )
    yield click.Option(["--bootstrap"], metavar="HOST:PORT", help="Kafka's address. [default: 127.0.0.1:9092]")
    yield click.Option(["--prefix"], help="Put before the names of all topics and groups.")


def _own(source: Source) -> Iterator[click.Parameter]:
    """A source's own options. Of entities, a service may be asked for several."""
    file = click.Path(exists=True, dir_okay=False, path_type=Path)
    for name in source.options:
        if name in FLAG_OPTIONS:
            yield click.Option([f"--{name}"], is_flag=True, default=None, help=OPTIONS[name])
            continue
        several = name == "entity" and bool(source.poller)
        more = " With --live as often as you like." if several else ""
        yield click.Option(
            [f"--{name}"],
            type=file if name in FILE_OPTIONS else None,
            metavar=name.upper(),
            multiple=several,
            help=OPTIONS[name] + more,
        )


def _run(
    source: Source,
    *,
    bootstrap: str | None,
    prefix: str | None,
    out: str | None,
    country: str | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
    files: tuple[Path, ...] = (),
    replaces: Path | None = None,
    live: bool = False,
    url: str | None = None,
    rounds: int | None = None,
    **own: Any,
) -> None:
    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    wanted = Filter(_country(country), _day_s(since), _day_s(until, after=1))
    if live == bool(files):
        what = "files or --live, not both" if live else "files, or --live" if source.poller else "files"
        raise click.UsageError(f"give {what}")
    if live:
        from streams.cli.live import run_live

        run_live(source, settings, wanted, url=url, rounds=rounds, out=out, own=own)
        return
    for name in LIVE_OPTIONS & own.keys():
        if own.pop(name) is not None:
            raise click.UsageError(f"--{name} goes with --live")
    entity = own.get("entity")
    if isinstance(entity, tuple):
        if len(entity) > 1:
            raise click.UsageError("a file is of one entity: give --entity once")
        own["entity"] = next(iter(entity), None)
    options = {name: value for name, value in own.items() if value is not None}
    _ingest(partial(source.read(), **options), files, replaces, settings, wanted, out)


def _ingest(
    read: Callable[[Path], Iterator[Row]],
    files: tuple[Path, ...],
    replaces: Path | None,
    settings: Settings,
    wanted: Filter,
    out: str | None,
) -> None:
    """Look into all files first, so that one of another kind stops everything before anything is published."""
    for path in (*files, *([replaces] if replaces else [])):
        next(read(path), None)
    old = Replaced.of(read(replaces)) if replaces else Replaced({})
    errors, tally = Console(stderr=True), Tally()
    with sender(settings, out) as send, _progress(errors) as progress:
        for path in files:
            task = progress.add_task(path.name, total=path.stat().st_size)
            token = METER.set(partial(progress.advance, task))
            try:
                for row in read(path):
                    where = f"{path.name}:{row.number}" if len(files) > 1 else str(row.number)
                    if tally.take(row, where, wanted):
                        send(row.topic, old.corrected(row.record))
            finally:
                METER.reset(token)
        for topic, record in old.withdrawn():
            if wanted.wants(record):
                tally.withdrawn += 1
                send(topic, record)
    tally.corrected = old.changed
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


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
