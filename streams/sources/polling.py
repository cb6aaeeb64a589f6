"""Live sources: rounds of asking, each batch published before its cursor moves.

A `Poller` knows a service; `poll` runs its rounds, keeps its cursors and says how it fares. One process runs one
source: what fails stops nobody else.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx
import msgspec

from streams.sources.files import SourceError
from streams.sources.http import Fetcher, Manners
from streams.sources.state import STATUS, Cursors, Status
from topics import Entity, Record, Topic

#: What services say beside their data is kept up to so many different sentences.
MOST_NOTICES = 5


@dataclass(frozen=True, slots=True)
class Batch:
    """Records, and the cursor of one part of the source that is right once they are published.

    `refused` are the reasons of what the service gave and no record could be made of.
    """

    part: str
    cursor: Any
    records: Sequence[tuple[Topic, Record]] = ()
    refused: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """A part of a round that failed; its cursor stays, so that it is asked for again."""

    part: str
    error: SourceError


@dataclass(frozen=True, slots=True)
class Seen:
    """What an answer had, whether or not it was new: how many things, when the newest of them was, and from when on
    was asked. Unix seconds."""

    items: int
    newest_s: int | None = None
    since_s: int | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """What a service says beside what it was asked for; `embargo`, where it keeps something from this account."""

    words: str
    embargo: bool = False


#: What a round comes to, step by step.
Step = Batch | Trouble | Seen | Notice


class Poller(Protocol):
    """A service that can be asked again and again. `every_s` is how often, seconds."""

    @property
    def every_s(self) -> int: ...

    @property
    def manners(self) -> Manners: ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Sent with every request, its secrets among them."""
        ...

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Step]:
        """Ask for what is new since the cursors say.

        Raises:
            SourceError: nothing more can be had in this round.
        """
        ...


@dataclass(frozen=True, slots=True)
class Live:
    """What a poller is given: where the service is (None: where its provider has it), and what is wanted of it.

    `until_s` is set where a stretch of the past is wanted, once: nothing after it is asked for. `entities` are
    chosen ones, by the source's own names, each with its country; `entities_file` says where IODA's regions are.
    `options` are the source's own options.
    """

    url: str | None = None
    country: str | None = None
    since_s: int | None = None
    until_s: int | None = None
    entities: Sequence[tuple[Entity, str]] = ()
    entities_file: Path | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)

    def wants(self, country: str) -> bool:
        """Whether records of a country (alpha-2) are asked for."""
        return self.country in (None, country)

    def now_s(self, now_s: int) -> int:
        """The end of what is asked for in a round that begins at `now_s`."""
        return now_s if self.until_s is None else min(now_s, self.until_s)


def secrets(names: Sequence[str], environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The secrets of a source: from the variables, or from the files that `<NAME>_FILE` names.

    Raises:
        SourceError: one is missing. No message holds a secret.
    """
    environ = os.environ if environ is None else environ
    found = {}
    for name in names:
        value, file = environ.get(name, ""), environ.get(f"{name}_FILE", "")
        if not value and file:
            try:
                value = Path(file).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise SourceError(f"{name}_FILE names {file}, which can't be read") from error
        if not value:
            raise SourceError(f"this source wants {name}: set that variable, or {name}_FILE to a file that has it")
        found[name] = value
    return found


def poll(
    poller: Poller,
    cursors: Cursors,
    publish: Callable[[Sequence[tuple[Topic, Record]]], None],
    *,
    rounds: int | None = None,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    told: Callable[[Status], None] = lambda _: None,
    hidden: Sequence[str] = (),
    transport: httpx.BaseTransport | None = None,
) -> None:
    """Run rounds for ever, or so many. `publish` returns when Kafka has the records.

    A round that fails is told by its status and the next one tries again; what a service does never ends it.
    `hidden` are secrets, which no message may hold; `transport` answers in place of the network.
    """
    done = 0
    fetcher_of = Fetcher(poller.manners, poller.headers, secrets=hidden, sleep=sleep, transport=transport)
    with fetcher_of as fetcher:
        while rounds is None or done < rounds:
            if done:
                sleep(max(0.0, poller.every_s - clock() % poller.every_s))
            status = _round(poller, fetcher, cursors, publish, clock)
            cursors[STATUS] = msgspec.to_builtins(status)
            told(status)
            done += 1


@dataclass(slots=True)
class _Tally:
    """What a round came to."""

    records: int = 0
    errors: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    seen: list[Seen] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def fail(self, error: SourceError, where: str = "") -> None:
        self.errors.append(f"{where}{error}")
        self.failures[error.reason] += 1


def _round(
    poller: Poller,
    fetcher: Fetcher,
    cursors: Cursors,
    publish: Callable[[Sequence[tuple[Topic, Record]]], None],
    clock: Callable[[], float],
) -> Status:
    began, requests, received, tally = clock(), fetcher.requests, fetcher.received, _Tally()
    try:
        for step in poller.round(fetcher, cursors, int(began)):
            match step:
                case Trouble(part, error):
                    tally.fail(error, f"{part}: ")
                case Seen():
                    tally.seen.append(step)
                case Notice():
                    tally.notices.append(step)
                case Batch():
                    _take(step, cursors, publish, tally)
    except SourceError as error:
        tally.fail(error)
    before = msgspec.convert(cursors[STATUS], Status) if STATUS in cursors else None
    failing_since_s = (before.failing_since_s if before else None) or int(began)
    said = [one.words for one in tally.notices if not one.embargo]
    status = Status(
        round_s=int(began),
        ok_s=(before.ok_s if before else None) if tally.errors else int(began),
        failing_since_s=failing_since_s if tally.errors else None,
        error="; ".join(tally.errors)[:1000],
        records=tally.records,
        requests=fetcher.requests - requests,
        received=fetcher.received - received,
        took_s=round(clock() - began, 3),
        every_s=poller.every_s,
        refused=tally.refused.total(),
        why=next((f"{reason}: {count}" for reason, count in tally.refused.most_common(1)), "")[:300],
        failures=dict(tally.failures),
        embargo="; ".join(dict.fromkeys(one.words for one in tally.notices if one.embargo))[:300],
        notices=[words[:300] for words in dict.fromkeys(said)][:MOST_NOTICES],
    )
    return _with_seen(status, before, tally.seen)


def _with_seen(status: Status, before: Status | None, seen: Sequence[Seen]) -> Status:
    """The status with what the answers had. A round that asked nothing, or was told that nothing has changed, says
    nothing of it: then what was before holds."""
    known = before or status
    newest = [one for one in (known.newest_s, *(each.newest_s for each in seen)) if one is not None]
    status = msgspec.structs.replace(status, newest_s=max(newest, default=None))
    if not seen:
        return msgspec.structs.replace(status, items=known.items, empty_since_s=known.empty_since_s)
    items = sum(one.items for one in seen)
    if items:
        return msgspec.structs.replace(status, items=items)
    asked = [one for one in (known.empty_since_s, *(each.since_s for each in seen)) if one is not None]
    return msgspec.structs.replace(status, empty_since_s=min(asked, default=status.round_s))


def _take(
    batch: Batch, cursors: Cursors, publish: Callable[[Sequence[tuple[Topic, Record]]], None], tally: _Tally
) -> None:
    """Publish a batch, then move its cursor: a crash in between asks again for what has ids already."""
    tally.refused.update(batch.refused)
    if batch.records:
        publish(batch.records)
        tally.records += len(batch.records)
    if cursors.get(batch.part) != batch.cursor:
        cursors[batch.part] = batch.cursor
