"""Shutdowns in the formats of others. A writer takes shutdowns and, where it is at hand, their evidence by id."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from streams.replay.exports import cap, events, geojson, stop, tables
from topics import Evidence, Shutdown

Writer = Callable[[Sequence[Shutdown], Mapping[str, Evidence], BinaryIO], None]


@dataclass(frozen=True, slots=True)
class Format:
    """A format: what it is, the ending of its files, and what writes it. One that holds a single shutdown a file
    (`single`) is written into a folder."""

    title: str
    ending: str
    write: Writer
    single: bool = False


FORMATS: dict[str, Format] = {
    "geojson": Format("GeoJSON (RFC 7946): places with their geometry", ".geojson", geojson.write),
    "csv": Format("CSV for spreadsheets, one row a shutdown", ".csv", tables.write_csv),
    "parquet": Format("Parquet, with the evidence nested", ".parquet", tables.write_parquet),
    "cap": Format("Common Alerting Protocol 1.2 (XML), a file a shutdown", ".cap.xml", cap.write, single=True),
    "cloudevents": Format("CloudEvents 1.0 as JSON Lines", ".jsonl", events.write),
    "stop": Format("CSV in the columns of Access Now's STOP list", ".csv", stop.write),
}
