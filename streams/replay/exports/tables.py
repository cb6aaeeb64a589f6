"""Tables: CSV for spreadsheets and Parquet for programs."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from streams.replay.exports.common import flat
from streams.spreadsheets import harmless
from topics import LATEST_S, Evidence, Shutdown


def cell(value: Any) -> Any:
    """A value as a cell of a CSV file. A text that a spreadsheet would run as a formula gets an apostrophe before
    it, which spreadsheets don't show; numbers stay numbers.

    >>> cell('=HYPERLINK("http://x")'), cell(-3.5), cell(["a", "b"]), cell(None)
    ('\\'=HYPERLINK("http://x")', -3.5, 'a; b', '')
    """
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        value = "; ".join(str(one) for one in value)
    if isinstance(value, str):
        return harmless(value)
    return value


def write_rows(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], stream: BinaryIO) -> None:
    """CSV as spreadsheets want it: UTF-8 with a byte-order mark, CRLF (RFC 4180), cells neutralised."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([cell(row[name]) for name in columns])
    text.flush()
    text.detach()


def write_csv(shutdowns: Sequence[Shutdown], evidence: Mapping[str, Evidence], stream: BinaryIO) -> None:  # noqa: ARG001
    """One row a shutdown."""
    write_rows(_SCHEMA.names[: _SCHEMA.names.index("evidence")], (flat(one) for one in shutdowns), stream)


_TIME = pa.timestamp("s", tz="UTC")
_TEXTS = pa.list_(pa.string())
_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("id",)),
        ("revision", pa.int64()),
        *((name, pa.string()) for name in ("level", "status", "merged_into")),
        *((name, pa.float64()) for name in ("probability", "happened", "on_purpose")),
        ("false_alarms_a_year", pa.float64()),
        *((name, pa.string()) for name in ("country", "country_name", "place", "place_kind", "place_key")),
        *((name, pa.float64()) for name in ("latitude", "longitude", "radius_km")),
        ("begin", _TIME),
        ("end", _TIME),
        *((name, pa.string()) for name in ("begin_local", "end_local", "time_zone")),
        ("begin_uncertainty_s", pa.int64()),
        ("end_uncertainty_s", pa.int64()),
        *((name, pa.string()) for name in ("precision", "scope", "extent")),
        *((name, _TEXTS) for name in ("networks", "services", "signals")),
        ("measurement", pa.string()),
        ("acknowledged", _TEXTS),
        ("sources", pa.int64()),
        ("protests", pa.int64()),
        ("explanations", _TEXTS),
        ("why", pa.string()),
        ("flags", _TEXTS),
        ("links", _TEXTS),
        *((name, pa.string()) for name in ("incident", "campaign")),
        *((name, _TEXTS) for name in ("common_drops", "blocked")),
        *((name, pa.string()) for name in ("rules", "digest")),
        (
            "evidence",
            pa.list_(
                pa.struct(
                    [
                        *((name, pa.string()) for name in ("id", "kind", "role", "source", "lineage", "place")),
                        ("begin", _TIME),
                        ("end", _TIME),
                        ("words", pa.string()),
                        ("reference", pa.string()),
                    ]
                )
            ),
        ),
    ]
)


def arrow(shutdowns: Sequence[Shutdown]) -> pa.Table:
    """Shutdowns as a table: times are UTC timestamps, an end that is not known is null, evidence is nested."""
    return pa.Table.from_pylist([_row(one) for one in shutdowns], schema=_SCHEMA)


def write_parquet(shutdowns: Sequence[Shutdown], evidence: Mapping[str, Evidence], stream: BinaryIO) -> None:  # noqa: ARG001
    """One row a shutdown, its evidence nested."""
    pq.write_table(arrow(shutdowns), stream, compression="zstd")


def _row(shutdown: Shutdown) -> dict[str, Any]:
    pieces = [
        {
            "id": piece.id,
            "kind": piece.kind,
            "role": piece.role,
            "source": piece.source,
            "lineage": piece.lineage,
            "place": piece.place,
            "begin": _moment(piece.from_s),
            "end": _moment(piece.until_s),
            "words": piece.words,
            "reference": piece.reference,
        }
        for piece in shutdown.evidence
    ]
    times = {"begin": _moment(shutdown.from_s), "end": _moment(shutdown.until_s)}
    return {**flat(shutdown), **times, "evidence": pieces}


def _moment(moment_s: int | None) -> dt.datetime | None:
    return None if moment_s is None or moment_s >= LATEST_S else dt.datetime.fromtimestamp(moment_s, dt.UTC)
