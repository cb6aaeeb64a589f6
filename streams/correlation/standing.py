"""Shutdowns and candidates that stand, held against those of a state made anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from msgspec.structs import replace

from streams.correlation.candidates import no_longer
from streams.correlation.lifecycle import ended, over, step
from streams.correlation.memory import CountryMemory
from streams.correlation.naming import listed_uses
from streams.correlation.stage import CorrelateStage
from streams.stage import Store
from streams.standing import Renamed, Standing, Thing
from topics import (
    CANDIDATES,
    DROPS,
    SHUTDOWN_CHANGES,
    SHUTDOWNS,
    Candidate,
    Drop,
    Record,
    Shutdown,
    ShutdownChange,
    Topic,
)

#: Why a shutdown was retracted that a state made anew doesn't come to.
NOT_ANY_MORE = "Worked out anew from all evidence, by the rules and the program of now, it is no shutdown."


class CorrelateStanding(Standing):
    """Of the stage `correlate`. `stage` is the one that made the state: its countries are changed in memory, and
    written by `finish`.

    What ended, ended: that it would have looked otherwise when it did is no difference. Drops repeat what
    `evidence` says, under its revisions: those that the stage doesn't come to, for they have expired, stay.
    """

    topics: ClassVar[tuple[Topic, ...]] = (SHUTDOWN_CHANGES, SHUTDOWNS, CANDIDATES, DROPS)  # type: ignore[misc]

    #: Longer than any window of the rules but that of what is usual in a country.
    horizon_s = 30 * 86_400

    def __init__(self, stage: CorrelateStage) -> None:
        self._stage = stage
        self._touched: dict[str, tuple[CountryMemory, Store]] = {}

    def thing(self, topic: Topic, record: Record) -> Shutdown | Candidate | Drop | None:
        """See `Standing`. A step of a shutdown tells what stands as well as the shutdown itself does."""
        del topic
        if isinstance(record, ShutdownChange):
            return record.shutdown
        assert isinstance(record, Shutdown | Candidate | Drop)
        return record

    def rename(
        self, stands: Iterable[Thing], says: Iterable[tuple[int, Thing]], stores: Mapping[int, Store]
    ) -> Iterator[Renamed]:
        """See `Standing`. What stood with which evidence decides which shutdown gets which id, and not the order in
        which records came to this state. Ids of candidates and drops are made from what they are of.

        What had ended by the time that all evidence was in, is not said: under an id that was given out it stands
        as it stands, and nobody has heard of any other.
        """
        given_out: dict[str, dict[str, Shutdown]] = defaultdict(dict)
        for thing in stands:
            if isinstance(thing, Shutdown):
                given_out[thing.country][thing.id] = thing
        said: dict[tuple[int, str], list[Shutdown]] = defaultdict(list)
        for partition, thing in says:
            if isinstance(thing, Shutdown):
                said[partition, thing.country].append(thing)
        for (partition, country), before in sorted(said.items()):
            memory = self._stage.memory(country, stores[partition])
            memory.rename(given_out[country].values(), stores[partition])
            yield Renamed(partition, before, list(memory.state.shutdowns.values()))

    def same(self, one: Shutdown | Candidate | Drop, other: Shutdown | Candidate | Drop) -> bool:
        """See `Standing`."""
        if isinstance(one, Drop) or isinstance(other, Drop):
            return one == other
        if isinstance(one, Candidate) and isinstance(other, Candidate) and not (one.standing or other.standing):
            return True
        return one.digest == other.digest

    def next(
        self, before: Shutdown | Candidate | Drop | None, said: Shutdown | Candidate | Drop
    ) -> Shutdown | Candidate | Drop:
        """See `Standing`. Revisions are counted without a hole; a drop's is that of its outage."""
        if isinstance(said, Drop):
            return said if before is None else replace(said, revision=max(said.revision, before.revision))
        return replace(said, revision=1 if before is None else before.revision + 1)

    def gone(self, before: Shutdown | Candidate | Drop, store: Store) -> Shutdown | Candidate | None:
        """See `Standing`. Of a country's expired past nothing is known, so nothing is taken back."""
        if isinstance(before, Drop):
            return None
        memory = self._stage.memory(before.country, store)
        if memory.too_old(before):
            return None
        if isinstance(before, Candidate):
            return replace(no_longer(before), revision=before.revision + 1) if before.standing else None
        if over(before):
            return None
        used = map(memory.state.used_by, listed_uses(before, {}))
        heirs = [memory.state.shutdowns[one] for some in used for one in some]
        heir = min(heirs, key=lambda one: (one.from_s, one.id), default=None)
        return replace(ended(before, heir, NOT_ANY_MORE), revision=before.revision + 1)

    def records(
        self, before: Shutdown | Candidate | Drop | None, now: Shutdown | Candidate | Drop
    ) -> list[tuple[Topic, Record]]:
        """See `Standing`."""
        if isinstance(now, Drop):
            return [(DROPS, now)]
        if isinstance(now, Candidate):
            return [(CANDIDATES, now)]
        assert before is None or isinstance(before, Shutdown)
        change = step(before, now, ())
        return [(SHUTDOWN_CHANGES, replace(change, words=f"{change.words}; worked out anew")), (SHUTDOWNS, now)]

    def home(self, thing: Shutdown | Candidate | Drop, stores: Mapping[int, Store]) -> int | None:
        """See `Standing`."""
        return next((number for number, store in stores.items() if f"i/{thing.country}" in store), None)

    def settle(self, thing: Shutdown | Candidate | Drop, store: Store) -> None:
        """See `Standing`. Of drops nothing is kept: they are given out as evidence comes in."""
        if isinstance(thing, Drop):
            return
        memory = self._stage.memory(thing.country, store)
        if not memory.too_old(thing):
            memory.stand(thing)
            self._touched[thing.country] = memory, store

    def finish(self, stores: Mapping[int, Store]) -> None:
        """See `Standing`."""
        del stores
        for memory, store in self._touched.values():
            memory.write_conclusions(store)
            memory.write_evidence(store)
        self._touched.clear()
