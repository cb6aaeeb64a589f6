"""Records as JSON Lines: `{"topic": …, "key": …, "value": …}`, one a line, `value` the record itself.

`shutdowns ingest … --out FILE` writes them, `shutdowns correlate FILES…` reads them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
import orjson

from streams.errors import UNREADABLE, StreamsError
from streams.sources.files import lines_of
from topics import Topic, topic_named


class LinesError(StreamsError):
    """A line that is none of this form. The message names file and line."""


class _Line(msgspec.Struct):
    topic: str
    value: msgspec.Raw
    key: str | None = None


_DECODER = msgspec.json.Decoder(_Line)


def write_line(topic: Topic, key: str, value: bytes) -> bytes:
    """One line, its end included. `value` is the record's JSON, which goes in as it is.

    >>> from topics import REPORTS
    >>> write_line(REPORTS, "r-1", b'{"schema":"report/1"}')
    b'{"topic":"reports","key":"r-1","value":{"schema":"report/1"}}\\n'
    """
    line = {"topic": topic.name, "key": key, "value": orjson.Fragment(value)}
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def read_lines(paths: Iterable[str | Path]) -> Iterator[tuple[Topic, str | None, bytes]]:
    """Topic, key and the value's bytes of every line of the files, in order; `-` is standard input.

    Values come as they stand: what is wrong inside one is for its stage to say. Empty lines are skipped.

    Raises:
        LinesError: a file can't be read, or a line is not of this form or names no topic of the catalogue.
    """
    for path in paths:
        if str(path) == "-":
            yield from _read(sys.stdin.buffer, "standard input")
            continue
        try:
            with Path(path).open("rb") as stream:
                yield from _read(stream, str(path))
        except OSError as error:
            raise LinesError(f"{path} can't be read: {error.strerror or error}") from error


def _read(stream: BinaryIO, name: str) -> Iterator[tuple[Topic, str | None, bytes]]:
    for number, raw in enumerate(lines_of(stream, name), 1):
        line = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
        if line.strip():
            yield _line(line, f"{name}, line {number}")


def _line(raw: bytes, where: str) -> tuple[Topic, str | None, bytes]:
    try:
        line = _DECODER.decode(raw)
        return topic_named(line.topic), line.key, bytes(line.value)
    except UNREADABLE as error:
        raise LinesError(
            f'{where}: {error}. A line is {{"topic": …, "key": …, "value": {{…}}}}, '
            "as `shutdowns ingest` writes it with --out."
        ) from None
    except KeyError as error:
        raise LinesError(f"{where}: {error.args[0]}") from None
