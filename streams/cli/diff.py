"""`shutdowns diff`: what two runs don't agree on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.cli.rendering import LEVEL_STYLES, print_json, span_words

STYLES = {"appears": "bold green", "vanishes": "bold red", "changes": "bold yellow"}


@click.command()
@click.argument("a", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("b", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of a table.")
def diff(a: Path, b: Path, as_json: bool) -> None:
    """Say which shutdowns appear, vanish or change from run A to run B, and why.

    A and B are what `shutdowns replay --out FILE` wrote (or `shutdowns correlate`, which says nothing of rules).
    Compared are level, status, place, begin, end, scope, extent, signals, sources, the probabilities and whether it
    is part of a campaign. Why is told by the evidence: where it went, what left it out, and which rules differ.

    \b
    shutdowns replay ARCHIVE --out a.jsonl
    shutdowns replay ARCHIVE --without ioda --out b.jsonl
    shutdowns diff a.jsonl b.jsonl
    """
    from streams.replay.comparison import compare
    from streams.replay.runs import read_run

    found = compare(read_run(a), read_run(b))
    if as_json:
        document = {**msgspec.to_builtins(found), "counts": found.counts()}
        print_json(document)
        return
    console = Console(highlight=False, width=max(Console().width, 110))
    for line in _heading(found):
        console.print(line)
    if found.differences:
        console.print(_table(found.differences))
    counts = ", ".join(f"{number:,} {words}" for words, number in _words(found.counts()))
    if found.renamed:
        counts += f" ({found.renamed:,} the same under another id)"
    console.print(counts or "no shutdowns in either", style="bold")


def _words(counts: dict[str, int]) -> list[tuple[str, int]]:
    names = {"appears": "appear", "vanishes": "vanish", "changes": "change", "same": "stay as they are"}
    return [(names[kind], number) for kind, number in counts.items() if number]


def _heading(found: Any) -> list[Text]:
    lines = [Text(f"rule {name}: {before:g} → {after:g}", "cyan") for name, (before, after) in found.rules.items()]
    for name, (before, after) in found.selection.items():
        lines.append(Text(f"{name.removesuffix('_s')}: {_plain(before)} → {_plain(after)}", "cyan"))
    if found.code is not None:
        lines.append(Text(f"code: {found.code[0]} → {found.code[1]}", "cyan"))
    if found.records is not None and found.records[0] != found.records[1]:
        lines.append(Text(f"records: {found.records[0]:,} → {found.records[1]:,}", "cyan"))
    return lines


def _plain(value: Any) -> str:
    return "all" if value is None else ", ".join(value) if isinstance(value, list) else str(value)


def _table(differences: Any) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 1, 0))
    for heading, share in (("what", 1), ("shutdown", 4), ("from → to", 4), ("why", 7)):
        table.add_column(heading, ratio=share, overflow="fold", no_wrap=share == 1)
    for one in differences:
        level = Text(f" {one.level} ", LEVEL_STYLES[one.level])
        where = Text(f" {one.place.name}, {one.country}\n")
        days = one.precision == "day"
        where.append(span_words(one.from_s, one.until_s, one.place.time_zone, days=days) + "\n", "dim")
        where.append(one.before or one.after, "dim")
        if one.before and one.after and one.before != one.after:
            where.append(f" → {one.after}", "dim")
        changed = "\n".join(_field(change, one.place.time_zone) for change in one.fields)
        why = "\n".join(f"- {reason}" for reason in one.why)
        table.add_row(Text(one.kind, STYLES[one.kind]), level + where, changed, why)
    return table


def _field(change: Any, time_zone: str) -> str:
    name = {"from_s": "begin", "until_s": "end"}.get(change.field, change.field)
    return f"{name}: {_value(change, change.before, time_zone)} → {_value(change, change.after, time_zone)}"


def _value(change: Any, value: Any, time_zone: str) -> str:
    if change.field == "until_s" and value is None:
        return "not over"
    if change.field in ("from_s", "until_s"):
        return span_words(value, None, time_zone).partition(", not over")[0]
    if change.field == "place":
        return str(value).partition(" ")[2]
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, float):
        return f"{value:.3g}"
    return "unknown" if value is None else str(value)
