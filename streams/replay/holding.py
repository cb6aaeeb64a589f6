"""Shutdowns, their changes and evidence, from wherever they are kept: Kafka, an archive, or a run's file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from streams.reading import read_topic, readable
from streams.replay.archive import Archive
from streams.replay.errors import ReplayError
from streams.replay.runs import Run, read_run
from streams.settings import Settings
from topics import EVIDENCE, SHUTDOWN_CHANGES, SHUTDOWNS, Evidence, Shutdown, ShutdownChange, Topic


def holdings(
    where: str | None,
    settings: Settings,
    *,
    changes: bool = False,
    evidence: bool = False,
    what_is_left: bool = False,
) -> Run:
    """The newest revision of every shutdown, those that stand no longer too; by begin and id.

    Args:
        where: an archive's folder or a run's file; None for the topics of Kafka.
        settings: how to reach Kafka.
        changes: every change too, in order.
        evidence: the newest revision of every piece of evidence too.
        what_is_left: use what is good of an archive with faults.

    Raises:
        StreamsError: it can't be read, or a run lacks what is asked for.
    """
    if where is not None and Path(where).is_file():
        return _of_run(Path(where), changes=changes, evidence=evidence)
    read = _from_kafka(settings) if where is None else _from_archive(Archive(where), what_is_left=what_is_left)
    run = Run(None)
    newest: dict[str, Shutdown] = {}
    if changes:
        for change in read(SHUTDOWN_CHANGES):
            run.changes.append(change)
            _keep(newest, change.shutdown)
    for shutdown in read(SHUTDOWNS):
        _keep(newest, shutdown)
    run.shutdowns = sorted(newest.values(), key=lambda one: (one.from_s, one.id))
    if evidence:
        run.evidence = _newest(read(EVIDENCE))
    return run


def _keep(newest: dict[str, Shutdown], shutdown: Shutdown) -> None:
    known = newest.get(shutdown.id)
    if known is None or shutdown.revision >= known.revision:
        newest[shutdown.id] = shutdown


def _newest(pieces: Iterable[Evidence]) -> list[Evidence]:
    found: dict[str, Evidence] = {}
    for piece in pieces:
        known = found.get(piece.id)
        if known is None or piece.revision >= known.revision:
            found[piece.id] = piece
    return sorted(found.values(), key=lambda piece: (piece.from_s, piece.id))


def _of_run(path: Path, *, changes: bool, evidence: bool) -> Run:
    run = read_run(path)
    for wanted, there, option in ((changes, run.changes, "--history"), (evidence, run.evidence, "--evidence")):
        if wanted and not there and run.shutdowns:
            raise ReplayError(f"{path} does not tell that: make it with `shutdowns replay {option} --out {path}`")
    return run


def _from_kafka(settings: Settings) -> Any:
    def read(topic: Topic) -> Iterator[Any]:
        yield from readable(topic, (row for row in read_topic(settings, topic) if row.value is not None))

    return read


def _from_archive(archive: Archive, *, what_is_left: bool) -> Any:
    def read(topic: Topic) -> Iterator[Any]:
        for batch in archive.rows([topic.name], what_is_left=what_is_left)[topic.name]:
            yield from readable(topic, (row for row in batch if row.value is not None))

    return read


def history(run: Run, given: str) -> list[ShutdownChange]:
    """All steps of one shutdown, in order of its revisions.

    Raises:
        ReplayError: there is no such shutdown, or no single one.
    """
    from streams.replay.runs import one_of

    known = {one.id: one for one in run.shutdowns} | {change.shutdown.id: change.shutdown for change in run.changes}
    mine = one_of(known, given).id
    steps = {change.id: change for change in run.changes if change.shutdown.id == mine}
    return sorted(steps.values(), key=lambda change: change.shutdown.revision)
