"""Whether the state that a worker was given is one that it can work on: looked at whenever it gets partitions.

The supervisor looks before it starts (`streams.checks`), but a changelog can be made anew while a worker
starts, or while it is cut off from Kafka. Whoever makes it anew (`streams.rebuild`) first sees to it that no check
passes any more, and then that the group has no members. A worker is a member when it looks here, so one of the two
notices.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, NamedTuple

from streams import admin
from streams.agents.table import PartitionStore, StateTable
from streams.checks import check_changelog
from streams.datadir import MARK
from streams.settings import Settings
from streams.stage import SOURCES, Stage
from topics import Topic


class UnfitStateError(Exception):
    """The state is none that this worker can work on; the words say why, and what to do."""


class Seen(NamedTuple):
    """A changelog from outside: its id, whether it holds anything, and whether the group has got anywhere."""

    changelog: str
    empty: bool
    begun: bool


def look(settings: Settings, stage: str, source: Topic) -> Seen:
    """Look at a stage's changelog and its group.

    Raises:
        KafkaUnreachableError: no broker answers.
        TopicsError: the changelog is missing, unfinished, or doesn't fit its source.
    """
    with admin.connected(settings) as client:
        changelog = check_changelog(client, settings, stage, source)
        there = admin.live(client, [settings.changelog(stage)], count=True)
        group = settings.group(stage)
        committed = admin.persistently(lambda: client.list_group_offsets([group])).get(group, {})
    empty = not any(one.records for one in there.values())
    return Seen(changelog, empty, any(one.offset > 0 for one in committed.values()))


async def demand(table: StateTable, partitions: list[int], stage: Stage, settings: Settings, folder: Path) -> None:
    """That the state of some partitions, as recovered, is whole, current, and of the layout that the stage reads.
    State that doesn't say its layout is of the first; from here on it says so.

    Raises:
        UnfitStateError: it is not, and never will be without a rebuild.
        StreamsError: its changelog was made anew, or is about to be; or Kafka doesn't answer.
    """
    seen = await asyncio.to_thread(look, settings, stage.name, stage.source)
    if seen.changelog != (folder / MARK).read_text():
        raise admin.TopicsError(f"{settings.changelog(stage.name)} was made anew")
    if seen.empty and seen.begun and stage.name in SOURCES:
        raise UnfitStateError(
            f"the state of {stage.name} is gone: its changelog {settings.changelog(stage.name)} is empty, though "
            f"records were processed. Run `{admin.rebuild_command(settings, stage.name)}`"
        )
    for partition in partitions:
        layout = table.layout(partition)
        kept = 1 if layout is None and _any(table, partition) else layout
        if kept not in (None, stage.layout):
            raise UnfitStateError(
                f"state of {stage.name} is of layout {kept}, this program reads {stage.layout}: "
                f"run `{admin.rebuild_command(settings, stage.name)}` with it, or go on with the program before"
            )
        if layout is None:
            await table.mark(partition, stage.layout)


def _any(table: Any, partition: int) -> bool:
    return next(iter(PartitionStore(table, partition)), None) is not None
