"""The output topics of the seed case on a broker, as the workers write them: for tests of those who read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from streams import admin
from streams.settings import Settings
from tests.agents.harness import producing
from tests.played import played
from topics import CANDIDATES, EVIDENCE, SHUTDOWN_CHANGES, SHUTDOWNS, Record, Topic, encode
from topics.cloudevents import headers

OUTPUTS = (EVIDENCE, SHUTDOWNS, SHUTDOWN_CHANGES, CANDIDATES)


def published(
    settings: Settings, topics: Sequence[Topic] = OUTPUTS, only: Iterable[Record] | None = None
) -> Settings:
    """Create the topics and write the seed case's records of some of them, or `only` these; gives the settings."""
    admin.create_topics(settings)
    chosen = None if only is None else list(only)
    write(settings, [one for one in played() if one[0] in topics and (chosen is None or one[1] in chosen)])
    return settings


def write(settings: Settings, records: Iterable[tuple[Topic, Record]]) -> None:
    """Write records with their headers, and wait until Kafka has them."""
    from kafka import KafkaProducer

    with producing(KafkaProducer(bootstrap_servers=settings.bootstrap, linger_ms=5)) as producer:
        for topic, record in records:
            producer.send(
                settings.prefix + topic.name,
                key=topic.key(record).encode(),
                value=encode(record),
                headers=list(headers(topic, record)),
            )
        producer.flush(timeout=30)
