"""Claims and protests that stand, held against those of a state made anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from streams.located import LOCATED, Located, bound, bound_id, piece_revision
from streams.stage import Store
from streams.standing import Standing
from topics import EVIDENCE, Claim, NewsItem, Protest, Record, Report, Topic


class LocatedStanding(Standing):
    """Of the stages `claims` and `protests`. A piece is told of by one record, whose id its state is kept under."""

    topics: ClassVar[tuple[Topic, ...]] = (EVIDENCE,)  # type: ignore[misc]

    #: A record may tell of what is a day or two ahead.
    horizon_s = 2 * 86_400

    def __init__(self, kind: type[Claim] | type[Protest]) -> None:
        self._kind = kind

    def thing(self, topic: Topic, record: Record) -> Claim | Protest | None:
        """See `Standing`."""
        del topic
        made = isinstance(record, self._kind) and record.id.startswith(("claim/", "protest/"))
        return record if made else None  # type: ignore[return-value]

    def same(self, one: Claim | Protest, other: Claim | Protest) -> bool:
        """See `Standing`."""
        # A piece that was withdrawn says nothing but that.
        return (one.withdrawn and other.withdrawn) or replace(one, revision=other.revision) == other

    def next(self, before: Claim | Protest | None, said: Claim | Protest) -> Claim | Protest:
        """See `Standing`."""
        return said if before is None else replace(said, revision=max(said.revision, before.revision + 1))

    def gone(self, before: Claim | Protest, store: Store) -> Claim | Protest | None:
        """See `Standing`."""
        del store
        return None if before.withdrawn else replace(before, revision=before.revision + 1, withdrawn=True)

    def records(self, before: Claim | Protest | None, now: Claim | Protest) -> list[tuple[Topic, Record]]:
        """See `Standing`."""
        del before
        return [(EVIDENCE, now)]

    def home(self, thing: Claim | Protest, stores: Mapping[int, Store]) -> int | None:
        """See `Standing`."""
        return next((number for number, store in stores.items() if self.told_of(thing) in store), None)

    def settle(self, thing: Claim | Protest, store: Store) -> None:
        """See `Standing`. What comes next of its record has a revision above this one."""
        name = self.told_of(thing)
        known = store.get(name)
        state = Located(-1, "", ()) if known is None else LOCATED.decode(known)
        own = piece_revision(state.revision, state.digest) if state.digest else 0
        if thing.revision > max(own, state.floor):
            store[name] = msgspec.msgpack.encode(replace(state, floor=thing.revision))

    def refused(self, record: Report | NewsItem) -> Sequence[str]:
        """See `Standing`."""
        return (bound_id(record),)

    def told_of(self, thing: Claim | Protest) -> str:
        """See `Standing`."""
        return bound(thing.origin.source, thing.report if isinstance(thing, Claim) else thing.item)
