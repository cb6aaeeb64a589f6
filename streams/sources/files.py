"""Files of sources, opened: packed or not, metered, and whatever is wrong with one said clearly."""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, BinaryIO

from streams import limits
from streams.errors import StreamsError

#: Called with the number of bytes whenever some were read of a file: for bars that show progress.
METER: ContextVar[Callable[[int], None] | None] = ContextVar("METER", default=None)

_BLOCK = 1 << 20

#: Kinds of failures of a source, as figures count them.
FAILURES = (
    "unreachable",
    "unauthorised",
    "too-many-requests",
    "server-error",
    "refused",
    "unreadable",
    "kafka",
    "other",
)


class SourceError(StreamsError):
    """A file can't be read as what it should be. The message names the file and says what to do.

    `reason` says in a word of `FAILURES` what kind of failure it is, for figures.
    """

    reason = "other"


class _Metered(io.RawIOBase):
    """A file that tells the meter what is read of it."""

    def __init__(self, raw: io.FileIO) -> None:
        self._raw, self._meter = raw, METER.get()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._raw.readinto(buffer) or 0
        if self._meter is not None:
            self._meter(count)
        return count


class _Bounded(io.RawIOBase):
    """What is unpacked, until it is more than a file of that size may hold."""

    def __init__(self, unpacked: Any, packed: Callable[[], int], path: Path) -> None:
        self._unpacked, self._packed, self._path, self._count = unpacked, packed, path, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count: int = self._unpacked.readinto(buffer)
        self._count += count
        if self._count > limits.FREE_BYTES:
            most = min(limits.UNPACKED_BYTES, limits.UNPACKED_RATIO * self._packed())
            if self._count > max(most, limits.FREE_BYTES):
                raise SourceError(
                    f"{self._path} unpacks to more than {self._count:,} bytes, as no list does: is it what it "
                    "should be? If it is, unpack it yourself, and give the file in it"
                )
        return count


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file to read, unpacked if its name ends in `.gz`, or in `.zip` and it holds one file.

    Raises:
        SourceError: it can't be read or unpacked.
    """
    try:
        if path.exists() and not path.is_file():
            # A device or a pipe may have no end; a folder is none either.
            raise SourceError(f"{path} is no file: save what it gives, and give that")
        with path.open("rb", buffering=0) as raw:
            packed = io.BufferedReader(_Metered(raw), _BLOCK)
            if path.suffix == ".gz":
                with gzip.GzipFile(fileobj=packed) as unpacked:
                    yield io.BufferedReader(_Bounded(unpacked, raw.tell, path), _BLOCK)
            elif path.suffix.casefold() == ".zip":
                with _only_member(path) as member:
                    yield member
            else:
                yield packed
    except (gzip.BadGzipFile, zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise SourceError(f"{path} is packed and damaged ({error}): download it again") from error
    except OSError as error:
        raise SourceError(f"{path} can't be read: {error.strerror or error}") from error


@contextmanager
def _only_member(path: Path) -> Iterator[BinaryIO]:
    with zipfile.ZipFile(path) as archive:
        members = [one for one in archive.infolist() if not one.is_dir()]
        if len(members) != 1:
            raise SourceError(f"{path} holds {len(members)} files, not one: unpack it and give the right one")
        (only,) = members
        if only.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or only.flag_bits & 1:
            raise SourceError(f"{path} is encrypted, or packed in a way that is not known: unpack it yourself")
        with archive.open(only) as member:
            yield io.BufferedReader(_Bounded(member, lambda: only.compress_size, path), _BLOCK)


def lines_of(stream: BinaryIO, where: object, most: int = limits.LINE_BYTES) -> Iterator[bytes]:
    """The lines of a file, none longer than `most` bytes.

    Raises:
        SourceError: one is.
    """
    number = 0
    while line := stream.readline(most + 1):
        number += 1
        if len(line) > most:
            raise SourceError(f"{where}, line {number} has more than {most:,} bytes: is it a file of lines?")
        yield line


def whole(stream: BinaryIO, where: object, most: int = limits.DOCUMENT_BYTES) -> bytes:
    """All that is left of a file that is read at once.

    Raises:
        SourceError: it is more than `most` bytes.
    """
    content = stream.read(most + 1)
    if len(content) > most:
        raise SourceError(f"{where} has more than {most:,} bytes: give it in parts, or one document a line")
    return content


def demand_utf8(path: Path) -> None:
    """Read all of a file, a block at a time, to see that it is UTF-8 text, before anything is made of it.

    Raises:
        SourceError: it is not, it is empty, or can't be read.
    """
    decoder, at, empty = codecs.getincrementaldecoder("utf-8")(), 0, True
    token = METER.set(None)
    try:
        with opened(path) as stream:
            while block := stream.read(_BLOCK):
                empty = empty and not block.removeprefix(codecs.BOM_UTF8).strip()
                decoder.decode(block)
                at += len(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        bad = error.object[error.start]
        raise SourceError(
            f"{path} is not UTF-8: byte 0x{bad:02x} near {at + error.start:,}. Export it again as `CSV UTF-8`, "
            "or convert it: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW"
        ) from error
    finally:
        METER.reset(token)
    if empty:
        raise SourceError(f"{path} is empty: export or download it again")
