"""`shutdowns plan`: partitions, workers, memory, disk and bytes that a load needs, by measured figures."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from streams.planning import Plan, Question, as_markdown, load_figures, words
from streams.planning import plan as planned

#: The loads that docs/SCALING.md shows, by heading.
SHOWN = {
    "IODA's countries and regions, as they are polled": Question(points_per_s=42, series=19_000),
    "Every network on Earth by three signals, a quarter of them in one country": Question(
        points_per_s=633, series=228_000, worker_memory_gb=8, largest_share=0.25
    ),
    "One million series, a value in ten minutes": Question(
        points_per_s=1_667, series=1_000_000, evidence_days=30, worker_memory_gb=8
    ),
    "One million points a second: a value a minute, ten in a record": Question(
        points_per_s=1_000_000, series=60_000_000, frame_values=10, evidence_days=7, worker_memory_gb=64
    ),
}


@click.command()
@click.option("--points-per-second", "points_per_s", type=float, help="Values of all series together.")
@click.option("--series", type=int, default=0, help="How many. [default: each brings a value in ten minutes]")
@click.option("--frame-series", type=int, default=50, show_default=True, help="Series in a record.")
@click.option("--frame-values", type=int, default=1, show_default=True,
              help="Values of each series in a record: 1 live, 144 is a day of 10-minute values.")  # fmt: skip
@click.option("--reports-per-day", type=float, default=1_000, show_default=True)
@click.option("--news-per-day", type=float, default=50_000, show_default=True)
@click.option("--outages-per-series-day", type=float, default=0.02, show_default=True, help="An assumption.")
@click.option("--evidence-days", type=int, default=90, show_default=True,
              help="Count correlate's memory for so many days of evidence.")  # fmt: skip
@click.option("--largest-share", type=float, default=0.0,
              help="The largest country's share of all series. [default: by the regions on the map]")  # fmt: skip
@click.option("--headroom", type=float, default=2.0, show_default=True,
              help="A worker gets the rate measured, divided by this.")  # fmt: skip
@click.option("--worker-memory", "worker_memory_gb", type=float, default=4.0, show_default=True, metavar="GB")
@click.option("--replication", type=int, default=3, show_default=True, help="Copies that Kafka keeps.")
@click.option("--figures", "own", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Figures of your own machine: `python -m benchmarks.stages --write FILE`.")  # fmt: skip
@click.option("--show-figures", is_flag=True, help="List the figures that are counted with, and what prints them.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--markdown", is_flag=True, help="Print the plans of docs/SCALING.md.")
def plan(own: Path | None, show_figures: bool, as_json: bool, markdown: bool, **asked: float | None) -> None:
    """Say how many partitions and workers a load needs, what each worker needs, and what limits first.

    It counts with figures that were measured on small machines (`--show-figures`), and with how unevenly countries
    fall on partitions. What is no measured figure is an option. docs/SCALING.md has the reasoning, and plans of a
    million series and of every network on Earth.
    """
    figures = load_figures(own)
    if show_figures:
        _show_figures(figures.values(), as_json)
        return
    if markdown:
        click.echo(as_markdown([(name, planned(one, figures)) for name, one in SHOWN.items()]), nl=False)
        return
    if asked["points_per_s"] is None:
        raise click.UsageError("Missing option '--points-per-second': how many values a second, of all series.")
    answer = planned(Question(**asked), figures)  # type: ignore[arg-type]
    if as_json:
        click.echo(json.dumps(_as_json(answer), indent=2))
        return
    console = Console()
    console.print(words.asked(answer), highlight=False)
    for headings, rows in (
        (words.STAGE_HEADINGS, words.stage_rows(answer)),
        (words.TOPIC_HEADINGS, words.topic_rows(answer)),
    ):
        console.print()
        console.print(_table(headings, rows))
    console.print(f"\n{words.caption()}", style="dim", highlight=False)
    console.print(f"\n{words.total(answer)}\n", highlight=False)
    for one in answer.stages:
        console.print(f"- {words.reason(one, answer)}", highlight=False)
    console.print("\n[bold]What limits first[/]")
    for at, line in enumerate(words.limits(answer), 1):
        console.print(f"{at}. {line}", highlight=False)


def _as_json(answer: Plan) -> dict[str, object]:
    whole = {
        "workers": answer.workers,
        "cores": answer.cores,
        "memory_bytes": answer.memory_bytes,
        "disk_bytes": answer.disk_bytes,
        "kafka_bytes_per_day": answer.kafka_bytes_per_day,
    }
    stages = [asdict(one) | {"why": words.reason(one, answer)} for one in answer.stages]
    topics = [asdict(one) for one in answer.topics]
    return {
        "asked": asdict(answer.question),
        "stages": stages,
        "topics": topics,
        "together": whole,
        "limits": words.limits(answer),
    }


def _show_figures(figures: Iterable[object], as_json: bool) -> None:
    rows = [asdict(one) for one in figures]  # type: ignore[call-overload]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    headings = ("figure", "value", "unit", "what", "printed by", "on")
    Console().print(
        _table(headings, ((one["name"], f"{one['value']:,g}", *map(str, list(one.values())[2:])) for one in rows))
    )


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for at, heading in enumerate(headings):
        table.add_column(
            heading, justify="left" if at == 0 or heading in ("what", "unit") else "right", overflow="fold"
        )
    for row in rows:
        table.add_row(*row)
    return table
