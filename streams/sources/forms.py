"""Files of posted reports -> reports: JSON Lines, a JSON array, or CSV with the form's fields as columns.

A column `received` says when a report came in (a moment with its offset, or Unix seconds); without one it is when
it began. What makes no report goes to `invalid` without its words. Who gives the file is trusted: its organisations
are organisations.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import orjson

from streams.errors import UNREADABLE
from streams.sources.files import SourceError
from streams.sources.payloads import documents
from streams.sources.posted import FIELDS, SOURCE, PostedError, read_posted
from streams.sources.rows import Accepted, Rejected, Row, Schema, table
from streams.sources.salt import salt
from streams.texts.privacy import salted
from topics import EARLIEST_S, INVALID, LATEST_S, REPORTS, Invalid

#: A file is one of forms if its header has one of these.
_SCHEMAS = (Schema("a file of posted reports", ("place",)), Schema("a file of posted reports", ("country",)))


def read(path: Path) -> Iterator[Row]:
    """The reports of a file.

    Raises:
        SourceError: the file is none of these, or can't be read.
    """
    key, given = salt(), dict[str, int]()
    for number, fields in _forms(path):
        if isinstance(fields, Rejected):
            yield fields
            continue
        # The same row again is another report, unless it says which one it is.
        content = salted(key, SOURCE, *sorted(f"{name}={value}" for name, value in fields.items()))
        given[content] = given.get(content, 0) + 1
        named = fields if fields.get("id") else {**fields, "id": f"{content}-{given[content]}"}
        yield _row(number, named, key)


def _row(number: int, fields: Mapping[str, Any], key: bytes) -> Row:
    received = _received(fields)
    if received is None:
        return Rejected(number, "no `received` and no `start` that can be read")
    try:
        posted = read_posted(fields, received_s=received, salt=key, trusted=True)
    except PostedError as error:
        return _refused(number, fields, error, received, key)
    return Accepted(number, REPORTS, posted.report, posted.report.flags)


def _refused(number: int, fields: Mapping[str, Any], error: PostedError, received: int, key: bytes) -> Row:
    """What makes no report, as `invalid` may have it: which fields it had and what is wrong, none of its words."""
    place = {"country", "place", "latitude", "longitude"} & error.problems.keys()
    value = {"fields": sorted(FIELDS.keys() & fields.keys()), "problems": error.problems, "received_s": received}
    record = Invalid(
        id=f"{SOURCE}/{salted(key, SOURCE, 'refused', str(sorted(fields.items(), key=str)))}",
        topic=REPORTS.name,
        partition=None,
        offset=None,
        timestamp_ms=received * 1000,
        key=None,
        value=orjson.dumps(value),
        reason="unknown-place" if place else "out-of-bounds",
        detail=str(error)[:1_000],
        field=next(iter(error.problems)),
    )
    return Accepted(number, INVALID, record, (f"kept on `invalid`: {record.reason}",))


def _received(fields: Mapping[str, Any]) -> int | None:
    for name in ("received", "start"):
        text = str(fields.get(name) or "").strip()
        if not text:
            continue
        try:
            moment = int(float(text)) if text.replace(".", "", 1).isdigit() else _seconds(text)
        except (ValueError, OverflowError):
            continue
        if EARLIEST_S <= moment <= LATEST_S:
            return moment
    return None


def _seconds(text: str) -> int:
    """A moment without an offset is taken as UTC's; of a form's own begin, as the last hour that it may be."""
    moment = dt.datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC) + dt.timedelta(hours=12)).timestamp())


def _forms(path: Path) -> Iterator[tuple[int, dict[str, Any] | Rejected]]:
    if path.suffix.casefold() in (".json", ".jsonl", ".ndjson"):
        yield from _documents(path)
        return
    for row in table(path, *_SCHEMAS).rows:
        if isinstance(row, Rejected):
            yield row.number, row
        else:
            number, cells = row
            yield number, {name: cell for name, cell in cells.items() if cell}


def _documents(path: Path) -> Iterator[tuple[int, dict[str, Any] | Rejected]]:
    for line, raw in documents(path):
        try:
            value = msgspec.json.decode(raw)
        except UNREADABLE as error:
            if line == 1:
                raise SourceError(f"{path} is damaged JSON ({error}): export it again") from None
            yield line, Rejected(line, "damaged: no JSON", str(error))
            continue
        for one in value if isinstance(value, list) else [value]:
            yield line, one if isinstance(one, dict) else Rejected(line, "no form: it is no JSON object")
