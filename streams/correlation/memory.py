"""Where the correlation stage keeps a country: evidence by the day, what it came to one by one, and an index.

Keys (CC is the country):

    e/CC/2021-02-28/7         evidence that begins on that UTC day, in chunks (see `chunks`)
    s/CC/KZ-0123456789ab      one shutdown as last given out; the ids it was made of follow in
    u/CC/KZ-0123456789ab/0    parts
    c/CC/candidate-…          one candidate as last given out
    i/CC                      the years that have any of these
    i/CC/2021                 that year's days
    i/CC/2021-02-28           that day's chunks, shutdowns and candidates

Everything is found by key, so that a country is read without going through the whole store. A new piece rewrites
its own chunk and what it changed: how much there is of the country makes no difference.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
import orjson

from streams.correlation.chunks import Chunks, day_of
from streams.correlation.country import CountryState
from streams.correlation.lifecycle import over
from streams.correlation.naming import Kept
from streams.correlation.rules import Rules
from streams.correlation.watermark import Turn
from streams.scoring import Scorer
from streams.stage import Store, restoring
from topics import Candidate, Evidence, Shutdown, encode

#: So many bytes of ids go into one value.
IDS_BYTES = 200_000

Part = Literal["e", "s", "c"]


class _Day(msgspec.Struct):
    """What a day has: names of chunks, ids of shutdowns and of candidates. Sets that keep their order."""

    e: dict[str, None] = {}
    s: dict[str, None] = {}
    c: dict[str, None] = {}


class _Shutdown(msgspec.Struct):
    shutdown: Shutdown
    stands: bool
    parts: int
    turns: tuple[Turn, ...] = ()
    campaign: tuple[str, ...] = ()


class _Candidate(msgspec.Struct):
    candidate: Candidate
    owners: tuple[str, ...]


_CHUNK = msgspec.json.Decoder(list[Evidence])
_SHUTDOWN = msgspec.json.Decoder(_Shutdown)
_CANDIDATE = msgspec.json.Decoder(_Candidate)
_DAY = msgspec.json.Decoder(_Day)
_NAMES = msgspec.json.Decoder(list[str])


class CountryMemory:
    """One country's state in a store: read at once, written piece by piece."""

    def __init__(self, country: str, rules: Rules, store: Store, scorer: Scorer | None = None) -> None:
        self.country = country
        self.rules = rules
        self.state = CountryState(rules, scorer)
        self._chunks = Chunks()
        self._days: dict[str, _Day] = {}
        self._newest_day = ""
        self._day_of: dict[str, str] = {}
        self._parts: dict[str, int] = {}
        self._dirty: dict[str, set[str]] = {"e": set(), "s": set(), "c": set(), "i": set()}
        self._gone: set[str] = set()
        self._read(store)
        self.state.restored()

    def _key(self, kind: str, *names: str) -> str:
        return "/".join((kind, self.country, *names))

    # ------------------------------------------------------------------ reading

    def _read(self, store: Store) -> None:
        for year in _names(store, self._key("i")):
            for day in _names(store, self._key("i", year)):
                with restoring(self._key("i", day)):
                    entry = self._days[day] = _DAY.decode(store[self._key("i", day)])
                self._newest_day = max(self._newest_day, day)
                for name in entry.e:
                    self._read_chunk(name, store.get(self._key("e", name), b"[]"))
                for name in entry.s:
                    self._day_of[name] = day
                    self._read_shutdown(name, store)
                for name in entry.c:
                    self._day_of[name] = day
                    value = store.get(self._key("c", name))
                    if value is not None:
                        with restoring(self._key("c", name)):
                            kept = _CANDIDATE.decode(value)
                        self.state.restore_candidate(kept.candidate, kept.owners)

    def _read_chunk(self, name: str, value: bytes) -> None:
        with restoring(self._key("e", name)):
            pieces = _CHUNK.decode(value)
        for piece in pieces:
            self.state.load(piece)
        self._chunks.read(name, (piece.id for piece in pieces), len(value))

    def _read_shutdown(self, name: str, store: Store) -> None:
        value = store.get(self._key("s", name))
        if value is None:
            return
        with restoring(self._key("s", name)):
            kept = _SHUTDOWN.decode(value)
        self._parts[name] = kept.parts
        uses = [key for part in range(kept.parts) for key in _names(store, self._key("u", name, str(part)))]
        self.state.restore(kept.shutdown, Kept(tuple(uses), kept.turns, kept.campaign) if kept.stands else None)

    # ------------------------------------------------------------------ taking in

    def check_room(self, piece: Evidence) -> None:
        """Raises ChunkFull if the day of a piece can't take it."""
        self._chunks.check_room(piece, self.state.pieces.get(piece.id))

    def too_old(self, piece: Evidence | Shutdown | Candidate) -> bool:
        """Whether a piece is older than what is kept: `expiry_s` before the newest day."""
        return bool(self._days) and day_of(piece.from_s) < self._expiry()

    def keep(self, piece: Evidence, old: Evidence | None) -> None:
        """Note that a piece was taken in, instead of an older revision, to be written."""
        changed = self._chunks.put(piece, old)
        self._dirty["e"].update(changed)
        self._enter(day_of(piece.from_s), "e", changed[0])

    def keep_shutdown(self, shutdown: Shutdown) -> None:
        """Note that a shutdown was given out, to be written."""
        self._keep("s", shutdown)

    def keep_candidate(self, candidate: Candidate) -> None:
        """Note that a candidate was given out, to be written."""
        self._keep("c", candidate)

    def keep_again(self, key: str) -> None:
        """Note that a shutdown or candidate stands on other pieces, to be written."""
        if key in self.state.shutdowns:
            self.keep_shutdown(self.state.shutdowns[key])
        else:
            self.keep_candidate(self.state.candidates[key])

    def stand(self, record: Shutdown | Candidate) -> None:
        """Note that this is how a shutdown or candidate stands, whatever was given out from here, to be written."""
        if isinstance(record, Shutdown):
            self.state.shutdowns[record.id] = record
            self.keep_shutdown(record)
        else:
            self.state.candidates[record.id] = record
            self.keep_candidate(record)

    def rename(self, given_out: Iterable[Shutdown], store: Store) -> None:
        """Let shutdowns have the ids under which a state that is lost gave them out, see `CountryState.rename`, and
        write them."""
        before = list(self.state.shutdowns)
        if not self.state.rename(given_out):
            return
        for name in before:
            self._forget_shutdown(name)
        self.write_evidence(store)
        for shutdown in self.state.shutdowns.values():
            self.keep_shutdown(shutdown)
        self.write_conclusions(store)

    def _forget_shutdown(self, name: str) -> None:
        day = self._day_of.pop(name)
        del self._days[day].s[name]
        self._dirty["i"].add(day)
        self._dirty["s"].discard(name)
        self._gone.add(self._key("s", name))
        self._gone |= {self._key("u", name, str(one)) for one in range(self._parts.pop(name, 0))}

    def _keep(self, kind: Part, record: Shutdown | Candidate) -> None:
        self._dirty[kind].add(record.id)
        if record.id not in self._day_of:
            self._day_of[record.id] = day_of(record.from_s)
            self._enter(self._day_of[record.id], kind, record.id)

    def _enter(self, day: str, kind: Part, name: str) -> None:
        if day not in self._days:
            self._days[day] = _Day(e={}, s={}, c={})
            self._newest_day = max(self._newest_day, day)
            self._dirty["i"].add(day[:4])
        names = getattr(self._days[day], kind)
        if name not in names:
            names[name] = None
            self._dirty["i"].add(day)

    # ------------------------------------------------------------------ writing

    def write_conclusions(self, store: Store) -> None:
        """Write the index and what was given out. To be called before `write_evidence`, see `streams.stage`.

        After a crash half-way the same evidence comes again. It must find every id that took something over: so the
        index goes first, and what was merged or retracted last.
        """
        self._expire()
        self._write_index(store)
        for name in sorted(self._dirty["s"], key=lambda name: (over(self.state.shutdowns[name]), name)):
            self._write_shutdown(name, store)
        for name in sorted(self._dirty["c"]):
            candidate, owners = self.state.candidates[name], self.state.owners.get(name, ())
            store[self._key("c", name)] = encode(_Candidate(candidate, _parts(owners)[0]))
        for kind in ("s", "c"):
            self._dirty[kind].clear()

    def _write_index(self, store: Store) -> None:
        years = {name for name in self._dirty["i"] if len(name) == 4}
        for day in sorted(self._dirty["i"] - years):
            if day in self._days:
                store[self._key("i", day)] = encode(self._days[day])
        for year in sorted(years):
            store[self._key("i", year)] = orjson.dumps(sorted(day for day in self._days if day[:4] == year))
        if years:
            store[self._key("i")] = orjson.dumps(sorted({day[:4] for day in self._days}))
        self._dirty["i"].clear()

    def _write_shutdown(self, name: str, store: Store) -> None:
        kept = self.state.kept.get(name)
        uses = () if kept is None else kept.uses
        parts = _parts(uses) if uses else []
        for number, ids in enumerate(parts):
            store[self._key("u", name, str(number))] = orjson.dumps(ids)
        self._gone.update(self._key("u", name, str(one)) for one in range(len(parts), self._parts.get(name, 0)))
        self._parts[name] = len(parts)
        turns = () if kept is None else kept.turns
        campaign = () if kept is None else kept.campaign
        row = _Shutdown(self.state.shutdowns[name], kept is not None, len(parts), turns, campaign)
        store[self._key("s", name)] = encode(row)

    def write_evidence(self, store: Store) -> None:
        """Write the evidence, and delete what has expired."""
        for part in sorted(self._dirty["e"]):
            rows = [encode(self.state.pieces[key]) for key in self._chunks.ids(part)]
            store[self._key("e", part)] = b"[" + b",".join(rows) + b"]"
        self._dirty["e"].clear()
        for key in sorted(self._gone):
            if key in store:
                del store[key]
        self._gone.clear()

    # ------------------------------------------------------------------ expiry

    def _expiry(self) -> str:
        newest = dt.datetime.fromisoformat(self._newest_day).replace(tzinfo=dt.UTC)
        return day_of(int(newest.timestamp()) - self.rules.seconds("expiry_s"))

    def _expire(self) -> None:
        if not any(len(name) == 4 for name in self._dirty["i"]):
            return
        oldest = self._expiry()
        for day in [day for day in self._days if day < oldest]:
            self._drop(day)

    def _drop(self, day: str) -> None:
        entry = self._days.pop(day)
        self._dirty["i"].add(day[:4])
        pieces = [key for part in entry.e for key in sorted(self._chunks.drop(part))]
        shutdowns = [key for key in entry.s if key in self.state.shutdowns]
        candidates = [key for key in entry.c if key in self.state.candidates]
        self.state.drop(pieces, shutdowns, candidates)
        self._gone |= {self._key("e", part) for part in entry.e} | {self._key("i", day)}
        for kind, names in (("s", entry.s), ("c", entry.c)):
            self._dirty[kind] -= set(names)
            self._gone |= {self._key(kind, name) for name in names}
        self._gone |= {
            self._key("u", name, str(one)) for name in entry.s for one in range(self._parts.pop(name, 0))
        }
        self._dirty["e"] -= set(entry.e)
        for name in (*entry.s, *entry.c):
            self._day_of.pop(name, None)


def _parts(ids: Sequence[str]) -> list[tuple[str, ...]]:
    """The ids in parts, each small enough for a value. Of none there is one part, which is empty."""
    parts: list[list[str]] = [[]]
    size = 0
    for one in ids:
        size += len(one.encode()) + 3
        if size > IDS_BYTES and parts[-1]:
            parts.append([])
            size = len(one.encode()) + 3
        parts[-1].append(one)
    return [tuple(part) for part in parts]


def _names(store: Store, key: str) -> Sequence[str]:
    with restoring(key):
        return _NAMES.decode(store.get(key, b"[]"))
