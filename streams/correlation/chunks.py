"""Which chunk of a country's stored evidence a piece is in: chunks are small, and follow each other as a day fills.

A day has 16 parts, a piece's part by the hash of its id. A part is a chain of chunks: `2021-02-28/7`, and once
that has its fill, `2021-02-28/7.1`, `2021-02-28/7.2` and so on. A piece stays in its chunk. What came together lies
together, so what comes again in that order (the coverage of thousands of series, hour by hour) rewrites few chunks
and not the day.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterable
from functools import lru_cache

from topics import RECORD_LIMIT_BYTES, Claim, Evidence, Protest, encode

#: A chunk this large takes no new piece. Each piece written rewrites its chunk, so it is small.
CHUNK_BYTES = 16_384

#: No chunk gets larger than this, not by a revision either: far below Kafka's limit.
CHUNK_LIMIT_BYTES = RECORD_LIMIT_BYTES * 4 // 5

#: Chunks of a part, at most: a day of a country may have 16 times that, 67 MB.
CHAIN = 256

#: What anyone can send any number of, individuals' claims and protests, may begin no chunk from here on: a flood
#: leaves room for what is measured, and for who puts a name to a claim.
CHAIN_OF_CROWDS = CHAIN // 2


class ChunkFull(Exception):
    """A day has as much evidence as may be kept of it."""


class Chunks:
    """The ids in each chunk, and its size in bytes."""

    def __init__(self) -> None:
        self._ids: dict[str, set[str]] = {}
        self._sizes: dict[str, int] = {}
        self._chains: dict[str, list[str]] = {}

    def read(self, name: str, ids: Iterable[str], size: int) -> None:
        """Note a chunk as it is stored. Those of one part come in the order in which they were begun."""
        self._chains.setdefault(name.partition(".")[0], []).append(name)
        self._ids[name] = set(ids)
        self._sizes[name] = size

    def ids(self, name: str) -> list[str]:
        """The ids of a chunk, sorted."""
        return sorted(self._ids[name])

    def check_room(self, piece: Evidence, old: Evidence | None) -> None:
        """Raises ChunkFull if the day of a piece can't take it, instead of an older revision if there is one."""
        size = len(encode(piece)) + 1
        name = self._home(piece, size)
        freed = len(encode(old)) + 1 if old is not None and self._find(old) == name else 0
        is_new = piece.id not in self._ids.get(name, ())
        most = CHAIN_OF_CROWDS if is_new and _of_a_crowd(piece) else CHAIN
        if self._sizes.get(name, 2) + size - freed > CHUNK_LIMIT_BYTES or self._number(name) >= most:
            raise ChunkFull(
                f"{day_of(piece.from_s)} has as much evidence in {piece.country} as may be kept of a day"
            )

    def put(self, piece: Evidence, old: Evidence | None) -> list[str]:
        """Put a piece into its chunk, instead of an older revision: the names of what changed, its own first."""
        size = len(encode(piece)) + 1
        name = self._home(piece, size)
        before = None if old is None else self._find(old)
        if old is not None and before is not None:
            self._ids[before].discard(piece.id)
            self._sizes[before] -= len(encode(old)) + 1
        if name not in self._ids:
            self.read(name, (), 2)
        self._ids[name].add(piece.id)
        self._sizes[name] += size
        return [name] if before in (None, name) else [name, str(before)]

    def drop(self, name: str) -> set[str]:
        """Forget a chunk of a day that goes: the ids that it had."""
        self._chains.pop(name.partition(".")[0], None)
        self._sizes.pop(name, None)
        return self._ids.pop(name, set())

    def _find(self, piece: Evidence) -> str | None:
        """The chunk of a piece's part that has its id."""
        return next((name for name in self._chains.get(part_of(piece), ()) if piece.id in self._ids[name]), None)

    def _home(self, piece: Evidence, size: int) -> str:
        """The chunk that a piece is in, or goes into: the last of its part, or a new one."""
        found = self._find(piece)
        if found is not None:
            return found
        part = part_of(piece)
        chain = self._chains.get(part, ())
        if not chain:
            return part
        last = chain[-1]
        return last if not self._ids[last] or self._sizes[last] + size <= CHUNK_BYTES else f"{part}.{len(chain)}"

    @staticmethod
    def _number(name: str) -> int:
        return int(name.partition(".")[2] or 0)


def _of_a_crowd(piece: Evidence) -> bool:
    return isinstance(piece, Protest) or (isinstance(piece, Claim) and piece.reporter == "individual")


@lru_cache(maxsize=65_536)
def _day_of_number(days: int) -> str:
    return (dt.date(1970, 1, 1) + dt.timedelta(days=days)).isoformat()


def day_of(seconds: int) -> str:
    """The UTC day of a moment, as keys have it."""
    return _day_of_number(seconds // 86_400)


def part_of(piece: Evidence) -> str:
    """The part of a day that a piece belongs to; its first chunk is called the same."""
    return f"{day_of(piece.from_s)}/{zlib.crc32(piece.id.encode()) % 16:x}"
