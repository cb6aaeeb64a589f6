"""`shutdowns rebuild`: make the stages' state anew."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from streams.cli.options import connection, pausing
from streams.rebuild import Outcome, Rebuild, Step
from streams.replay.archive import Archive
from streams.settings import Settings
from streams.stage import SOURCES

WORDS: dict[Step, str] = {
    "read": "reads {topic} from the beginning, beside the workers",
    "compare": "reads what stands on its output topics",
    "wait": "waits for {done} workers to stop",
    "close": "from here on no worker starts",
    "grow": "adds partitions",
    "catch-up": "reads what came since",
    "correct": "publishes what differs from what stands",
    "make-anew": "makes the changelog anew",
    "fill": "writes the state",
    "switch": "switches over",
}


@click.command()
@click.option(
    "--stage",
    "stages",
    multiple=True,
    type=click.Choice(list(SOURCES)),
    help="Only this stage; repeatable. [default: all, in the order of the flow]",
)
@click.option("--dry-run", "dry", is_flag=True, help="Change nothing; say how much would be published.")
@pausing
@connection
def rebuild(
    stages: tuple[str, ...],
    dry: bool,
    folder: str | None,
    what_is_there: bool,
    wait_s: float,
    rules: Path | None,
    scratch: Path | None,
    bootstrap: str | None,
    prefix: str | None,
) -> None:
    """Make the stages' state anew from the records that it was made of, and switch over to it.

    To be run when a worker says that it can't read the state (another layout), when a changelog was lost, after
    rules or the program changed and everything is to be judged by the new ones, and after a crash of this
    command. First it reads all records beside the live workers. Then it waits until these have stopped: stop
    them when it says so. It reads what came since, publishes what the new state says otherwise than what stands
    (what differs under its next revision, what is not said any more taken back, with the reason; what is the
    same is not said again), makes the changelog anew, and ends; then start the workers.

    A crash, or Ctrl-C, leaves the old state, or one that no worker starts on until this was run again. It needs
    the rights of an admin (a super user of Kafka): it deletes and makes topics. One at a time.
    """
    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix, rules=rules)
    with scratch_folder(scratch) as at:
        outcome = Rebuild(
            settings,
            stages or tuple(SOURCES),
            at,
            archive=None if folder is None else Archive(folder),
            what_is_there=what_is_there,
            wait_s=wait_s,
            told=teller(),
        ).run(dry=dry)
    show(outcome, dry=dry)


@contextmanager
def scratch_folder(chosen: Path | None) -> Iterator[Path]:
    """A folder that is empty and goes away again, under the chosen one if there is one."""
    if chosen is not None:
        chosen.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="rebuild-", dir=chosen) as name:
        yield Path(name)


def teller() -> Callable[[str, Step, int, int | None], None]:
    """Says each step in a line, and how far it is now and then."""
    console = Console(stderr=True, highlight=False)
    last: tuple[str, Step, int] | None = None

    def told(stage: str, step: Step, done: int, total: int | None) -> None:
        nonlocal last
        tenth = 10 * done // total if total else done if step == "wait" else 0
        if last == (stage, step, tenth):
            return
        again = last is not None and last[:2] == (stage, step) and step != "wait"
        last = (stage, step, tenth)
        topic = SOURCES[stage].name if stage in SOURCES else ""
        words = WORDS[step].format(topic=topic, done=done)
        far = f"  {done:,} of {total:,}" if total else ""
        if not again or far:
            console.print(f"{stage}: {words}{far}", soft_wrap=True)

    return told


def show(outcome: Outcome, *, dry: bool) -> None:
    """What came of it, as a table."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    headings = ("stage", "records read", "new", "corrected", "taken back", "left as they stand", "refused", "state")
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "stage" else "right")
    for stage, one in outcome.counts.items():
        state = outcome.state[stage]
        numbers = (outcome.records[stage], one.new, one.corrected, one.gone, one.left, one.refused)
        table.add_row(stage, *(f"{number:,}" for number in numbers), "" if state is None else f"{state:,}")
    Console(width=max(Console().width, 120)).print(table)
    published = sum(one.published for one in outcome.counts.values())
    if dry:
        click.echo(f"{published:,} would be published; nothing was changed")
    else:
        click.echo(f"{published:,} published, after a pause of {outcome.pause_s:.1f} s. Now start the workers")
