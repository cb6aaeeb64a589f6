"""The seed case as it could have arrived, in an archive: measurements hour by hour, reports the day after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

from streams.replay.archive import Archive, Position
from streams.replay.knowledge import sliced
from streams.replay.records import Arrived
from streams.scenarios import scenario_named
from topics import MEASUREMENTS, Measurement, Record, Topic, encode

SCENARIO = scenario_named("kazakhstan-2021-02-28")

#: Measurements come ten minutes after what they measure, the first report on 1 March 2021, 09:00 UTC, the others
#: and the news ten minutes apart.
DELAY_S = 600
REPORTED_S = 1_614_589_200

#: When Almaty goes dark, 08:00 UTC.
CUT_S = 1_614_499_200

PARTITIONS = 4


def arriving() -> Iterator[tuple[int, Topic, Record]]:
    """When each record arrives (Unix seconds), its topic, and itself."""
    at_s = REPORTED_S
    for topic, record in SCENARIO.records():
        if topic is MEASUREMENTS:
            for part in sliced(record):
                assert isinstance(part, Measurement)
                yield part.until_s + DELAY_S, topic, part
        else:
            yield at_s, topic, record
            at_s += DELAY_S


def rows() -> dict[str, list[Arrived]]:
    """The records by topic, as they would lie in Kafka."""
    ends: dict[tuple[str, int], int] = {}
    found: dict[str, list[Arrived]] = {}
    for at_s, topic, record in sorted(arriving(), key=lambda one: one[0]):
        key = topic.key(record).encode()
        where = (topic.name, crc32(key) % PARTITIONS)
        offset = ends.get(where, 0)
        ends[where] = offset + 1
        row = Arrived(topic.name, where[1], offset, at_s * 1000, key, encode(record))
        found.setdefault(topic.name, []).append(row)
    return found


def archived(folder: Path, batch: int = 40) -> Archive:
    """They in an archive, so many records a batch."""
    store = Archive(folder)
    for topic, all_rows in rows().items():
        position = Position(topic_id="T")
        for first in range(0, len(all_rows), batch):
            some = all_rows[first : first + batch]
            ends = dict(position.offsets)
            for row in some:
                ends[row.partition] = row.offset + 1
            position = store.append(topic, some, position, ends)
    return store
