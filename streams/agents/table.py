"""The state of a stage: a Faust table on RocksDB, read and written a partition at a time.

Faust writes RocksDB first and sends the change to the changelog later, by the partition of whatever event
is current, and deletes a key from every partition that has it. Here the changelog comes first: only what
Kafka has goes into RocksDB, in one atomic write with the offset up to which the changelog is known. So a
worker's copy is never ahead of the changelog, and what Faust recovers from it fits.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import faust
import rocksdict
from faust.stores.rocksdb import RocksDBOptions

from streams.admin import TOMBSTONES_KEPT_S
from streams.agents.batching import Changes
from streams.agents.sending import Row, send_to
from streams.stage import LAYOUT_KEY, OURS, POISONED_KEY, StateError, Store

log = logging.getLogger("streams.worker")

#: A copy of the state untouched for longer than this is thrown away: the changelog may have dropped
#: deletions which the copy never saw.
STALE_S = TOMBSTONES_KEPT_S - 2 * 86_400

#: A file beside RocksDB's own that says that they can't be read.
BROKEN = "broken"

#: Faust's defaults allow every partition's database 2 GB of cache and 192 MB of buffers.
ROCKSDB_OPTIONS = {"max_open_files": 256}

#: Blocks read are kept for their neighbours, by all partitions together: what a stage has read it keeps itself.
BLOCK_CACHE_BYTES = 8_388_608

#: RocksDB tells of each file that it writes in its own log, LOG, for ever in one file by default.
LOG_BYTES, LOGS_KEPT = 1_048_576, 2


@cache
def _block_cache() -> Any:
    return rocksdict.Cache(BLOCK_CACHE_BYTES)


class StateOptions(RocksDBOptions):  # type: ignore[misc]
    """Faust's options of RocksDB, but for one cache of all partitions, and bounds of its own log."""

    def as_options(self) -> Any:
        """The options as rocksdict has them."""
        options = super().as_options()
        blocks = rocksdict.BlockBasedOptions()
        blocks.set_bloom_filter(self.bloom_filter_size, block_based=True)
        blocks.set_block_cache(_block_cache())
        options.set_block_based_table_factory(blocks)
        options.set_max_log_file_size(LOG_BYTES)
        options.set_keep_log_file_num(LOGS_KEPT)
        return options


class StateTable(faust.Table):  # type: ignore[misc]
    """A table that is read and written a partition at a time; Faust recovers it from its changelog."""

    #: Values read so far: the watchdog's sign of progress while a stage reads what it keeps of a large country.
    reads = 0

    def _new_store(self) -> Any:
        store = super()._new_store()
        store.rocksdb_options = StateOptions(**store.options, use_rocksdict=True)
        return store

    def database(self, partition: int) -> Any:
        """The RocksDB of one partition (rocksdict, raw bytes)."""
        return self.data._db_for_partition(partition)

    async def save(self, partition: int, changes: Changes, poisoned: int) -> None:
        """Send the changes to the changelog, wait until Kafka has them, then write them here.

        With them goes how many records in a row the stage failed on.

        Raises:
            aiokafka.errors.KafkaError: Kafka did not take them.
        """
        rows: list[Row] = [(key.encode(), value, ()) for key, value in changes]
        if poisoned != self.poisoned(partition):
            rows.append((POISONED_KEY, b"%d" % poisoned if poisoned else None, ()))
        await self._write(partition, rows)

    def poisoned(self, partition: int) -> int:
        """How many records in a row the stage failed on."""
        return int(self.database(partition).get(POISONED_KEY) or 0)

    def layout(self, partition: int) -> int | None:
        """Of which layout a partition's state says that it is; None where it doesn't say."""
        found = self.database(partition).get(LAYOUT_KEY)
        return None if found is None else int(found)

    async def mark(self, partition: int, layout: int) -> None:
        """Let a partition's state say of which layout it is.

        Raises:
            aiokafka.errors.KafkaError: Kafka did not take it.
        """
        await self._write(partition, [(LAYOUT_KEY, b"%d" % layout, ())])

    async def _write(self, partition: int, rows: Sequence[Row]) -> None:
        known = await send_to(self.app.producer._ensure_producer(), self.changelog_topic_name, partition, rows)
        self.write(partition, [(key, value) for key, value, _ in rows], known)

    def write(self, partition: int, rows: Iterable[tuple[bytes, bytes | None]], known: int) -> None:
        """Write what is on the changelog up to an offset, and that it is known up to there, in one step."""
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key, value in rows:
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(self.data.offset_key, str(known).encode())
        self.database(partition).write(batch)

    async def on_rebalance(
        self, assigned: set[Any], revoked: set[Any], newly_assigned: set[Any], generation_id: int = 0
    ) -> None:
        """Throw stale and broken copies away before Faust opens them."""
        for tp in newly_assigned:
            if tp.topic == self.changelog_topic_name:
                path = self.data.partition_path(tp.partition)
                drop_stale(path)
                drop_broken(path, partial(self.database, tp.partition))
        await super().on_rebalance(assigned, revoked, newly_assigned, generation_id)


def drop_stale(path: Path, now_s: float | None = None) -> bool:
    """Delete a partition's database that nothing was written to for `STALE_S`. Says whether it did."""
    newest = max((file.stat().st_mtime for file in path.glob("*")), default=None)
    if newest is None or (time.time() if now_s is None else now_s) - newest < STALE_S:
        return False
    log.info("state in %s was not touched for days: reading it from the changelog again", path.name)
    shutil.rmtree(path)
    return True


def is_broken(error: BaseException) -> bool:
    """Whether RocksDB says that its files are not what it wrote. That another process has them is no such case."""
    return str(error).startswith(("Corruption", "IO error: No such file"))


def drop_broken(path: Path, open_it: Callable[[], object]) -> bool:
    """Delete a partition's database that can't be opened, or that was found broken while it was read.

    The changelog has all of it. Says whether it did.
    """
    if not path.exists():
        return False
    try:
        if not (path / BROKEN).exists():
            open_it()
            return False
    except Exception as error:
        if not is_broken(error):
            raise
    log.warning("state in %s is broken: reading it from the changelog again", path.name)
    shutil.rmtree(path)
    return True


class PartitionStore(Store):
    """One partition of the table as a stage's store, to read. Changes are collected over it and then saved."""

    def __init__(self, table: StateTable, partition: int, beat: Callable[[], None] = lambda: None) -> None:
        self._table = table
        self._partition = partition
        self._beat = beat

    def __getitem__(self, key: str) -> bytes:
        value = self._value(key)
        if value is None:
            raise KeyError(key)
        return bytes(value)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._value(key) is not None

    def _value(self, key: str) -> Any:
        # A stage may read for minutes before its first record is done: it is not stuck.
        self._beat()
        self._table.reads += 1
        try:
            return self._table.database(self._partition).get(key.encode())
        except Exception as error:
            if is_broken(error):
                # This process ends; the next one throws the files away.
                (self._table.data.partition_path(self._partition) / BROKEN).touch()
            raise StateError(f"the state can't be read: {error}") from error

    def __iter__(self) -> Iterator[str]:
        faust = self._table.data.offset_key
        keys = (key for key, _ in self._table.database(self._partition).items())
        return (key.decode() for key in keys if key != faust and not key.startswith(OURS))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __setitem__(self, key: str, value: bytes) -> None:
        raise TypeError("a stage's changes are saved in batches: write to the overlay")

    def __delitem__(self, key: str) -> None:
        raise TypeError("a stage's changes are saved in batches: write to the overlay")
