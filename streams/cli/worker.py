"""`shutdowns worker`: run stages, until it is told to stop."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from streams import logs
from streams.cli.options import connection
from streams.errors import StreamsError
from streams.settings import Settings
from streams.stage import SOURCES
from streams.worker import Running, Worker
from topics import Topic


@click.command()
@click.option(
    "--stage",
    "stages",
    multiple=True,
    metavar="STAGE",
    help=f"One of {', '.join(SOURCES)}, or MODULE:FUNCTION for a stage of your own; repeatable. [default: all]",
)
@connection
@click.option(
    "--datadir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the state. [default: .shutdowns/worker-N]",
)
@click.option(
    "--session-timeout",
    "session_timeout_s",
    type=float,
    help="Seconds of silence after which others take over. [default: 30]",
)
@click.option(
    "--rules",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Rules of your own for correlation.",
)
def worker(
    stages: tuple[str, ...],
    bootstrap: str | None,
    prefix: str | None,
    datadir: Path | None,
    session_timeout_s: float | None,
    rules: Path | None,
) -> None:
    """Run the stages: detect, claims, protests, correlate.

    Start as many workers as you like, on as many machines: they share the partitions among them, and take
    over from one that dies. Ctrl-C stops after what is in work.
    """
    settings = Settings.from_environment(
        bootstrap=bootstrap, prefix=prefix, datadir=datadir, session_timeout_s=session_timeout_s, rules=rules
    )
    logs.set_up(settings.log_level, settings.log_format, "worker")
    sources = {spec: source_of(spec) for spec in dict.fromkeys(stages or SOURCES)}
    asyncio.run(Worker(settings, sources, announce).run())


def source_of(spec: str) -> Topic:
    """The topic that a stage reads.

    Raises:
        StreamsError: there is no such stage.
    """
    if ":" in spec:
        from streams.agents.child import make_stage

        return make_stage(spec)[0].source
    if spec not in SOURCES:
        raise StreamsError(f"there is no stage {spec!r}; there are {', '.join(SOURCES)}")
    return SOURCES[spec]


def announce(running: Sequence[Running]) -> None:
    """Say in one line that all stages work."""
    words = ", ".join(f"{one.stage} (pid {one.pid}, partitions {_ranges(one.partitions)})" for one in running)
    click.echo(f"Ready: {words}")
    sys.stdout.flush()


def _ranges(partitions: Sequence[int]) -> str:
    return " ".join(str(one) for one in partitions) or "none yet"
