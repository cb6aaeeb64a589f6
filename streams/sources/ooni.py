"""OONI's aggregated counts -> measurements: answers of `/aggregation` (JSON or CSV).

Rows are of one hour, day or week each: how many measurements volunteers made, how many were anomalous, confirmed
blocked, failed. In a full cut the count itself falls to about nothing. Rows of other axes (tests, domains) are
summed; those of a domain, or of a test that measures one service alone, count for that service beside it
(`ooni-anomalies-whatsapp`). A step without a row between two that have one had no measurement: its count is 0, its
anomalies are missing. Rows by month or year are refused: their steps differ in length.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from streams.geography import country_code
from streams.sources.entities import demanded, network
from streams.sources.frames import Column, frames
from streams.sources.payloads import PayloadError, decoded, documents
from streams.sources.points import columns, moment, number
from streams.sources.rows import Accepted, Refusal, Rejected, Row, Schema, table
from topics import MEASUREMENTS, Entity, Series, service_of_test, signals_named
from topics.measurements import Value

SOURCE = "ooni"
COUNT = "ooni-measurements"

#: Columns of a row, and the signals that they are.
SIGNALS = signals_named("ooni")
DAY = "measurement_start_day"
DAY_S = 86_400

#: So many times that are all the first day of a month, or of a week, are none by chance.
ENOUGH = 3

#: The longest name of a product: a signal's code has a hundred characters.
MOST_PRODUCT = 80

Cells = Mapping[str, Any]


class _Answer(msgspec.Struct):
    result: list[dict[str, str | int | float | None]] | dict[str, Any] | None = None
    error: Any = None
    msg: Any = None


_SCHEMA = Schema("a CSV file of OONI's /aggregation by day", (DAY, *SIGNALS))
_ANSWER = msgspec.json.Decoder(_Answer)


def read(path: Path, entity: str | None = None) -> Iterator[Row]:
    """The counts of a file. `entity` says of what, where the rows have no `probe_cc`.

    Raises:
        SourceError: the file is no such answer, can't be read, or says no country and `entity` is missing.
    """
    if path.suffix.casefold() == ".csv":
        rows: list[Cells] = []
        for row in table(path, _SCHEMA).rows:
            if isinstance(row, Rejected):
                yield row
            else:
                rows.append(row[1])
    else:
        rows = [row for line, raw in documents(path) for row in answer(raw, f"{path}, line {line}")]
    found, refused = gathered(rows, None if all(row.get("probe_cc") for row in rows) else demanded(entity, path))
    yield from refused
    for frame in frames(SOURCE, found, reference=f"OONI (CC BY 4.0), {path.name}"):
        yield Accepted(1, MEASUREMENTS, frame)


def answer(raw: bytes, where: str) -> list[Cells]:
    """The rows of an answer.

    Raises:
        PayloadError: it is none, says that there was an error, or has no rows by day or hour.
    """
    found = decoded(raw, _ANSWER, where)
    said = found.error or found.msg
    if found.error or (found.result is None and said):
        raise PayloadError(f"{where}: the API reports an error: {str(said)[:300]}")
    if found.result is None:
        raise PayloadError(f"{where} has no `result`: is it an answer of OONI's /api/v1/aggregation?")
    if isinstance(found.result, dict):
        raise PayloadError(f"{where} is one sum: ask again with axis_x={DAY}")
    return list(found.result)


def tested(row: Cells) -> str | None:
    """The service, or else the domain, that the tests of a row are of; None where they are of several."""
    domain = str(row.get("domain") or "").strip().casefold()
    if domain:
        return domain[:MOST_PRODUCT]
    return service_of_test(str(row.get("test_name") or ""))


def gathered(
    rows: Iterable[Cells],
    of: tuple[Entity, str] | None,
    step_s: int | None = None,
    product: str | None = None,
) -> tuple[list[Column], list[Rejected]]:
    """The rows as columns, and those that can't be read.

    Args:
        rows: of an answer, or of several.
        of: what they are of, and its country, where they don't say.
        step_s: seconds that a row is of, if that is known.
        product: the service that all of them are of; None: all tests together, and those of one service beside it.
    """
    refused: list[Rejected] = []
    points: dict[tuple[str, Series], dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for at, row in enumerate(rows, 1):
        try:
            time_s = moment(str(row.get(DAY) or ""))
            entity, country = _entity(row, of)
            counts = {signal: number(row.get(name)) for name, signal in SIGNALS.items()}
        except Refusal as refusal:
            refused.append(refusal.at(at))
            continue
        for name in (product,) if product else dict.fromkeys((None, tested(row))):
            for signal, count in counts.items():
                code = signal if name is None else f"{signal}-{name}"
                points[country, Series(entity=entity, signal=code)][time_s] += count or 0.0
    found = []
    # Of all series together: one with few rows doesn't show what its step is.
    step = step_s or _grain_s({time_s for known in points.values() for time_s in known})
    if step is None:
        return [], [*refused, Rejected(1, "counts by month or year: ask again with time_grain=day")]
    for (country, series), known in points.items():
        filled: dict[int, Value] = dict(known)
        if series.signal == COUNT:
            filled = {**dict.fromkeys(range(min(known), max(known), step), 0.0), **filled}
        found += columns(country, series, filled, step)
    return found, refused


def _grain_s(times: set[int]) -> int | None:
    """The step that rows of these times have, seconds; None where they are months or years."""
    if any(time_s % DAY_S for time_s in times):
        return 3_600
    days = [dt.datetime.fromtimestamp(time_s, dt.UTC) for time_s in times]
    if len(days) < ENOUGH:
        return DAY_S
    if all(day.day == 1 for day in days):
        return None
    # Weeks begin on Sunday where a service says nothing, on Monday by ISO 8601.
    return 7 * DAY_S if {day.weekday() for day in days} in ({6}, {0}) else DAY_S


def _entity(row: Cells, of: tuple[Entity, str] | None) -> tuple[Entity, str]:
    given = row.get("probe_cc")
    country = country_code(str(given)) if given else of[1] if of else None
    if country is None:
        raise Refusal("unknown country", str(given)[:80])
    asn = row.get("probe_asn")
    if asn is not None and str(asn).upper() in ("0", "AS0"):
        raise Refusal("no network", str(asn)[:80])
    if asn and (digits := network(str(asn))) is not None:
        return Entity(type="asn", code=digits), country
    return (of[0] if of and not given else Entity(type="country", code=country)), country
