"""Common drops that stand, held against those of a state made anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from streams.stage import Store, restoring
from streams.standing import Standing
from streams.watch.drop_store import COUNTER
from streams.watch.pieces import BEGINS
from streams.watch.rules import DAY_S
from topics import EVIDENCE, CommonDrop, Record, Topic


class WatchStanding(Standing):
    """Of the stage `watch`. Its state counts changes, and a piece's revision is that count.

    The count is raised so that the next revision lies above every one that was published.
    """

    topics: ClassVar[tuple[Topic, ...]] = (EVIDENCE,)  # type: ignore[misc]

    #: Longer than drops are compared over: blocking over two days either side.
    horizon_s = 5 * DAY_S

    def thing(self, topic: Topic, record: Record) -> CommonDrop | None:
        """See `Standing`."""
        del topic
        return record if isinstance(record, CommonDrop) and record.id.startswith(BEGINS) else None

    def same(self, one: CommonDrop, other: CommonDrop) -> bool:
        """See `Standing`. A piece that was withdrawn says nothing but that."""
        return (one.withdrawn and other.withdrawn) or replace(one, revision=other.revision) == other

    def next(self, before: CommonDrop | None, said: CommonDrop) -> CommonDrop:
        """See `Standing`."""
        return said if before is None else replace(said, revision=max(said.revision, before.revision + 1))

    def gone(self, before: CommonDrop, store: Store) -> CommonDrop | None:
        """See `Standing`."""
        del store
        return None if before.withdrawn else replace(before, revision=before.revision + 1, withdrawn=True)

    def records(self, before: CommonDrop | None, now: CommonDrop) -> list[tuple[Topic, Record]]:
        """See `Standing`."""
        del before
        return [(EVIDENCE, now)]

    def home(self, thing: CommonDrop, stores: Mapping[int, Store]) -> int | None:
        """See `Standing`. All drops have one key, so one partition has them all."""
        del thing
        return next((number for number, store in stores.items() if COUNTER in store), None)

    def settle(self, thing: CommonDrop, store: Store) -> None:
        """See `Standing`."""
        with restoring(COUNTER):
            count = msgspec.msgpack.decode(store.get(COUNTER, b"\x00"), type=int)
        if thing.revision > count:
            store[COUNTER] = msgspec.msgpack.encode(thing.revision)
