"""Where the correlation stage keeps a country: evidence in chunks of a day, shutdowns one by one, and an index.

Keys (CC is the country):

    e/CC/2021-02-28/7      evidence that begins on that UTC day, in 16 parts by the hash of its id
    s/CC/KZ-0123456789ab   one shutdown as last given out, with the ids it was made of
    i/CC                   the months that have either
    i/CC/2021-02           that month's chunks and shutdowns

Everything is found by key, so that a country is read without going through the whole store.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import msgspec
import orjson

from streams.correlation.country import CountryState
from streams.correlation.rules import Rules
from streams.stage import Store
from topics import EVIDENCE, RECORD_LIMIT_BYTES, SHUTDOWNS, Evidence, Shutdown, decode, digest, encode

#: A chunk this large takes no more evidence: far above any real day, far below Kafka's limit.
CHUNK_LIMIT_BYTES = RECORD_LIMIT_BYTES * 4 // 5


class ChunkFull(Exception):
    """A day has more evidence than its chunk may hold."""


def _month(day: str) -> str:
    return day[:7]


def _day(seconds: int) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).date().isoformat()


class CountryMemory:
    """One country's state in a store: read at once, written piece by piece."""

    def __init__(self, country: str, rules: Rules, store: Store) -> None:
        self.country = country
        self.rules = rules
        self.state = CountryState(rules)
        self._chunks: dict[str, dict[str, bytes]] = defaultdict(dict)
        self._chunk_of: dict[str, str] = {}
        self._months: dict[str, dict[str, list[str]]] = {}
        self._dirty: dict[str, set[str]] = {"s": set(), "i": set(), "e": set()}
        self._gone: set[str] = set()
        self._read(store)

    # ------------------------------------------------------------------ reading

    def _read(self, store: Store) -> None:
        for month in orjson.loads(store.get(f"i/{self.country}", b"[]")):
            self._months[month] = orjson.loads(store[f"i/{self.country}/{month}"])
            for part in self._months[month]["e"]:
                for raw in orjson.loads(store.get(f"e/{self.country}/{part}", b"[]")):
                    self._remember(decode(EVIDENCE, orjson.dumps(raw)), part)
            for key in self._months[month]["s"]:
                value = store.get(f"s/{self.country}/{key}")
                if value is not None:
                    kept = orjson.loads(value)
                    shutdown: Shutdown = decode(SHUTDOWNS, orjson.dumps(kept["shutdown"]))
                    self.state.restore(shutdown, tuple(kept["uses"]))

    def _remember(self, piece: Evidence, part: str) -> None:
        self.state.load(piece)
        self._chunks[part][piece.id] = encode(piece)
        self._chunk_of[piece.id] = part

    # ------------------------------------------------------------------ taking in

    def check_room(self, piece: Evidence) -> None:
        """Raises ChunkFull if the day of a piece can't take it."""
        chunk = self._chunks.get(_part(piece), {})
        size = sum(map(len, chunk.values())) - len(chunk.get(piece.id, b"")) + len(encode(piece))
        if size > CHUNK_LIMIT_BYTES:
            raise ChunkFull(f"{_day(piece.from_s)} has {size:,} bytes of evidence in {self.country} already")

    def too_old(self, piece: Evidence) -> bool:
        """Whether a piece is older than what is kept: `expiry_s` before the newest month."""
        if not self._months:
            return False
        return _month(_day(piece.from_s)) < self._expiry()

    def keep(self, piece: Evidence) -> None:
        """Note that a piece was taken in, to be written."""
        part = _part(piece)
        before = self._chunk_of.get(piece.id)
        if before is not None and before != part:
            del self._chunks[before][piece.id]
            self._dirty["e"].add(before)
        self._chunks[part][piece.id] = encode(piece)
        self._chunk_of[piece.id] = part
        self._dirty["e"].add(part)
        self._enter(_month(part), "e", part)

    def keep_shutdown(self, shutdown: Shutdown) -> None:
        """Note that a shutdown was given out, to be written."""
        self._dirty["s"].add(shutdown.id)
        if not any(shutdown.id in month["s"] for month in self._months.values()):
            self._enter(_month(_day(shutdown.from_s)), "s", shutdown.id)

    def _enter(self, month: str, kind: str, name: str) -> None:
        entry = self._months.setdefault(month, {"e": [], "s": []})
        if name not in entry[kind]:
            entry[kind].append(name)
            self._dirty["i"].add(month)

    # ------------------------------------------------------------------ writing

    def write_shutdowns(self, store: Store) -> None:
        """Write what was given out, and the index. To be called before `write_evidence`, see `streams.stage`."""
        self._expire()
        for key in sorted(self._dirty["s"]):
            kept = {
                "shutdown": msgspec.to_builtins(self.state.shutdowns[key]),
                "uses": self.state.uses.get(key, ()),
            }
            store[f"s/{self.country}/{key}"] = orjson.dumps(kept)
        if self._dirty["i"]:
            for month in sorted(self._dirty["i"] & self._months.keys()):
                store[f"i/{self.country}/{month}"] = orjson.dumps(self._months[month])
            store[f"i/{self.country}"] = orjson.dumps(sorted(self._months))
        self._dirty["s"].clear()
        self._dirty["i"].clear()

    def write_evidence(self, store: Store) -> None:
        """Write the evidence, and delete what has expired."""
        for part in sorted(self._dirty["e"]):
            rows = [value for _, value in sorted(self._chunks[part].items())]
            store[f"e/{self.country}/{part}"] = b"[" + b",".join(rows) + b"]"
        self._dirty["e"].clear()
        for key in sorted(self._gone):
            if key in store:
                del store[key]
        self._gone.clear()

    # ------------------------------------------------------------------ expiry

    def _expiry(self) -> str:
        newest = dt.datetime.fromisoformat(max(self._months) + "-01").replace(tzinfo=dt.UTC)
        return _month(_day(int(newest.timestamp()) - self.rules.seconds("expiry_s")))

    def _expire(self) -> None:
        if not self._dirty["i"]:
            return
        for month in [month for month in self._months if month < self._expiry()]:
            entry = self._months.pop(month)
            pieces = [key for part in entry["e"] for key in self._chunks.pop(part, {})]
            self.state.drop(pieces, [key for key in entry["s"] if key in self.state.shutdowns])
            for key in pieces:
                del self._chunk_of[key]
            self._dirty["s"] -= set(entry["s"])
            self._dirty["e"] -= set(entry["e"])
            self._gone |= {f"e/{self.country}/{part}" for part in entry["e"]}
            self._gone |= {f"s/{self.country}/{key}" for key in entry["s"]}
            self._gone.add(f"i/{self.country}/{month}")


def _part(piece: Evidence) -> str:
    return f"{_day(piece.from_s)}/{digest(piece.id)[0]}"
