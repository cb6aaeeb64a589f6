"""Published lists, whole: read by the readers of their topic, run through the stages, with the causes beside."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from streams.errors import StreamsError
from streams.pipeline import Offline
from streams.scoring import Scorer
from streams.scoring.model import Fitted
from streams.sources.catalogue import SOURCES, Source
from streams.sources.files import SourceError
from streams.sources.ioda_causes import causes
from streams.sources.lines import read_lines
from streams.sources.rows import Accepted, Row
from topics import NEWS, REPORTS, Evidence, Shutdown, Topic, encode


@dataclass(frozen=True, slots=True)
class Lists:
    """The files to evaluate on: reports, investigated outages with their causes, protests."""

    reports: tuple[Path, ...]
    outages: tuple[Path, ...]
    protests: tuple[Path, ...]

    @property
    def files(self) -> tuple[Path, ...]:
        return (*self.reports, *self.outages, *self.protests)


@dataclass(frozen=True, slots=True)
class Played:
    """What the engine makes of lists: all evidence, the shutdowns, the cause of each outage, and what was read."""

    evidence: list[Evidence]
    shutdowns: list[Shutdown]
    causes: dict[str, str]
    read: tuple[Fitted, ...]
    unused: int


def play(lists: Lists, scorer: Scorer) -> Played:
    """Run lists through the stages.

    Raises:
        SourceError: a file can't be read, or is no list that is known for its topic.
        StreamsError: two files give one outage different causes.
    """
    offline = Offline(time.time(), scorer=scorer)
    read: list[Fitted] = []
    rejected = 0
    for paths, topic in ((lists.reports, REPORTS), (lists.protests, NEWS), (lists.outages, None)):
        for path in paths:
            taken = 0
            for name, value in _records(path, topic):
                if name is None:
                    rejected += 1
                    continue
                offline.add(name, value)
                taken += 1
            read.append(Fitted(file=path.name, sha256=_fingerprint(path), rows=taken))
    evidence, shutdowns = offline.evidence(), offline.shutdowns()
    return Played(evidence, shutdowns, _causes(lists.outages), tuple(read), rejected + len(offline.rejected))


def _records(path: Path, topic: Topic | None) -> Iterator[tuple[str | None, bytes]]:
    """Topic and bytes of each record of a file; no topic for a row that makes none."""
    if path.suffix == ".jsonl" and topic is not None:
        for found, _, value in read_lines([path]):
            yield found.name, value
        return
    for row in _rows(path, topic):
        if isinstance(row, Accepted):
            yield row.topic.name, encode(row.record)
        else:
            yield None, b""


def _rows(path: Path, topic: Topic | None) -> Iterator[Row]:
    """The rows of a file by the first reader that knows it; without a topic, IODA's list of outages."""
    names = {"ioda-outages"} if topic is None else {one.name for one in SOURCES if one.topics == (topic.name,)}
    readers = [source for source in SOURCES if source.name in names and source.reader]
    for source in readers:
        if _reads(source, path):
            return source.read()(path)
    known = "; ".join(source.title for source in readers)
    raise SourceError(f"{path}: is none of these: {known}")


def _reads(source: Source, path: Path) -> bool:
    try:
        next(source.read()(path), None)
    except SourceError:
        return False
    return True


def _causes(paths: Sequence[Path]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in paths:
        for key, cause in causes(path).items():
            if found.setdefault(key, cause) != cause:
                raise StreamsError(f"{path}: {key} has the cause {cause!r}, and in a file before {found[key]!r}")
    return found


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
