"""`shutdowns lag`: how far the stages are behind, seen from outside."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Mapping

import click
from rich.console import Console
from rich.table import Table

from streams import admin
from streams.cli.options import connection
from streams.lag import Pace, StageLag, lag_by_partition, paces, together
from streams.settings import Settings
from streams.stage import RELEASE, SOURCES
from topics import FORM_REPORTS

Paces = Mapping[int, Pace]

#: What commits what it has done with: the stages, and the release of the form's reports.
READERS = {RELEASE: FORM_REPORTS, **SOURCES}


@click.command()
@connection
@click.option("--over", "over_s", type=click.FloatRange(min=0), default=3.0, show_default=True,
              help="Seconds between two looks, from which the rate is told; 0 looks once.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def lag(bootstrap: str | None, prefix: str | None, over_s: float, as_json: bool) -> None:
    """Show how far each stage is behind: records in its topic that its workers have not committed.

    It is measured from outside, by Kafka's own offsets, so it is right when a worker stalls too. From two looks
    comes the rate, and from that the time to catch up, if nothing more arrives: of each partition that waits or
    moves, the slowest first, and of each stage, which has caught up when its slowest partition has. `release` is
    `shutdowns release-reports`, which lets reports of the form wait for a quarter of an hour.
    """
    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    with admin.connected(settings) as client:
        first, at = lag_by_partition(client, settings, READERS), time.monotonic()
        time.sleep(over_s)
        now = lag_by_partition(client, settings, READERS)
        took_s = time.monotonic() - at if over_s else 0.0
    found = {stage: paces(first[stage], one, took_s) for stage, one in now.items()}
    if as_json:
        shown = {stage: as_data(one, found[stage]) for stage, one in now.items()}
        click.echo(json.dumps(shown, indent=2, allow_nan=False))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("stage", "partition", "behind", "records/s", "time to catch up"):
        table.add_column(heading, justify="right" if heading in ("behind", "records/s") else "left")
    for stage, one in now.items():
        for row in rows(stage, one, found[stage]):
            table.add_row(*row)
    Console().print(table)


def as_data(one: StageLag, by_partition: Paces) -> dict[str, object]:
    """A stage as JSON has it; a rate or time that can't be told is null."""
    whole = together(by_partition)
    return {
        "behind": one.total,
        "records_per_s": whole.records_per_s,
        "catch_up_s": whole.catch_up_s,
        "partitions": {
            part: {
                "end": one.ends[part],
                "committed": one.committed[part],
                "behind": one.behind[part],
                "records_per_s": pace.records_per_s,
                "catch_up_s": pace.catch_up_s,
            }
            for part, pace in sorted(by_partition.items())
        },
    }


def rows(stage: str, one: StageLag, by_partition: Paces) -> Iterator[tuple[str, ...]]:
    """A stage's row, and one of each partition that waits or moves: the one that takes longest first."""
    yield stage, "all", *_cells(one.total, together(by_partition))

    def slowest_first(part: int) -> tuple[float, int, int]:
        time_s = by_partition[part].catch_up_s
        return -math.inf if time_s is None else -time_s, -one.behind[part], part

    for part in sorted(by_partition, key=slowest_first):
        if one.behind[part] or by_partition[part].records_per_s:
            yield "", str(part), *_cells(one.behind[part], by_partition[part])


def _cells(behind: int, pace: Pace) -> tuple[str, str, str]:
    speed = pace.records_per_s
    return f"{behind:,}", "" if speed is None else f"{speed:,.0f}", catching_up(pace)


def catching_up(pace: Pace) -> str:
    """How long the rest takes, in words.

    >>> [catching_up(Pace(2.0, seconds)) for seconds in (0.0, 89.0, 3_600.0)]
    ['caught up', '89 s', '1 h 0 min']
    >>> [catching_up(Pace(rate, None)) for rate in (0.0, 2.0, None)]
    ['it stands still: see its log', 'a partition stands still', '']
    """
    seconds = pace.catch_up_s
    if seconds is None:
        if pace.records_per_s is None:
            return ""
        return "a partition stands still" if pace.records_per_s else "it stands still: see its log"
    if not seconds:
        return "caught up"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
