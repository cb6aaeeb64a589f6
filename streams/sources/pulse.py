"""The Internet Society's Pulse tracker of shutdowns -> reports. JSON (its API's, or cards of its page) and CSV.

Names of fields differ between its API, its page's cards and its older API (which nests them in `meta`, with days as
dd/mm/yyyy), so that several are understood. Times have an offset; blocking of services is told apart from cuts. An
entry of several regions is a report of each, or one of all, as it comes; one without a region is of the country.
Pulse takes IODA's and others' measurements as one of its sources: it cites none of them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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

#: Fields by the names that they may have, as `_field` writes them.
_BEGIN = ("start_datetime", "start_date", "start", "started_at")
_END = ("end_datetime", "end_date", "end", "ended_at")
_CODE = ("country_code", "country_alpha2_code", "country_iso2", "iso2", "country", "country_name")
_LINK = ("detail_url", "url", "link", "slug")
_ID = ("id", "uuid", "slug", "detail_url", "url")
_KIND = ("shutdown_type", "type", "event_type")
_REGION = ("region", "regions", "affected_regions")
_SERVICES = ("services", "affected_services")
_TITLE = ("summary", "title", "name", "description")
_NETWORKS = ("connection_type", "connection_types", "affected_networks")

#: All of them, and what else is read of an entry.
FIELDS = (*_BEGIN, *_END, *_CODE, *_LINK, *_ID, *_KIND, *_REGION, *_SERVICES, *_TITLE, *_NETWORKS, "status", "meta")

_DAY = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")

#: What an answer calls its list, and its size where that is more than it has.
_LISTS = ("data", "shutdowns", "events", "results", "items")
_TOTALS = ("total", "total_count", "totalCount", "count")

_KINDS: tuple[tuple[str, Scope | None, Extent], ...] = (
    ("throttl", None, "throttling"),
    ("service", None, "service"),
    ("content", None, "service"),
    ("block", None, "service"),
    ("national", "national", "full"),
    ("regional", "regional", "full"),
    ("local", "local", "full"),
)

#: Words that stand where a region would, and mean the country.
_WHOLE = frozenset({"national", "nationwide", "all", "all regions", "whole country", "entire country"})
_ANSWER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Any)


def read(path: Path) -> Iterator[Row]:
    """The shutdowns of a file.

    Raises:
        SourceError: the file is none of this kind, or can't be read.
    """
    return listed(path, SCHEMA, answer, row_of)


@dataclass(frozen=True, slots=True)
class Answer:
    """The shutdowns of an answer, and how many there are by what it says."""

    rows: list[dict[str, str]]
    total: int

    @property
    def whole(self) -> bool:
        """Whether it has all of the list."""
        return len(self.rows) >= self.total


def answer(raw: bytes, where: str) -> list[dict[str, str]]:
    """The shutdowns of an answer, or of one card.

    Raises:
        PayloadError: it is none, or says that there was an error.
    """
    return answered(raw, where).rows


def answered(raw: bytes, where: str) -> Answer:
    """The same, with how many the list has in all.

    Raises:
        PayloadError: see `answer`.
    """
    found = decoded(raw, _ANSWER, where)
    said: dict[str, Any] = found if isinstance(found, dict) else {}
    named = next((name for name in _LISTS if isinstance(said.get(name), list)), None)
    error = said.get("error") or said.get("errors") or (said.get("message") if named is None else None)
    if error:
        raise PayloadError(f"{where}: the API reports an error: {str(error)[:300]}")
    if isinstance(found, dict):
        one = next((found[name] for name in _LISTS if isinstance(found.get(name), dict)), found)
        found = [one] if named is None else found[named]
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise PayloadError(f"{where} is no list of shutdowns")
    rows = [{_field(name): _text(cell) for name, cell in _flat(one).items()} for one in found]
    return Answer(rows, max([len(rows), *_totals(said)]) if named else len(rows))


def _totals(said: Mapping[str, Any]) -> Iterator[int]:
    """How many the list has, wherever an answer says so."""
    for place in (said, said.get("meta"), said.get("pagination")):
        given = [place.get(name) for name in _TOTALS] if isinstance(place, dict) else []
        yield from (one for one in given if isinstance(one, int) and not isinstance(one, bool))


def _field(name: str) -> str:
    """A field's name in one way of writing: `countryAlpha2Code` is `country_alpha2_code`."""
    return column(_WORD.sub("_", name))


def _flat(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """An entry with what older answers nest in `meta`."""
    meta = entry.get("meta")
    nested = meta.items() if isinstance(meta, dict) else ()
    return {**entry, **{name: value for name, value in nested if value not in (None, "")}}


def _text(cell: object) -> str:
    """A cell as a text; of a list each in a line of its own, of what has a name that."""
    if isinstance(cell, list):
        return "\n".join(map(_text, cell))
    if isinstance(cell, dict):
        cell = cell.get("name") or cell.get("code")
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
    start = _when(cells, _BEGIN)
    if start is None:
        raise Refusal("no start")
    end = _when(cells, _END)
    kind = _first(cells, _KIND).casefold()
    scope, extent = next(((scope, extent) for word, scope, extent in _KINDS if word in kind), (None, None))
    ongoing = "ongoing" in cells.get("status", "").casefold()
    flags = []
    if end is not None and moment(end) < moment(start):
        flags, end = ["ends-before-it-begins"], None
    if end is not None and ongoing:
        flags.append("end-of-what-goes-on")
    elif end is None and not ongoing:
        flags.append("end-unknown")
    region, title = _region(cells), _first(cells, _TITLE)
    scope = scope or ("national" if region is None else None)
    words = set(f"{title} {_first(cells, _SERVICES)}".casefold().replace(",", " ").split())
    return Report(
        id=f"pulse/{_identity(cells, code, start, kind)}"[:300],
        origin=Origin(source=SOURCE, reference=(_first(cells, _LINK) or "Internet Society Pulse")[:2000]),
        reporter=REPORTER,
        country=code,
        places=tuple(name[:2000] for name in (region or "").splitlines() if name.strip()),
        scope=scope,
        start=start,
        end=end,
        ongoing=ongoing,
        extent=extent,
        networks=_networks(_first(cells, _NETWORKS)),
        services=tuple(name for name in SERVICES if name in words),
        flags=tuple(flags),
        # What is over came after what was going on.
        revision=0 if end is None else 1,
    )


def _first(cells: Mapping[str, str], names: Sequence[str]) -> str:
    return next((cells[name] for name in names if cells.get(name)), "")


def _region(cells: Mapping[str, str]) -> str | None:
    """The regions that are named, empty if none is; None where it is said that it was all of the country."""
    region = _first(cells, _REGION)
    return None if region.casefold() in _WHOLE else region


def _identity(cells: Mapping[str, str], code: str, start: str, kind: str) -> str:
    """An entry of several regions has one address and a row for each: the region is part of what names a row."""
    region = _first(cells, _REGION)
    given = _first(cells, _ID)
    if not given:
        return digest([code, start, kind, region])[:16]
    return f"{given}/{digest([region.casefold()])[:8]}" if region else given


def _networks(text: str) -> tuple[Network, ...]:
    text = text.casefold()
    fixed = any(word in text for word in ("fixed", "broadband", "wired", "all"))
    mobile = any(word in text for word in ("mobile", "cellular", "all"))
    return (*(("broadband",) if fixed else ()), *(("mobile",) if mobile else ()))


def _when(cells: Mapping[str, str], names: Sequence[str]) -> str | None:
    """The time that one of these fields says. What is called a date is a day, also where midnight is written."""
    name = next((name for name in names if cells.get(name)), "")
    found = _moment(cells.get(name, ""))
    is_day = name.endswith("_date") and found is not None and found.endswith("T00:00:00Z")
    return found[: len("2022-01-05")] if found is not None and is_day else found


def _moment(text: str) -> str | None:
    """A time as records have it: a day stays a day of the place, a time is a moment."""
    if not text or text.casefold() in ("ongoing", "unknown", "-"):
        return None
    if (day := _DAY.match(text)) is not None:
        text = f"{day[3]}-{int(day[2]):02}-{int(day[1]):02}"
    at = moment(text)
    if len(text) == len("2022-01-05"):
        return text
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
