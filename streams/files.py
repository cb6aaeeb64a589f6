"""Files of ours: written whole or not at all (a crash or a full disk leaves none half-written), and read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from streams import limits
from streams.errors import StreamsError


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """A file to write to, which gets its name when all is written; an error takes it away.

    Raises:
        StreamsError: it can't be written.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with unfinished.open("wb") as stream:
            yield stream
        unfinished.replace(path)
    except OSError as error:
        raise StreamsError(f"{path} can't be written: {error.strerror or error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def folder_bytes(folder: Path) -> int:
    """Bytes of the files under a folder, as far as they stay: RocksDB deletes its own while one looks."""
    size = 0
    for file in folder.rglob("*"):
        with suppress(OSError):
            size += file.stat().st_size
    return size


def name_of(text: str) -> str:
    """What an id is called as a file: itself where it is one of ours, and never a path.

    >>> name_of("KZ-0123456789ab"), name_of("../../etc/passwd")
    ('KZ-0123456789ab', '-..-etc-passwd')
    """
    return re.sub(r"[^A-Za-z0-9._-]", "-", text)[:200].lstrip(".") or "-"


def small_text(path: Path) -> str:
    """The text of a file that a person wrote: settings, rules.

    Raises:
        OSError: it can't be read.
        ValueError: it is no UTF-8, or larger than anybody writes.
    """
    with path.open("rb") as stream:
        content = stream.read(limits.OWN_FILE_BYTES + 1)
    if len(content) > limits.OWN_FILE_BYTES:
        raise ValueError(f"it has more than {limits.OWN_FILE_BYTES:,} bytes")
    return content.decode("utf-8")
