"""`shutdowns show`: one shutdown with its evidence, map and timeline, or its whole history."""

from __future__ import annotations

import sys
from typing import Any

import click
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from streams.cli.options import connection, held
from streams.cli.rendering import CHANGE_STYLES, LEVEL_STYLES, shutdown_table, span_words
from streams.settings import Settings
from topics import Shutdown, ShutdownChange, encode

#: Fields whose change is told with both values; of others it is only said that they changed.
TOLD = (
    "level", "status", "from_s", "until_s", "scope", "extent", "measurement", "happened", "on_purpose",
    "probability", "merged_into",
)  # fmt: skip


@click.command()
@click.argument("shutdown_id", metavar="ID")
@connection
@held
@click.option("--history", is_flag=True, help="All revisions, and what caused each.")
@click.option("--json", "as_json", is_flag=True, help="The record as JSON; with --history one change a line.")
def show(
    shutdown_id: str, bootstrap: str | None, prefix: str | None, where: str | None, history: bool, as_json: bool
) -> None:
    """Show the shutdown of an ID: level, times, why, evidence, where it is on a map, and a timeline in local time.

    ID may be shortened as long as it means one shutdown. `shutdowns list` shows ids.
    """
    from streams.replay.holding import history as steps_of
    from streams.replay.holding import holdings

    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    run = holdings(where, settings, changes=history)
    if history:
        steps = steps_of(run, shutdown_id)
        if as_json:
            _print_lines(steps)
        else:
            _history(steps, run)
        return
    shutdown = run.shutdown(shutdown_id)
    if as_json:
        _print_lines([shutdown])
        return
    _show(shutdown)


def _print_lines(records: Any) -> None:
    for record in records:
        sys.stdout.buffer.write(encode(record) + b"\n")
    sys.stdout.flush()


def _show(shutdown: Shutdown) -> None:
    from streams import geography
    from streams.plots.terminal import map_text, timeline_text

    console = Console(highlight=False)
    country = geography.country_place(shutdown.country).name
    console.print(
        Panel(shutdown_table(shutdown, most=30), title=f"[bold]{country}[/]", title_align="left", padding=(1, 2))
    )
    if shutdown.merged_into:
        console.print(f"It is part of {shutdown.merged_into} now.", style="magenta")
    console.print(map_text(shutdown.place))
    here = country if shutdown.place.kind == "country" else f"{shutdown.place.name}, {country}"
    console.print(Text(f"{here}\n", "dim"))
    console.print(timeline_text(shutdown, min(72, max(40, console.width - 46))), no_wrap=True, overflow="ellipsis")


def _history(steps: list[ShutdownChange], run: Any) -> None:
    console = Console(highlight=False, width=max(Console().width, 110))
    words = _evidence_words(run)
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 1, 0))
    table.add_column("revision", justify="right")
    for heading, share in (("known", 2), ("step", 1), ("level", 2), ("what changed", 5), ("because of", 6)):
        table.add_column(heading, ratio=share, overflow="fold")
    before: Shutdown | None = None
    for step in steps:
        now = step.shutdown
        known = "not said" if now.known_s is None else span_words(now.known_s, None, "UTC").partition(",  not")[0]
        table.add_row(
            str(now.revision),
            known.replace(", not over yet (UTC+00:00)", " UTC"),
            Text(step.change, CHANGE_STYLES[step.change]),
            Text(now.level, LEVEL_STYLES[now.level]),
            _changed(before, step),
            "\n".join(words.get(key, key) for key in step.because) or "a change of rules",
        )
        before = now
    console.print(table)
    console.print(f"{steps[-1].shutdown.id}: {len(steps)} revisions", style="dim")


def _evidence_words(run: Any) -> dict[str, str]:
    """Each piece of evidence in the words that the shutdowns of any revision have for it."""
    return {piece.id: f"{piece.words} ({piece.source})" for one in run.changes for piece in one.shutdown.evidence}


def _changed(before: Shutdown | None, step: ShutdownChange) -> str:
    now = step.shutdown
    if before is None:
        return span_words(now.from_s, now.until_s, now.place.time_zone, days=now.precision == "day")
    told = [name for name in TOLD if name in step.changed]
    lines = [f"{_named(name)}: {_value(before, name)} → {_value(now, name)}" for name in told]
    rest = [name for name in step.changed if name not in TOLD]
    if rest:
        lines.append(f"also {', '.join(rest)}" if lines else ", ".join(rest))
    return "\n".join(lines)


def _named(name: str) -> str:
    return name.removesuffix("_s").replace("_", " ")


def _value(shutdown: Shutdown, name: str) -> str:
    value = getattr(shutdown, name)
    if value is None:
        return "not over" if name == "until_s" else "none"
    if name in ("from_s", "until_s"):
        return span_words(value, None, shutdown.place.time_zone).partition(", not over")[0]
    return f"{value:.2f}" if isinstance(value, float) else str(value)
