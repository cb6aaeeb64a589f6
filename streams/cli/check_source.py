"""`shutdowns sources check`: a rehearsal of a live source against its service, or against recorded answers."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams.errors import StreamsError
from streams.sources.catalogue import Source, source_named

if TYPE_CHECKING:
    from streams.sources.polling import Live
    from streams.sources.rehearsal import Rehearsal


@click.command("check")
@click.argument("name")
@click.option("--url", help="Where the service is, if not where its provider has it.")
@click.option("--entity", multiple=True, help="What to ask for, of sources that want to be told, e.g. asn/KZ/9198.")
@click.option("--record", type=click.Path(path_type=Path), help="Keep the answers in this new folder; no secrets.")
@click.option("--replay", type=click.Path(path_type=Path), help="Ask no service, but the answers of this folder.")
def check(name: str, url: str | None, entity: tuple[str, ...], record: Path | None, replay: Path | None) -> None:
    """Make each request of the source NAME once and compare the answers with what is expected, field by field.

    Nothing is published. What differs is said in words that can be pasted into a report. Exit code 1 if anything is
    other than expected.
    """
    try:
        source = source_named(name)
    except KeyError as error:
        raise StreamsError(str(error.args[0])) from None
    if not source.poller:
        raise StreamsError(f"{name} has no live service: `shutdowns sources list` says which have")
    if record is not None and replay is not None:
        raise StreamsError("give --record or --replay, not both: recorded answers are recorded already")
    found = _replayed(source, entity, replay) if replay else _asked(source, url, entity, record)
    for words in found.words():
        click.echo(words)
    if not found.as_expected:
        click.get_current_context().exit(1)


def _live(source: Source, url: str | None, entity: tuple[str, ...], hidden: dict[str, str]) -> Live:
    from streams.sources import entities
    from streams.sources.polling import Live
    from streams.sources.rehearsal import ENTITIES

    default = (ENTITIES[source.name],) if source.name in ENTITIES else ()
    return Live(url=url, entities=entities.chosen(entity or default), secrets=hidden)


def _asked(source: Source, url: str | None, entity: tuple[str, ...], record: Path | None) -> Rehearsal:
    """The rehearsal against the service itself, kept in a folder if one is given."""
    from streams.sources import recordings
    from streams.sources.polling import secrets
    from streams.sources.rehearsal import rehearse

    hidden, now_s = secrets(source.secrets), int(time.time())
    folder = recordings.Folder(record) if record is not None else None
    if folder is not None:
        folder.begin(recordings.Recorded(source=source.name, now_s=now_s, base=url, entities=entity))
    click.echo(f"{source.name} at {_time(now_s)}")
    live = _live(source, url, entity, hidden)
    kept = folder.add if folder is not None else lambda _: None
    return rehearse(source, live, now_s=now_s, hidden=tuple(hidden.values()), kept=kept)


def _replayed(source: Source, entity: tuple[str, ...], replay: Path) -> Rehearsal:
    """The rehearsal against recorded answers, as of then."""
    from streams.sources import recordings
    from streams.sources.rehearsal import rehearse

    recorded, exchanges = recordings.read(replay)
    if recorded.source != source.name:
        raise StreamsError(f"{replay} holds answers of {recorded.source}, not of {source.name}")
    click.echo(f"{source.name} at {_time(recorded.now_s)}, from {replay}")
    hidden = dict.fromkeys(source.secrets, recordings.HIDDEN)
    live = _live(source, recorded.base, entity or recorded.entities, hidden)
    return rehearse(source, live, now_s=recorded.now_s, transport=recordings.Replay(exchanges))


def _time(at: int) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%d %H:%M:%SZ")
