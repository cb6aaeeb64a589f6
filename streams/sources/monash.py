"""The Monash IP Observatory's hourly connectivity indices -> measurements, by region or county.

An index is 0 (offline) to 10 or 100 (normal); -1 is missing. `time_e` is an epoch made of LOCAL clock times,
`time_e_utc` one of UTC.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from streams import geography
from streams.sources.frames import Column, frames
from streams.sources.points import columns, moment, number
from streams.sources.rows import Accepted, Cells, Refusal, Rejected, Row, Schema, table
from topics import MEASUREMENTS, Entity, Series
from topics.measurements import Value

SOURCE, SIGNAL = "monash", "connectivity-index"
STEP_S = 3600

_COLUMNS = ("iso", "name_1", "connectivity")
LOCAL = Schema("the Monash IP Observatory's indices in local time", (*_COLUMNS, "time_e"))
UTC = Schema("the Monash IP Observatory's indices", (*_COLUMNS, "time_e_utc"))


def read(path: Path) -> Iterator[Row]:
    """The indices of a file as frames, numbered by the file's first row, and the rows that can't be read.

    Raises:
        SourceError: the file is none of this kind, or can't be read.
    """
    found = table(path, UTC, LOCAL)
    local = found.schema is LOCAL
    points: dict[tuple[str, Entity], dict[int, Value]] = defaultdict(dict)
    for row in found.rows:
        if isinstance(row, Rejected):
            yield row
            continue
        at, cells = row
        try:
            country, entity = _entity(cells)
            time_s = _local(cells["time_e"], country) if local else moment(cells["time_e_utc"])
            points[country, entity][time_s] = _index(cells["connectivity"])
        except Refusal as refusal:
            yield refusal.at(at)
    made: list[Column] = []
    for (country, entity), values in points.items():
        made += columns(country, Series(entity=entity, signal=SIGNAL), values, STEP_S)
    for frame in frames(SOURCE, made, reference=f"Monash IP Observatory, {path.name}"):
        yield Accepted(2, MEASUREMENTS, frame)


def _entity(cells: Cells) -> tuple[str, Entity]:
    country = geography.country_code(cells["iso"])
    if country is None:
        raise Refusal("unknown country", cells["iso"][:80])
    name, county = cells["name_1"], cells.get("name_2", "")
    if not name:
        raise Refusal("no region")
    if county:
        return country, Entity(type="county", code=f"{name}/{county}"[:300], name=f"{county}, {name}"[:300])
    return country, Entity(type="region", code=name[:300], name=name[:300])


def _local(text: str, country: str) -> int:
    """Unix seconds of an epoch that was made of a local clock: that of the country's capital."""
    clock = dt.datetime.fromtimestamp(moment(text), dt.UTC)
    return int(clock.replace(tzinfo=_zone(country)).timestamp())


@lru_cache(maxsize=512)
def _zone(country: str) -> dt.tzinfo:
    return geography.zone(geography.country_place(country).time_zone)


def _index(text: str) -> Value:
    return None if text in ("-1", "-1.0") else number(text)
