"""Faust's consumer and recovery without the windows in which a rebalance loses records.

What Faust 0.15.3 does, and what is done about it here:

- `Consumer.on_partitions_revoked` forgets what was acknowledged before it waits for the work that is going
  on (faust/transport/consumer.py). Here the batch in work ends and is committed first, so a worker that
  leaves in order repeats nothing.
- `Recovery.on_recovery_completed` lets records in, seeks to the committed offsets and then empties the
  queues (faust/tables/recovery.py): what came in between is dropped from the queue but not from the
  bookkeeping, which takes the hole for records that never were, and commits past it. Here no fetch runs
  from before the partitions are let in until after the queues are emptied.
- `Consumer.perform_seek` leaves partitions alone of which nothing was ever committed: what a fetch that a
  rebalance overtook has brought from them is dropped, and not read again. Here they start at their beginning.
- `Recovery` takes the changelog record by record, and ends for good, silently, where a step of it takes longer
  than `broker_request_timeout`. Here the state is read in large batches first (see `restoring`), and steps take
  as long as they take: the watchdog ends the process when there is no progress.
- `Consumer._new_offset` guesses at holes in what was acknowledged: it can commit a record that is still in
  work, and with a transactional producer's records it commits one transaction an interval, falling behind
  for ever. Here records are acknowledged in order and known to be complete, so the last one counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from faust.tables import TableManager
from faust.tables.recovery import RebalanceAgain, Recovery
from faust.transport.drivers.aiokafka import Consumer, Transport

from streams.agents.restoring import Row, restore


class StageConsumer(Consumer):  # type: ignore[misc]
    """A consumer that hands over in order and does not fetch while it seeks."""

    def __post_init__(self) -> None:
        #: Held by whoever fetches, or must be sure that nobody does.
        self.fetching = asyncio.Lock()
        super().__post_init__()

    async def _getmany(self, active_partitions: Any, timeout: float) -> Any:
        async with self.fetching:
            fetched = await super()._getmany(active_partitions, timeout)
            for records in fetched.values():
                self.app.contiguity.fetched(records)
            return fetched

    async def perform_seek(self) -> None:
        """Go to what is committed, or where nothing is, to the beginning."""
        await super().perform_seek()
        changelogs = self.app.tables.changelog_topics
        read = [tp for tp in self.assignment() if tp.topic not in changelogs]
        fresh = [tp for tp in read if self._committed_offset.get(tp) is None]
        if fresh:
            # Where retention took the first records, Kafka refuses 0 and the client goes to the earliest there is.
            await self.seek_wait(dict.fromkeys(fresh, 0))
        self.app.contiguity.reset()
        for tp in self.assignment():
            self.app.contiguity.start(tp.topic, tp.partition, self._committed_offset.get(tp) or 0)

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        """Finish what is in work and commit it, while the partitions are still ours."""
        self.stop_flow()
        await self.app.batcher.pause()
        await self.commit()
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[Any], generation_id: int = 0) -> None:
        """Start anew, from what is committed."""
        self.app.contiguity.reset()
        self.app.batcher.resume()
        await super().on_partitions_assigned(assigned, generation_id)

    def _new_offset(self, tp: Any) -> int | None:
        acknowledged = self._acked[tp]
        if not acknowledged:
            return None
        newest: int = acknowledged[-1]
        acknowledged.clear()
        self._acked_index[tp].clear()
        self._gap.pop(tp, None)
        return newest + 1

    def still_member(self, generation: int) -> bool:
        """Whether that generation of the group is the present one, as far as is known here."""
        coordinator = self._coordinator()
        known = generation == self.app.consumer_generation_id
        return known and coordinator is not None and bool(coordinator.generation == generation)

    def member_id(self) -> str:
        """The name that the group's coordinator gave this process; empty before it did."""
        coordinator = self._coordinator()
        return str(getattr(coordinator, "member_id", "") or "")

    def _coordinator(self) -> Any:
        consumer = self._thread._consumer
        return None if consumer is None else consumer._coordinator


class StageRecovery(Recovery):  # type: ignore[misc]
    """A recovery in large batches, at whose end nothing is fetched until the queues are emptied."""

    async def _build_offsets(self, consumer: Any, tps: Any, destination: Any, title: str) -> None:
        """Say up to where the changelogs are known here, after reading what is missing."""
        await super()._build_offsets(consumer, tps, destination, title)
        if title == "active":
            await self._restore()

    async def _restore(self) -> None:
        generation = self.app.consumer_generation_id

        def write(partition: int, rows: Sequence[Row], known: int) -> None:
            if self.app.consumer_generation_id != generation:
                # Another rebalance: the partition may be closed here by now. Faust comes again for what is ours.
                raise RebalanceAgain
            self.app.table.write(partition, rows, known)

        await restore(self.app.client, self.active_offsets, self.active_highwaters, write)

    async def _wait(self, coro: Any, timeout: Any = None) -> None:  # noqa: ARG002
        """Wait for a step, without a limit: see above."""
        await super()._wait(coro)

    async def on_recovery_completed(self, generation_id: int = 0) -> None:
        """Let the source's records in, onto state that fits."""
        async with self.app.consumer.fetching:
            if generation_id == self.app.consumer_generation_id:
                await self.app.demand_state()
            await super().on_recovery_completed(generation_id)


class StageTableManager(TableManager):  # type: ignore[misc]
    """Makes the table's recovery ours."""

    _recovery: StageRecovery | None

    @property
    def recovery(self) -> StageRecovery:
        """The recovery service."""
        if self._recovery is None:
            self._recovery = StageRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery


class StageTransport(Transport):  # type: ignore[misc]
    """Makes the consumer ours."""

    Consumer = StageConsumer
