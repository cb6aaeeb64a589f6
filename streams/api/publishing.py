"""Putting posted reports onto `reports`: each acknowledged by all copies before its sender is thanked."""

from __future__ import annotations

import asyncio
from typing import Any

from streams import security
from streams.api.posting import PublishingError
from streams.settings import Settings
from topics import REPORTS, Report, encode

#: A sender is not kept waiting longer, seconds.
PATIENCE_S = 10.0


class Reports:
    """The producer; `start` before, `stop` after."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topic = settings.prefix + REPORTS.name
        self._producer: Any = None

    async def start(self) -> None:
        """Connect."""
        from aiokafka import AIOKafkaProducer

        self._producer = AIOKafkaProducer(
            **security.client(self._settings), acks="all", request_timeout_ms=int(PATIENCE_S * 1000)
        )
        await self._producer.start()

    async def stop(self) -> None:
        """Disconnect, once what was sent has arrived."""
        if self._producer is not None:
            await self._producer.stop()

    async def publish(self, report: Report) -> None:
        """Write a report, and return when it is safe.

        Raises:
            PublishingError: Kafka did not take it in time.
        """
        from aiokafka.errors import KafkaError

        key = REPORTS.key(report).encode()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._producer.send_and_wait(self._topic, encode(report), key=key)
        except (KafkaError, TimeoutError) as error:
            raise PublishingError(str(error)) from error
