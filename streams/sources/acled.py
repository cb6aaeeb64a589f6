"""ACLED's events -> news items: demonstrations. Exports (CSV, XLSX) of any year, and answers of the API (JSON).

Demonstrations are protests of all kinds and violent demonstrations; other riots, battles and the rest are refused.
A day is all that is known of the time, and less where `time_precision` says so: 2 is a week around the date,
3 a month. Rows are revised: `timestamp` is when one last was, and its revision. Notes tell of people by name:
they are not read.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from streams.geography import country_code
from streams.sources.listed import listed
from streams.sources.payloads import PayloadError, decoded, lenient
from streams.sources.rows import Accepted, Refusal, Row, Schema
from streams.sources.whereabouts import whereabouts
from topics import LATEST_S, NEWS, NewsItem, Origin
from topics.news import GeoPrecision

SOURCE = "acled"

SCHEMA = Schema(
    "an export of ACLED's events",
    ("event_id_cnty", "event_date", "event_type", "country", "location", "latitude", "longitude"),
)

#: How far a date is off either way, days, by `time_precision`; the date is the middle of the week or month.
SPREAD_DAYS = {"1": 0, "2": 3, "3": 15}

NO_DEMONSTRATION = "no demonstration"

_PRECISION: dict[str, GeoPrecision] = {"1": "city", "2": "region", "3": "region"}
_FORMS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%d %B %Y", "%d-%B-%Y")
_CROWD = re.compile(r"crowd size\s*=\s*([^;\]]+)", re.IGNORECASE)


class Recency(msgspec.Struct):
    """How old the newest event must be for this account: 12 months for most that are for research."""

    date: str | None = None
    quantity: int | None = None
    unit: str | None = None


class Restrictions(msgspec.Struct):
    """What an account may not see."""

    date_recency: Recency | list[Any] | None = None


class Answer(msgspec.Struct):
    """What every answer is wrapped in. Errors come with HTTP 200, too."""

    data: list[dict[str, Any]] | None = None
    success: bool | None = None
    status: int | None = None
    count: int | None = None
    error: Any = None
    message: Any = None
    messages: Any = None
    # An empty object of PHP's may be written as a list.
    data_query_restrictions: Restrictions | list[Any] | None = None

    @property
    def embargo(self) -> tuple[dt.date, str] | None:
        """The newest day whose events this account sees, and what is to be said of it; None if it sees all."""
        known = self.data_query_restrictions
        recency = known.date_recency if isinstance(known, Restrictions) else None
        if not isinstance(recency, Recency) or not recency.date:
            return None
        try:
            day = date(recency.date[: len("2026-11-30")])
        except Refusal:
            return None
        words = f"this account sees no event after {day.isoformat()}"
        if recency.quantity:
            words += f": ACLED keeps the newest {recency.quantity} {(recency.unit or '').casefold()} from it"
        return day, words


_ANSWER = lenient(Answer)


def read(path: Path) -> Iterator[Row]:
    """The rows of an export, or of answers of the API.

    Raises:
        SourceError: the file is neither, or can't be read.
    """
    return listed(path, SCHEMA, answer, row_of)


def answer(raw: bytes, where: str) -> list[dict[str, str]]:
    """The rows of an answer of the API.

    Raises:
        PayloadError: it is none, says that there was an error, or has no rows since this account may see none.
    """
    found = answered(raw, where)
    if not found.data and found.embargo is not None:
        raise PayloadError(f"{where} has no rows: {found.embargo[1]}")
    return cells_of(found)


def answered(raw: bytes, where: str) -> Answer:
    """An answer of the API.

    Raises:
        PayloadError: it is none, says that there was an error, or has fewer rows than it says.
    """
    found = decoded(raw, _ANSWER, where)
    failed = found.status is not None and not (found.status == 0 or 200 <= found.status < 300)
    words = found.error or found.message or found.messages
    if found.error or found.success is False or failed or (found.data is None and words):
        raise PayloadError(f"{where}: the API reports an error: {str(words or f'status {found.status}')[:300]}")
    if found.data is None:
        raise PayloadError(f"{where} has no `data`: is it an answer of ACLED's /api/acled/read?")
    return found


def cells_of(found: Answer) -> list[dict[str, str]]:
    """The rows of an answer, their cells as texts."""
    return [
        {name: "" if cell is None else str(cell).strip() for name, cell in _flat(row).items()}
        for row in found.data or ()
    ]


def _flat(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row with what some answers nest in `attributes`."""
    nested = row.get("attributes")
    return {**row, **nested} if isinstance(nested, dict) else row


def row_of(number: int, cells: Mapping[str, str]) -> Row:
    """A row as an item, or why it is none."""
    try:
        item = _item(cells)
    except Refusal as refusal:
        return refusal.at(number)
    return Accepted(number, NEWS, item, item.flags)


def item_id(event_id: str) -> str:
    """The id of the item of an event.

    Raises:
        Refusal: the event has none.
    """
    event_id = event_id.strip()
    if not event_id:
        raise Refusal("no event id")
    return f"acled/{event_id[:100]}"


def is_demonstration(event_type: str, sub_event_type: str) -> bool:
    """Whether ACLED counts it among demonstrations. Until 2018 riots and protests were one type."""
    kind = event_type.casefold()
    if kind.startswith("riots") and "protest" not in kind:
        return "demonstration" in sub_event_type.casefold()
    return kind.startswith(("protests", "riots"))


def _item(cells: Mapping[str, str]) -> NewsItem:
    kind, sub = cells.get("event_type", ""), cells.get("sub_event_type", "")
    if not is_demonstration(kind, sub):
        raise Refusal(NO_DEMONSTRATION, f"{kind}, {sub}"[:80])
    identity = item_id(cells.get("event_id_cnty", ""))
    code = _country(cells.get("iso", ""), cells.get("country", ""))
    if code is None:
        raise Refusal("unknown country", cells.get("country", "")[:80])
    start, end, time_flags = _days(cells.get("event_date", ""), cells.get("time_precision", ""))
    precision = _PRECISION.get(cells.get("geo_precision", ""), "city")
    name = cells.get("location" if precision == "city" else "admin1", "")
    where = whereabouts(code, name, cells.get("latitude", ""), cells.get("longitude", ""), precision)
    changed_s = _changed(cells.get("timestamp", ""))
    crowd = _CROWD.search(cells.get("tags", ""))
    flags = (*time_flags, *where.flags)
    return NewsItem(
        id=identity,
        origin=Origin(source=SOURCE, reference=f"ACLED, {cells['event_id_cnty']}"[:200]),
        country=code,
        places=where.places,
        latitude=where.latitude,
        longitude=where.longitude,
        geo_precision=where.precision,
        start=start,
        end=end,
        title=(sub or kind)[:300],
        participants=crowd.group(1).strip()[:200] if crowd else None,
        flags=flags,
        known_s=changed_s or None,
        revision=changed_s,
    )


@lru_cache(maxsize=4096)
def _country(iso: str, name: str) -> str | None:
    number = iso.removesuffix(".0")
    return (country_code(number) if number.isdigit() else None) or country_code(name)


@lru_cache(maxsize=65_536)
def _days(text: str, precision: str) -> tuple[str, str | None, tuple[str, ...]]:
    """First day, last day and flags of an event."""
    day = date(text)
    spread = SPREAD_DAYS.get(precision.removesuffix(".0") or "1", 0)
    if not spread:
        return day.isoformat(), None, ()
    around = dt.timedelta(days=spread)
    return (day - around).isoformat(), (day + around).isoformat(), (f"day-known-to-{2 * spread + 1}-days",)


def date(text: str) -> dt.date:
    """The day of a cell: `2020-01-04`, `04 January 2020`.

    Raises:
        Refusal: it is none, or not of our time.
    """
    for form in _FORMS:
        try:
            day = dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC).date()
        except ValueError:
            continue
        if not 1990 <= day.year < 2099:
            raise Refusal("absurd date", text[:80])
        return day
    raise Refusal("date can't be read" if text else "no date", text[:80])


def _changed(text: str) -> int:
    """When a row was last changed, Unix seconds; 0 where it isn't said."""
    digits = text.removesuffix(".0")
    return int(digits) if digits.isdigit() and 0 < int(digits) <= LATEST_S else 0
