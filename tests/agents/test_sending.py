"""Records in whole batches: all of them arrive, in order, and the last one's offset is the last one's."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import MessageSizeTooLargeError

from streams import admin
from streams.agents.sending import Row, send_all, send_to
from streams.kafka import Broker
from streams.settings import Settings

pytestmark = pytest.mark.kafka


def rows(number: int, size: int = 100) -> list[Row]:
    return [(b"k%d" % (at % 7), b"%d " % at + b"x" * size, [("n", b"%d" % at)]) for at in range(number)]


@pytest.fixture
def made(kafka: Broker, topic_prefix: str) -> str:
    """The prefix of the topics of the catalogue, which are there."""
    admin.create_topics(Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix), {})
    return topic_prefix


async def read(kafka: Broker, topic: str, count: int) -> dict[int, list[tuple[int, bytes, bytes, bytes]]]:
    """Offset, key, value and header of the records of each partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, one) for one in range(4)])
        found: dict[int, list[tuple[int, bytes, bytes, bytes]]] = {}
        async with asyncio.timeout(20):
            while sum(map(len, found.values())) < count:
                record = await consumer.getone()
                mine = found.setdefault(record.partition, [])
                mine.append((record.offset, record.key, record.value, record.headers[0][1]))
        return found
    finally:
        await consumer.stop()


def test_more_than_a_batch_holds_arrives_in_order(kafka: Broker, made: str) -> None:
    async def go() -> None:
        async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, max_batch_size=2_000) as producer:
            topic = f"{made}news"
            assert await send_to(producer, topic, 0, rows(1)) == 0
            assert await send_to(producer, topic, 0, rows(300)) == 300
            found = (await read(kafka, topic, 301))[0]
            assert [offset for offset, *_ in found] == list(range(301))
            assert [tuple(rest) for _, *rest in found[1:]] == [(k, v, h[0][1]) for k, v, h in rows(300)]
            with pytest.raises(ValueError, match="nothing to send"):
                await send_to(producer, topic, 0, [])

    asyncio.run(go())


def test_records_of_a_key_stay_in_one_partition_and_in_order(kafka: Broker, made: str) -> None:
    """The same partition as the producer itself would choose."""

    async def go() -> None:
        async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, max_batch_size=1_000) as producer:
            topic = f"{made}evidence"
            await send_all(producer, [(topic, key, value or b"", headers) for key, value, headers in rows(200)])
            found = await read(kafka, topic, 200)
            by_key: dict[bytes, list[int]] = {}
            for records in found.values():
                for _, key, _, number in records:
                    by_key.setdefault(key, []).append(int(number))
            assert by_key == {b"k%d" % at: list(range(at, 200, 7)) for at in range(7)}
            for partition, records in found.items():
                sent = await producer.send_and_wait(topic, b"again", key=records[0][1])
                assert sent.partition == partition

    asyncio.run(go())


def test_what_kafka_refuses_is_raised(kafka: Broker, made: str) -> None:
    async def go() -> None:
        async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap) as producer:
            with pytest.raises(MessageSizeTooLargeError):
                await send_to(producer, f"{made}news", 0, rows(1, size=3_000_000))

    asyncio.run(go())
