"""What a stage's state, made anew, says against what stands on its output topics.

A stage counts the revisions of what it says in its state. State that was made anew, by other rules or another
program, has counted otherwise than what consumers hold. So each thing said is held against what stands: what is
the same keeps the revision that it has; what differs is said once more, under the next one; what is not said any
more is taken back. And the state is told, so that it counts on from there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from streams.stage import Store
from topics import Record, Topic

#: A thing that stands, under a name of its own among those of its stage.
Thing = Any


class Renamed(NamedTuple):
    """What a stage says no longer, by the ids that it had in its state, and what it says instead. `partition` is
    that of the state."""

    partition: int
    unsaid: Sequence[Thing]
    said: Sequence[Thing]


class Standing(ABC):
    """How one stage's conclusions are compared, corrected, and noted in its state. Pure, like the stage."""

    #: The topics that tell what stands.
    topics: tuple[Topic, ...]

    #: Where the source's beginning is missed: what begins more than this after the first record that there is, is
    #: concluded as if nothing were missed. Seconds.
    horizon_s: int

    @abstractmethod
    def thing(self, topic: Topic, record: Record) -> Thing | None:
        """What a record of an output topic says that there is; None if another than this stage says so."""

    def rename(
        self, stands: Iterable[Thing], says: Iterable[tuple[int, Thing]], stores: Mapping[int, Store]
    ) -> Iterator[Renamed]:
        """Let the state have the ids that were given out, where they depend on what came first.

        Args:
            stands: things as they stand.
            says: what the stage says, and the partition whose state it is.
            stores: the states by partition.
        """
        del stands, says, stores
        yield from ()

    @abstractmethod
    def same(self, one: Thing, other: Thing) -> bool:
        """Whether two revisions of one thing say the same."""

    @abstractmethod
    def next(self, before: Thing | None, said: Thing) -> Thing:
        """What was said, under the revision that follows on what stands."""

    @abstractmethod
    def gone(self, before: Thing, store: Store) -> Thing | None:
        """What is to be given out of a thing that is not said any more; None if nothing."""

    @abstractmethod
    def records(self, before: Thing | None, now: Thing) -> list[tuple[Topic, Record]]:
        """What is to be published so that a thing stands as it is now."""

    @abstractmethod
    def home(self, thing: Thing, stores: Mapping[int, Store]) -> int | None:
        """The partition whose state knows what a thing is said of; None if none does."""

    @abstractmethod
    def settle(self, thing: Thing, store: Store) -> None:
        """Note in the state that this is how a thing stands."""

    def refused(self, record: Any) -> Sequence[str]:
        """What a refused record tells of: things that were said of it are not said any more."""
        del record
        return ()

    def told_of(self, thing: Thing) -> str | None:
        """What a thing is said of, as `refused` names it."""
        del thing
        return None

    def finish(self, stores: Mapping[int, Store]) -> None:
        """Write what `settle` left to be written."""
        del stores
