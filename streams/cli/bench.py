"""`shutdowns bench`: long runs of the whole system."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import median

import click
from rich.console import Console
from rich.table import Table

from streams import admin
from streams.bench.soak import WRITE_BUFFER_BYTES, Soak, write_rules
from streams.bench.verdict import Look, Totals, Trend, Verdict, judge
from streams.bench.watch import Watch
from streams.bench.world import Feed, World
from streams.cli.options import connection
from streams.cli.running import Started, done, kafka, running
from streams.settings import Settings

#: A line of progress, where nobody sees a changing one, every so often, seconds.
_TELL_EVERY_S = 60.0


@click.group()
def bench() -> None:
    """Run the whole system for long, and judge whether it would go on for ever.

    The other measurements of speed are in the folder benchmarks/ of the repository.
    """


@bench.command()
@connection
@click.option(
    "--minutes", type=click.FloatRange(min=0.1), default=60.0, show_default=True, help="How long to feed."
)
@click.option("--times", type=click.FloatRange(min=0.01), default=10.0, show_default=True,
              help="The world's values a second, so many times.")  # fmt: skip
@click.option("--speed", type=click.FloatRange(min=1), default=1152.0, show_default=True,
              help="Seconds of event time a second; 1152 makes 48 days of an hour.")  # fmt: skip
@click.option("--networks", type=click.IntRange(min=0), default=World().networks, show_default=True,
              help="Networks in the world, beside its countries and regions.")  # fmt: skip
@click.option("--look-every", "look_every_s", type=click.FloatRange(min=0.5), default=5.0, show_default=True,
              help="Seconds between two looks.")  # fmt: skip
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False),
              help="Keep data, state, logs and the looks (looks.jsonl) here.")  # fmt: skip
def soak(
    bootstrap: str | None,
    prefix: str | None,
    minutes: float,
    times: float,
    speed: float,
    networks: int,
    look_every_s: float,
    folder: Path | None,
) -> None:
    """Feed the stages for long, and see whether memory, state and delays stay flat.

    Starts a Kafka of its own (or takes yours: --bootstrap) and a worker of all stages, and feeds the measurements
    of IODA's world, ten times over, with reports and news. Event time goes faster than the clock, so that state
    expires; there are fewer series then, at the same rate. Ends with a table and a verdict over the second half;
    exits with 1 if something grew, waited too long, was refused or ended. The rules are the default ones, but that
    evidence expires after 15 days; RocksDB's buffers are small.
    """
    console = Console(highlight=False)
    with ExitStack() as stack:
        home = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shutdowns-soak-")))
        home.mkdir(parents=True, exist_ok=True)
        processes: dict[str, int] = {}
        limits: dict[str, float] = {}
        if bootstrap is None:
            broker = stack.enter_context(kafka(home, console))
            bootstrap, processes, limits = broker.bootstrap, {"kafka": broker.pid}, {"kafka": broker.most_mb}
        settings = Settings.from_environment(
            bootstrap=bootstrap,
            prefix=prefix or f"soak-{int(time.time())}-",
            datadir=home / "state",
            write_buffer_bytes=WRITE_BUFFER_BYTES,
        )
        admin.create_topics(settings)
        worker = stack.enter_context(_worker(settings, home, console))
        client = stack.enter_context(admin.connected(settings))
        feed = Feed(times, speed, int(time.time() - minutes * 60 * speed), world=World(networks=networks))
        watch = Watch(client, settings, worker.pid, processes, home / "state")
        run = Soak(settings, feed, watch, look_every_s=look_every_s)
        _say_plan(feed, minutes, times, speed, console)
        looks = list(_told(run, minutes * 60, home / "looks.jsonl", console))
        rest_s = run.rest()
        totals = run.totals(minutes * 60)
    _say_totals(run, totals, looks, rest_s, console)
    verdict = judge(looks, totals, limits)
    _say_verdict(verdict, console)
    if verdict.faults:
        raise SystemExit(1)


@contextmanager
def _worker(settings: Settings, home: Path, console: Console) -> Iterator[Started]:
    started = time.monotonic()
    given = ["--session-timeout", "10", "--datadir", str(settings.datadir), "--rules", str(write_rules(home))]
    with running("worker", "Ready", given, settings, home, console) as worker:
        done(console, "workers: detect, claims, protests, correlate", started)
        yield worker


def _say_plan(feed: Feed, minutes: float, times: float, speed: float, console: Console) -> None:
    rate = feed.world.values_a_second * times
    days = minutes * 60 * speed / 86_400
    console.print(
        f"{minutes:g} minutes: {rate:,.0f} values a second ({times:g} times the world's), {feed.series:,} series "
        f"of {len(feed.countries)} countries, {days:,.1f} days of event time"
    )


def _told(run: Soak, seconds: float, path: Path, console: Console) -> Iterator[Look]:
    """The looks, each written to a file and told of."""
    told_s = 0.0
    with path.open("w", encoding="utf-8") as file, console.status("Feeding …") as status:
        for look in run.run(seconds):
            file.write(json.dumps(asdict(look)) + "\n")
            file.flush()
            status.update(_line(look, seconds, run.fed))
            if not console.is_terminal and look.at_s - told_s >= _TELL_EVERY_S:
                told_s = look.at_s
                console.print(_line(look, seconds, run.fed), soft_wrap=True)
            yield look


def _line(look: Look, seconds: float, fed: int) -> str:
    memory = ", ".join(f"{name} {value:.0f}" for name, value in look.memory_mb.items())
    return (
        f"{look.at_s / 60:5.1f} of {seconds / 60:g} min  {fed:,} records  behind {sum(look.lag.values()):,}, "
        f"{max(look.delay_s.values()):.0f} s  MB: {memory}; state {sum(look.state_mb.values()):.0f}"
    )


def _say_totals(run: Soak, totals: Totals, looks: list[Look], rest_s: float, console: Console) -> None:
    seconds = looks[-1].at_s
    load = median(look.load for look in looks)
    console.print(
        f"\n{totals.fed:,} records ({totals.fed / seconds:,.0f} a second) with {run.values:,} values "
        f"({run.values / seconds:,.0f} a second), at a load of {load:.1f}; {totals.changes:,} changes of "
        f"shutdowns, {totals.refused:,} refused, {totals.ended} ends of stages; all was processed "
        f"{rest_s:.1f} s after the last record"
    )


def _say_verdict(verdict: Verdict, console: Console) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("second half")
    for heading in ("from", "to", "most", "by the hour", ""):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in verdict.trends:
        table.add_row(*_row(one))
    console.print(table)
    for fault in verdict.faults:
        console.print(f"[red]✗[/] {fault}")
    if not verdict.faults:
        short = any(one.good is None for one in verdict.trends)
        words = "nothing is wrong, but the run was too short to say what stays flat" if short else "flat"
        console.print(f"[green]✓[/] {words}")


def _row(one: Trend) -> tuple[str, ...]:
    good, bad = ("flat", "NOT FLAT") if one.limit is None else (f"below {one.limit:.0f} MB", "TOO MUCH")
    mark = {True: f"[green]{good}[/]", False: f"[red]{bad}[/]", None: "[dim]too short[/]"}[one.good]
    digits = 1 if one.most < 100 else 0
    values = (f"{value:,.{digits}f} {one.unit}" for value in (one.first, one.last, one.most))
    return (one.name, *values, f"{one.an_hour:+,.1f} {one.unit}", mark)
