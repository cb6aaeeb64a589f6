"""What a stage is: a pure step from the records of one topic to records of others, with its state in a store.

The same stage runs in a Faust agent, its store a table, and offline, its store a dict. A stage knows no
Kafka, no clock and does no I/O: what it needs to remember, it keeps in the store, as bytes by key.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from streams.errors import UNREADABLE, StreamsError
from topics import DROPS, EVIDENCE, FORM_REPORTS, MEASUREMENTS, NEWS, REPORTS, Record, Topic
from topics.invalid import InvalidReason

#: The stages in the order of the flow, and what each reads: known without loading what they compute with.
SOURCES: dict[str, Topic] = {
    "detect": MEASUREMENTS,
    "claims": REPORTS,
    "protests": NEWS,
    "correlate": EVIDENCE,
    "watch": DROPS,
}

#: What reads `form-reports`, and is no stage: `shutdowns release-reports`. Its group is named after it.
RELEASE = "release"

#: What a run without Kafka takes: the topics that others than the stages write. What correlation gives to `watch`
#: it works out itself.
INPUTS: tuple[Topic, ...] = (MEASUREMENTS, FORM_REPORTS, REPORTS, NEWS, EVIDENCE)

#: State by key. Values stay under `RECORD_LIMIT_BYTES`: each write is a record of a changelog.
Store = MutableMapping[str, bytes]


#: Keys that begin so are none of a stage's: theirs are UTF-8, in which this byte never occurs.
OURS = b"\xff"

#: Under this key each partition's state says of which layout it is, in digits.
LAYOUT_KEY = OURS + b"layout"


#: Under this key each partition's state says on how many records in a row its stage failed, in digits.
POISONED_KEY = OURS + b"poisoned"


@dataclass(frozen=True, slots=True)
class Refused:
    """A record of a batch that a stage can't use: its index in the batch, and why."""

    index: int
    reason: InvalidReason
    detail: str
    field: str | None = None


@dataclass(slots=True)
class Result:
    """What a batch came to. `out` is in order; a record refused gives nothing to `out`, unless a part of it can be
    used (see `streams.detection.stage`)."""

    out: list[tuple[Topic, Record]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


class StateError(StreamsError):
    """A value of a stage's state is not what the stage wrote. The message names its key."""


@contextmanager
def restoring(key: str) -> Iterator[None]:
    """What reads a value of the state, to be told as what it is where the value is damaged.

    Raises:
        StateError: it is.
    """
    try:
        yield
    except (*UNREADABLE, zlib.error, ValueError, LookupError, TypeError, OverflowError, MemoryError) as error:
        raise StateError(
            f"the state under {key!r} is not what this stage wrote ({type(error).__name__}: {error}). Nothing is "
            "committed: make the state anew (`shutdowns rebuild`), and see who else may write to the changelog"
        ) from error


class Stage(Protocol):
    """One step of the flow.

    `process` takes a batch of decoded records of `source`, all of one partition (so a key's records come
    in order and its state is in `store`), and must be deterministic and idempotent: after a crash the same
    records come again, with a store that holds all, some or none of what was written for them before.
    Writes reach the real store in the order in which keys were last written, after everything in `out`
    is safely on its topic; so a stage writes what guards against repeating an output before what would
    make it believe that the input was already seen.
    """

    @property
    def name(self) -> str: ...

    @property
    def source(self) -> Topic: ...

    @property
    def outputs(self) -> tuple[Topic, ...]: ...

    @property
    def layout(self) -> int:
        """The version of what it keeps in the store: raised when state written before can't be read any more."""

    def process(self, records: Sequence[Any], store: Store) -> Result: ...

    def forget(self) -> None:
        """Drop what is cached of the store: its partitions may belong to another worker now."""


class Overlay(MutableMapping[str, bytes]):
    """A store's unwritten changes, over the store.

    >>> under = {"a": b"1"}
    >>> over = Overlay(under)
    >>> over["b"] = b"2"
    >>> del over["a"]
    >>> under, over.get("a"), list(over.changes())
    ({'a': b'1'}, None, [('b', b'2'), ('a', None)])
    """

    def __init__(self, under: Store) -> None:
        self._under = under
        self._changed: dict[str, bytes | None] = {}

    def __getitem__(self, key: str) -> bytes:
        if key in self._changed:
            value = self._changed[key]
            if value is None:
                raise KeyError(key)
            return value
        return self._under[key]

    def __setitem__(self, key: str, value: bytes) -> None:
        self._changed.pop(key, None)
        self._changed[key] = value

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        self._changed.pop(key, None)
        self._changed[key] = None

    def __contains__(self, key: object) -> bool:
        if key in self._changed:
            return self._changed[key] is not None
        return key in self._under

    def __iter__(self) -> Iterator[str]:
        yield from (key for key in self._under if key not in self._changed)
        yield from (key for key, value in self._changed.items() if value is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def changes(self) -> Iterator[tuple[str, bytes | None]]:
        """Key and new value of each change, the one written last comes last; None for a deletion."""
        yield from self._changed.items()
