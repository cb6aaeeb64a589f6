"""`shutdowns demo`: the seed case through a real Kafka and the workers, shown as people want to read it."""

from __future__ import annotations

import socket
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams import admin
from streams.cli.options import connection
from streams.cli.rendering import by_incident, incident_panel
from streams.cli.running import done, kafka, running
from streams.errors import StreamsError
from streams.pipeline import Offline
from streams.reading import read_shutdowns, standing
from streams.scenarios import Scenario, scenario_named
from streams.settings import Settings
from streams.sources.publishing import Publisher
from topics import Shutdown, encode

#: How long the events may take once everything is published, seconds.
PATIENCE_S = 60

#: How long the page may take to have what is on the topic, seconds.
_PAGE_PATIENCE_S = 15

#: Where the page is, if nobody else is there.
_PORT = 8080


class DemoError(StreamsError):
    """The demo did not come out as it should."""


@click.command()
@connection
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), help="Keep Kafka's data and the state here."
)
@click.option("--stay/--no-stay", default=None, help="Keep the page until Ctrl-C. [default: if this is a terminal]")
def demo(bootstrap: str | None, prefix: str | None, folder: Path | None, stay: bool | None) -> None:
    """Play Kazakhstan, 28 February 2021, through Kafka and show what comes out.

    Starts a Kafka of its own on this machine (or takes yours: --bootstrap), the workers and the page, publishes
    measurements, reports and news to the topics, waits for the events, prints the incident, and checks it
    against what is known of that day and against what the page has. Exits with 1 if an expected shutdown is
    missing. In a terminal it leaves the page open until Ctrl-C; everything that it started is stopped at the end.
    """
    stay = sys.stdin.isatty() and sys.stdout.isatty() if stay is None else stay
    scenario = scenario_named("kazakhstan-2021-02-28")
    console = Console()
    with ExitStack() as stack:
        home = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shutdowns-demo-")))
        if bootstrap is None:
            bootstrap = stack.enter_context(kafka(home, console)).bootstrap
        settings = Settings.from_environment(
            bootstrap=bootstrap, prefix=prefix or f"demo-{int(time.time())}-", datadir=home / "state"
        )
        with console.status("Creating the topics …"):
            admin.create_topics(settings)
        stack.enter_context(_worker(settings, home, console))
        # Nobody is hidden by a quarter of an hour in a demonstration, and whoever tries the form wants to see it.
        given = ["--every", "0"]
        stack.enter_context(running("release-reports", "Releasing", given, settings, home, console))
        address = stack.enter_context(_page(settings, home, console))
        _publish(scenario, settings, console)
        found = _wait(scenario, settings, console)
        _show(scenario, found, console)
        if faults := scenario.check(found):
            raise DemoError("not as expected: " + "; ".join(faults))
        _look(address, found, console, stay=stay)
    _next_steps(console)


@contextmanager
def _worker(settings: Settings, home: Path, console: Console) -> Iterator[None]:
    started = time.monotonic()
    given = ["--session-timeout", "10", "--datadir", str(settings.datadir)]
    with running("worker", "Ready", given, settings, home, console):
        done(console, "workers: detect, claims, protests, correlate", started)
        yield


@contextmanager
def _page(settings: Settings, home: Path, console: Console) -> Iterator[str]:
    """The API over the demo's topics; gives its address."""
    started = time.monotonic()
    given = ["--port", str(_PORT if _is_free(_PORT) else 0)]
    with running("api", "Serving at ", given, settings, home, console) as api:
        address = api.line.removeprefix("Serving at ").split()[0]
        done(console, f"page: {address}", started)
        yield address


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _publish(scenario: Scenario, settings: Settings, console: Console) -> None:
    started = time.monotonic()
    records = scenario.records()
    with console.status(f"Publishing {len(records)} records …"), Publisher(settings) as publisher:
        for topic, record in records:
            publisher.send(topic, topic.key(record), encode(record))
    counts: dict[str, int] = {}
    for topic, _ in records:
        counts[topic.name] = counts.get(topic.name, 0) + 1
    words = ", ".join(f"{count} {name}" for name, count in counts.items())
    done(console, f"published: {words}", started)


def _wait(scenario: Scenario, settings: Settings, console: Console) -> list[Shutdown]:
    """The events once they are what the same records come to without Kafka, or when patience ends."""
    started = time.monotonic()
    offline = Offline(time.time())
    for topic, record in scenario.records():
        offline.add(topic.name, encode(record))
    wanted = {shutdown.id: shutdown.digest for shutdown in offline.shutdowns()}
    found: list[Shutdown] = []
    with console.status("Waiting for the events …") as status:
        while time.monotonic() - started < PATIENCE_S:
            found = standing(read_shutdowns(settings))
            if {shutdown.id: shutdown.digest for shutdown in found} == wanted:
                break
            status.update(f"Waiting for the events: {len(found)} shutdowns so far …")
            time.sleep(0.3)
    done(console, f"{len(found)} shutdowns on the topic `{settings.prefix}shutdowns`", started)
    return found


def _show(scenario: Scenario, found: Sequence[Shutdown], console: Console) -> None:
    console.print()
    console.print(scenario.introduction, style="italic")
    main = [group for group in by_incident(found) if any(one.country == scenario.country for one in group)]
    main.sort(key=len, reverse=True)
    for group in main[:1]:
        console.print(incident_panel(group))
    console.print("[bold]Not part of it:[/]")
    console.print(_pairs((decoy.name, decoy.why) for decoy in scenario.decoys))
    for group in by_incident(found):
        if group not in main[:1]:
            console.print(incident_panel(group, most=4))


def _look(address: str, found: Sequence[Shutdown], console: Console, *, stay: bool) -> None:
    """Say where the page is, once it has what was found; and leave it open for those who look.

    Raises:
        DemoError: the page does not come to have it.
    """
    import httpx

    wanted = {one.id: one.revision for one in found}
    end = time.monotonic() + _PAGE_PATIENCE_S
    while True:
        listed = httpx.get(f"{address}/shutdowns?limit=500").json()["shutdowns"]
        if {one["id"]: one["revision"] for one in listed} == wanted:
            break
        if time.monotonic() > end:
            raise DemoError(f"the page at {address} does not show the {len(found)} shutdowns of the topic")
        time.sleep(0.1)
    console.print(f"\n[bold]See it on the map:[/] {address}  [dim]and the form for reports: {address}/report[/]")
    if not stay:
        console.print("[dim]It ends with this command; to keep it open: shutdowns demo --stay[/]\n")
        return
    console.print("[dim]It stays open until you press Ctrl-C.[/]\n")
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)


def _next_steps(console: Console) -> None:
    console.print(Text("As expected. Where to go next:", style="bold green"))
    steps = (
        ("shutdowns kafka", "a Kafka that stays; then `shutdowns topics create` and `shutdowns worker`"),
        ("shutdowns api", "the page and the API over it"),
        ("shutdowns ingest --help", "publish Access Now's, IODA's and the Mass Mobilization Project's lists"),
        ("shutdowns correlate --help", "the same stages over files, without Kafka"),
        ("README.md", "how to read the events in ten lines of Python"),
        ("docs/GLOSSARY.md", "what the words mean"),
    )
    console.print(_pairs(steps))


def _pairs(rows: Iterable[tuple[str, str]]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="cyan", no_wrap=True)
    grid.add_column()
    for name, words in rows:
        grid.add_row(f"  {name}", words)
    return grid
