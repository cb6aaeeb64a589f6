"""Targets: what we wrote ourselves and read again: archives, the state of every stage, cursors of sources."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

from streams.pipeline import build_stage
from streams.replay.archive import Archive, Position
from streams.replay.records import Arrived
from streams.stage import SOURCES
from tests.fuzzing.judging import Target
from tests.played import played
from topics import REPORTS, encode


@cache
def _archive() -> tuple[Path, Path]:
    """An archive of the seed case's reports, and its one file."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-archive-"))
    rows = [
        Arrived(
            "reports", 0, number, 1_614_500_000_000, REPORTS.key(record).encode(), encode(record), (("a", b"b"),)
        )
        for number, record in enumerate(record for topic, record in played() if topic is REPORTS)
    ]
    Archive(folder).append("reports", rows, Position(), {0: len(rows)})
    return folder, next(folder.rglob("*.parquet"))


def _archived(data: bytes) -> Iterator[str]:
    folder, file = _archive()
    try:
        file.write_bytes(data)
        archive = Archive(folder)
        contents = archive.contents()
        yield from (fault.kind for fault in contents.faults)
        for files in contents.files.values():
            yield from (fault.kind for one in files for fault in archive.examine(one))
        for batches in archive.rows(what_is_left=True).values():
            for batch in batches:
                yield from (f"{row.topic} {row.key is None} {row.value is None}" for row in batch)
    finally:
        for strange in folder.iterdir():
            if strange.name != "topic=reports":
                shutil.rmtree(strange)


@cache
def _states() -> dict[str, tuple[dict[str, bytes], tuple[Any, ...]]]:
    """By stage its state after the seed case's records but the last ones, and those."""
    found = {}
    for stage, source in SOURCES.items():
        records = [record for topic, record in played() if topic is source]
        split = max(1, len(records) * 2 // 3)
        store: dict[str, bytes] = {}
        build_stage(stage).process(records[:split], store)
        found[stage] = store, (*records[split:], records[0])
    return found


def _kinds(stage: str) -> dict[str, list[str]]:
    """A stage's keys by what they hold."""
    keys = sorted(_states()[stage][0])
    if stage in ("claims", "protests"):
        return {"record": keys}
    if stage == "watch":
        return {kind: [key for key in keys if key.split("/")[0] == kind] for kind in ("n", "d", "i", "x")}
    found: dict[str, list[str]] = {}
    for key in keys:
        name, *rest = key.split("/")
        found.setdefault(name if name != "i" else {2: "index", 4: "year"}.get(len(rest[-1]), "day"), []).append(key)
    return found


def _restored(stage: str, kind: str, data: bytes) -> Iterator[str]:
    """A stage that finds one of its values so, and goes on with new records."""
    store, records = _states()[stage]
    for key in _kinds(stage)[kind][:2]:
        result = build_stage(stage).process(list(records), {**store, key: data})
        yield f"{min(3, len(result.out))} {len(result.refused)}"


def _values(stage: str, kind: str) -> list[bytes]:
    values = sorted({_states()[stage][0][key] for key in _kinds(stage)[kind]}, key=len)
    return [values[0], values[len(values) // 2], values[-1]]


def targets() -> Iterator[Target]:
    """All of them."""
    yield Target("archive", "binary", _archived, lambda: [_archive()[1].read_bytes()])
    for stage in SOURCES:
        for kind in _kinds(stage):
            form = "json" if stage == "correlate" else "msgpack"
            run, seeds = partial(_restored, stage, kind), partial(_values, stage, kind)
            yield Target(f"state-{stage}-{kind}", form, run, seeds)
