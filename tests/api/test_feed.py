"""The consumer and the producer when Kafka falls silent: the API says so, and goes on when it is back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from streams.api import feed as feed_module
from streams.api import publishing
from streams.api.feed import Feed
from streams.api.posting import PublishingError
from streams.api.publishing import Reports
from streams.api.state import State
from streams.api.store import Store
from streams.kafka import Broker
from streams.settings import Settings
from streams.sources.posted import read_posted
from tests.consumers import published, write
from tests.played import played
from topics import SHUTDOWNS, Shutdown

pytestmark = pytest.mark.kafka

REPORT = read_posted({"place": "Almaty", "country": "KZ"}, received_s=1_614_499_200, salt=b"0" * 16).report
NEWEST = {record.id: record for _, record in played() if isinstance(record, Shutdown)}


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await holds():
            await asyncio.sleep(0.05)


def test_it_is_ready_when_all_is_read_and_not_while_kafka_is_silent(
    kafka: Broker, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "ASK_S", 0.3)
    monkeypatch.setattr(publishing, "PATIENCE_S", 1.0)
    settings = published(Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix))

    async def run(state: State) -> None:
        feed, reports = Feed(settings, state), Reports(settings)
        await feed.start()
        await reports.start()
        assert any("records to read" in words for words in await feed.waiting())

        async def ready() -> bool:
            return not await feed.waiting()

        async def silent() -> bool:
            return any("Kafka has not answered" in words for words in await feed.waiting())

        reading = asyncio.create_task(feed.run())
        try:
            await until(ready)
            assert {ident: entry.shutdown for ident, entry in state.entries.items()} == NEWEST
            kafka.pause()
            try:
                await until(silent)
                with pytest.raises(PublishingError):
                    await reports.publish(REPORT)
            finally:
                kafka.resume()
            await until(ready)
            one = next(iter(NEWEST.values()))
            await asyncio.to_thread(write, settings, [(SHUTDOWNS, one)])
            await reports.publish(REPORT)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await reports.stop()

    store = Store()
    try:
        asyncio.run(run(State(store)))
    finally:
        store.close()
