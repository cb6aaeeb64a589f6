"""Files of measurements of every kind, told apart by what is in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from streams import geography
from streams.errors import StreamsError
from streams.sources import cloudflare_netflows, google_traffic, ooni, ripestat
from streams.sources.cells import Damaged, records_of
from streams.sources.entities import named
from streams.sources.files import opened, whole
from streams.sources.frames import frames
from streams.sources.payloads import documents
from streams.sources.points import moment, number
from streams.sources.rows import Accepted, Refusal
from streams.sources.series_files import NOWHERE, SeriesData, read_series, series_of
from topics import Measurement, signals_named

#: So much of a file is looked at to find out what it is, bytes.
_HEAD = 65_536

#: Names of a first column of times, in files with a column for each series.
_TIMES = ("time_utc", "time", "timestamp", "date", "datetime", "date and time", "time (utc)")


def read_measurements(path: Path, *, entity: str | None = None, signal: str | None = None) -> list[SeriesData]:
    """The series of a file of any source of measurements.

    Args:
        path: the file.
        entity: what it measures, as `--entity` has it, where the file doesn't say.
        signal: what its values are, where the file doesn't say.

    Raises:
        SourceError: it is of no kind that is known, or damaged.
    """
    found = [one for one in _read(path, entity) if len(one.times)]
    if not found:
        raise StreamsError(f"{path} has no values")
    if entity is not None:
        what, country = named(entity)
        place = geography.entity_place(what.type, what.code, what.name, country)
        zone = place.time_zone if place is not None else None
        found = [replace(one, time_zone=one.time_zone or zone) for one in found]
    return [replace(one, signal=one.signal or signal or "") for one in found]


def _read(path: Path, entity: str | None) -> Iterator[SeriesData]:
    with opened(path) as stream:
        head = stream.read(_HEAD).removeprefix(b"\xef\xbb\xbf").lstrip()
    country = named(entity)[1] if entity is not None else NOWHERE
    if head.startswith(b")]}'"):
        with opened(path) as stream:
            yield _of_points(path, google_traffic.SIGNAL, google_traffic.answer(whole(stream, path), str(path)))
    elif head[:1] == b"{" and b'"data_call_name"' in head:
        for line, raw in documents(path):
            cut = ripestat.answer(raw, f"{path}, line {line}", country).columns
            yield from series_of(frames(ripestat.SOURCE, cut, reference=f"RIPEstat, {path.name}"))
    elif head[:1] == b"{" and b'"measurement_count"' in head:
        yield from series_of(_records(ooni.read(path, entity)))
    elif head[:1] == b"{" and b'"timestamps"' in head:
        points: dict[int, float | None] = {}
        for line, raw in documents(path):
            points.update(cloudflare_netflows.answer(raw, f"{path}, line {line}").points)
        yield _of_points(path, cloudflare_netflows.SIGNAL, points)
    else:
        yield from _tables(path, _header(head), entity)


def _header(head: bytes) -> list[str]:
    line = head.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    return [name.strip().casefold() for name in next(csv.reader(io.StringIO(line)), [])]


def _tables(path: Path, header: list[str], entity: str | None) -> Iterator[SeriesData]:
    if "measurement_count" in header:
        yield from series_of(_records(ooni.read(path, entity)))
    elif len(header) == 2 and header[0] in _TIMES and header[1] == "value":
        yield from _columns(path, [google_traffic.SIGNAL])
    elif len(header) > 1 and header[0] in _TIMES and not _known(header[1:]):
        yield from _columns(path, [""] * (len(header) - 1))
    else:
        yield from read_series(path)


def _known(names: list[str]) -> bool:
    """Whether columns are those of IODA's dashboard, or of one row a value."""
    words = (*signals_named("ioda-export"), "active probing", "series", "connectivity")
    return any(word in name for name in names for word in words)


def _columns(path: Path, signals: list[str]) -> Iterator[SeriesData]:
    """A column of times, and one for each series."""
    names: list[str] = []
    points: list[dict[int, float | None]] = [{} for _ in signals]
    for row, cells in enumerate(records_of(path), 1):
        if isinstance(cells, Damaged) or len(cells) != len(signals) + 1:
            raise StreamsError(f"{path}, row {row}: damaged, or not as many cells as the header has")
        if row == 1:
            names = [cell.strip() for cell in cells[1:]]
            continue
        try:
            at = moment(cells[0].strip())
            for known, cell in zip(points, cells[1:], strict=True):
                known[at] = number(cell)
        except Refusal as refusal:
            raise StreamsError(f"{path}, row {row}: {refusal.reason} ({refusal.detail})") from None
    for name, known, signal in zip(names, points, signals, strict=True):
        one = _of_points(path, signal, known)
        yield one if len(names) == 1 else replace(one, name=name, entity=name)


def _of_points(path: Path, signal: str, points: dict[int, float | None]) -> SeriesData:
    """A series that has a name from its file alone; slots between its values are missing."""
    at = np.array(sorted(points), np.int64)
    step_s = int(np.median(np.diff(at))) if len(at) > 1 else 3_600
    values = np.array([np.nan if points[time] is None else points[time] for time in at.tolist()], np.float64)
    name = f"{path.stem} {signal}".strip()
    return SeriesData(name, path.stem, signal, at, values, step_s)


def _records(rows: Iterator[object]) -> Iterator[Measurement]:
    for row in rows:
        if isinstance(row, Accepted) and isinstance(row.record, Measurement):
            yield row.record
