"""A stage works beside the event loop: however long a batch takes, the loop runs, and the next one is smaller."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from streams.agents import batching
from streams.agents.batching import Batcher
from streams.stage import Result, Store
from tests.agents.test_halving import Event, Memory, Message, end
from tests.agents.toys import Counting, Tick
from topics import encode


class Slow(Counting):
    """Computes for so long on each record, holding on to Python's interpreter as far as that can be."""

    def __init__(self, each_s: float) -> None:
        super().__init__("slow")
        self.each_s = each_s
        self.batches: list[int] = []

    def process(self, records: Sequence[Any], store: Store) -> Result:
        self.batches.append(len(records))
        stop = time.thread_time() + self.each_s * len(records)
        while time.thread_time() < stop:
            sum(range(1000))
        return super().process(records, store)


def play(stage: Slow, records: int) -> list[float]:
    """So many records through a batcher; when the loop ran meanwhile."""
    acknowledged: list[int] = []
    ran: list[float] = []

    async def beat() -> None:
        while True:
            ran.append(time.monotonic())
            await asyncio.sleep(0.01)

    async def whole() -> None:
        batcher = Batcher(stage, Memory(), fatal=end, batch_records=64)
        events = [
            Event(Message(number, encode(Tick(id=str(number), name="n", number=number + 1))), acknowledged)
            for number in range(records)
        ]
        for event in events[:128]:
            await batcher.put(event)
        tasks = [asyncio.create_task(batcher.run()), asyncio.create_task(beat())]
        async with asyncio.timeout(60):
            for event in events[128:]:
                await batcher.put(event)
            while len(acknowledged) < records:
                await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()

    asyncio.run(whole())
    assert acknowledged == list(range(records))
    return ran


def test_the_loop_runs_while_a_batch_is_worked_on() -> None:
    stage = Slow(1.0 / 64)
    ran = play(stage, 64)
    assert stage.batches == [64]
    # Beside it the loop would have stood still for the second that the batch takes.
    assert max(after - before for before, after in pairwise(ran)) < 0.5


def test_slow_batches_are_followed_by_smaller_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "SLOW_S", 0.1)
    stage = Slow(0.01)
    play(stage, 100)
    assert stage.batches[:3] == [64, 32, 4], "64 take six times as long as they should"


def test_quick_batches_are_followed_by_larger_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "SLOW_S", 0.2)

    class Once(Slow):
        """Is slow on its first batch."""

        def process(self, records: Sequence[Any], store: Store) -> Result:
            self.each_s = 0.0 if self.batches else 0.01
            return super().process(records, store)

    stage = Once(0.01)
    play(stage, 200)
    assert stage.batches[:3] == [64, 32, 64]
