"""Reading topics with kafka-python: from the start to where they end now, and what a compacted topic holds."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from streams import security
from streams.admin import connected, missing
from streams.errors import StreamsError
from streams.settings import Settings
from topics import CANDIDATES, SHUTDOWNS, Candidate, InvalidRecord, Shutdown, Topic, decode

log = logging.getLogger(__name__)

#: Records are written by this system or refused: the broker's limit is the reader's.
NO_LIMIT_BYTES = 2**31


def demand_topic(settings: Settings, topic: Topic) -> str:
    """The name that a topic has in this system.

    Raises:
        KafkaUnreachableError: no broker answers.
        StreamsError: there is no such topic.
    """
    name = settings.prefix + topic.name
    with connected(settings) as client:
        if missing(client, [name]):
            raise StreamsError(
                f"there is no topic {name} at {settings.bootstrap}; run `shutdowns topics create` first"
            )
    return name


def read_topic(settings: Settings, topic: Topic) -> Iterator[Any]:
    """The Kafka records (key, value, partition, offset, timestamp) of a topic, up to where it ends now.

    Raises:
        KafkaUnreachableError: no broker answers.
        StreamsError: there is no such topic.
    """
    name = demand_topic(settings, topic)
    from kafka import KafkaConsumer, TopicPartition

    consumer = KafkaConsumer(**security.client(settings), enable_auto_commit=False, fetch_max_wait_ms=100)
    try:
        parts = [TopicPartition(name, one) for one in consumer.partitions_for_topic(name) or ()]
        consumer.assign(parts)
        ends = consumer.end_offsets(parts)
        consumer.seek_to_beginning()
        while any(consumer.position(part) < ends[part] for part in parts):
            for part, records in consumer.poll(timeout_ms=1000).items():
                yield from (one for one in records if one.offset < ends[part])
    finally:
        consumer.close()


def readable(topic: Topic, rows: Iterable[Any]) -> Iterator[Any]:
    """The records of Kafka's rows. One that can't be read is no stage's: it is told, and the others are given."""
    for row in rows:
        try:
            record = decode(topic, row.value, NO_LIMIT_BYTES)
        except InvalidRecord as error:
            log.warning("%s %d/%d can't be read: %s", topic.name, row.partition, row.offset, error.reason)
        else:
            yield record


def read_shutdowns(settings: Settings) -> dict[str, Shutdown]:
    """The newest revision of every shutdown, by id: what a reader of the compacted topic holds."""
    found: dict[str, Shutdown] = {}
    for shutdown in readable(SHUTDOWNS, read_topic(settings, SHUTDOWNS)):
        found[shutdown.id] = shutdown
    return found


def read_candidates(settings: Settings) -> list[Candidate]:
    """The newest revision of every candidate, those too that stand no longer."""
    found: dict[str, Candidate] = {}
    for record in read_topic(settings, CANDIDATES):
        candidate: Candidate = decode(CANDIDATES, record.value, NO_LIMIT_BYTES)
        found[candidate.id] = candidate
    return list(found.values())


def standing(shutdowns: dict[str, Shutdown]) -> list[Shutdown]:
    """Those that are neither merged nor retracted, by begin and id."""
    stand = (one for one in shutdowns.values() if one.status not in ("merged", "retracted"))
    return sorted(stand, key=lambda one: (one.from_s, one.id))
