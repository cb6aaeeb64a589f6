"""Batches of records through a stage, so that nothing is lost and nothing is committed before it is safe.

Events wait in a bounded buffer. A task takes up to a batch of them, and for each partition in it:

1. decodes (what can't be read goes to `invalid`) and lets the stage process;
2. sends the results and the refused records, and waits until Kafka has them;
3. saves the changed state, and waits until Kafka has it;
4. acknowledges the events in the order of their offsets.

A crash between any two steps repeats the batch, and stages are idempotent. Faust itself acknowledges a
record whose agent raised, so nothing may be raised here: a fault ends the process (`fatal`), and what was
not acknowledged comes again after the restart.

The stage works in a thread beside the event loop, one partition after the other, so that the loop goes on with
heartbeats, pages and what other partitions send, however long a batch takes. A batch that took long is followed by
smaller ones: what is done is committed more often.

A batch on which the stage fails is halved until the record is found; that record goes to `invalid` with the stage's
error, and all others go on. More than `POISON_IN_A_ROW` such records with none between them that the stage can work
on are a fault of the stage, and end the process.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple, NoReturn, Protocol, TypeVar

from streams.agents.figures import STAGE_FAILED, Figures, delay_s, newest_by_source
from streams.agents.refusals import Message, refusal
from streams.logs import without_words
from streams.stage import Overlay, Stage, StateError, Store
from topics import INVALID, RECORD_LIMIT_BYTES, InvalidRecord, Record, Topic, decode, encode
from topics.cloudevents import headers

log = logging.getLogger("streams.worker")

T = TypeVar("T")

#: So many records in a row may fail in a stage: a few are records that it can't work on, more a fault of its own.
#: The count is kept with the state, so that a process that starts again and again refuses no more of them.
POISON_IN_A_ROW = 10

#: How long a batch that is not full waits for more: one trip to Kafka is cheaper than many.
LINGER_S = 0.02

#: A batch on which a stage works for longer is followed by smaller ones, until they take a quarter of it, seconds:
#: a batch must end within a rebalance. None is smaller than this part of the largest, for each costs something.
SLOW_S, SMALLEST = 30.0, 16

#: Key and new value of each change of the state, in the order to be written; None deletes.
Changes = Sequence[tuple[str, bytes | None]]

#: A record's headers: names and values.
Headers = Sequence[tuple[str, bytes]]

#: Topic, key, value and headers of a record to be sent.
Sent = tuple[str, bytes, bytes, Headers]

#: Reads a record of a topic: its bytes, and when Kafka got it, Unix seconds. Raises `InvalidRecord`.
Arrive = Callable[[Topic, bytes | None, float], Any]


def plainly(topic: Topic, value: bytes | None, arrived_s: float) -> Any:  # noqa: ARG001
    """Decode, and look at nothing else."""
    return decode(topic, value)


class Event(Protocol):
    """A message on its way through Faust."""

    @property
    def message(self) -> Message: ...
    def ack(self) -> bool: ...


class Sink(Protocol):
    """Where a batch's results go: Kafka and the state table, or their stand-ins in a test."""

    async def send(self, records: Sequence[Sent], not_before_s: float) -> None:
        """Send records, with a time of `not_before_s` at least, and return when Kafka has them all."""

    def store(self, partition: int) -> Store:
        """The state of one partition, to read."""

    async def save(self, partition: int, changes: Changes, poisoned: int) -> None:
        """Write the changes of one partition's state and its `poisoned`, and return when they are safe."""

    def poisoned(self, partition: int) -> int:
        """How many records in a row the stage failed on, up to the newest that is committed."""

    def holds(self, generation: int) -> bool:
        """Whether the partitions assigned in that generation of the group are still ours."""


class OwnFaultError(Exception):
    """A stage made something that must never be sent: the process stops before it does harm."""


class _Work(NamedTuple):
    """What a batch comes to: records to send, changes of the state, its figures, and `Sink.poisoned` after it."""

    sent: Sequence[Sent]
    changes: Changes
    tell: Callable[[], None]
    poisoned: int


class Batcher:
    """The buffer, and the task that empties it."""

    def __init__(
        self,
        stage: Stage,
        sink: Sink,
        *,
        fatal: Callable[[str], NoReturn],
        arrive: Arrive = plainly,
        prefix: str = "",
        batch_records: int = 500,
        batch_bytes: int = 16_777_216,
    ) -> None:
        self._stage = stage
        self._sink = sink
        self._fatal = fatal
        self._arrive = arrive
        self._prefix = prefix
        self._batch_records = self._at_once = batch_records
        self._batch_bytes = batch_bytes
        self._events: deque[Event] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._space = asyncio.Event()
        self._space.set()
        self._work = asyncio.Lock()
        #: One thread: a stage is never at work twice.
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="stage")
        self._paused = False
        #: Events acknowledged so far: the watchdog's sign of progress.
        self.processed = 0
        self.figures = Figures()

    @property
    def busy(self) -> bool:
        """A batch is in work."""
        return self._work.locked()

    async def put(self, event: Event) -> None:
        """Add an event; waits while two batches are waiting, so that no more of Kafka is read than that."""
        await self._space.wait()
        if self._paused:
            return
        self._events.append(event)
        self._bytes += _size(event)
        self._measure()
        self._wake.set()

    async def pause(self) -> None:
        """Finish the batch in work, drop what waits, and let the stage forget: partitions are leaving.

        What is dropped was not acknowledged, so whoever has the partition next reads it.
        """
        self._paused = True
        async with self._work:
            self._clear()
            self._stage.forget()

    def resume(self) -> None:
        """Take events again: partitions are assigned."""
        self._clear()
        self._paused = False

    async def run(self) -> NoReturn:
        """Process batch after batch. A fault ends the process."""
        while True:
            await self._wake.wait()
            if len(self._events) < self._at_once:
                await asyncio.sleep(LINGER_S)
            async with self._work:
                batch = self._take()
                if batch:
                    await self._process(batch)
                else:
                    self._wake.clear()

    def _clear(self) -> None:
        self._events.clear()
        self._bytes = 0
        self._measure()

    def _measure(self) -> None:
        if len(self._events) < 2 * self._batch_records and self._bytes < 2 * self._batch_bytes:
            self._space.set()
        else:
            self._space.clear()

    def _take(self) -> list[Event]:
        """The next batch. Events of partitions that may be another worker's are dropped, unacknowledged."""
        batch: list[Event] = []
        size = 0
        while self._events and len(batch) < self._at_once and size < self._batch_bytes:
            event = self._events.popleft()
            self._bytes -= _size(event)
            if self._sink.holds(event.message.generation_id):
                batch.append(event)
                size += _size(event)
        self._measure()
        return batch

    async def _process(self, batch: Sequence[Event]) -> None:
        by_partition: dict[int, list[Event]] = {}
        for event in batch:
            by_partition.setdefault(event.message.partition, []).append(event)
        # Partitions know nothing of each other: while one waits for Kafka, the next one computes.
        await asyncio.gather(*(self._guarded(partition, events) for partition, events in by_partition.items()))

    async def _guarded(self, partition: int, events: Sequence[Event]) -> None:
        try:
            await self._partition(partition, events)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever it was: going on would commit past it
            what = f"stage {self._stage.name} failed on {_span(events)}, nothing of which is committed"
            self._fatal(f"{what}: {error if isinstance(error, OwnFaultError) else without_words(error)}")

    async def _partition(self, partition: int, events: Sequence[Event]) -> None:
        try:
            work, took_s = await self._aside(partial(self._timed, partition, events))
            self._pace(len(events), took_s)
        except (StateError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, it is the record's
            # What the stage keeps in memory of the store may have part of the batch.
            await self._aside(self._stage.forget)
            if len(events) > 1:
                half = len(events) // 2
                await self._partition(partition, events[:half])
                await self._partition(partition, events[half:])
                return
            work = self._refuse(partition, events[0], error)
        await self._commit(partition, events, work)

    async def _aside(self, work: Callable[[], T]) -> T:
        """Do it in the stage's thread, after what is done there already."""
        return await asyncio.get_running_loop().run_in_executor(self._beside, work)

    def _pace(self, records: int, took_s: float) -> None:
        """Take fewer records at once after a batch that took long, and more after a quick one."""
        if took_s > SLOW_S:
            least = max(1, self._batch_records // SMALLEST)
            self._at_once = max(least, min(self._at_once, records) // 2)
        elif took_s < SLOW_S / 4:
            self._at_once = min(self._batch_records, 2 * self._at_once)

    def _timed(self, partition: int, events: Sequence[Event]) -> tuple[_Work, float]:
        began = time.monotonic()
        return self._compute(partition, events), time.monotonic() - began

    async def _commit(self, partition: int, events: Sequence[Event], work: _Work) -> None:
        generation = events[0].message.generation_id
        # Where another worker has the partition by now, it does the same work itself, from the same offset.
        if not self._sink.holds(generation):
            return
        await self._sink.send(work.sent, max(event.message.timestamp or 0.0 for event in events))
        if not self._sink.holds(generation):
            return
        if work.changes or work.poisoned != self._sink.poisoned(partition):
            await self._sink.save(partition, work.changes, work.poisoned)
        for event in events:
            event.ack()
        self.processed += len(events)
        work.tell()

    def _compute(self, partition: int, events: Sequence[Event]) -> _Work:
        """Let the stage process what can be read of the events."""
        overlay = Overlay(self._sink.store(partition))
        records: list[Any] = []
        sources: list[Message] = []
        refused: list[tuple[bytes, bytes]] = []
        reasons: list[str] = []
        for event in events:
            message = event.message
            try:
                # Without a time of arrival nothing can be said to have come before its time.
                arrived_s = math.inf if message.timestamp is None or message.timestamp < 0 else message.timestamp
                records.append(self._arrive(self._stage.source, message.value, arrived_s))
                sources.append(message)
            except InvalidRecord as error:
                refused.append(refusal(message, error.reason, error.detail, error.field))
                reasons.append(error.reason)
        result = self._stage.process(records, overlay)
        refused += [refusal(sources[one.index], one.reason, one.detail, one.field) for one in result.refused]
        reasons += [one.reason for one in result.refused]
        given = [topic.name for topic, _ in result.out]
        late, newest = delay_s(records, events[-1].message.timestamp or 0.0), newest_by_source(records)
        return _Work(
            [self._encoded(*one) for one in result.out] + [self._invalid(*one) for one in refused],
            [_checked(key, value) for key, value in overlay.changes()],
            lambda: self.figures.count(len(events), given, reasons, late, newest),
            0 if records else self._sink.poisoned(partition),
        )

    def _refuse(self, partition: int, event: Event, error: Exception) -> _Work:
        """Give a record on which the stage failed to `invalid`.

        Raises:
            Exception: the error itself, where the stage failed on `POISON_IN_A_ROW` records before this one.
        """
        poisoned = self._sink.poisoned(partition) + 1
        if poisoned > POISON_IN_A_ROW:
            raise error
        where = str(error) if isinstance(error, OwnFaultError) else without_words(error)
        log.error("stage %s failed on %s, which goes to invalid: %s", self._stage.name, _span([event]), where)
        detail = f"stage {self._stage.name} failed on it, and on nothing else of its batch"
        words = f"{type(error).__name__}: {error}; {where}"
        refused = refusal(event.message, "out-of-bounds", detail, error=words)
        count = partial(self.figures.count, 1, (), (STAGE_FAILED,), None, {})
        return _Work([self._invalid(*refused)], (), count, poisoned)

    def _invalid(self, key: bytes, value: bytes) -> Sent:
        return self._prefix + INVALID.name, key, value, ()

    def _encoded(self, topic: Topic, record: Record) -> Sent:
        key, value = topic.key(record), encode(record)
        if len(value) > RECORD_LIMIT_BYTES:
            raise OwnFaultError(
                f"a record for {topic.name} with key {key!r} has {len(value):,} bytes; above "
                f"{RECORD_LIMIT_BYTES:,} whoever reads it would refuse it"
            )
        return self._prefix + topic.name, key.encode(), value, headers(topic, record)


def _size(event: Event) -> int:
    return len(event.message.value or b"")


def _span(events: Sequence[Event]) -> str:
    first, last = events[0].message, events[-1].message
    return f"{first.topic} partition {first.partition} offsets {first.offset} to {last.offset}"


def _checked(key: str, value: bytes | None) -> tuple[str, bytes | None]:
    if value is not None and len(value) > RECORD_LIMIT_BYTES:
        raise OwnFaultError(f"the state under {key!r} has {len(value):,} bytes, above {RECORD_LIMIT_BYTES:,}")
    return key, value
