"""What RocksDB keeps beside the state has bounds."""

from __future__ import annotations

import random
from pathlib import Path

import faust
import pytest

from streams.agents.table import BLOCK_CACHE_BYTES, LOG_BYTES, LOGS_KEPT, StateOptions, StateTable


def logs(folder: Path) -> list[int]:
    return [path.stat().st_size for path in folder.glob("LOG*")]


def test_its_own_log_is_bounded(tmp_path: Path) -> None:
    database = StateOptions(max_open_files=64, use_rocksdict=True).open(tmp_path / "db")
    for number in range(1_200):
        database[b"key"] = b"%d" % number
        database.flush()
    database.close()
    found = logs(tmp_path / "db")
    assert len(found) == LOGS_KEPT
    # A line may go over.
    assert max(found) < 1.05 * LOG_BYTES


def test_a_table_opens_its_databases_so(tmp_path: Path) -> None:
    app = faust.App("options", store="rocksdb://", datadir=str(tmp_path), autodiscover=False)
    table = StateTable(app, name="state", options={"write_buffer_size": 65_536})
    store = table.data
    assert isinstance(store.rocksdb_options, StateOptions)
    assert store.rocksdb_options.write_buffer_size == 65_536


def test_all_partitions_have_one_cache(tmp_path: Path) -> None:
    databases = [StateOptions(max_open_files=64, use_rocksdict=True).open(tmp_path / str(at)) for at in range(4)]
    for number in range(1_200):
        for database in databases:
            database[b"%d" % number] = random.Random(number).randbytes(8_192)
    for database in databases:
        database.flush()
        for number in range(1_200):
            database[b"%d" % number]
    (used,) = {int(database.property_value("rocksdb.block-cache-usage")) for database in databases}
    for database in databases:
        database.close()
    # 39 MB were read. A block that is being read may go over.
    assert used == pytest.approx(BLOCK_CACHE_BYTES, rel=0.1)
