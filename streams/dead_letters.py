"""What became of refused records: put back onto their topics after a fix, or dropped for good.

`invalid` itself keeps everything for its 90 days. What was decided about a record stands on a compacted topic
beside it, by the record's id; what has no decision is open. A record is put back first and its decision written
then: a crash in between leaves it open, and a second putting back does no harm, since the stages know records by
their ids.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from streams import admin, security
from streams.errors import StreamsError
from streams.reading import NO_LIMIT_BYTES, read_topic
from streams.settings import Settings
from topics import INVALID, Invalid, Record, Topic, decode, encode

Fate = Literal["retried", "dropped"]


class DeadLetterError(StreamsError):
    """A refused record can't be put back, or Kafka did not take it."""


class InvalidDecision(Record, frozen=True, kw_only=True, tag_field="schema", tag="invalid-decision/1"):
    """What was decided about a refused record."""

    id: str
    fate: Fate


DECISIONS = Topic(
    name="invalid-decisions",
    records=(InvalidDecision,),
    summary="What was decided about refused records.",
    key_words="id of the refused record",
    key=lambda record: record.id,
    event_time="none",
    partitions=1,
    cleanup="compact",
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which refused records are meant; None and empty mean any. In `ids` and `topic`, `*` stands for anything."""

    ids: tuple[str, ...] = ()
    reason: str | None = None
    topic: str | None = None

    def takes(self, one: Invalid, prefix: str) -> bool:
        return (
            (not self.ids or any(fnmatch.fnmatchcase(one.id, pattern) for pattern in self.ids))
            and (self.reason is None or one.reason == self.reason)
            and (self.topic is None or fnmatch.fnmatchcase(one.topic.removeprefix(prefix), self.topic))
        )


def read(settings: Settings, wanted: Filter, *, decided: bool = False) -> Iterator[Invalid]:
    """The refused records that are meant, oldest first, each once; those with a decision only if `decided`."""
    known = {} if decided else decisions(settings)
    seen: set[str] = set()
    for row in read_topic(settings, INVALID):
        one: Invalid = decode(INVALID, row.value, NO_LIMIT_BYTES)
        # A crash of the stage may have written it twice.
        if one.id not in seen and one.id not in known and wanted.takes(one, settings.prefix):
            seen.add(one.id)
            yield one


def decisions(settings: Settings) -> dict[str, Fate]:
    """What was decided so far, by the id of the refused record."""
    with admin.connected(settings) as client:
        if admin.missing(client, [settings.prefix + DECISIONS.name]):
            return {}
    found: dict[str, Fate] = {}
    for row in read_topic(settings, DECISIONS):
        one: InvalidDecision = decode(DECISIONS, row.value)
        found[one.id] = one.fate
    return found


def unfit(one: Invalid) -> str | None:
    """Why a refused record can't be put back; None if it can."""
    if one.partition is None:
        return "it was on no topic: its source reads it again at the next ingest"
    if one.cut:
        return "it is longer than what could be kept of it"
    if one.reason == "oversized":
        return "it is above the limit, and would be refused again"
    return None


def settle(settings: Settings, records: Iterable[Invalid], fate: Fate) -> Iterator[tuple[Invalid, str | None]]:
    """Put records back (`retried`) or drop them; yields each with why it was left alone, or None when it is done.

    Raises:
        DeadLetterError: Kafka did not take a record; those before it are settled.
    """
    from kafka import KafkaProducer
    from kafka.errors import KafkaError

    admin.ensure_topic(settings, DECISIONS)
    producer = KafkaProducer(**security.client(settings), acks="all", allow_auto_create_topics=False)
    try:
        for one in records:
            why = unfit(one) if fate == "retried" else None
            if why is None:
                if fate == "retried":
                    producer.send(one.topic, key=one.key, value=one.value).get(timeout=60)
                decision = encode(InvalidDecision(id=one.id, fate=fate))
                producer.send(settings.prefix + DECISIONS.name, key=one.id.encode(), value=decision).get(timeout=60)
            yield one, why
    except KafkaError as error:
        raise DeadLetterError(
            f"Kafka at {settings.bootstrap} did not take a record: {error}. What is settled stays so; run it again."
        ) from error
    finally:
        producer.close(timeout=10)
