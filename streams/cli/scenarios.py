"""`shutdowns evaluate --scenarios DIR`: play worlds that analysts wrote, and say which come out right."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.cli.rendering import print_json, shutdown_table
from streams.errors import StreamsError
from streams.evaluation.scenarios import Verdict, World, chosen, judge_all, read_folder
from streams.evaluation.scenarios.times import utc_words
from topics import Shutdown

#: Shutdowns that the table prints of a world; `--show` and `--json` have all.
SHOWN = 3


def run(folder: Path, only: str | None, show: str | None, *, as_json: bool) -> None:
    """Play the worlds of a folder and print how they came out; exit code 1 if any fails.

    Raises:
        StreamsError: the folder can't be read, or has no world of that name.
    """
    worlds = _wanted(read_folder(folder), only, show)
    verdicts = _judged(worlds)
    if as_json:
        print_json(_document(verdicts))
    elif show is not None:
        _show(verdicts[0], Console())
    else:
        _print(verdicts, Console())
    if not all(one.passed for one in verdicts):
        sys.exit(1)


def _wanted(worlds: list[World], only: str | None, show: str | None) -> list[World]:
    if show is not None:
        named = [world for world in worlds if world.name == show]
        if not named:
            raise StreamsError(f"no scenario is called {show!r}; `--only` finds them by a part of the name")
        return named
    found = chosen(worlds, only)
    if not found:
        raise StreamsError(f"no scenario matches {only!r}: give a part of its name, group or file")
    return found


def _judged(worlds: list[World]) -> list[Verdict]:
    errors, verdicts = Console(stderr=True), list[Verdict]()
    with errors.status("Playing") as status:
        for number, world in enumerate(worlds, 1):
            status.update(f"Playing {number:,} of {len(worlds):,}: {world.name}")
            verdicts += judge_all([world])
    return verdicts


def _document(verdicts: Sequence[Verdict]) -> dict[str, object]:
    return {
        "scenarios": len(verdicts),
        "passed": sum(one.passed for one in verdicts),
        "results": [
            {
                "scenario": one.world.name,
                "group": one.world.head.group,
                "file": one.world.file,
                "words": one.world.head.words,
                "passed": one.passed,
                "failures": [
                    {"line": failure.line, "fault": failure.fault, "note": failure.note} for failure in one.failures
                ],
                "came_out": one.came_out(),
            }
            for one in verdicts
        ],
    }


def _print(verdicts: Sequence[Verdict], console: Console) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("scenario", "", "what failed", "what came out"):
        table.add_column(name, overflow="fold", no_wrap=name == "", ratio=None if name in ("", "scenario") else 1)
    group = None
    for one in verdicts:
        if one.world.head.group != group:
            group = one.world.head.group
            table.add_row(Text(group, style="bold"))
        failed = "\n".join(f"line {failure.line}: {failure.fault}" for failure in one.failures)
        state = Text("pass", style="green") if one.passed else Text("FAIL", style="bold red")
        table.add_row(one.world.name, state, Text(failed), Text("\n".join(_came_out(one))))
    console.print(table)
    passed = sum(one.passed for one in verdicts)
    console.print(f"\n[bold]{passed:,} of {len(verdicts):,} scenarios come out right[/]")


def _came_out(verdict: Verdict) -> list[str]:
    lines = verdict.came_out()
    more = len(lines) - SHOWN
    return [*lines[:SHOWN], *([f"and {more:,} more"] if more > 0 else [])] or ["nothing"]


def _show(verdict: Verdict, console: Console) -> None:
    head = verdict.world.head
    console.print(f"[bold]{head.scenario}[/] ({head.group}), {verdict.world.file}:{verdict.world.line}")
    console.print(Text(head.words), style="dim")
    for shutdown in verdict.shutdowns:
        console.print()
        console.print(shutdown_table(shutdown))
        console.print(Text(_figures(shutdown), style="dim"))
    console.print()
    for failure in verdict.failures:
        note = f" ({failure.note})" if failure.note else ""
        console.print(Text(f"line {failure.line}: {failure.fault}{note}", style="red"))
    console.print("[green]pass[/]" if verdict.passed else "[bold red]FAIL[/]")


def _figures(one: Shutdown) -> str:
    figures = [
        f"{utc_words(one.from_s)} to {utc_words(one.until_s)} UTC",
        f"happened {_share(one.happened)}",
        f"on purpose {_share(one.on_purpose)}",
        f"both {_share(one.probability)}",
        f"sources {one.sources}, support {one.support:g}",
        f"incident {one.incident}",
    ]
    if one.explanations:
        figures.append("explanations: " + ", ".join(other.kind for other in one.explanations))
    if one.campaign is not None:
        figures.append(f"campaign {one.campaign}")
    return "; ".join(figures)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
