"""Files of sources, opened: packed or not, metered, and whatever is wrong with one said clearly."""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, BinaryIO, cast

from streams.errors import StreamsError

#: Called with the number of bytes whenever some were read of a file: for bars that show progress.
METER: ContextVar[Callable[[int], None] | None] = ContextVar("METER", default=None)

_BLOCK = 1 << 20

#: Kinds of failures of a source, as figures count them.
FAILURES = ("unreachable", "unauthorised", "too-many-requests", "server-error", "refused", "unreadable", "other")


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


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file to read, unpacked if its name ends in `.gz`, or in `.zip` and it holds one file.

    Raises:
        SourceError: it can't be read or unpacked.
    """
    try:
        with path.open("rb", buffering=0) as raw:
            whole = io.BufferedReader(_Metered(raw), _BLOCK)
            if path.suffix == ".gz":
                with gzip.GzipFile(fileobj=whole) as unpacked:
                    yield cast(BinaryIO, unpacked)
            elif path.suffix.casefold() == ".zip":
                with _only_member(path) as member:
                    yield member
            else:
                yield whole
    except (gzip.BadGzipFile, zipfile.BadZipFile, EOFError) as error:
        raise SourceError(f"{path} is packed and damaged ({error}): download it again") from error
    except OSError as error:
        raise SourceError(f"{path} can't be read: {error.strerror or error}") from error


@contextmanager
def _only_member(path: Path) -> Iterator[BinaryIO]:
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        if len(names) != 1:
            raise SourceError(f"{path} holds {len(names)} files, not one: unpack it and give the right one")
        with archive.open(names[0]) as member:
            yield cast(BinaryIO, member)


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
