"""The present state in memory: every shutdown by id, in order, and by country; and the head of the stream."""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right, insort
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import msgspec
import orjson

from streams.api.store import Store
from streams.errors import UNREADABLE
from topics import (
    CANDIDATES,
    EVIDENCE,
    MEASUREMENTS,
    SHUTDOWN_CHANGES,
    SHUTDOWNS,
    Candidate,
    InvalidRecord,
    Measurement,
    Shutdown,
    ShutdownChange,
    Topic,
    decode,
    encode,
)
from topics.base import Signed, Whole

#: The topics that are read, those first that make the API ready.
READ: tuple[Topic, ...] = (SHUTDOWNS, SHUTDOWN_CHANGES, CANDIDATES, EVIDENCE, MEASUREMENTS)
NEEDED: tuple[Topic, ...] = (SHUTDOWNS, SHUTDOWN_CHANGES, CANDIDATES)

#: Whatever Kafka took is read.
_NO_LIMIT = 2**31

#: How many of the newest changes are kept in memory for those who follow the stream; older ones are in the store.
AT_HEAD = 2000

#: What a shutdown's summary leaves out: most of its bytes.
DETAILS = ("evidence", "why", "contributions", "explanations")

#: Order of shutdowns: the newest first, then by id.
Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A shutdown, its place in the order, and its summary as JSON, made once."""

    shutdown: Shutdown
    key: Key
    summary: bytes


@dataclass(frozen=True)
class Event:
    """A change in the stream: its number in the order of arrival, its partition and offset, and its bytes.

    What many clients get is made once.
    """

    seq: int
    part: int
    at: int
    body: bytes

    @cached_property
    def change(self) -> ShutdownChange:
        """The record."""
        found: ShutdownChange = decode(SHUTDOWN_CHANGES, self.body, _NO_LIMIT)
        return found

    @cached_property
    def full(self) -> bytes:
        """All of a server-sent event but its id. JSON has no line breaks: a record is one line of data."""
        return b"event: %b\ndata: %b\n\n" % (self.change.change.encode(), self.body)

    @cached_property
    def short(self) -> bytes:
        """The same without the details of the shutdown."""
        bare = msgspec.structs.replace(self.change.shutdown, **dict.fromkeys(DETAILS, ()))
        body = encode(msgspec.structs.replace(self.change, shutdown=bare))
        return b"event: %b\ndata: %b\n\n" % (self.change.change.encode(), body)


class _Origin(msgspec.Struct):
    source: str = ""


class _Piece(msgspec.Struct):
    """What of a piece of evidence the store and the figures need to know."""

    id: str
    origin: _Origin = msgspec.field(default_factory=_Origin)
    schema: str = ""
    country: str = ""
    drop: str | None = None
    until_s: Signed | None = None
    revision: Whole = 0
    withdrawn: bool = False

    @property
    def is_open_outage(self) -> bool:
        return self.schema.startswith("outage/") and self.until_s is None and not self.withdrawn


def summary(shutdown: Shutdown) -> bytes:
    """A shutdown as JSON without its details."""
    content = msgspec.to_builtins(shutdown)
    for name in DETAILS:
        del content[name]
    return orjson.dumps(content)


def key_of(shutdown: Shutdown) -> Key:
    """Where a shutdown stands in the order."""
    return (-shutdown.from_s, shutdown.id)


@dataclass(slots=True)
class State:
    """Fed with records of the topics in any order of partitions; asked by the handlers, in the same thread."""

    store: Store
    entries: dict[str, Entry] = field(default_factory=dict)
    candidates: dict[str, Candidate] = field(default_factory=dict)
    #: Counts whatever changed: what was computed at one version holds until the next.
    version: int = 0
    #: Records that could not be read. They are someone else's fault, and no reason to stop.
    unreadable: int = 0
    #: For figures: how many shutdowns there are by level and status, how many open ones by incident, and of each
    #: outage without an end its source.
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    open_incidents: dict[str, int] = field(default_factory=dict)
    open_outages: dict[str, str] = field(default_factory=dict)
    offsets: dict[int, int] = field(default_factory=dict)
    events: deque[Event] = field(default_factory=lambda: deque(maxlen=AT_HEAD))
    _common_drops: dict[tuple[str, str], str] = field(default_factory=dict)
    _all: list[Key] = field(default_factory=list)
    _by_country: dict[str, list[Key]] = field(default_factory=dict)
    _piece: msgspec.json.Decoder[_Piece] = field(default_factory=lambda: msgspec.json.Decoder(_Piece))
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, topic: Topic, part: int, offset: int, value: bytes | None) -> None:
        """Take in one record."""
        try:
            if topic is SHUTDOWNS:
                self._take_shutdown(decode(topic, value, _NO_LIMIT))
            elif topic is SHUTDOWN_CHANGES:
                self._take_change(part, offset, decode(topic, value, _NO_LIMIT), value or b"")
            elif topic is CANDIDATES:
                self._take_candidate(decode(topic, value, _NO_LIMIT))
            elif topic is EVIDENCE and value is not None:
                self._take_piece(self._piece.decode(value), value)
            elif topic is MEASUREMENTS and value is not None:
                frame: Measurement = decode(topic, value, _NO_LIMIT)
                self.store.add_frame(frame.id, frame.country, (frame.from_s, frame.until_s), value)
        except (InvalidRecord, *UNREADABLE):
            self.unreadable += 1

    def _take_piece(self, piece: _Piece, value: bytes) -> None:
        if not self.store.add_evidence(piece.id, piece.revision, value):
            return
        if piece.drop is not None:
            self._common_drops[piece.drop, piece.country] = piece.id
        if piece.is_open_outage:
            self.open_outages[piece.id] = piece.origin.source
        else:
            self.open_outages.pop(piece.id, None)

    def common_drop(self, drop: str, country: str) -> str | None:
        """Return the id of the piece by which a drop in several countries concerns one of them."""
        return self._common_drops.get((drop, country))

    def _take_shutdown(self, shutdown: Shutdown) -> None:
        there = self.entries.get(shutdown.id)
        if there is not None:
            if there.shutdown.revision >= shutdown.revision:
                return
            self._unlist(there)
            self._count(there.shutdown, -1)
        self._count(shutdown, 1)
        entry = Entry(shutdown, key_of(shutdown), summary(shutdown))
        self.entries[shutdown.id] = entry
        for keys in (self._all, self._by_country.setdefault(shutdown.country, [])):
            insort(keys, entry.key)
        self.version += 1

    def _count(self, shutdown: Shutdown, by: int) -> None:
        self.counts[shutdown.level, shutdown.status] += by
        if shutdown.status == "open":
            left = self.open_incidents.pop(shutdown.incident, 0) + by
            if left:
                self.open_incidents[shutdown.incident] = left

    def _unlist(self, entry: Entry) -> None:
        for keys in (self._all, self._by_country[entry.shutdown.country]):
            del keys[bisect_left(keys, entry.key)]

    def _take_change(self, part: int, offset: int, change: ShutdownChange, value: bytes) -> None:
        shutdown = change.shutdown
        seq = self.store.add_change(part, offset, shutdown.id, shutdown.revision, value)
        self.offsets[part] = max(offset + 1, self.offsets.get(part, 0))
        if seq is None:
            return
        self._take_shutdown(shutdown)
        self.events.append(Event(seq, part, offset, value))

    def _take_candidate(self, candidate: Candidate) -> None:
        there = self.candidates.get(candidate.id)
        if there is None or candidate.revision > there.revision:
            self.candidates[candidate.id] = candidate
            self.version += 1

    def announce(self) -> None:
        """Wake those who wait for changes."""
        self._wake.set()
        self._wake = asyncio.Event()

    async def changed(self) -> None:
        """Return at the next announcement."""
        await self._wake.wait()

    def listed(self, countries: frozenset[str] = frozenset(), after: Key | None = None) -> Iterator[Entry]:
        """Shutdowns of all or some countries in order, those after a key."""
        keys = self._by_country.get(next(iter(countries)), []) if len(countries) == 1 else self._all
        for at in range(0 if after is None else bisect_right(keys, after), len(keys)):
            entry = self.entries[keys[at][1]]
            if not countries or entry.shutdown.country in countries:
                yield entry


def position_text(offsets: dict[int, int]) -> str:
    """Where a reader of the stream stands: the next offset of each partition, `0:12,1:5`.

    It means the same to any server that reads the same topics, before and after a restart.
    """
    return ",".join(f"{part}:{offset}" for part, offset in sorted(offsets.items()))


def read_position(text: str) -> dict[int, int]:
    """The offsets of a position.

    Raises:
        ValueError: it is none.
    """
    found: dict[int, int] = {}
    for one in text.split(",") if text else ():
        part, _, offset = one.partition(":")
        if not (part.isascii() and part.isdigit() and offset.isascii() and offset.isdigit()) or len(one) > 30:
            raise ValueError(f"{text[:60]!r} is no position of the stream, like `0:12,1:5`")
        found[int(part)] = int(offset)
    return found
