"""State from its changelog, in batches of thousands of records.

Faust takes each record of a changelog through a queue and a task with a time limit, which costs half a millisecond.
Here a client of its own reads them and hands them over as they come from Kafka, before Faust looks how much is
missing. What is left then is nothing, or what was written meanwhile, and goes Faust's way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

#: A record's key and value; no value deletes the key.
Row = tuple[bytes, bytes | None]

#: Writes rows of a partition, and that the changelog is known up to an offset; in one step.
Write = Callable[[int, Sequence[Row], int], None]

#: One write to RocksDB, which holds up the event loop for some ten milliseconds.
AT_ONCE = 10_000


async def restore(
    client: Mapping[str, Any], known: MutableMapping[Any, int], ends: Mapping[Any, int], write: Write
) -> None:
    """Read changelogs from behind what is known to their ends.

    Args:
        client: how to connect, as `streams.security.client` says.
        known: the last offset known, by topic and partition; -1 where none is. Brought up to date after each write,
            so that whoever watches sees progress.
        ends: the last offset there is, of the same partitions.
        write: takes what was read. It may raise to end this.

    Raises:
        aiokafka.errors.KafkaError: Kafka can't be read.
    """
    wanted = {TopicPartition(tp.topic, tp.partition): tp for tp in known if known[tp] < ends[tp]}
    if not wanted:
        return
    consumer = AIOKafkaConsumer(**client, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign(list(wanted))
        for at, tp in wanted.items():
            consumer.seek(at, known[tp] + 1)
        while any(known[tp] < ends[tp] for tp in wanted.values()):
            for at, records in (await consumer.getmany(timeout_ms=1000, max_records=AT_ONCE)).items():
                last = records[-1].offset
                write(at.partition, [(one.key, one.value) for one in records], last)
                # What was written since the end was asked for is known too, but Faust would take it for an error.
                known[wanted[at]] = min(last, ends[wanted[at]])
            for at, tp in wanted.items():
                # The last offsets hold no records where compaction took them, or a transaction its markers.
                if known[tp] < ends[tp] < await consumer.position(at):
                    write(at.partition, [], ends[tp])
                    known[tp] = ends[tp]
    finally:
        await consumer.stop()
