"""Live sources: rounds of asking, each batch published before its cursor moves.

A `Poller` knows a service; `poll` runs its rounds, keeps its cursors and says how it fares. One process runs one
source: what fails stops nobody else.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import msgspec

from streams.sources.files import SourceError
from streams.sources.http import Fetcher, FetchError, Manners
from streams.sources.state import STATUS, Cursors, Status
from topics import Record, Topic


@dataclass(frozen=True, slots=True)
class Batch:
    """Records, and the cursor of one part of the source that is right once they are published."""

    part: str
    cursor: Any
    records: Sequence[tuple[Topic, Record]] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """A part of a round that failed; its cursor stays, so that it is asked for again."""

    part: str
    error: str


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

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Batch | Trouble]:
        """Ask for what is new since the cursors say.

        Raises:
            FetchError: nothing more can be had in this round.
        """
        ...


@dataclass(frozen=True, slots=True)
class Live:
    """What a poller is given: where the service is (None: where its provider has it), and what is wanted of it."""

    url: str | None = None
    country: str | None = None
    since_s: int | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)


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
) -> None:
    """Run rounds for ever, or so many. `publish` returns when Kafka has the records.

    A round that fails is told by its status and the next one tries again; `FetchError` never ends it.
    """
    done = 0
    with Fetcher(poller.manners, poller.headers, sleep=sleep) as fetcher:
        while rounds is None or done < rounds:
            if done:
                sleep(max(0.0, poller.every_s - clock() % poller.every_s))
            status = _round(poller, fetcher, cursors, publish, clock)
            cursors[STATUS] = msgspec.to_builtins(status)
            told(status)
            done += 1


def _round(
    poller: Poller,
    fetcher: Fetcher,
    cursors: Cursors,
    publish: Callable[[Sequence[tuple[Topic, Record]]], None],
    clock: Callable[[], float],
) -> Status:
    began, requests, received = clock(), fetcher.requests, fetcher.received
    count, errors = 0, []
    try:
        for step in poller.round(fetcher, cursors, int(began)):
            if isinstance(step, Trouble):
                errors.append(f"{step.part}: {step.error}")
                continue
            if step.records:
                publish(step.records)
                count += len(step.records)
            if cursors.get(step.part) != step.cursor:
                cursors[step.part] = step.cursor
    except FetchError as error:
        errors.append(str(error))
    before = msgspec.convert(cursors[STATUS], Status) if STATUS in cursors else None
    return Status(
        round_s=int(began),
        ok_s=(before.ok_s if before else None) if errors else int(began),
        failing_since_s=((before.failing_since_s if before else None) or int(began)) if errors else None,
        error="; ".join(errors)[:1000],
        records=count,
        requests=fetcher.requests - requests,
        received=fetcher.received - received,
        took_s=round(clock() - began, 3),
    )
