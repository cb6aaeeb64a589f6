"""Answers of APIs, kept as files: one JSON document, or one a line; gzip or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from streams import limits
from streams.errors import UNREADABLE
from streams.sources.files import SourceError, lines_of, opened, whole

T = TypeVar("T")

_BOM = b"\xef\xbb\xbf"


class PayloadError(SourceError):
    """What came is not what the source gives: no JSON, another form, or an error it reports itself."""

    reason = "unreadable"


def lenient(kind: type[T]) -> msgspec.json.Decoder[T]:
    """Make a decoder for a service's answers: numbers may come as integers, floats or strings, and have done."""
    return msgspec.json.Decoder(kind, strict=False)


#: What to do with a file that is not what its source reads.
AS_SENT = "Give the answer as the service sent it"


def documents(path: Path) -> Iterator[tuple[int, bytes]]:
    """The JSON documents of a file, with the number of the line on which each begins.

    Raises:
        SourceError: the file can't be read, is empty, or is no JSON.
    """
    with opened(path) as stream:
        read = enumerate(lines_of(stream, path, limits.DOCUMENT_BYTES), 1)
        lines = ((number, line) for number, line in read if line.removeprefix(_BOM).strip())
        number, first = next(lines, (0, b""))
        if not first:
            raise SourceError(f"{path} is empty: download it again")
        first = first.removeprefix(_BOM)
        _demand_json(first, str(path))
        if _complete(first):
            yield number, first
            yield from lines
        else:
            yield number, first + whole(stream, path, limits.DOCUMENT_BYTES - len(first))


def _complete(line: bytes) -> bool:
    """Whether a line is a document by itself."""
    try:
        msgspec.json.decode(line, type=msgspec.Raw)
    except UNREADABLE:
        return False
    return True


def _demand_json(text: bytes, where: str) -> None:
    start = text.lstrip()[:1]
    if start == b"<":
        raise PayloadError(f"{where} is HTML or XML, not JSON: an error page? Look into it, and ask again")
    if start not in (b"{", b"["):
        raise PayloadError(f"{where} is not JSON: it begins with {text[:20]!r}. {AS_SENT}")


def decoded(raw: bytes, decoder: msgspec.json.Decoder[T], where: str) -> T:
    """A document by its decoder.

    Raises:
        PayloadError: it is no JSON, or of another form; the message names the field.
    """
    _demand_json(raw, where)
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise PayloadError(f"{where} is not of the form that it should have: {error}. {AS_SENT}") from None
    except UNREADABLE as error:
        raise PayloadError(f"{where} is damaged JSON ({error}): ask again") from None
