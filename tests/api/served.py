"""The API over the seed case, or over shutdowns made up in any number, without Kafka."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import msgspec
from starlette.testclient import TestClient

from streams.api.app import create_app
from streams.api.guard import Limits
from streams.api.state import READ, State
from streams.api.store import Store
from tests.played import played
from topics import SHUTDOWN_CHANGES, SHUTDOWNS, Place, Record, Shutdown, ShutdownChange, Topic, encode

#: What the tests ask is not what a client may ask in a second.
UNLIMITED = Limits(rate=0)
PARTITIONS = 4

EXAMPLE: Shutdown = next(
    record for _, record in reversed(played()) if isinstance(record, Shutdown) and record.level == "corroborated"
)


#: A record where it lies: topic, partition, offset, bytes.
Row = tuple[Topic, int, int, bytes]


def rows(records: Iterable[tuple[Topic, Record]], after: Mapping[int, int] | None = None) -> list[Row]:
    """Where records lie on their topics: keys decide partitions, offsets go up in each."""
    offsets: dict[tuple[str, int], int] = {("shutdown-changes", part): at for part, at in (after or {}).items()}
    found = []
    for topic, record in records:
        if topic in READ:
            part = sum(topic.key(record).encode()) % PARTITIONS
            at = offsets.get((topic.name, part), 0)
            offsets[topic.name, part] = at + 1
            found.append((topic, part, at, encode(record)))
    return found


def feed(state: State, records: Iterable[tuple[Topic, Record]]) -> None:
    """Give records to a state as a consumer would."""
    for row in rows(records, state.offsets):
        state.take(*row)
    state.announce()


@contextmanager
def filled(records: Iterable[tuple[Topic, Record]] | None = None) -> Iterator[State]:
    """A state with the records of the seed case, or with others."""
    store = Store()
    try:
        state = State(store)
        feed(state, played() if records is None else records)
        yield state
    finally:
        store.close()


def client(state: State, limits: Limits = UNLIMITED) -> TestClient:
    """A client of the API over a state."""
    return TestClient(create_app(state, limits=limits), raise_server_exceptions=False)


def made_up(count: int, *, country: str = "KZ") -> list[tuple[Topic, Record]]:
    """So many shutdowns, an hour apart, with their changes."""
    found: list[tuple[Topic, Record]] = []
    for number in range(count):
        place = Place(
            kind="city", country=country, name=f"City {number}", city=number, latitude=40.0, longitude=70.0
        )
        one = msgspec.structs.replace(
            EXAMPLE,
            id=f"{country}-{number:016x}",
            revision=1,
            country=country,
            place=place,
            from_s=1_600_000_000 + 3600 * number,
            until_s=1_600_000_000 + 3600 * number + 1800,
            incident=f"incident-{number // 10}",
        )
        change = ShutdownChange(
            id=f"{one.id}/1", change="opened", changed=("level",), because=(), words="opened", shutdown=one
        )
        found += [(SHUTDOWN_CHANGES, change), (SHUTDOWNS, one)]
    return found
