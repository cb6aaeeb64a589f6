"""A list that replaces an older one: what is in it no more is withdrawn, what it says otherwise is a revision.

Lists are published again and again, corrected, with rows taken out. Ids are made from what rows say, so that most
corrections make another record: the old one must go. The revision of what is corrected or withdrawn is the time of
doing so: it is above whatever the lists themselves count as revisions.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from msgspec.structs import replace

from streams.sources.rows import Accepted, Row
from topics import Cause, NewsItem, Outage, Record, Report, Topic

#: Records that can be withdrawn.
Withdrawable = Report | NewsItem | Outage | Cause


@dataclass(slots=True)
class Replaced:
    """The records of the older list that the newer one has not named yet."""

    standing: dict[str, tuple[Topic, Withdrawable]]
    changed: int = 0
    now_s: int = field(default_factory=lambda: int(time.time()))

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Replaced:
        """Those of an older list's rows."""
        return cls(
            {
                row.record.id: (row.topic, row.record)
                for row in rows
                if isinstance(row, Accepted) and isinstance(row.record, Withdrawable)
            }
        )

    def corrected(self, record: Record) -> Record:
        """A record of the newer list; with a revision that counts, if it says something else than in the older."""
        if not isinstance(record, Withdrawable):
            return record
        _, before = self.standing.pop(record.id, (None, None))
        if before is None or replace(before, revision=record.revision) == record:
            return record
        self.changed += 1
        return replace(record, revision=max(record.revision, self.now_s))

    def withdrawn(self) -> Iterator[tuple[Topic, Withdrawable]]:
        """What the newer list has no more, taken back."""
        for topic, record in self.standing.values():
            yield topic, replace(record, withdrawn=True, revision=max(record.revision, self.now_s))
