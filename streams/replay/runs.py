"""A run: what a replay came to, and by which rules, code and records. Written as JSON Lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import orjson

from streams.errors import UNREADABLE
from streams.replay.errors import ReplayError
from streams.sources.files import lines_of
from topics import Evidence, Shutdown, ShutdownChange, encode


class Head(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="replay/1"):
    """The first line of a run: everything that decides what follows it."""

    code: str
    rules: str
    detection: str
    rule_values: dict[str, int | float]
    selection: dict[str, Any]
    records: int
    digest: str
    refused: dict[str, int] = {}
    left_out: dict[str, int] = {}


@dataclass(slots=True)
class Run:
    """What a replay came to.

    `shutdowns` are those that stand, by begin and id; `changes`, if asked for, every step in order; `evidence`, if
    asked for, the newest revision of each piece.
    """

    head: Head | None
    shutdowns: list[Shutdown] = field(default_factory=list)
    changes: list[ShutdownChange] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)

    def shutdown(self, given: str) -> Shutdown:
        """The shutdown of an id, or of the only id that begins so.

        Raises:
            ReplayError: there is none, or there are several.
        """
        return one_of({one.id: one for one in self.shutdowns}, given)

    def lines(self) -> Iterator[bytes]:
        """The run as JSON Lines: its head, shutdowns, changes, evidence. The same run is the same bytes."""
        parts: Iterable[Any] = (*self.shutdowns, *self.changes, *self.evidence)
        if self.head is not None:
            yield orjson.dumps(msgspec.to_builtins(self.head), option=orjson.OPT_APPEND_NEWLINE)
        for one in parts:
            yield encode(one) + b"\n"

    def write(self, stream: BinaryIO) -> None:
        stream.writelines(self.lines())


def one_of(shutdowns: Mapping[str, Shutdown], given: str) -> Shutdown:
    """The shutdown of an id, or of the only id that begins or ends so.

    Raises:
        ReplayError: there is none, or there are several.
    """
    if given in shutdowns:
        return shutdowns[given]
    found = [key for key in shutdowns if key.startswith(given) or key.endswith(given)] if given else []
    if len(found) == 1:
        return shutdowns[found[0]]
    if found:
        raise ReplayError(f"{given!r} may be {', '.join(sorted(found)[:5])}: give more of the id")
    raise ReplayError(f"there is no shutdown {given!r} among {len(shutdowns):,}; `shutdowns list` shows their ids")


_LINE = msgspec.json.Decoder(Head | Shutdown | ShutdownChange | Evidence)


def read_run(path: Path) -> Run:
    """A run from its file; lines of shutdowns alone, as `shutdowns correlate` prints them, are one without a head.

    Raises:
        ReplayError: the file can't be read, or a line is none of a run; the message names it.
    """
    run = Run(None)
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(lines_of(stream, path), 1):
                if line.strip():
                    _take(run, line, f"{path}, line {number}")
    except OSError as error:
        raise ReplayError(f"{path} can't be read: {error.strerror or error}") from error
    return run


def _take(run: Run, line: bytes, where: str) -> None:
    try:
        one = _LINE.decode(line)
    except UNREADABLE as error:
        raise ReplayError(
            f"{where}: {error}. A run is what `shutdowns replay --out FILE` or `shutdowns correlate` writes"
        ) from None
    if isinstance(one, Head):
        run.head = one
    elif isinstance(one, Shutdown):
        run.shutdowns.append(one)
    elif isinstance(one, ShutdownChange):
        run.changes.append(one)
    else:
        run.evidence.append(one)
