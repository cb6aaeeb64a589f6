"""The one consumer: reads the topics from the start, then follows them, and knows whether it has caught up."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any

from streams import security
from streams.admin import TopicsError, connected, live
from streams.api.state import NEEDED, READ, State
from streams.settings import Settings
from topics import Topic

log = logging.getLogger(__name__)

#: Kafka is asked so often whether it is still there, seconds; an answer may take as long.
ASK_S = 5.0

#: Records handled before other tasks get a turn.
AT_ONCE = 200


class Feed:
    """Fills a state. Ready once it has read what there was at its start of the topics that are needed."""

    def __init__(self, settings: Settings, state: State) -> None:
        self._settings = settings
        self._state = state
        self._topics: dict[str, Topic] = {settings.prefix + topic.name: topic for topic in READ}
        self._consumer: Any = None
        self._ends: dict[Any, int] = {}
        self._heard = 0.0
        self.records = 0

    async def start(self) -> None:
        """Connect, and note where the topics end now.

        Raises:
            KafkaUnreachableError: no broker answers.
            TopicsError: a topic is missing.
        """
        from aiokafka import AIOKafkaConsumer, TopicPartition

        counts = await asyncio.to_thread(self._partitions)
        parts = [TopicPartition(name, one) for name in self._topics for one in range(counts[name])]
        self._consumer = AIOKafkaConsumer(
            **security.client(self._settings),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=100,
            max_partition_fetch_bytes=2_097_152,
        )
        await self._consumer.start()
        self._consumer.assign(parts)
        self._ends = dict(await self._consumer.end_offsets(parts))
        await self._consumer.seek_to_beginning()
        self._heard = time.monotonic()

    def _partitions(self) -> dict[str, int]:
        with connected(self._settings) as client:
            there = live(client, list(self._topics))
        if missing := [name for name in self._topics if name not in there]:
            raise TopicsError(
                f"topics are missing at {self._settings.bootstrap}: {', '.join(missing)}. "
                "Run `shutdowns topics create` first."
            )
        return {name: topic.partitions for name, topic in there.items()}

    async def run(self) -> None:
        """Read for ever."""
        asking = asyncio.create_task(self._ask())
        try:
            while True:
                batches = await self._consumer.getmany(timeout_ms=1000)
                if batches:
                    self._heard = time.monotonic()
                    await self._take(batches)
        finally:
            asking.cancel()
            await self._consumer.stop()

    async def _take(self, batches: Mapping[Any, list[Any]]) -> None:
        # Shutdowns first: who follows the stream then finds them at least as new.
        for part in sorted(batches, key=lambda one: READ.index(self._topics[one.topic])):
            records, topic = batches[part], self._topics[part.topic]
            for first in range(0, len(records), AT_ONCE):
                self._state.store.begin()
                for record in records[first : first + AT_ONCE]:
                    self._state.take(topic, record.partition, record.offset, record.value)
                self._state.store.commit()
                await asyncio.sleep(0)
            self.records += len(records)
        self._state.announce()

    async def _ask(self) -> None:
        """Notice that Kafka is gone: a consumer itself waits in silence."""
        from aiokafka.errors import KafkaError

        parts = list(self._ends)
        while True:
            await asyncio.sleep(ASK_S)
            try:
                async with asyncio.timeout(ASK_S):
                    await self._consumer.end_offsets(parts[:1])
                self._heard = time.monotonic()
            except (KafkaError, TimeoutError) as error:
                log.warning("Kafka at %s does not answer: %r", self._settings.bootstrap, error)

    @property
    def heard_s(self) -> float:
        """When Kafka last answered, Unix seconds."""
        return time.time() - (time.monotonic() - self._heard)

    async def waiting(self) -> list[str]:
        """What keeps the API from being ready, in words; nothing, if it is."""
        silence_s = time.monotonic() - self._heard
        if silence_s > 3 * ASK_S:
            return [f"Kafka has not answered for {silence_s:.0f} s"]
        needed = {self._settings.prefix + topic.name for topic in NEEDED}
        words = []
        for part, end in self._ends.items():
            if part.topic in needed:
                at = await self._consumer.position(part)
                if at < end:
                    words.append(f"{part.topic} {part.partition}: {end - at} records to read")
        return words
