"""The Internet Society's Pulse tracker of shutdowns -> reports. JSON (its API's, or cards of its page) and CSV.

Names of fields differ between the two, so that several are understood. Times have an offset; blocking of services
is told apart from cuts. Pulse takes IODA's and others' measurements as one of its sources: it cites none of them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from streams.geography import country_code
from streams.sources.listed import listed
from streams.sources.payloads import PayloadError, decoded
from streams.sources.points import moment
from streams.sources.rows import Accepted, Refusal, Row, Schema, column
from streams.sources.stop_schemas import SERVICES
from topics import REPORTS, Origin, Report, Reporter, digest
from topics.reports import Extent, Network, Scope

SOURCE = "isoc-pulse"
REPORTER = Reporter(kind="organisation", name="Internet Society Pulse")

SCHEMA = Schema("Pulse's list of shutdowns", ("country", "shutdown_type"))

#: Fields by the names that they may have.
_BEGIN = ("start_datetime", "start_date", "start", "started_at")
_END = ("end_datetime", "end_date", "end", "ended_at")
_CODE = ("country_code", "country_iso2", "iso2", "country")
_LINK = ("detail_url", "url", "link", "slug")
_ID = ("id", "uuid", "slug", "detail_url", "url")

#: Fields of `meta` in older answers, and what they are called now.
_META = {
    "startDate": "start_date",
    "endDate": "end_date",
    "countryAlpha2Code": "country_code",
    "shutdownType": "shutdown_type",
    "region": "region",
}
_DAY = re.compile(r"^(\d{2})/(\d{2})/(\d{4})$")

_LISTS = ("data", "shutdowns", "results", "items")
_KINDS: tuple[tuple[str, Scope | None, Extent], ...] = (
    ("national", "national", "full"),
    ("regional", "regional", "full"),
    ("service", None, "service"),
    ("throttl", None, "throttling"),
)
_ANSWER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Any)


def read(path: Path) -> Iterator[Row]:
    """The shutdowns of a file.

    Raises:
        SourceError: the file is none of this kind, or can't be read.
    """
    return listed(path, SCHEMA, answer, row_of)


def answer(raw: bytes, where: str) -> list[dict[str, str]]:
    """The shutdowns of an answer, or of one card.

    Raises:
        PayloadError: it is none, or says that there was an error.
    """
    found = decoded(raw, _ANSWER, where)
    if isinstance(found, dict) and (error := found.get("error") or found.get("errors")):
        raise PayloadError(f"{where}: the API reports an error: {str(error)[:300]}")
    if isinstance(found, dict):
        found = next((found[name] for name in _LISTS if isinstance(found.get(name), list)), [found])
    if not all(isinstance(one, dict) for one in found):
        raise PayloadError(f"{where} is no list of shutdowns")
    return [{column(name): _text(cell) for name, cell in _flat(one).items()} for one in found]


def _flat(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """An entry with what older answers nest in `meta`, under the names of now; their days are dd/mm/yyyy."""
    meta = entry.get("meta")
    if not isinstance(meta, dict):
        return entry
    named = {now: meta[before] for before, now in _META.items() if meta.get(before)}
    days: dict[str, Any] = {
        name: _DAY.sub(r"\3-\2-\1", str(named[name])) for name in ("start_date", "end_date") if name in named
    }
    return {**entry, **named, **days}


def _text(cell: object) -> str:
    if isinstance(cell, list):
        return ", ".join(map(_text, cell))
    return "" if cell is None else str(cell).strip()


def row_of(number: int, cells: Mapping[str, str]) -> Row:
    """A shutdown as a report, or why it is none."""
    try:
        report = _report(cells)
    except Refusal as refusal:
        return refusal.at(number)
    return Accepted(number, REPORTS, report, report.flags)


def _report(cells: Mapping[str, str]) -> Report:
    code = next((found for name in _CODE if (found := country_code(cells.get(name, "")))), None)
    if code is None:
        raise Refusal("unknown country", _first(cells, _CODE)[:80])
    start = _moment(_first(cells, _BEGIN))
    if start is None:
        raise Refusal("no start")
    end = _moment(_first(cells, _END))
    kind = cells.get("shutdown_type", "").casefold()
    scope, extent = next(((scope, extent) for word, scope, extent in _KINDS if word in kind), (None, None))
    ongoing = "ongoing" in cells.get("status", "").casefold()
    flags = []
    if end is not None and moment(end) < moment(start):
        flags, end = ["ends-before-it-begins"], None
    if end is not None and ongoing:
        flags.append("end-of-what-goes-on")
    elif end is None and not ongoing:
        flags.append("end-unknown")
    region, title = cells.get("region", ""), cells.get("summary", "") or cells.get("title", "")
    words = set(f"{title} {cells.get('services', '')}".casefold().replace(",", " ").split())
    return Report(
        id=f"pulse/{_identity(cells, code, start, kind)}"[:300],
        origin=Origin(source=SOURCE, reference=(_first(cells, _LINK) or "Internet Society Pulse")[:2000]),
        reporter=REPORTER,
        country=code,
        places=(region[:2000],) if region else (),
        scope=scope,
        start=start,
        end=end,
        ongoing=ongoing,
        extent=extent,
        networks=_networks(cells.get("connection_type", "")),
        services=tuple(name for name in SERVICES if name in words),
        flags=tuple(flags),
        # What is over came after what was going on.
        revision=0 if end is None else 1,
    )


def _first(cells: Mapping[str, str], names: Sequence[str]) -> str:
    return next((cells[name] for name in names if cells.get(name)), "")


def _identity(cells: Mapping[str, str], code: str, start: str, kind: str) -> str:
    """An entry of several regions has one address and a row for each: the region is part of what names a row."""
    region = cells.get("region", "")
    given = _first(cells, _ID)
    if not given:
        return digest([code, start, kind, region])[:16]
    return f"{given}/{digest([region.casefold()])[:8]}" if region else given


def _networks(text: str) -> tuple[Network, ...]:
    text = text.casefold()
    fixed = any(word in text for word in ("fixed", "broadband", "wired", "all"))
    mobile = any(word in text for word in ("mobile", "cellular", "all"))
    return (*(("broadband",) if fixed else ()), *(("mobile",) if mobile else ()))


def _moment(text: str) -> str | None:
    """A time as records have it: a day stays a day of the place, a time is a moment."""
    if not text or text.casefold() in ("ongoing", "unknown", "-"):
        return None
    at = moment(text)
    if len(text) == len("2022-01-05"):
        return text
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
