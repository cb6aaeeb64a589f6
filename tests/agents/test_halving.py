"""Batches with records on which a stage fails, without Kafka: what is sent, kept and acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.agents.batching import POISON_IN_A_ROW, Batcher, Changes, Sent
from streams.stage import Result, StateError, Store
from tests.agents.toys import TALLIES, Counting, Tick
from topics import INVALID, Invalid, decode, encode


@dataclass
class Message:
    """A record as Kafka would have it."""

    offset: int
    value: bytes | None
    partition: int = 0
    topic: str = "ticks"
    key: bytes | None = b"k"
    timestamp: float | None = 1_600_000_000.0
    generation_id: int = 1


@dataclass
class Event:
    """A message on its way through Faust."""

    message: Message
    acknowledged: list[int]

    def ack(self) -> bool:
        self.acknowledged.append(self.message.offset)
        return True


@dataclass
class Memory:
    """Kafka and the state table in memory."""

    state: dict[str, bytes] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    in_a_row: int = 0

    async def send(self, records: Sequence[Sent], not_before_s: float) -> None:
        assert not_before_s > 0
        await asyncio.sleep(0)
        self.sent += records

    def store(self, partition: int) -> Store:
        assert partition == 0
        return self.state

    async def save(self, partition: int, changes: Changes, poisoned: int) -> None:
        assert partition == 0
        self.in_a_row = poisoned
        for key, value in changes:
            if value is None:
                self.state.pop(key, None)
            else:
                self.state[key] = value

    def poisoned(self, partition: int) -> int:
        assert partition == 0
        return self.in_a_row

    def holds(self, generation: int) -> bool:
        return generation == 1


class Ended(Exception):
    """The process would have ended."""


def end(words: str) -> NoReturn:
    raise Ended(words)


class Picky(Counting):
    """Fails on ticks whose padding says so, after it has taken in what came before them."""

    def __init__(self, error: Exception) -> None:
        super().__init__("picky")
        self.error = error
        self.forgot = 0

    def process(self, records: Sequence[Any], store: Store) -> Result:
        result = super().process(records, store)
        if any(tick.padding for tick in records):
            raise self.error
        return result

    def forget(self) -> None:
        self.forgot += 1


async def _run(batcher: Batcher, events: list[Event], done: Callable[[], bool]) -> None:
    async def feed() -> None:
        for event in events:
            await batcher.put(event)

    running, feeding = asyncio.create_task(batcher.run()), asyncio.create_task(feed())
    try:
        async with asyncio.timeout(20):
            while not done() and not running.done():
                await asyncio.sleep(0.001)
        if running.done():
            await running
    finally:
        feeding.cancel()
        running.cancel()


def play(poisoned: list[bool], sink: Memory, error: Exception | None = None) -> list[int]:
    """Ticks of one name through a batcher, some of them poison; the offsets acknowledged."""
    acknowledged: list[int] = []
    values = [
        encode(Tick(id=str(number), name="n", number=number + 1, padding="x" if one else ""))
        for number, one in enumerate(poisoned)
    ]
    events = [Event(Message(number, value), acknowledged) for number, value in enumerate(values)]
    batcher = Batcher(Picky(error or RuntimeError("private")), sink, fatal=end, batch_records=64)
    asyncio.run(_run(batcher, events, lambda: len(acknowledged) == len(events)))
    return acknowledged


def longest(poisoned: list[bool]) -> int:
    """The most poison in a row."""
    return max(map(len, "".join("x" if one else " " for one in poisoned).split()), default=0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), max_size=150).filter(lambda one: longest(one) <= POISON_IN_A_ROW))
def test_each_poison_goes_to_invalid_and_the_rest_is_as_without_it(poisoned: list[bool]) -> None:
    sink = Memory()
    assert play(poisoned, sink) == list(range(len(poisoned))), "in the order of their offsets, each once"
    good = [Tick(id=str(n), name="n", number=n + 1) for n, one in enumerate(poisoned) if not one]
    state: dict[str, bytes] = {}
    wanted = [encode(record) for _, record in Counting().process(good, state).out]
    assert [value for topic, _, value, _ in sink.sent if topic == TALLIES.name] == wanted
    assert sink.state == state
    refused: list[Invalid] = [decode(INVALID, value) for topic, _, value, _ in sink.sent if topic == INVALID.name]
    assert [one.offset for one in refused] == [number for number, one in enumerate(poisoned) if one]
    assert all(one.error and one.error.startswith("RuntimeError: private; ") for one in refused)


@pytest.mark.parametrize("batch", [1, 64])
def test_a_stage_that_fails_on_everything_ends_the_process(batch: int) -> None:
    sink = Memory()
    acknowledged: list[int] = []
    tick = encode(Tick(id="1", name="n", number=1, padding="x"))
    for _ in range(3):
        first = len(acknowledged)
        events = [Event(Message(number, tick), acknowledged) for number in range(first, first + 30)]
        batcher = Batcher(Picky(RuntimeError("private")), sink, fatal=end, batch_records=batch)
        with pytest.raises(Ended, match="stage picky failed on ticks partition 0 offsets"):
            asyncio.run(_run(batcher, events, lambda: False))
        assert acknowledged == list(range(POISON_IN_A_ROW)), "however often it starts again"
    good = Event(Message(10, encode(Tick(id="2", name="n", number=2))), acknowledged)
    asyncio.run(_run(Batcher(Counting(), sink, fatal=end), [good], lambda: acknowledged[-1] == 10))
    assert sink.in_a_row == 0


@pytest.mark.parametrize("error", [StateError("the state under 'n' is damaged"), MemoryError()])
def test_what_no_record_can_cause_ends_the_process_at_once(error: Exception) -> None:
    sink = Memory()
    with pytest.raises(Ended):
        play([False, True, False], sink, error)
    assert sink.sent == []
    assert sink.state == {}
