"""Google's traffic to its own products (Transparency Report) -> measurements.

Undocumented: the form is that of the report's own page. Values are shares with noise, 48 a day; answers begin with
`)]}'`. Files are such answers, or CSV of time and value. IODA's signal `gtr` is the practical way to the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from streams.sources.cells import Damaged, records_of
from streams.sources.entities import demanded
from streams.sources.files import opened, whole
from streams.sources.frames import frames
from streams.sources.payloads import PayloadError, decoded
from streams.sources.points import columns, moment, number
from streams.sources.rows import Accepted, Refusal, Row
from topics import MEASUREMENTS, Series
from topics.measurements import Value

SOURCE, LINEAGE, SIGNAL = "google-traffic", "google", "traffic"
STEP_S = 1800

#: Put before answers so that no page takes them for a script.
_GUARD = b")]}'"
_ANSWER: msgspec.json.Decoder[list[Any]] = msgspec.json.Decoder(list[Any])


def read(path: Path, entity: str | None = None) -> Iterator[Row]:
    """The values of a file, all of one entity.

    Raises:
        SourceError: the file is neither such an answer nor CSV, can't be read, or `entity` is missing.
    """
    what, country = demanded(entity, path)
    if path.suffix.casefold() == ".csv":
        points: dict[int, Value] = {}
        for at, cells in enumerate(records_of(path), 1):
            try:
                points.update([_point(cells)])
            except Refusal as refusal:
                if at > 1 or refusal.reason != "time can't be read":
                    yield refusal.at(at)
    else:
        with opened(path) as stream:
            points = answer(whole(stream, path), str(path))
    series = Series(entity=what, signal=SIGNAL, lineage=LINEAGE)
    found = columns(country, series, points, STEP_S)
    for frame in frames(SOURCE, found, reference=f"Google Transparency Report, {path.name}"):
        yield Accepted(1, MEASUREMENTS, frame)


def answer(raw: bytes, where: str) -> dict[int, Value]:
    """Values by time, Unix seconds.

    Raises:
        PayloadError: it is no such answer.
    """
    found = decoded(raw.lstrip().removeprefix(_GUARD).lstrip(), _ANSWER, where)
    try:
        return {int(time_ms) // 1000: number(first[0][1]) for time_ms, first, *_ in found[0][1]}
    except (LookupError, TypeError, ValueError, Refusal):
        raise PayloadError(
            f"{where} is no answer of Google's traffic: entries of time and value are missing"
        ) from None


def _point(cells: list[str] | Damaged) -> tuple[int, Value]:
    if isinstance(cells, Damaged):
        raise Refusal(f"damaged: {cells.why}")
    if len(cells) != 2:
        raise Refusal("damaged: wrong number of columns", f"{len(cells)}, not 2")
    return moment(cells[0].strip()), number(cells[1])
