"""What does not have to be in memory: every change, the evidence, the frames of measurements; in SQLite.

The file is a copy of topics, made anew at every start and written without journal. It has no name from its opening
on: whatever becomes of the process, the system frees it with the last who holds it open.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_TABLES = """
CREATE TABLE changes (
    seq INTEGER PRIMARY KEY, part INTEGER NOT NULL, at INTEGER NOT NULL,
    shutdown TEXT NOT NULL, revision INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE UNIQUE INDEX changes_once ON changes (shutdown, revision);
CREATE INDEX changes_where ON changes (part, at);
CREATE TABLE evidence (id TEXT PRIMARY KEY, revision INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE frames (id TEXT PRIMARY KEY, country TEXT NOT NULL, from_s INTEGER NOT NULL, until_s INTEGER NOT NULL,
    body BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX frames_when ON frames (country, from_s);
"""

#: A frame is looked for by its beginning: none is taken to be longer than this.
LONGEST_FRAME_S = 31 * 86_400


@dataclass(frozen=True, slots=True)
class StoredChange:
    """A change as it lies in the store: its number in the order of arrival, partition, offset, bytes."""

    seq: int
    part: int
    at: int
    body: bytes


class Store:
    """The file, and what is asked of it. One thread at a time uses it."""

    def __init__(self, folder: Path | None = None) -> None:
        with tempfile.TemporaryDirectory(prefix="shutdowns-api-", dir=folder) as made:
            path = Path(made) / "topics.sqlite"
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            # In memory, what SQLite sorts would otherwise have a file of its own.
            modes = "journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY"
            self._db.executescript(f"PRAGMA {modes}; {_TABLES}")
        self._seq = 0

    def close(self) -> None:
        """Let go of the file, which is gone then."""
        self._db.close()

    def begin(self) -> None:
        """Write a batch in one go, until `commit`."""
        self._db.execute("BEGIN")

    def commit(self) -> None:
        """End of the batch."""
        self._db.execute("COMMIT")

    @property
    def newest(self) -> int:
        """The number of the newest change; 0 for none."""
        return self._seq

    def add_change(self, part: int, at: int, shutdown: str, revision: int, body: bytes) -> int | None:
        """Keep a change and give its number; None if it was there already (writers repeat after a crash)."""
        done = self._db.execute(
            "INSERT OR IGNORE INTO changes VALUES (?, ?, ?, ?, ?, ?)",
            (self._seq + 1, part, at, shutdown, revision, body),
        )
        if not done.rowcount:
            return None
        self._seq += 1
        return self._seq

    def history(self, shutdown: str, after: int = 0, limit: int = 1000) -> list[bytes]:
        """The changes of a shutdown with a revision above `after`, in order."""
        rows = self._db.execute(
            "SELECT body FROM changes WHERE shutdown = ? AND revision > ? ORDER BY revision LIMIT ?",
            (shutdown, after, limit),
        )
        return [body for (body,) in rows]

    def changes_after(self, seq: int, limit: int = 200) -> list[StoredChange]:
        """Changes by their number, in order."""
        rows = self._db.execute(
            "SELECT seq, part, at, body FROM changes WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit)
        )
        return [StoredChange(*row) for row in rows]

    def number_before(self, offsets: Mapping[int, int]) -> int:
        """The number after which to read to get everything from these offsets on; partitions not named: all."""
        parts = [part for (part,) in self._db.execute("SELECT DISTINCT part FROM changes")]
        query = "SELECT MIN(seq) FROM changes WHERE part = ? AND at >= ?"
        firsts = [self._db.execute(query, (part, offsets.get(part, 0))).fetchone()[0] for part in parts]
        return min((first - 1 for first in firsts if first is not None), default=self._seq)

    def newest_changes(self, limit: int) -> list[bytes]:
        """The newest changes, the newest first."""
        rows = self._db.execute("SELECT body FROM changes ORDER BY seq DESC LIMIT ?", (limit,))
        return [body for (body,) in rows]

    def add_evidence(self, ident: str, revision: int, body: bytes) -> bool:
        """Keep the newest revision of a piece; whether this is it."""
        done = self._db.execute(
            "INSERT INTO evidence VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, "
            "body = excluded.body WHERE excluded.revision >= evidence.revision",
            (ident, revision, body),
        )
        return done.rowcount > 0

    def evidence(self, ids: Sequence[str]) -> dict[str, bytes]:
        """The pieces with these ids, as far as they are there."""
        found: dict[str, bytes] = {}
        for ident in ids:
            for (body,) in self._db.execute("SELECT body FROM evidence WHERE id = ?", (ident,)):
                found[ident] = body
        return found

    def add_frame(self, ident: str, country: str, span: tuple[int, int], body: bytes) -> None:
        """Keep a frame of measurements."""
        self._db.execute("INSERT OR REPLACE INTO frames VALUES (?, ?, ?, ?, ?)", (ident, country, *span, body))

    def frames(self, country: str, from_s: int, until_s: int) -> Iterator[bytes]:
        """The frames of a country that have a moment in [from_s, until_s), by begin."""
        rows = self._db.execute(
            "SELECT body FROM frames WHERE country = ? AND from_s >= ? AND from_s < ? AND until_s > ? "
            "ORDER BY from_s",
            (country, from_s - LONGEST_FRAME_S, until_s, from_s),
        )
        yield from (body for (body,) in rows)
