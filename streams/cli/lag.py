"""`shutdowns lag`: how far the stages are behind, seen from outside."""

from __future__ import annotations

import json
import time

import click
from rich.console import Console
from rich.table import Table

from streams import admin
from streams.cli.options import connection
from streams.lag import StageLag, lag_by_partition
from streams.settings import Settings
from streams.stage import SOURCES


@click.command()
@connection
@click.option("--over", "over_s", type=click.FloatRange(min=0), default=3.0, show_default=True,
              help="Seconds between two looks, from which the rate is told; 0 looks once.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def lag(bootstrap: str | None, prefix: str | None, over_s: float, as_json: bool) -> None:
    """Show how far each stage is behind: records in its topic that its workers have not committed.

    It is measured from outside, by Kafka's own offsets, so it is right when a worker stalls too. From two looks
    comes the rate, and from that the time to catch up, if nothing more arrives.
    """
    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    with admin.connected(settings) as client:
        first, at = lag_by_partition(client, settings, SOURCES), time.monotonic()
        time.sleep(over_s)
        now = lag_by_partition(client, settings, SOURCES)
        took_s = time.monotonic() - at
    rates = {stage: rate(first[stage], now[stage], took_s) for stage in now} if over_s else {}
    if as_json:
        rows = {
            stage: {"behind": one.total, "partitions": one.behind, "records_per_s": rates.get(stage)}
            for stage, one in now.items()
        }
        click.echo(json.dumps(rows, indent=2))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("stage", "behind", "by partition", "records/s", "time to catch up"):
        table.add_column(heading, justify="right" if heading in ("behind", "records/s") else "left")
    for stage, one in now.items():
        parts = " ".join(f"{part}:{count}" for part, count in sorted(one.behind.items()) if count) or "none"
        speed = rates.get(stage)
        table.add_row(
            stage, f"{one.total:,}", parts, "" if speed is None else f"{speed:,.0f}", catching_up(one.total, speed)
        )
    Console().print(table)


def rate(before: StageLag, after: StageLag, took_s: float) -> float:
    """Records a second that a stage has committed between two looks."""
    return (sum(after.committed.values()) - sum(before.committed.values())) / took_s


def catching_up(behind: int, records_per_s: float | None) -> str:
    """How long the rest takes at that rate, in words.

    >>> catching_up(0, 5.0), catching_up(7_200, 2.0), catching_up(9, 0.0), catching_up(9, None)
    ('caught up', '1 h 0 min', 'it stands still: see its log', '')
    """
    if not behind:
        return "caught up"
    if records_per_s is None:
        return ""
    if records_per_s <= 0:
        return "it stands still: see its log"
    seconds = behind / records_per_s
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
