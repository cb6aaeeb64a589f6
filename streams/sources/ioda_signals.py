"""IODA's signals -> measurements: answers of `/signals/raw`, and the dashboard's CSV export.

An answer's `data` is a list (one an entity) of lists (one a series). Old windows have empty ones. Values of loss,
latency and upstream delay are objects, not numbers: rejected, they count nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import msgspec

from streams.errors import UNREADABLE
from streams.sources import ioda, ioda_export
from streams.sources.entities import named
from streams.sources.frames import Column, frames
from streams.sources.payloads import PayloadError, decoded, documents, lenient
from streams.sources.rows import Accepted, Refusal, Row
from topics import EARLIEST_S, LATEST_S, MEASUREMENTS, Series, base, signal_facts
from topics.measurements import Value


class Signal(msgspec.Struct):
    """One series as the API gives it."""

    entityType: str  # noqa: N815 - the API's name
    entityCode: str | int  # noqa: N815 - the API's name
    datasource: base.Signal
    from_s: int = msgspec.field(name="from")
    step: int
    values: msgspec.Raw
    entityName: str | None = None  # noqa: N815 - the API's name
    entityFqid: str | None = None  # noqa: N815 - the API's name
    subtype: str | None = None


_LISTS = msgspec.json.Decoder(list[list[msgspec.Raw]])
_SIGNAL = lenient(Signal)
_VALUES: msgspec.json.Decoder[list[Value] | None] = msgspec.json.Decoder(list[Value] | None, strict=False)


def read(path: Path, entity: str | None = None) -> Iterator[Row]:
    """The series of a file: JSON answers, or with `entity` (`country/IR`) a CSV export, which doesn't say of what.

    Answers about networks don't say in which country they are: there too `entity` does (`asn/KZ/9198`).

    Raises:
        SourceError: the file is neither, can't be read, or an entity is needed and not given.
    """
    if path.suffix.casefold() == ".csv":
        yield from ioda_export.read(path, entity)
        return
    known = {} if entity is None else ioda.chosen([named(entity)])
    number = 0
    for line, raw in documents(path):
        found, known_s, refused = answer(raw, f"{path}, line {line}", ioda.Entities(known))
        yield from (refusal.at(number + at) for at, refusal in refused)
        for frame in frames(ioda.SOURCE, found, reference=ioda.TERMS, known_s=known_s):
            yield Accepted(number + 1, MEASUREMENTS, frame)
        number += len(found) + len(refused)


def answer(
    raw: bytes, where: str, known: ioda.Entities, asked: int = 0
) -> tuple[list[Column], int | None, list[tuple[int, Refusal]]]:
    """The series of an answer, when it was given (Unix seconds), and what was refused, by its number from 1.
    `known` are entities whose country is known otherwise, `asked` how many entities were asked for.

    Raises:
        PayloadError: it is no answer of this kind, says that there was an error, or has a list of none of the
            entities that were asked for: the API does so, with HTTP 200 and no error, where its store fails.
    """
    envelope = ioda.envelope(raw, where)
    columns: list[Column] = []
    refused: list[tuple[int, Refusal]] = []
    lists = decoded(bytes(envelope.data), _LISTS, f"{where}, `data`")
    if asked and not lists:
        raise PayloadError(f"{where} has nothing of the {asked} entities that were asked for, not even empty lists")
    for number, series in enumerate((one for each in lists for one in each), 1):
        try:
            columns.append(_column(bytes(series), known))
        except Refusal as refusal:
            refused.append((number, refusal))
    return columns, envelope.answered_s, refused


def _column(raw: bytes, known: ioda.Entities) -> Column:
    try:
        signal = _SIGNAL.decode(raw)
    except UNREADABLE as error:
        raise Refusal("a series lacks a field, or has another form", str(error)) from None
    try:
        # A series without a value in the window has none, or null for all of them.
        values = [_finite(value) for value in _VALUES.decode(signal.values) or ()]
    except UNREADABLE:
        raise Refusal("values that are no numbers", signal.datasource[:80]) from None
    code, name = str(signal.entityCode), signal.entityName or ""
    entity = known.entity(signal.entityType, code, name)
    country = code if signal.entityType == "country" else ioda.country_of(signal.entityFqid or "")
    if country is None:
        country, _ = known.known.get(f"{signal.entityType}/{code}", (None, ""))
    if entity is None:
        raise Refusal("no place", f"{signal.entityType}/{code}"[:80])
    if country is None or len(country) != 2:
        raise Refusal("unknown country", f"{signal.entityType}/{code}, {signal.entityFqid}"[:120])
    if not EARLIEST_S <= signal.from_s <= LATEST_S or not 1 <= signal.step <= 604_800:
        raise Refusal("absurd time", f"from {signal.from_s}, step {signal.step}")
    series = Series(entity=entity, signal=_name(signal), lineage=signal_facts(signal.datasource).lineage)
    return Column(country, series, signal.from_s, signal.step, values)


def _finite(value: Value) -> Value:
    return None if value is None or not math.isfinite(value) else value


def _name(signal: Signal) -> str:
    """`gtr` for Google's search, which IODA shows; `gtr-youtube` for another product."""
    product = (signal.subtype or "").casefold().replace("_", "-")
    return signal.datasource if product in ("", "web-search") else f"{signal.datasource}-{product}"[:100]
