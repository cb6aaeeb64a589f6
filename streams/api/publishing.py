"""Putting posted reports onto `form-reports`: each acknowledged by all copies before its sender is thanked."""

from __future__ import annotations

import asyncio
from typing import Any

from streams import security
from streams.api.posting import PublishingError
from streams.settings import Settings
from topics import FORM_REPORTS, Report, encode

#: A sender is not kept waiting longer, seconds.
PATIENCE_S = 10.0


class Reports:
    """The producer; `start` before, `stop` after."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topic = settings.prefix + FORM_REPORTS.name
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
        """Write a report, and return when it is safe. Its time in Kafka is its `known_s`: a quarter of an hour.

        Raises:
            PublishingError: Kafka did not take it in time.
        """
        from aiokafka.errors import KafkaError

        key = FORM_REPORTS.key(report).encode()
        timestamp_ms = None if report.known_s is None else report.known_s * 1000
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._producer.send_and_wait(self._topic, encode(report), key=key, timestamp_ms=timestamp_ms)
        except (KafkaError, TimeoutError) as error:
            raise PublishingError(str(error)) from error
