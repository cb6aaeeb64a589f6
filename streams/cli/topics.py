"""`shutdowns topics`: create the topics, and describe them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from streams import acls as access
from streams import admin
from streams.cli.options import connection, pausing
from streams.dead_letters import DECISIONS
from streams.settings import Settings
from streams.sources.state import STATE
from streams.stage import SOURCES

STYLES = {"create": "green", "change": "yellow", "keep": "dim", "refuse": "red"}
WORDS = {"create": "created", "change": "changed", "keep": "unchanged", "refuse": "NOT changed"}


@click.group()
def topics() -> None:
    """Create the topics that the stages read and write, and describe them.

    `create` first, once for each Kafka and prefix: no command makes topics by the way, since a typing error
    would make them too.
    """


@topics.command()
@connection
@click.option("--partitions", type=int, help="Partitions of each topic. [default: what the catalogue says]")
@click.option("--replication", type=int, help="Copies of each topic. [default: as the broker is set up]")
def create(bootstrap: str | None, prefix: str | None, partitions: int | None, replication: int | None) -> None:
    """Create what is missing and correct what differs; say what was done.

    Do it as often as you like: what is as it should be is left alone. The number of partitions is never
    changed, because keys would move away from their state: that is said, and the exit code is 1.
    """
    settings = Settings.from_environment(
        bootstrap=bootstrap, prefix=prefix, partitions=partitions, replication=replication
    )
    steps = admin.create_topics(settings)
    # Sources keep their cursors there and operators what they decided, and neither may make topics.
    for beside in (STATE, DECISIONS):
        admin.ensure_topic(settings, beside)
    console = Console(highlight=False)
    width = max(len(step.wanted.name) for step in steps)
    for step in steps:
        done = f"[{STYLES[step.action]}]{WORDS[step.action]:<11}[/]"
        console.print(f"{step.wanted.name:<{width}}  {done}  {step.words}", soft_wrap=True)
    counts = Counter(WORDS[step.action] for step in steps)
    console.print(", ".join(f"{count} {words}" for words, count in counts.items()) + f" at {settings.bootstrap}")
    if any(step.action == "refuse" for step in steps):
        raise SystemExit(1)


@topics.command()
@connection
@click.option("--markdown", is_flag=True, help="Print docs/TOPICS.md from the catalogue; needs no Kafka.")
def describe(bootstrap: str | None, prefix: str | None, markdown: bool) -> None:
    """Show the topics as they are: partitions, records, settings, and where they differ from the catalogue."""
    if markdown:
        from topics.catalogue import as_markdown

        click.echo(as_markdown(), nl=False)
        return
    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    with admin.connected(settings) as client:
        steps = admin.plan(client, settings)
        there = admin.live(client, [step.wanted.name for step in steps], count=True)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("topic", "partitions", "records", "copies", "kept", "largest record", "against the catalogue"):
        numeric = heading in ("partitions", "records", "copies", "largest record")
        table.add_column(heading, justify="right" if numeric else "left", no_wrap=True)
    for step in steps:
        table.add_row(*_row(step, there.get(step.wanted.name)))
    # As wide as it needs: lines that a terminal wraps can still be read, cut ones can't.
    Console(width=max(Console().width, 200)).print(table)


@topics.command()
@click.option("--partitions", type=click.IntRange(2, 1000), required=True, help="How many each is to have.")
@pausing
@connection
def grow(
    partitions: int,
    folder: str | None,
    what_is_there: bool,
    wait_s: float,
    rules: Path | None,
    scratch: Path | None,
    bootstrap: str | None,
    prefix: str | None,
) -> None:
    """Give the topics that stages read more partitions, and count every record to its key's new one.

    With more partitions more workers can share a stage. Keys move by it, away from their state: so the state is
    made anew as `shutdowns rebuild` does it, of all stages, from the records wherever they lie, and all that is
    said there holds. Stop the ingest first, and start it again when this is done: who wrote before doesn't know
    of the new partitions for some minutes, and what it sends to the old ones after the end is counted to its
    key only by the next rebuild.

    Measurements, reports, news and evidence grow, with the changelogs of their stages. Shutdowns, their changes
    and candidates never do: a reader would find an id's old revisions in one partition and new ones in another.
    Nor do drops, which have one key. Topics never shrink. After a crash run the same again.
    """
    from streams.cli.rebuild import scratch_folder, show, teller
    from streams.rebuild import Rebuild
    from streams.replay.archive import Archive

    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix, rules=rules)
    with scratch_folder(scratch) as at:
        outcome = Rebuild(
            settings,
            tuple(SOURCES),
            at,
            archive=None if folder is None else Archive(folder),
            what_is_there=what_is_there,
            partitions=partitions,
            wait_s=wait_s,
            told=teller(),
        ).run()
    show(outcome, dry=False)


@topics.command()
@connection
@click.option("--apply", "do", is_flag=True, help="Give them to Kafka; as one of its super users.")
def acls(bootstrap: str | None, prefix: str | None, do: bool) -> None:
    """Show what each role may do with topics and groups, and give that to Kafka's access-control list.

    Roles are Kafka users: ingest, curator, worker, reader, notifier, api, form, operator and archivist. It counts
    where Kafka has an authorizer, as `shutdowns kafka --secure` sets one up.
    """
    settings = Settings.from_environment(bootstrap=bootstrap, prefix=prefix)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("role", "may", "of", "name"):
        table.add_column(heading, no_wrap=True)
    for one in access.grants(settings):
        table.add_row(one.role, one.operation, one.kind, f"{one.name}{'*' if one.prefixed else ''}")
    Console(width=max(Console().width, 120)).print(table)
    if do:
        click.echo(f"{access.apply(settings)} lines given to Kafka at {settings.bootstrap}")


def _row(step: admin.Step, there: admin.Live | None) -> list[str]:
    name = step.wanted.name
    if there is None:
        return [name, "", "", "", "", "", "[red]missing: shutdowns topics create[/]"]
    fits = "[green]as it should be[/]" if step.action == "keep" else f"[yellow]{step.words}[/]"
    largest = f"{int(there.config['max.message.bytes']):,}"
    return [name, str(there.partitions), f"{there.records:,}", str(there.replication), kept(there), largest, fits]


def kept(there: admin.Live) -> str:
    """How long a topic keeps its records, in words."""
    if there.config["cleanup.policy"] == "compact":
        return "newest of a key"
    retention_ms = int(there.config["retention.ms"])
    return "for ever" if retention_ms < 0 else f"{retention_ms / 86_400_000:g} days"
