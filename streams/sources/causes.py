"""Files of alternative causes of any kind: earthquakes (GeoJSON), disasters (RSS), lists (CSV, spreadsheets)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from streams.sources import cause_lists, gdacs, usgs
from streams.sources.cells import is_text
from streams.sources.files import opened
from streams.sources.rows import Row

#: How much of a file is looked at to tell what it is.
_HEAD_BYTES = 4_096


def read(path: Path) -> Iterator[Row]:
    """The causes of a file, recognised by how its content begins.

    Raises:
        SourceError: the file is none of these, or can't be read.
    """
    head = b""
    if is_text(path):
        with opened(path) as stream:
            head = stream.read(_HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"{"):
        return usgs.read(path)
    if head.startswith(b"<"):
        return gdacs.read(path)
    return cause_lists.read(path)
