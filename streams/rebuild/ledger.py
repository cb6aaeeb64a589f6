"""What a rebuild holds while it works: a stage's new state, what the stage says, and what stands. On disk.

All of it is in one RocksDB in a folder of its own, thrown away in the end: a million series fit as well as ten.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import rocksdict

from streams.reading import NO_LIMIT_BYTES
from streams.stage import Store
from streams.standing import Standing, Thing
from topics import (
    CANDIDATES,
    DROPS,
    EVIDENCE,
    SHUTDOWN_CHANGES,
    SHUTDOWNS,
    Candidate,
    Drop,
    Record,
    Shutdown,
    Topic,
    decode,
    encode,
    topic_named,
)


class Shelf(Store):
    """Values by key, in a database with others. Keys are in the order of their bytes."""

    def __init__(self, database: Any, name: str) -> None:
        self._database = database
        self._begin = name.encode() + b"\0"

    def __getitem__(self, key: str) -> bytes:
        found = self._database.get(self._begin + key.encode())
        if found is None:
            raise KeyError(key)
        return bytes(found)

    def __setitem__(self, key: str, value: bytes) -> None:
        self._database.put(self._begin + key.encode(), value)

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        self._database.delete(self._begin + key.encode())

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._database.get(self._begin + key.encode()) is not None

    def __iter__(self) -> Iterator[str]:
        return (key for key, _ in self.rows())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def rows(self) -> Iterator[tuple[str, bytes]]:
        """Keys and values, as they are now: what is written meanwhile doesn't count."""
        for key, value in self._database.items(from_key=self._begin):
            if not key.startswith(self._begin):
                return
            yield key[len(self._begin) :].decode(), bytes(value)


class Difference(NamedTuple):
    """A thing: as it stands, and as the new state says it; None where it doesn't. `partition` is that of the state
    which says it; `behind` are topics that lack what stands elsewhere, and what they have of it."""

    stands: Thing | None
    says: Thing | None
    partition: int | None
    behind: tuple[tuple[Topic, Thing | None], ...]


class Ledger:
    """The shelves of one stage, and where what it says differs from what stands: kept up with every entry.

    `whole` are the output topics of which nothing was removed: what they don't have, they never had.
    """

    def __init__(self, folder: Path, standing: Standing) -> None:
        self._standing = standing
        self._database = rocksdict.Rdict(str(folder), rocksdict.Options(raw_mode=True))
        self._said = Shelf(self._database, "said")
        self._stands = {topic: Shelf(self._database, f"stands/{topic.name}") for topic in standing.topics}
        self._differs = Shelf(self._database, "differs")
        self.states: dict[int, Store] = {}
        self.whole: set[Topic] = set()
        #: By id of the record for `invalid`: when its record arrived in milliseconds, a blank, and its bytes.
        self.refused = Shelf(self._database, "refused")
        #: What refused records tell of: the partition that they belong to.
        self.told_of = Shelf(self._database, "told-of")

    def state(self, partition: int) -> Store:
        """The new state of one partition."""
        if partition not in self.states:
            self.states[partition] = Shelf(self._database, f"state/{partition}")
        return self.states[partition]

    def say(self, topic: Topic, record: Record, partition: int) -> None:
        """Note that the stage says a thing, and that the state of a partition is what says it."""
        thing = self._standing.thing(topic, record)
        if thing is not None:
            self.say_thing(thing, partition)

    def say_thing(self, thing: Thing, partition: int) -> None:
        """Note that the state of a partition says a thing."""
        name = _name(thing)
        self._said[name] = b"%d " % partition + encode(thing)
        self._compare(name)

    def unsay(self, thing: Thing) -> None:
        """Note that the stage says a thing no longer."""
        name = _name(thing)
        self._said.pop(name, None)
        if any(self._stands[topic].get(name) for topic in _telling(name)):
            self._compare(name)
        else:
            self._differs.pop(name, None)

    def says(self) -> Iterator[tuple[int, Thing]]:
        """What the stage says, and the partition whose state it is."""
        for name, value in self._said.rows():
            partition, _, thing = value.partition(b" ")
            yield int(partition), _read(name, thing)

    def stand(self, topic: Topic, record: Record) -> None:
        """Note that a record of an output topic was read: the newest revision of a thing counts."""
        thing = self._standing.thing(topic, record)
        if thing is None:
            return
        name = _name(thing)
        before = _read(name, self._stands[topic].get(name))
        if before is None or _rank(thing) >= _rank(before):
            self._stands[topic][name] = encode(thing)
            self._compare(name)

    def _compare(self, name: str) -> None:
        said = self._said.get(name, b"").partition(b" ")[2]
        if not all(said == self._stands[topic].get(name) for topic in _telling(name)):
            one = self.difference(name)
            if one.behind or one.stands is None or one.says is None or one.stands.revision != one.says.revision:
                self._differs[name] = b""
                return
            if not self._standing.same(one.stands, one.says):
                self._differs[name] = b""
                return
        self._differs.pop(name, None)

    def difference(self, name: str) -> Difference:
        """A thing as it stands and as it is said."""
        partition, _, value = self._said.get(name, b"").partition(b" ")
        known = [(topic, _read(name, self._stands[topic].get(name))) for topic in _telling(name)]
        stands = max((thing for _, thing in known if thing is not None), key=_rank, default=None)
        behind = tuple(
            (topic, thing) for topic, thing in known if stands is not None and self._lacks(topic, thing, stands)
        )
        return Difference(stands, _read(name, value), int(partition) if partition else None, behind)

    def _lacks(self, topic: Topic, thing: Thing | None, stands: Thing) -> bool:
        """Whether a topic lacks what stands. Of one from which some was removed, that can't be known of what it has
        nothing of."""
        if thing is not None:
            return bool(thing.revision < stands.revision)
        return topic.cleanup == "compact" or (topic in self.whole and stands.revision == 1)

    def differences(self) -> Iterator[Difference]:
        """Where the two differ, or count revisions otherwise."""
        for name, _ in self._differs.rows():
            yield self.difference(name)

    def standing(self) -> Iterator[Thing]:
        """The things that the output topics tell of, as they stand by all of the topics: one may come twice."""
        for shelf in self._stands.values():
            for name, _ in shelf.rows():
                yield self.difference(name).stands

    def close(self) -> None:
        """Let go of the files."""
        self._database.close()


def _name(thing: Thing) -> str:
    """A name that tells where a thing stands."""
    homes: dict[type[Record], Topic] = {Shutdown: SHUTDOWNS, Candidate: CANDIDATES, Drop: DROPS}
    return f"{homes.get(type(thing), EVIDENCE).name}/{thing.id}"


def _telling(name: str) -> tuple[Topic, ...]:
    """The topics that tell of a thing."""
    base = topic_named(name.partition("/")[0])
    return (SHUTDOWN_CHANGES, SHUTDOWNS) if base is SHUTDOWNS else (base,)


def _read(name: str, value: bytes | None) -> Thing | None:
    return decode(topic_named(name.partition("/")[0]), value, NO_LIMIT_BYTES) if value else None


def _rank(thing: Thing) -> tuple[int, bytes]:
    """Of two pieces of evidence with one revision the longer counts, as it does for whoever reads them."""
    return thing.revision, b"" if isinstance(thing, Shutdown | Candidate | Drop) else encode(thing)
