"""`shutdowns correlate`: the stages over files, without Kafka."""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

import click
from rich.console import Console

from streams.cli.inputs import take_lines
from streams.cli.rendering import shutdowns_table
from streams.correlation import load_rules
from streams.pipeline import Offline
from topics import encode


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--rules", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Rules of your own.")
@click.option("--country", metavar="CC", help="Only the shutdowns of this country (ISO alpha-2).")
@click.option("--table", is_flag=True, help="A table to read instead of JSON Lines.")
@click.option("--evidence", is_flag=True, help="Print the evidence that the stages made instead of shutdowns.")
def correlate(files: tuple[str, ...], rules: Path | None, country: str | None, table: bool, evidence: bool) -> None:
    """Run the stages over FILES, without Kafka, and print the final shutdowns as JSON Lines.

    FILES hold records of the topics measurements, reports, news and evidence, one a line:
    {"topic": …, "key": …, "value": …}, as `shutdowns ingest … --out FILE` writes them; "-" is standard input.
    What comes out is what the workers come to from the same records. Records that can't be used are
    counted on standard error, with the reason.

    \b
    shutdowns ingest stop stop_2019.csv --out reports.jsonl
    shutdowns ingest ioda-outages outages.csv --out outages.jsonl
    shutdowns correlate reports.jsonl outages.jsonl --country ZW --table
    """
    offline = Offline(time.time(), load_rules(rules))
    take_lines(offline, files)
    if evidence:
        for piece in offline.evidence():
            if country in (None, piece.country):
                sys.stdout.buffer.write(encode(piece) + b"\n")
    else:
        found = [shutdown for shutdown in offline.shutdowns() if country in (None, shutdown.country)]
        if table:
            Console().print(shutdowns_table(found))
        else:
            for shutdown in found:
                sys.stdout.buffer.write(encode(shutdown) + b"\n")
    sys.stdout.flush()
    _count(offline, Console(stderr=True))


def _count(offline: Offline, console: Console) -> None:
    console.print(f"{offline.accepted:,} records used, {len(offline.rejected):,} not", style="dim")
    for (topic, reason), number in Counter((one.topic, one.reason) for one in offline.rejected).most_common():
        example = next(one.detail for one in offline.rejected if (one.topic, one.reason) == (topic, reason))
        console.print(f"  {number:,} of {topic}: {reason}, e.g. {example}", style="yellow", highlight=False)
