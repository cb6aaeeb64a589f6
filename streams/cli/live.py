"""`shutdowns ingest SOURCE --live`: rounds of asking, for ever or so many, each told in a line."""

from __future__ import annotations

import datetime as dt
import logging
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from rich.console import Console

from streams import logs
from streams.admin import KafkaUnreachableError, TopicsError
from streams.cli.sending import Send, sender
from streams.cli.tally import Filter
from streams.health import pages
from streams.settings import Settings
from streams.sources import entities
from streams.sources.catalogue import Source
from streams.sources.figures import SourceHealth
from streams.sources.files import SourceError
from streams.sources.polling import Live, poll, secrets
from streams.sources.publishing import Publisher, PublishError
from streams.sources.state import Cursors, KafkaCursors, Status
from topics import Record, Topic, encode

#: So long is waited for a Kafka that was lost, before it is asked again, seconds.
PAUSE_S = 10

log = logging.getLogger(__name__)

Publish = Callable[[Sequence[tuple[Topic, Record]]], None]


def run_live(
    source: Source,
    settings: Settings,
    wanted: Filter,
    *,
    url: str | None,
    rounds: int | None,
    out: str | None,
    own: Mapping[str, Any],
) -> None:
    """Poll a source. With an end in the past, that stretch once; with `out`, into lines, remembering nothing.

    Raises:
        SourceError: a secret or an entity is missing, in such a single stretch not all could be had, or the last
            of so many rounds failed.
    """
    hidden = secrets(source.secrets)
    live = Live(
        url=url,
        country=wanted.country,
        since_s=wanted.from_s,
        until_s=wanted.until_s,
        entities=entities.chosen(own.get("entity") or ()),
        entities_file=own.get("entities"),
        secrets=hidden,
        options=own,
    )
    poller = source.live()(live)
    once = wanted.until_s is not None
    # Who polls one country has read nothing of the others: its cursors are its own.
    name = source.name if wanted.country is None else f"{source.name}@{wanted.country}"
    health = SourceHealth(name, poller.every_s)
    failed: list[str] = []
    say = _teller(settings, name)

    def told(status: Status) -> None:
        health.told(status)
        say(line(name, status))
        failed[:] = [status.error] if status.error else []

    def rounds_of(count: int | None) -> None:
        with _kept(name, settings, out, remembered=not once) as (publish, cursors):
            poll(poller, cursors, publish, rounds=count, told=told, hidden=tuple(hidden.values()))

    with ExitStack() as stack:
        stack.enter_context(pages(health, settings, say))
        before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        stack.callback(signal.signal, signal.SIGTERM, before)
        if once or rounds is not None:
            rounds_of(1 if once else rounds)
        else:
            _outlive(lambda: rounds_of(None), health, say)
    if once and failed:
        raise SourceError(f"not all of it could be had: {failed[0]}. Ask again: what is there already does no harm")
    if failed:
        raise SourceError(f"the last round failed: {failed[0]}")


def _outlive(work: Callable[[], None], health: SourceHealth, say: Callable[[str], object]) -> None:
    """Do the work again whenever Kafka was lost over it, from the cursors that Kafka has. Where nothing has worked
    yet, that is an error: an address may be wrong."""
    from kafka.errors import KafkaError

    while True:
        try:
            return work()
        except (PublishError, KafkaUnreachableError, TopicsError, KafkaError) as error:
            if health.unready():
                raise
            health.lost_kafka()
            say(f"{error} It is tried again in {PAUSE_S} s.")
            time.sleep(PAUSE_S)


def _teller(settings: Settings, name: str) -> Callable[[str], object]:
    """Tells a line: to people, or as JSON to what collects logs."""
    if settings.log_format == "json":
        logs.set_up(settings.log_level, settings.log_format, name)
        return log.info
    return partial(Console(stderr=True, highlight=False).print, soft_wrap=True, markup=False)


@contextmanager
def _kept(name: str, settings: Settings, out: str | None, *, remembered: bool) -> Iterator[tuple[Publish, Cursors]]:
    """Where records go, and the cursors: those in Kafka, or none where nothing is published or remembered."""
    if out is not None:
        with sender(settings, out) as send:
            yield _all(send), {}
        return
    with Publisher(settings) as publisher:

        def publish(records: Sequence[tuple[Topic, Record]]) -> None:
            for topic, record in records:
                publisher.send(topic, topic.key(record), encode(record))
            publisher.flush()

        yield publish, KafkaCursors(settings, name, publisher) if remembered else {}


def _all(send: Send) -> Publish:
    def publish(records: Sequence[tuple[Topic, Record]]) -> None:
        for topic, record in records:
            send(topic, record)

    return publish


def line(name: str, status: Status) -> str:
    """A round in a line."""
    at = dt.datetime.fromtimestamp(status.round_s, dt.UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    words = (
        f"{at} {name}: {status.records:,} records, {status.requests:,} requests, "
        f"{status.received / 1e6:,.1f} MB, {status.took_s:.1f} s"
    )
    if status.refused:
        words += f"; {status.refused:,} refused ({status.why})"
    return words + (f"; FAILED: {status.error}" if status.error else "")
