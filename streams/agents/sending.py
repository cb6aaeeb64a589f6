"""Records to Kafka in whole batches: one future for hundreds of records, where a record each would cost its own.

Faust's producer hands over record by record. What is underneath it (aiokafka) also takes batches that are packed
by the caller, which is several times cheaper; every record's acknowledgement is still waited for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import Any

from aiokafka.partitioner import DefaultPartitioner

#: Key, value and headers of a record; no value deletes the key.
Row = tuple[bytes, bytes | None, Sequence[tuple[str, bytes]]]


async def send_all(
    producer: Any,
    records: Iterable[tuple[str, bytes, bytes, Sequence[tuple[str, bytes]]]],
    *,
    not_before_s: float = 0.0,
) -> None:
    """Send records of any topics, each to its key's partition, and return when Kafka has them all.

    Args:
        producer: the client, an `AIOKafkaProducer`.
        records: topic, key, value and headers of each; those of one partition stay in order.
        not_before_s: when what they were made of came to Kafka, Unix seconds: their own time is that at least.

    Raises:
        aiokafka.errors.KafkaError: Kafka did not take one of them.
    """
    known: dict[str, list[int]] = {}
    partition: dict[tuple[str, bytes], int] = {}
    rows: dict[tuple[str, int], list[Row]] = {}
    partitioner = DefaultPartitioner()
    for topic, key, value, headers in records:
        at = partition.get((topic, key))
        if at is None:
            if topic not in known:
                known[topic] = sorted(await producer.partitions_for(topic))
            at = partition[topic, key] = partitioner(key, known[topic], known[topic])
        rows.setdefault((topic, at), []).append((key, value, headers))
    await asyncio.gather(
        *(send_to(producer, *where, its, not_before_s=not_before_s) for where, its in rows.items())
    )


async def send_to(
    producer: Any, topic: str, partition: int, rows: Iterable[Row], *, not_before_s: float = 0.0
) -> int:
    """Send records to one partition, in order; return the last one's offset when Kafka has them all.

    Their time in Kafka is ours, or `not_before_s` where our clock is behind: nothing is known before what it was
    made of, and whoever reads it next would take it for news from the future.

    Raises:
        ValueError: there are no rows.
        aiokafka.errors.KafkaError: Kafka did not take one of them.
    """
    waiting: list[tuple[Any, int]] = []
    batch = producer.create_batch()
    at_ms = round(max(time.time(), not_before_s) * 1000)
    for key, value, headers in rows:
        if batch.append(key=key, value=value, timestamp=at_ms, headers=list(headers)) is None:
            waiting.append((await producer.send_batch(batch, topic, partition=partition), batch.record_count()))
            batch = producer.create_batch()
            # the first record of a batch always fits
            batch.append(key=key, value=value, timestamp=at_ms, headers=list(headers))
    if not batch.record_count():
        raise ValueError(f"nothing to send to {topic}")
    # Closed, so that nobody else's record joins in.
    batch.close()
    waiting.append((await producer.send_batch(batch, topic, partition=partition), batch.record_count()))
    acknowledged = await asyncio.gather(*(future for future, _ in waiting))
    last: int = acknowledged[-1].offset + waiting[-1][1] - 1
    return last
