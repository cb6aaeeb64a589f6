"""GDELT 2.0, live: files of events and mentions every 15 minutes, and those that were missed.

There are two streams: of articles in English, and of articles translated from 65 languages. Each has a cursor, so
that one that is late doesn't hold the other up. An article in both comes to one item: ids are made of
its address.

Files are named by the end of their quarter of an hour. One that isn't there yet is waited for; one that isn't
there, or is damaged, while later ones are there is asked for again every hour, for a day. A service that does not
answer, or answers with something else than files, is no file that is missing: it is asked from there on until it
does. Nothing of the files changes once they are there.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from streams.sources import gdelt
from streams.sources.gdelt_rows import EVENT_COLUMNS, numbered
from streams.sources.http import Fetcher, FetchError, Manners
from streams.sources.listing import accepted
from streams.sources.payloads import PayloadError
from streams.sources.polling import Batch, Live, Seen, Step, Trouble
from streams.sources.rows import Accepted
from topics import NewsItem

#: The streams, by the name of their cursor: what stands in their files' names after the time.
STREAMS = {"slots": "", "translated": ".translation"}

BASE = "http://data.gdeltproject.org/gdeltv2"
SLOT_S = 900

#: How far back a first round asks, seconds; and how long a missing file is asked for again.
FIRST_S, GIVEN_UP_S, HOUR_S = 86_400, 86_400, 3_600

#: A file that isn't there so long after its time is missing; before, it is only late.
LATE_S = 3_600

#: So many damaged files in a row may be files; more are a service that answers with something else.
MOST_DAMAGED = 3

#: Unpacked, a file of a quarter of an hour has a megabyte; one of more than this is none.
MOST_BYTES = 200_000_000


class _Cursor(msgspec.Struct):
    """Up to which slot files were asked for, which were missing, and when those were asked for again."""

    until: int
    missing: list[int] = []
    asked: int = 0


class GdeltPoller:
    """Implements `streams.sources.polling.Poller`."""

    every_s = SLOT_S
    manners = Manners(every_s=0.2)
    headers: Mapping[str, str] = {}

    def __init__(self, live: Live) -> None:
        self._base, self._live = (live.url or BASE).rstrip("/"), live

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Step]:
        """See `Poller.round`."""
        now_s = self._live.now_s(now_s)
        since_s = self._live.since_s if self._live.since_s is not None else now_s - FIRST_S
        for part in STREAMS:
            first = _Cursor(since_s // SLOT_S * SLOT_S)
            cursor = msgspec.convert(cursors[part], _Cursor) if part in cursors else first
            yield from self._stream(fetcher, part, cursor, now_s)

    def _stream(self, fetcher: Fetcher, part: str, cursor: _Cursor, now_s: int) -> Iterator[Step]:
        if cursor.missing and cursor.asked // HOUR_S != now_s // HOUR_S:
            yield from self._again(fetcher, part, cursor, now_s)
        damaged: list[int] = []
        for slot in range(cursor.until + SLOT_S, now_s + 1, SLOT_S):
            try:
                batch = self._slot(fetcher, part, slot)
            except FetchError as error:
                yield Trouble(part, error)
                # A file that is damaged where it lies must not keep the later ones back; a service that fails does.
                if error.reason != "unreadable" or now_s - slot < LATE_S or len(damaged) == MOST_DAMAGED:
                    return
                damaged.append(slot)
                continue
            if batch is None and now_s - slot < LATE_S:
                return
            cursor.until = slot
            cursor.missing += [*damaged, *([slot] if batch is None else [])]
            damaged.clear()
            records, refused = batch or ([], [])
            if batch is not None:
                yield Seen(len(records) + len(refused), slot, slot - SLOT_S)
            yield Batch(part, msgspec.to_builtins(cursor), records, refused)

    def _again(self, fetcher: Fetcher, part: str, cursor: _Cursor, now_s: int) -> Iterator[Batch | Trouble]:
        cursor.asked = now_s
        for slot in list(cursor.missing):
            try:
                batch = self._slot(fetcher, part, slot)
            except FetchError as error:
                yield Trouble(part, error)
                if error.reason != "unreadable":
                    return
                batch = None
            if batch is not None or slot <= now_s - GIVEN_UP_S:
                cursor.missing.remove(slot)
            records, refused = batch or ([], [])
            yield Batch(part, msgspec.to_builtins(cursor), records, refused)

    def _slot(self, fetcher: Fetcher, part: str, slot: int) -> tuple[list[Any], list[str]] | None:
        """Records and refusals of a quarter of an hour; None if its file isn't there."""
        name = dt.datetime.fromtimestamp(slot, dt.UTC).strftime("%Y%m%d%H%M%S") + STREAMS[part]
        events = self._file(fetcher, f"{name}.export.CSV.zip")
        if events is None:
            return None
        mentions = self._file(fetcher, f"{name}.mentions.CSV.zip")
        known = gdelt.mentions_of(numbered(io.BytesIO(mentions or b"")))
        rows = [
            row
            for row in gdelt.items(numbered(io.BytesIO(events)), known)
            if not isinstance(row, Accepted)
            or (isinstance(row.record, NewsItem) and self._live.wants(row.record.country))
        ]
        return accepted(rows)

    def _file(self, fetcher: Fetcher, name: str) -> bytes | None:
        url = f"{self._base}/{name}"
        try:
            return fetcher.get(url, lambda raw: unpacked(raw, url))
        except FetchError as error:
            if error.status == 404:
                return None
            raise


def unpacked(raw: bytes, where: str) -> bytes:
    """The one file in a zip of GDELT's.

    Raises:
        PayloadError: it is no such zip, a damaged one, or far too large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            (member,) = archive.infolist()
            if member.file_size > MOST_BYTES:
                raise PayloadError(f"{where} unpacks to {member.file_size:,} bytes: it is no file of 15 minutes")
            content = archive.read(member)
    except (zipfile.BadZipFile, ValueError, EOFError, zlib.error, NotImplementedError, RuntimeError) as error:
        raise PayloadError(f"{where} is no zip of one file, or a damaged one ({error})") from None
    columns = content.split(b"\n", 1)[0].count(b"\t") + 1
    if "export" in where and content.strip() and columns != EVENT_COLUMNS:
        raise PayloadError(f"{where}: its rows have {columns} columns, not {EVENT_COLUMNS}")
    return content
