"""Publishing to a real broker, and to none."""

from __future__ import annotations

import socket
import time

import pytest

from streams import admin
from streams.admin import KafkaUnreachableError
from streams.kafka import Broker
from streams.reading import read_topic
from streams.settings import Settings
from streams.sources.publishing import Publisher, PublishError
from topics import NEWS, REPORTS

# kafka-python reads its own files in a way that Python 3.11 calls old.
pytestmark = pytest.mark.filterwarnings("ignore:(read|open)_text is deprecated:DeprecationWarning")


def test_nobody_there_is_said_at_once() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    started = time.monotonic()
    with pytest.raises(KafkaUnreachableError, match=rf"no Kafka answers at {address}.*shutdowns kafka"):
        Publisher(Settings(bootstrap=address)).__enter__()
    assert time.monotonic() - started < 4


@pytest.mark.parametrize("address", ["localhost", "localhost:kafka", "localhost:99999", ":::"])
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(KafkaUnreachableError, match="no Kafka answers at"):
        Publisher(Settings(bootstrap=address)).__enter__()


@pytest.mark.kafka
def test_records_arrive_under_their_keys(kafka: Broker, topic_prefix: str) -> None:
    settings = Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix)
    admin.create_topics(settings)
    sent = [(f"ключ-{number}", f'{{"n":{number}}}'.encode()) for number in range(500)]
    with Publisher(settings) as publisher:
        for key, value in sent:
            publisher.send(REPORTS, key, value)
            publisher.send(REPORTS, key, value)
    assert publisher.acknowledged == 1000
    found = list(read_topic(settings, REPORTS))
    assert sorted((one.key.decode(), one.value) for one in found) == sorted(sent * 2)
    partitions = {one.key: one.partition for one in found}
    assert all(partitions[one.key] == one.partition for one in found), "a key's records meet"
    assert len(set(partitions.values())) == REPORTS.partitions


@pytest.mark.kafka
def test_a_topic_that_is_missing_is_not_made(kafka: Broker, topic_prefix: str) -> None:
    settings = Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix)
    words = f"no topic {topic_prefix}news .* topics create --prefix {topic_prefix}"
    with pytest.raises(PublishError, match=words), Publisher(settings) as publisher:
        publisher.send(NEWS, "k", b"{}")
    with admin.connected(Settings(bootstrap=kafka.bootstrap)) as client:
        assert not admin.live(client, [topic_prefix + "news"])


@pytest.mark.kafka
def test_a_record_that_kafka_refuses_is_an_error(kafka: Broker, topic_prefix: str) -> None:
    settings = Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix)
    admin.create_topics(settings)
    with pytest.raises(PublishError, match="did not take all records"), Publisher(settings) as publisher:
        publisher.send(NEWS, "k", b"x" * 3_000_000)
