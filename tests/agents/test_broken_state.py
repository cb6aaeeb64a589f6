"""Files of the state that are not what RocksDB wrote: thrown away, and read from the changelog again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from streams.agents.table import BROKEN, drop_broken, is_broken
from tests.agents.harness import System, ticks
from tests.agents.test_faults import check

GARBAGE = b"\x00garbage" * 100


@pytest.mark.kafka
@pytest.mark.parametrize("kind", ["MANIFEST*", "CURRENT", "*.log"])
def test_broken_files_are_replaced_from_the_changelog(system: System, kind: str) -> None:
    records = ticks(names=30, each=40)
    system.publish_ticks(records[:600])
    worker = system.worker("a").ready()
    system.settle()
    worker.kill()
    files = [path for path in (system.folder / "a").rglob(kind) if path.is_file()]
    assert files
    for path in files:
        path.write_bytes(GARBAGE)
    again = system.worker("a").ready()
    system.publish_ticks(records[600:])
    system.settle()
    check(system, records)
    assert again.exits() == []


def test_a_database_found_broken_while_it_was_read_goes_too(tmp_path: Path) -> None:
    folder = tmp_path / "state-0.db"
    folder.mkdir()
    (folder / BROKEN).touch()
    assert drop_broken(folder, lambda: None)
    assert not folder.exists()
    assert not drop_broken(folder, lambda: None)


@pytest.mark.parametrize(
    ("words", "goes"),
    [
        ("Corruption: block checksum mismatch", True),
        ("IO error: No such file or directory: state-0.db/000012.sst", True),
        ("IO error: While lock file: state-0.db/LOCK: Resource temporarily unavailable", False),
        ("IO error: No space left on device", False),
    ],
)
def test_only_what_is_broken_is_thrown_away(tmp_path: Path, words: str, goes: bool) -> None:
    def open_it() -> object:
        raise Exception(words)

    opened: Callable[[], object] = open_it
    assert is_broken(Exception(words)) is goes
    if goes:
        assert drop_broken(tmp_path, opened)
    else:
        with pytest.raises(Exception, match="IO error"):
            drop_broken(tmp_path, opened)
        assert tmp_path.exists()
