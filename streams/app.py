"""A stage as a Faust app: its settings, its table, and the agent that feeds its batches.

One app a process, one stage an app: Faust's assignor can't handle members of one group that read different
topics. The settings are those that make Faust keep its promises; each deviation from a default says why.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import faust
from aiokafka import AIOKafkaConsumer, TopicPartition
from faust.agents import Agent

from streams import security
from streams.agents import fitting
from streams.agents.batching import Arrive, Batcher, Changes, Event, Sent, plainly
from streams.agents.consumer import StageTableManager, StageTransport
from streams.agents.contiguity import Contiguity
from streams.agents.sending import send_all
from streams.agents.table import ROCKSDB_OPTIONS, PartitionStore, StateTable
from streams.settings import SEND_LIMIT_BYTES, Settings
from streams.stage import Stage, Store


class StageApp(faust.App):  # type: ignore[misc]
    """The Faust app of one stage, with its batcher and its state."""

    batcher: Batcher
    contiguity: Contiguity
    table: StateTable
    #: How clients of our own connect.
    client: dict[str, Any]
    #: Called when partitions were assigned and their state is here, before any of their records.
    demand_state: Callable[[], Awaitable[None]]

    def _new_transport(self) -> StageTransport:
        return StageTransport(self.conf.broker_consumer, self)


class FaustSink:
    """Where batches write to: straight to the producer, so that each record's acknowledgement is seen.

    Faust's own buffer would send later, and only warn of what failed.
    """

    def __init__(self, app: StageApp, demand_awake: Callable[[], None], beat: Callable[[], None]) -> None:
        self._app = app
        self._demand_awake = demand_awake
        self._beat = beat

    async def send(self, records: Sequence[Sent], not_before_s: float) -> None:
        """Send records; done when all replicas have them."""
        await send_all(self._app.producer._ensure_producer(), records, not_before_s=not_before_s)

    def store(self, partition: int) -> Store:
        """One partition of the table."""
        return PartitionStore(self._app.table, partition, self._beat)

    async def save(self, partition: int, changes: Changes, poisoned: int) -> None:
        """Write one partition's changes: changelog first."""
        await self._app.table.save(partition, changes, poisoned)

    def poisoned(self, partition: int) -> int:
        """How many records in a row the stage failed on, as it stands in the table."""
        return self._app.table.poisoned(partition)

    def holds(self, generation: int) -> bool:
        """Whether this process still is the one that Kafka gave the partitions to."""
        self._demand_awake()
        return bool(self._app.consumer.still_member(generation))


def faust_settings(settings: Settings, datadir: Path) -> dict[str, Any]:
    """Faust's settings."""
    return {
        "broker": ";".join(f"kafka://{address.strip()}" for address in settings.bootstrap.split(",")),
        "broker_credentials": security.faust_credentials(settings),
        "version": 1,
        "datadir": datadir,
        "autodiscover": False,
        "processing_guarantee": "at_least_once",  # exactly_once crashes and duplicates; stages are idempotent
        "consumer_auto_offset_reset": "earliest",  # a new group reads everything, and recovery needs it
        "topic_allow_declare": False,  # `shutdowns topics create` does it, with the right settings
        "topic_disable_leader": True,
        "web_enabled": False,
        "web_tables_enabled": False,  # they would serve the state to anyone
        "store": "rocksdb://",
        "TableManager": StageTableManager,
        "table_standby_replicas": 0,  # state is small: the changelog is read again on taking over
        "recovery_consistency_check": True,
        "broker_session_timeout": settings.session_timeout_s,
        "broker_heartbeat_interval": settings.heartbeat_s,
        "broker_rebalance_timeout": settings.rebalance_timeout_s,
        "broker_request_timeout": 300.0,
        # Nothing is polled while a state is read from its changelog; the watchdog sees who stands still.
        "broker_max_poll_interval": 3600.0,
        "broker_max_poll_records": 500,
        "broker_commit_interval": settings.commit_interval_s,
        "stream_buffer_maxsize": 500,
        "stream_recovery_delay": 0.0,
        "stream_wait_empty": False,  # the batcher finishes what is in work, and drops the rest
        "consumer_max_fetch_size": 2_097_152,
        "producer_acks": -1,
        "producer_request_timeout": settings.send_timeout_s,
        "producer_max_request_size": SEND_LIMIT_BYTES,
        "producer_max_batch_size": 262_144,
    }


def create_app(
    stage: Stage,
    settings: Settings,
    datadir: Path,
    *,
    fatal: Callable[[str], NoReturn],
    never: Callable[[str], NoReturn],
    demand_awake: Callable[[], None] = lambda: None,
    beat: Callable[[], None] = lambda: None,
    arrive: Arrive = plainly,
) -> StageApp:
    """The app of a stage. To be called where its event loop runs.

    `fatal` ends the process and does not return, `never` says besides that there is no use in starting again;
    `demand_awake` does so when the process slept so long that its partitions may be another's.
    `beat` is called whenever the state is read.
    """
    app = StageApp(settings.group(stage.name), **faust_settings(settings, datadir))
    app.finalize()
    app.in_worker = True
    app.client = security.client(settings)
    app.table = StateTable(
        app,
        name="state",
        key_type=bytes,
        value_type=bytes,
        partitions=None,
        options={**ROCKSDB_OPTIONS, "write_buffer_size": settings.write_buffer_bytes},
        beacon=app.tables.beacon,
        help=f"state of {stage.name}",
    )
    app.tables.add(app.table)
    app.batcher = Batcher(
        stage,
        FaustSink(app, demand_awake, beat),
        fatal=fatal,
        arrive=arrive,
        prefix=settings.prefix,
        batch_records=settings.batch_records,
        batch_bytes=settings.batch_bytes,
    )
    app.contiguity = Contiguity(partial(next_offset, settings))
    app.demand_state = partial(_demand_state, app, stage, settings, datadir, fatal=fatal, never=never)
    _add_agent(app, stage, settings, fatal)
    return app


async def _demand_state(
    app: StageApp,
    stage: Stage,
    settings: Settings,
    datadir: Path,
    *,
    fatal: Callable[[str], NoReturn],
    never: Callable[[str], NoReturn],
) -> None:
    source = settings.prefix + stage.source.name
    partitions = sorted(tp.partition for tp in app.consumer.assignment() if tp.topic == source)
    try:
        await fitting.demand(app.table, partitions, stage, settings, datadir)
    except asyncio.CancelledError:
        raise
    except fitting.UnfitStateError as error:
        never(str(error))
    except Exception as error:  # noqa: BLE001 - on state that nobody has looked at, nothing may be done
        fatal(f"the state of {stage.name} can't be worked on: {error}")


def _add_agent(app: StageApp, stage: Stage, settings: Settings, fatal: Callable[[str], NoReturn]) -> Agent:
    source = app.topic(
        settings.prefix + stage.source.name,
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
        allow_empty=True,
    )

    @app.agent(source, name=f"{stage.name}-batches", concurrency=1)  # type: ignore[untyped-decorator]
    async def batches(stream: Any) -> None:
        try:
            async for event in stream.noack().events():
                await _take(app, event)
        except asyncio.CancelledError:
            if not app.should_stop:
                fatal(f"the agent of {stage.name} was cancelled")
            raise
        except BaseException as error:  # noqa: BLE001 - Faust would commit past it
            fatal(f"the agent of {stage.name} failed: {error!r}")

    agent: Agent = batches
    return agent


async def _take(app: StageApp, event: Event) -> None:
    if await app.contiguity.fresh(event.message):
        await app.batcher.put(event)


async def next_offset(settings: Settings, topic: str, partition: int, offset: int) -> int:
    """Offset of the first record at or after `offset`, asked of Kafka by a consumer of its own."""
    at = TopicPartition(topic, partition)
    consumer = AIOKafkaConsumer(**security.client(settings), auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([at])
        first = (await consumer.beginning_offsets([at]))[at]
        consumer.seek(at, max(offset, first))
        found: int = (await asyncio.wait_for(consumer.getone(at), timeout=30)).offset
        return found
    finally:
        await consumer.stop()
