"""Shutdowns as people read them on a terminal, and documents as programs do."""

from __future__ import annotations

import datetime as dt
import math
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import orjson
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from streams import geography
from streams.judgement_words import EXPLANATION_WORDS, both_words, competing, denials, own_reasons, share_words
from topics import LATEST_S, Contribution, Explanation, Reason, Shutdown, ShutdownChange, Support

LEVEL_STYLES = {
    "corroborated": "bold white on red",
    "reported": "bold black on yellow",
    "measured": "bold white on blue",
    "contradicted": "bold white on grey37",
}

CHANGE_STYLES = {
    "opened": "bold green",
    "updated": "default",
    "escalated": "bold red",
    "closed": "cyan",
    "merged": "magenta",
    "retracted": "magenta",
}

#: What is missing, in the words that a shutdown's `measurement` stands for.
MEASUREMENT_WORDS = {
    "dropped": "",
    "normal": "no drop: every series of the place stayed normal",
    "missing": "no usable measurements: the series of the place were missing",
    "too-coarse": "no usable measurements: only series of wider places exist",
    "no-series": "no measurements: no series of the place exists at that time",
}

_GROUPS = {
    "supports": "evidence",
    "acknowledges": "acknowledged by",
    "contradicts": "against it",
    "context": "context",
    "set-aside": "set aside",
}


def print_json(document: Any) -> None:
    """Print one JSON document, of structs too, over several lines."""
    option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    sys.stdout.buffer.write(orjson.dumps(msgspec.to_builtins(document), option=option))
    sys.stdout.flush()


def by_incident(shutdowns: Iterable[Shutdown]) -> list[list[Shutdown]]:
    """Shutdowns grouped by incident, the incidents in order of time, in each the best known first."""
    groups: dict[str, list[Shutdown]] = {}
    for shutdown in sorted(shutdowns, key=lambda shutdown: (shutdown.from_s, shutdown.id)):
        groups.setdefault(shutdown.incident, []).append(shutdown)
    rank = list(LEVEL_STYLES)
    return [sorted(group, key=lambda shutdown: rank.index(shutdown.level)) for group in groups.values()]


def span_words(from_s: int, until_s: int | None, time_zone: str, *, days: bool = False) -> str:
    """A span in local time: `28 Feb 2021, 14:00 to 17:00 (UTC+06:00)`; only its days, where no more is known."""
    zone = geography.zone(time_zone)
    first = dt.datetime.fromtimestamp(from_s, zone)
    if days:
        return _days_words(first, until_s, zone)
    start = f"{_date(first)}, {first:%H:%M}"
    if until_s is None or until_s >= LATEST_S:
        return f"{start}, not over yet (UTC{_offset(first)})"
    last = dt.datetime.fromtimestamp(until_s, zone)
    if first.utcoffset() != last.utcoffset():
        start += f" (UTC{_offset(first)})"
    end = f"{last:%H:%M}" if last.date() == first.date() else f"{_date(last)}, {last:%H:%M}"
    return f"{start} to {end} (UTC{_offset(last)})"


def _days_words(first: dt.datetime, until_s: int | None, zone: dt.tzinfo) -> str:
    if until_s is None:
        return f"since {_date(first)}, end unknown"
    last = dt.datetime.fromtimestamp(until_s - 1, zone)
    if last.date() <= first.date():
        return f"{_date(first)}, time of day unknown"
    return f"{_date(first)} to {_date(last)}, times of day unknown"


def _date(moment: dt.datetime) -> str:
    return f"{moment.day} {moment:%b %Y}"


def _offset(moment: dt.datetime) -> str:
    text = moment.strftime("%z")
    return f"{text[:3]}:{text[3:]}"


def _utc_words(shutdown: Shutdown) -> str:
    words = span_words(shutdown.from_s, shutdown.until_s, "UTC").removesuffix(" (UTC+00:00)") + " UTC"
    minutes = max(shutdown.from_uncertainty_s, shutdown.until_uncertainty_s) // 60
    return f"{words}, ±{minutes} min" if minutes else words


def shutdown_table(shutdown: Shutdown, *, most: int = 12) -> RenderableType:
    """One shutdown: level, place, times, why, and up to `most` pieces of evidence."""
    title = Text.assemble(
        (f" {shutdown.level.upper()} ", LEVEL_STYLES[shutdown.level]), "  ", (shutdown.place.name, "bold")
    )
    title.append(f"  {shutdown.scope}, {shutdown.status}", "dim")
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", justify="right", min_width=15)
    grid.add_column(overflow="fold")
    days = shutdown.precision == "day"
    grid.add_row("local time", span_words(shutdown.from_s, shutdown.until_s, shutdown.place.time_zone, days=days))
    if not days:
        grid.add_row("UTC", _utc_words(shutdown))
    missing = MEASUREMENT_WORDS[shutdown.measurement]
    if missing:
        grid.add_row("missing", Text(missing, style="yellow"))
    for number, reason in enumerate(own_reasons(shutdown)):
        grid.add_row("why" if number == 0 else "", _reason(reason))
    _judgement(grid, shutdown)
    if shutdown.false_alarms_a_year is not None:
        a_year = f"as strong a coincidence by chance alone: {shutdown.false_alarms_a_year:g} times a year"
        grid.add_row("", Text(a_year, style="dim"))
    _pieces(grid, shutdown.evidence, most)
    if shutdown.flags:
        grid.add_row("flags", ", ".join(shutdown.flags))
    _links(grid, shutdown)
    grid.add_row("id", Text(f"{shutdown.id}, revision {shutdown.revision}", style="dim"))
    return Group(title, grid)


def _judgement(grid: Table, shutdown: Shutdown) -> None:
    """What else may explain it, who denies it, and both probabilities with what they are made of."""
    for head, explanations in (("other causes", competing(shutdown)), ("denied", denials(shutdown))):
        for number, one in enumerate(explanations):
            grid.add_row(head if number == 0 else "", _explanation(one))
    for head, share, question in (
        ("happened", shutdown.happened, "happened"),
        ("on purpose", shutdown.on_purpose, "on-purpose"),
    ):
        if share is not None:
            parts = [one for one in shutdown.contributions if one.question == question]
            grid.add_row(head, _probability(share, parts))
    if shutdown.probability is not None:
        grid.add_row("both", Text(share_words(shutdown.probability), "bold"))


def _pieces(grid: Table, evidence: Sequence[Support], most: int) -> None:
    shown = 0
    for role, words in _GROUPS.items():
        pieces = [piece for piece in evidence if piece.role == role]
        for number, piece in enumerate(pieces[: max(0, most - shown)]):
            grid.add_row(words if number == 0 else "", _piece(piece))
        shown += len(pieces)
    if shown > most:
        grid.add_row("", Text(f"and {shown - most} more pieces", style="dim"))


def _links(grid: Table, shutdown: Shutdown) -> None:
    """What ties it to others: a campaign's shutdowns share its name, a common drop's its id."""
    if shutdown.campaign is not None:
        grid.add_row("campaign", Text(f"{shutdown.campaign}: cuts that recur at one local time", "dim"))
    for number, drop in enumerate(shutdown.common_drops):
        grid.add_row("" if number else "drops elsewhere", Text(drop, "dim"))


def _reason(reason: Reason) -> Text:
    return Text.assemble(reason.words, (f"  [{reason.rule}]", "dim"))


def _explanation(one: Explanation) -> Text:
    """What is said, who says it, and where: what is measured and what is said of it stay apart."""
    text = Text("" if one.kind == "denial" else f"{EXPLANATION_WORDS.get(one.kind, one.kind)}: ")
    text.append(f"{one.words}  ").append(f"({one.source})", "cyan")
    if one.reference is not None and one.reference.startswith(("http://", "https://")):
        text.append(f"  {one.reference}", "dim")
    return text


def _probability(share: float, contributions: Sequence[Contribution]) -> Text:
    """How probable something is, and by how much each thing known changes the odds."""
    text = Text(f"{share_words(share)}  ", style="bold")
    parts = [one for one in contributions if one.feature != "base"]
    for number, one in enumerate(sorted(parts, key=lambda one: -abs(one.log_odds))):
        text.append("" if number == 0 else "; ", "not bold")
        text.append(f"{one.words} ", "not bold")
        text.append(f"(odds × {_odds(one.log_odds)})", "not bold dim")
    return text


def _odds(log_odds: float) -> str:
    """How many times as likely: `0.48`, `2.2`, `190`, `36,000`."""
    odds = float(f"{math.exp(log_odds):.2g}")
    return f"{odds:,.0f}" if odds >= 10 else f"{odds:g}"


def _piece(piece: Support) -> Text:
    text = Text(f"{piece.words}  ")
    text.append(f"({piece.source})", "cyan")
    return text


def incident_panel(shutdowns: Sequence[Shutdown], *, most: int = 12) -> Panel:
    """One incident: its shutdowns under one heading."""
    country = geography.country_place(shutdowns[0].country)
    parts: list[RenderableType] = []
    for shutdown in shutdowns:
        if parts:
            parts.append(Text(""))
        parts.append(shutdown_table(shutdown, most=most))
    number = len(shutdowns)
    noun = "1 shutdown" if number == 1 else f"{number} shutdowns"
    title = f"[bold]{country.name}[/bold]: one incident, {noun}"
    return Panel(Group(*parts), title=title, title_align="left", padding=(1, 2))


def shutdowns_table(shutdowns: Iterable[Shutdown], *, ids: bool = False) -> Table:
    """Shutdowns as rows: level, place, local time, what is known of each, and if asked their ids."""
    columns = (
        "level", "country", "place", "local time", "happened / on purpose", "signals", "claims", "protests",
        *(["id"] if ids else []),
    )  # fmt: skip
    table = Table(*columns, box=None, pad_edge=False)
    for shutdown in shutdowns:
        claims = sum(piece.kind == "claim" for piece in shutdown.evidence)
        when = span_words(
            shutdown.from_s, shutdown.until_s, shutdown.place.time_zone, days=shutdown.precision == "day"
        )
        level = f"[{LEVEL_STYLES[shutdown.level]}] {shutdown.level} [/]"
        judged = f"{_share(shutdown.happened)} / {_share(shutdown.on_purpose)}"
        judged += f"; {kinds}" if (kinds := _kinds(shutdown)) else ""
        numbers = (", ".join(shutdown.signals), str(claims), str(shutdown.protests))
        own = [shutdown.id] if ids else []
        table.add_row(level, shutdown.country, shutdown.place.name, when, judged, *numbers, *own)
    return table


def _share(share: float | None) -> str:
    """A probability in as few letters as tell it."""
    if share is None:
        return "–"
    return ">0.99" if share > 0.99 else "<0.01" if share < 0.01 else f"{share:.2f}"


def _kinds(shutdown: Shutdown) -> str:
    """What else is said, in short: `power cut, denied`."""
    return ", ".join(dict.fromkeys(EXPLANATION_WORDS.get(one.kind, one.kind) for one in shutdown.explanations))


def change_line(change: ShutdownChange, at_s: int | None) -> RenderableType:
    """A change in two lines: when it was known (UTC), what it was, of what; then its words."""
    shutdown = change.shutdown
    when = "time unknown" if at_s is None else f"{dt.datetime.fromtimestamp(at_s, dt.UTC):%Y-%m-%d %H:%M}"
    head = Text(f"{when:16}  ", style="dim")
    head.append(f"{change.change:<9}", style=CHANGE_STYLES[change.change])
    head.append(f" {shutdown.level} ", style=LEVEL_STYLES[shutdown.level])
    head.append(f" {shutdown.place.name}, {shutdown.country}", style="bold")
    head.append(f"  {shutdown.id}", style="dim")
    words = Text(change.words)
    if likely := both_words(shutdown):
        words.append(f"  {likely}", "dim")
    return Group(head, Padding(words, (0, 0, 0, 18)))
