"""Files with series of measurements, whatever kind of file it is, for tools that judge and draw them.

- exports of IODA's dashboard (CSV) and answers of its API (JSON);
- JSON Lines of the topic `measurements`, as `shutdowns ingest --out` writes them;
- hourly connectivity indices as the Monash IP Observatory shares them (CSV);
- CSV with the columns time, series and value: time as Unix seconds or ISO 8601 (UTC where no offset is given).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from streams import geography
from streams.sources import ioda_export, ioda_signals
from streams.sources.cells import Damaged, records_of
from streams.sources.files import SourceError, opened
from streams.sources.lines import read_lines
from streams.sources.points import MOST_STEPS
from streams.sources.rows import Accepted
from topics import EARLIEST_S, LATEST_S, MEASUREMENTS, Entity, InvalidRecord, Measurement, decode

NOWHERE = "ZZ"


@dataclass(frozen=True, slots=True)
class SeriesData:
    """A series: values each `step_s` seconds, shape (n,), NaN is missing; IANA time zone of its place, if known.

    Series of one `entity` are signals of the same thing.
    """

    name: str
    entity: str
    signal: str
    times: NDArray[np.int64]
    values: NDArray[np.float64]
    step_s: int
    time_zone: str | None = None


@dataclass(slots=True)
class _Points:
    entity: str
    signal: str
    step_s: int | None
    time_zone: str | None
    values: dict[int, float]


def read_series(path: Path) -> list[SeriesData]:
    """The series of a file.

    Raises:
        SourceError: the file is of no kind that is known, or a line of it can't be read.
    """
    series = _series(_read(path))
    if not series:
        raise SourceError(f"{path} has no values")
    return series


def series_of(records: Iterable[Measurement]) -> list[SeriesData]:
    """The series of records of measurements; of two values for one time the later record's counts."""
    return _series(_measurements(records))


def _series(read: _Found) -> list[SeriesData]:
    found: dict[str, _Points] = {}
    for name, entity, signal, step_s, zone, points in read:
        known = found.setdefault(name, _Points(entity, signal, step_s, zone, {}))
        known.values.update(points)
    return [_regular(name, one) for name, one in found.items() if one.values]


_Found = Iterator[tuple[str, str, str, int | None, str | None, Iterable[tuple[int, float]]]]


def _read(path: Path) -> _Found:
    with opened(path) as stream:
        head = stream.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b'{"topic"'):
        return _measurements(_lines(path))
    if head[:1] in (b"{", b"["):
        rows = ioda_signals.read(path)
        return _measurements(row.record for row in rows if isinstance(row, Accepted))
    header = {name.strip().casefold() for name in head.split(b"\n", 1)[0].decode("utf-8", "replace").split(",")}
    if {"time", "series", "value"} <= header:
        return _plain(path)
    if {"connectivity", "name_1"} <= header:
        return _observatory(path)
    return _export(path)


def _lines(path: Path) -> Iterator[Measurement]:
    for number, (topic, _, value) in enumerate(read_lines([path]), 1):
        if topic is MEASUREMENTS:
            try:
                yield decode(MEASUREMENTS, value)
            except InvalidRecord as error:
                raise SourceError(f"{path}, line {number}: {error.detail}") from error


def _measurements(records: Iterable[object]) -> _Found:
    for record in records:
        assert isinstance(record, Measurement)
        times = range(record.from_s, record.until_s, record.step_s)
        for series, row in zip(record.series, record.values, strict=True):
            entity = series.entity
            place = geography.entity_place(entity.type, entity.code, entity.name, record.country)
            points = [(time, math.nan if value is None else value) for time, value in zip(times, row, strict=True)]
            name = f"{record.origin.source} {entity.name or entity.code}"
            zone = place.time_zone if place else None
            yield f"{name} {series.signal}", name, series.signal, record.step_s, zone, points


def _export(path: Path) -> _Found:
    columns, _ = ioda_export.columns_of(path, Entity(type="place", code=path.stem), NOWHERE)
    for column in columns:
        points = [
            (column.from_s + at * column.step_s, math.nan if value is None else value)
            for at, value in enumerate(column.values)
        ]
        yield column.series.signal, path.stem, column.series.signal, column.step_s, None, points


def _plain(path: Path) -> _Found:
    for number, row in _rows(path):
        at = _moment(row["time"], f"{path}, row {number}")
        yield row["series"], row["series"], "", None, None, [(at, _number(row["value"], f"{path}, row {number}"))]


def _observatory(path: Path) -> _Found:
    """Hourly indices by region or county; -1 is missing. `time_e` is in local time, `time_e_utc` in UTC."""
    zones: dict[tuple[str, str], str | None] = {}
    for number, row in _rows(path):
        where = f"{path}, row {number}"
        region = row.get("iso", ""), row["name_1"]
        if region not in zones:
            zones[region] = _region_zone(*region)
        zone = zones[region]
        local = "time_e_utc" not in row
        at = _moment(row["time_e" if local else "time_e_utc"], where)
        if local and zone is not None:
            clock = dt.datetime.fromtimestamp(at, dt.UTC).replace(tzinfo=geography.zone(zone))
            at = int(clock.timestamp())
        name = ", ".join(dict.fromkeys(part for part in (row.get("name_2", ""), row["name_1"]) if part))
        text = row["connectivity"]
        value = math.nan if text == "-1" else _number(text, where)
        yield name, name, "connectivity-index", 3600, zone, [(at, value)]


def _region_zone(iso: str, name: str) -> str | None:
    """The time zone of a region, of its country where the region is unknown."""
    code = geography.country_code(iso)
    if code is None:
        return None
    place = geography.entity_place("region", name, name, code) or geography.country_place(code)
    return place.time_zone


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    header: list[str] = []
    for number, cells in enumerate(records_of(path), 1):
        if isinstance(cells, Damaged):
            raise SourceError(f"{path} is no CSV: row {number} is damaged, {cells.why}")
        if number == 1:
            header = [name.strip().casefold() for name in cells]
        elif cells and len(cells) != len(header):
            raise SourceError(f"{path}, row {number}: {len(cells)} cells, the header has {len(header)}")
        elif cells:
            yield number, dict(zip(header, (cell.strip() for cell in cells), strict=True))


def _moment(text: str, where: str) -> int:
    try:
        at = int(float(text))
    except (ValueError, OverflowError):
        try:
            moment = dt.datetime.fromisoformat(text)
        except ValueError:
            raise SourceError(f"{where}: {text!r} is no time: give Unix seconds or ISO 8601") from None
        at = int((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp())
    if not EARLIEST_S <= at <= LATEST_S:
        raise SourceError(f"{where}: {text!r} is before 1990 or after 2099")
    return at


def _number(text: str, where: str) -> float:
    if text.casefold() in ("", "nan", "null", "none"):
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < math.inf:
        raise SourceError(f"{where}: {text!r} is no value: it must be a number of at least 0, or empty if missing")
    return value


def _regular(name: str, points: _Points) -> SeriesData:
    """Every step from the first value to the last, those without a value missing."""
    at = np.array(sorted(points.values), np.int64)
    step_s = points.step_s or (int(np.median(np.diff(at))) if len(at) > 1 else 3600)
    if (at[-1] - at[0]) // max(1, step_s) > MOST_STEPS:
        years = int(at[-1] - at[0]) // 31_557_600
        raise SourceError(f"{name}: its times lie {years} years apart, mostly {step_s} s from one to the next")
    slots = np.arange(at[0], at[-1] + 1, step_s, dtype=np.int64)
    times = np.union1d(slots[~np.isin(slots, at)], at) if step_s > 0 else at
    # Slots between values that are not on the grid are theirs.
    near = np.searchsorted(at, times, side="right") - 1
    times = times[(times - at[near] >= step_s) | np.isin(times, at)]
    values = np.array([points.values.get(int(time), math.nan) for time in times])
    return SeriesData(name, points.entity, points.signal, times, values, step_s, points.time_zone)
