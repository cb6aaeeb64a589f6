"""Archives without Kafka: what is written is read again, faults are found and named, crashes leave nothing half."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pyarrow.fs as pafs
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from streams.cli.archive import archive as command
from streams.replay.archive import Archive, Position
from streams.replay.errors import ArchiveError
from streams.replay.layout import MARK_KEY, Gap, Mark, day_of
from streams.replay.records import Arrived

DAY_MS = 86_400_000
BEGIN_MS = 1_614_470_400_000  # 2021-02-28T00:00Z


def row(offset: int, *, partition: int = 0, at_ms: int = BEGIN_MS, value: bytes | None = b"{}") -> Arrived:
    headers = (("ce_type", b"x"), ("ce_none", None)) if offset % 2 else ()
    return Arrived("reports", partition, offset, at_ms, b"key" if offset % 3 else None, value, headers)


def written(folder: Path, batches: Sequence[Sequence[Arrived]]) -> Archive:
    """An archive of one topic of one partition, in the given batches."""
    store, position = Archive(folder), Position(topic_id="T")
    for rows in batches:
        ends = {
            part: 1 + max(one.offset for one in rows if one.partition == part)
            for part in {r.partition for r in rows}
        }
        position = store.append("reports", rows, position, {**position.offsets, **ends})
    return store


def rows_in(store: Archive, **more: bool) -> list[Arrived]:
    return [one for batch in store.rows(["reports"], **more)["reports"] for one in batch]


def three_batches() -> list[list[Arrived]]:
    """Ten records each; the second batch lies in two days."""
    return [
        [row(n) for n in range(10)],
        [row(n, at_ms=BEGIN_MS + (DAY_MS if n % 2 else 0)) for n in range(10, 20)],
        [row(n, at_ms=BEGIN_MS + 2 * DAY_MS) for n in range(20, 30)],
    ]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    batches = three_batches()
    store = written(tmp_path, batches)
    assert sorted(rows_in(store), key=lambda one: one.offset) == [one for batch in batches for one in batch]
    assert store.contents().faults == []
    names = [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*.parquet"))]
    assert names == [
        "topic=reports/day=2021-02-28/batch-00000000.parquet",
        "topic=reports/day=2021-02-28/batch-00000001.parquet",
        "topic=reports/day=2021-03-01/batch-00000001.parquet",
        "topic=reports/day=2021-03-02/batch-00000002.parquet",
    ]


def test_other_readers_of_parquet_read_it(tmp_path: Path) -> None:
    written(tmp_path, three_batches())
    table = pq.read_table(tmp_path, partitioning="hive")
    assert table.num_rows == 30
    assert {"topic", "day", "offset", "arrived", "key", "value", "headers"} <= set(table.column_names)


def test_another_file_system(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    store = Archive("deep/archive", pafs.SubTreeFileSystem(str(tmp_path / "there"), pafs.LocalFileSystem()))
    store.append("reports", [row(0), row(1)], Position(topic_id="T"), {0: 2})
    assert rows_in(store) == [row(0), row(1)]
    assert rows_in(Archive(f"file://{tmp_path}/there/deep/archive")) == [row(0), row(1)]


@given(st.lists(st.integers(0, 3 * DAY_MS), min_size=1, max_size=40), st.integers(1, 7))
def test_any_times_in_any_batches(tmp_path_factory: pytest.TempPathFactory, times: list[int], size: int) -> None:
    rows = [row(n, at_ms=BEGIN_MS + at) for n, at in enumerate(times)]
    store = written(tmp_path_factory.mktemp("archive"), [rows[n : n + size] for n in range(0, len(rows), size)])
    assert store.contents().faults == []
    assert sorted(rows_in(store)) == rows
    assert store.positions()["reports"].offsets == {0: len(rows)}
    middle = BEGIN_MS + DAY_MS
    early = [one for some in store.rows(["reports"], until_ms=middle)["reports"] for one in some]
    late = [one for some in store.rows(["reports"], from_ms=middle)["reports"] for one in some]
    assert sorted(early + late) == rows
    assert all(one.timestamp_ms is not None and one.timestamp_ms < middle for one in early)


def test_gaps_that_kafka_had_are_noted(tmp_path: Path) -> None:
    store = Archive(tmp_path)
    rows = [row(5), row(6), row(9), row(3, partition=1)]
    store.append(
        "reports", rows, Position(topic_id="T"), {0: 12, 1: 4}, expired=[Gap(0, 0, 5, "expired")], why="compacted"
    )
    [file] = store.contents().files["reports"]
    assert set(file.mark.gaps) == {
        Gap(0, 0, 5, "expired"),
        Gap(0, 7, 9, "compacted"),
        Gap(0, 10, 12, "compacted"),
        Gap(1, 0, 3, "compacted"),
    }
    assert store.contents().faults == []


# ---------------------------------------------------------------------- bad archives


def truncate(folder: Path) -> None:
    path = folder / "topic=reports/day=2021-02-28/batch-00000000.parquet"
    path.write_bytes(path.read_bytes()[:-20])


def damage(folder: Path) -> None:
    """Turn a bit in the records, with the footer as it was."""
    path = folder / "topic=reports/day=2021-03-02/batch-00000002.parquet"
    content = bytearray(path.read_bytes())
    content[60] ^= 0x10
    path.write_bytes(content)


def lose_a_day(folder: Path) -> None:
    (folder / "topic=reports/day=2021-03-01/batch-00000001.parquet").unlink()


def lose_a_batch(folder: Path) -> None:
    for path in folder.rglob("batch-00000001.parquet"):
        path.unlink()


def copy_over(folder: Path) -> None:
    path = folder / "topic=reports/day=2021-02-28/batch-00000000.parquet"
    path.with_name("batch-00000000 (copy).parquet").write_bytes(path.read_bytes())


def another_version(folder: Path) -> None:
    path = folder / "topic=reports/day=2021-02-28/batch-00000000.parquet"
    table = pq.read_table(path, partitioning=None)
    mark = msgspec.json.decode(table.schema.metadata[MARK_KEY])
    pq.write_table(table.replace_schema_metadata({MARK_KEY: msgspec.json.encode({**mark, "format": 2})}), path)


def another_topic_of_that_name(folder: Path) -> None:
    path = folder / "topic=reports/day=2021-03-02/batch-00000002.parquet"
    table = pq.read_table(path, partitioning=None)
    mark = msgspec.structs.replace(msgspec.json.decode(table.schema.metadata[MARK_KEY], type=Mark), topic_id="U")
    pq.write_table(table.replace_schema_metadata({MARK_KEY: msgspec.json.encode(mark)}), path)


def overlap(folder: Path) -> None:
    """A batch that begins before the one before it ended."""
    path = folder / "topic=reports/day=2021-03-02/batch-00000002.parquet"
    table = pq.read_table(path, partitioning=None)
    mark = msgspec.json.decode(table.schema.metadata[MARK_KEY], type=Mark)
    mark = msgspec.structs.replace(mark, begins={0: 15}, records=table.num_rows)
    pq.write_table(table.replace_schema_metadata({MARK_KEY: msgspec.json.encode(mark)}), path)


FAULTS: list[tuple[Callable[[Path], None], set[str], set[int]]] = [
    (truncate, {"truncated", "missing"}, set(range(10, 30))),
    (damage, {"damaged"}, set(range(20))),
    (lose_a_day, {"missing"}, {*range(10), *range(10, 20, 2), *range(20, 30)}),
    (lose_a_batch, {"missing"}, {*range(10), *range(20, 30)}),
    (copy_over, {"overlap"}, set(range(30))),
    (another_version, {"version", "missing"}, set(range(10, 30))),
    (another_topic_of_that_name, {"other-topic"}, set(range(30))),
    (overlap, {"overlap"}, set(range(30))),
]


@pytest.mark.parametrize(("spoil", "kinds", "left"), FAULTS, ids=lambda value: getattr(value, "__name__", ""))
def test_faults_are_found_named_and_what_is_left_is_used_on_request(
    tmp_path: Path, spoil: Callable[[Path], None], kinds: set[str], left: set[int]
) -> None:
    store = written(tmp_path, three_batches())
    spoil(tmp_path)
    found = store.contents()
    faults = found.faults + [
        fault for files in found.files.values() for file in files for fault in store.examine(file)
    ]
    assert {fault.kind for fault in faults} == kinds
    assert all("topic=reports" in fault.path for fault in faults)
    with pytest.raises(ArchiveError) as refused:
        rows_in(store)
    assert "--what-is-left" in str(refused.value)
    used = [one.offset for one in rows_in(store, what_is_left=True)]
    assert set(used) == left
    assert len(used) == len(left), "each offset once"
    done = CliRunner().invoke(command, ["verify", str(tmp_path)])
    assert done.exit_code == 1
    assert all(kind in done.output for kind in kinds)


def test_verify_of_a_good_one(tmp_path: Path) -> None:
    written(tmp_path, three_batches())
    done = CliRunner().invoke(command, ["verify", str(tmp_path)])
    assert (done.exit_code, "no faults" in done.output) == (0, True), done.output


def test_a_run_that_was_cut_off_is_taken_away_and_done_again(tmp_path: Path) -> None:
    """What a kill between the two files of a batch, or in the middle of one, leaves."""
    batches = three_batches()
    store = written(tmp_path, batches[:2])
    (tmp_path / "topic=reports/day=2021-03-01/batch-00000001.parquet").unlink()
    (tmp_path / "topic=reports/day=2021-03-01/batch-00000001.parquet.unfinished").write_bytes(b"PAR1")
    assert [fault.kind for fault in store.contents().faults] == ["unfinished"]
    assert rows_in(store) == batches[0], "only whole batches are read"
    assert len(store.recover()) == 2
    assert [path.name for path in tmp_path.rglob("*.*")] == ["batch-00000000.parquet"]
    position = store.positions()["reports"]
    assert (position.batch, position.offsets) == (1, {0: 10})


def test_nothing_is_built_on_a_bad_archive(tmp_path: Path) -> None:
    store = written(tmp_path, three_batches())
    lose_a_batch(tmp_path)
    with pytest.raises(ArchiveError, match="lacks batch 1"):
        store.recover()


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, tiny_disk: Callable[[str], Path]) -> None:
    folder = tiny_disk("64k")
    store = Archive(folder / "archive")
    noise = __import__("random").Random(1).randbytes(200_000)
    with pytest.raises(ArchiveError, match="can't be written"):
        store.append("reports", [row(0, value=noise)], Position(topic_id="T"), {0: 1})
    assert not [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]


def test_days_of_times_that_no_calendar_has() -> None:
    assert day_of(BEGIN_MS) == "2021-02-28"
    assert day_of(2**62) == "9999-12-31"
    assert day_of(0) == "1970-01-01"
