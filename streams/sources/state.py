"""What a poller must remember, in Kafka: cursors, and how it fares. A compacted topic beside those of the contract.

A cursor is written after Kafka has the records that it stands for. So after a crash a poller asks again for what it
may not have published, and records have ids made from their content: nothing is skipped, nothing counts twice.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import msgspec

from streams import admin
from streams.reading import NO_LIMIT_BYTES, read_topic
from streams.settings import Settings
from streams.sources.publishing import Publisher
from topics import Record, Topic, decode, encode


class SourceState(Record, frozen=True, kw_only=True, tag_field="schema", tag="source-state/1"):
    """One part of a source's memory: `cursor` is the source's own; or with part `status`, how its rounds went."""

    source: str
    part: str
    cursor: Any = None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How a source fares. Times are Unix seconds; `error` is of the newest round, empty if all went well.

    `every_s` is how often it asks; `refused` counts what the newest round could make no record of, `why` says why
    of the most. `failures` counts by kind (`files.FAILURES`) which parts of the newest round failed.

    `items` is how many things the answers of the newest round had, whether or not they were new; `empty_since_s`
    from when on they have had none, `newest_s` when the newest of all so far was. `embargo` is what a service says
    of what this account may not see, `notices` what else it says to who reads along.
    """

    round_s: int
    ok_s: int | None = None
    failing_since_s: int | None = None
    error: str = ""
    records: int = 0
    requests: int = 0
    received: int = 0
    took_s: float = 0.0
    every_s: int = 0
    refused: int = 0
    why: str = ""
    failures: dict[str, int] = {}
    items: int = 0
    empty_since_s: int | None = None
    newest_s: int | None = None
    embargo: str = ""
    notices: list[str] = []


STATUS = "status"


def state_key(record: SourceState) -> str:
    return f"{record.source}/{record.part}"


STATE = Topic(
    name="source-state",
    records=(SourceState,),
    summary="Cursors of live sources, and how they fare.",
    key_words="source and part",
    key=state_key,
    event_time="none",
    partitions=1,
    cleanup="compact",
)

#: Cursors by part: a dict in tests and where nothing is published, Kafka's topic otherwise.
Cursors = MutableMapping[str, Any]


def load(settings: Settings, source: str | None = None) -> dict[str, dict[str, Any]]:
    """The newest cursor of every part, by source; of one source, if it is given. Empty, where none was polled."""
    found: dict[str, dict[str, Any]] = {}
    with admin.connected(settings) as client:
        if not admin.live(client, [settings.prefix + STATE.name]):
            return found
    for row in read_topic(settings, STATE):
        record: SourceState = decode(STATE, row.value, NO_LIMIT_BYTES)
        if source in (None, record.source):
            found.setdefault(record.source, {})[record.part] = record.cursor
    return found


class KafkaCursors(dict[str, Any]):
    """The cursors of a source, read at the start and written through: what is set is on Kafka when it returns."""

    def __init__(self, settings: Settings, source: str, publisher: Publisher) -> None:
        admin.ensure_topic(settings, STATE)
        super().__init__(load(settings, source).get(source, {}))
        self._source, self._publisher = source, publisher

    def __setitem__(self, part: str, cursor: Any) -> None:
        record = SourceState(source=self._source, part=part, cursor=cursor)
        self._publisher.send(STATE, state_key(record), encode(record))
        self._publisher.flush()
        super().__setitem__(part, cursor)
