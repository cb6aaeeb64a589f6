"""What a command starts for itself and stops at its end: a Kafka, and other commands of ours."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from streams.errors import StreamsError
from streams.kafka import Broker
from streams.settings import Settings


class NotStartedError(StreamsError):
    """A command did not start."""


@dataclass(frozen=True, slots=True)
class Started:
    """A command that runs: the line that said so, its process, and where it logs."""

    line: str
    pid: int
    log: Path


@contextmanager
def kafka(home: Path, console: Console) -> Iterator[Broker]:
    """A broker of its own, until the block ends."""
    started = time.monotonic()
    with console.status("Starting Kafka (the first time its jars are fetched, some 45 MB) …"):
        broker = Broker(home / "kafka")
        broker.start()
    done(console, f"Kafka at {broker.bootstrap}", started)
    try:
        yield broker
    finally:
        with console.status("Stopping Kafka …"):
            broker.stop()


@contextmanager
def running(
    command: str, ready: str, given: Sequence[str], settings: Settings, home: Path, console: Console
) -> Iterator[Started]:
    """A command of ours as a process of its own, until the block ends, which SIGTERM ends too. `ready` begins the
    line that says it is.

    Raises:
        NotStartedError: it says something else, or ends.
    """
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with _process(command, ready, given, settings, home, console) as started:
            yield started
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _process(
    command: str, ready: str, given: Sequence[str], settings: Settings, home: Path, console: Console
) -> Iterator[Started]:
    log = home / f"{command}.log"
    arguments = [sys.executable, "-m", "streams.cli", command, *given]
    arguments += ["--bootstrap", settings.bootstrap, "--prefix", settings.prefix]
    # Two processes can't have one port for their pages.
    environment = {
        **os.environ,
        **settings.to_environment(),
        "SHUTDOWNS_SALT": secrets.token_hex(16),
        "SHUTDOWNS_PAGES_PORT": "",
    }
    with log.open("wb") as errors:
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment)
    try:
        with console.status(f"Starting the {command} …"):
            assert process.stdout is not None
            line = process.stdout.readline()
        if not line.startswith(ready):
            raise NotStartedError(f"the {command} did not start: {log.read_text().strip()[-2000:]}")
        yield Started(line, process.pid, log)
    finally:
        with console.status(f"Stopping the {command} …"):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()


def done(console: Console, words: str, started: float) -> None:
    """Say that a step is done, and how long it took since `started` (monotonic)."""
    console.print(f"[green]✓[/] {escape(words)} [dim]({time.monotonic() - started:.1f} s)[/]", highlight=False)
