"""Access Now's STOP list (#KeepItOn) -> reports. Days only, places in words, many hands.

A row's id is made from what it says: country, first day, extent, scope and area (a national row's area is all
of its country, however it is put). So the same row in two files, and a shutdown that runs on and is listed
again the year after, are one report; its revision is the year that counts it, or the year it ends. Rows of
one file that agree in all of that and differ otherwise get the list's own number behind it.

What is doubtful is flagged and kept, an end before the begin among it (it is left out); only what can't be a
report is rejected: no country, no first day, a damaged row.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace as dataclass_replace
from functools import lru_cache
from pathlib import Path

from msgspec.structs import replace

from streams.geography import country_code, country_place, locate, read_area
from streams.geography.fold import fold
from streams.sources.dates import ListDate, links, links_disagree, read_date
from streams.sources.rows import Accepted, Cells, Refusal, Rejected, Row, table
from streams.sources.stop_schemas import SCHEMAS, Entry
from topics import MEASURERS, REPORTS, Origin, Report, Reporter, digest

SOURCE = "access-now-stop"
REPORTER = Reporter(kind="organisation", name="Access Now")
EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(2099, 12, 31)

#: A row of more days than this is rarely one shutdown without a break.
LONG_DAYS = 366

#: Hosts and accounts of those who measure: a row with no other link repeats their measurement.
ADDRESSES = {address: one.name for one in MEASURERS for address in one.addresses}


def read(path: Path) -> Iterator[Row]:
    """The rows of a STOP list in any of its three schemas, recognised by the header.

    Raises:
        SourceError: the file is none of them, or can't be read.
    """
    found = table(path, *(schema for schema, _ in SCHEMAS.values()))
    given: dict[str, tuple[str, int]] = {}
    for row in found.rows:
        if isinstance(row, Rejected):
            yield row
            continue
        number, cells = row
        try:
            for entry in _by_country(_entry_of(cells)):
                yield _accepted(number, entry, given)
        except Refusal as refusal:
            yield refusal.at(number)


def _entry_of(cells: Cells) -> Entry:
    """A row by the schema that its columns are of: sheets of one workbook may be of several years."""
    return next(read(cells) for schema, read in SCHEMAS.values() if cells.keys() >= set(schema.columns))


#: What stands between the countries of a row that is about several; commas and "and" are in names of countries too.
_BETWEEN = re.compile(r"[;\n|/]")
_LISTED = re.compile(r"[;\n|/,]| and | & ")


def _by_country(entry: Entry) -> Iterator[Entry]:
    """An entry for each country of a row; of one that is about a place in some of them, for those that have it."""
    codes = _countries(entry.country)
    if len(codes) < 2:
        yield entry
        return
    areas = {code: read_area(entry.area, code) for code in codes}
    having = [code for code in codes if areas[code].places or areas[code].nationwide]
    for code in codes:
        own = entry.area if not entry.area or code in having or not having else ""
        yield dataclass_replace(entry, country=country_place(code).name, area=own)


def _countries(text: str) -> list[str]:
    """The codes of all countries that a cell names, if each part of it is one; none where it is one country."""
    if country_code(text) is not None:
        return []
    for pattern in (_BETWEEN, _LISTED):
        codes = [country_code(part.strip()) for part in pattern.split(text) if part.strip()]
        if len(codes) > 1 and all(codes):
            return [code for code in dict.fromkeys(codes) if code]
    return []


def _accepted(number: int, entry: Entry, given: dict[str, tuple[str, int]]) -> Accepted:
    """`given` are the ids of this file so far, with the year that counts what has them, and its hash."""
    addresses = [*links(entry.links), *links(entry.an_link)]
    start, end, flags = _days(entry, addresses)
    latitude, longitude = _coordinates(entry, flags)
    report = Report(
        id=_identity(entry, start),
        origin=Origin(source=SOURCE, reference=_reference(addresses)),
        reporter=REPORTER,
        country=_country(entry),
        places=(entry.area,) if entry.area else (),
        scope=entry.scope,
        latitude=latitude,
        longitude=longitude,
        start=start.isoformat(),
        end=end.day.isoformat() if end.day else None,
        ongoing=end.ongoing,
        approximate=entry.estimated,
        extent=entry.extent,
        networks=entry.networks,
        services=entry.services,
        cause=entry.cause or None,
        ordered_by=_ordered_by(entry),
        cites=_cites(addresses),
        text=entry.event or None,
        language="en" if entry.event else None,
        flags=tuple(flags),
        revision=_revision(entry, start, end),
    )
    first_year, first = given.setdefault(report.id, (entry.year, hash(entry)))
    if first_year != entry.year:
        report = replace(report, flags=(*report.flags, "repeated-in-another-year"))
    elif first != hash(entry):
        number_in_list = fold(entry.number_in_list)
        told_apart = number_in_list or digest([str(getattr(entry, name)) for name in Entry.__slots__])[:8]
        report = replace(report, id=f"{report.id}/{told_apart}")
    return Accepted(number, REPORTS, report, report.flags)


def _country(entry: Entry) -> str:
    if not entry.country:
        raise Refusal("no country")
    return entry.country[:200]


def _days(entry: Entry, addresses: list[str]) -> tuple[dt.date, ListDate, list[str]]:
    """First day, last day, and what is doubtful about them."""
    begin, end = read_date(entry.start, "start"), read_date(entry.end, "end")
    if begin.day is None:
        raise Refusal("start date can't be read" if entry.start else "no start date", entry.start[:80])
    start = begin.day
    if not EARLIEST <= start <= LATEST or not EARLIEST <= (end.day or start) <= LATEST:
        raise Refusal("absurd date", f"{start} to {end.day or 'unknown'}")
    flags = [*begin.flags, *end.flags]
    if end.day is not None and end.day < start:
        flags.append("ends-before-it-begins")
        end = ListDate(None)
    if entry.status == "ongoing" and not end.ongoing:
        flags += ["end-of-what-goes-on"] if end.day else []
        end = ListDate(None, ongoing=True)
    return start, end, [*flags, *_doubts(entry, start, end, addresses)]


def _doubts(entry: Entry, start: dt.date, end: ListDate, addresses: list[str]) -> Iterator[str]:
    if end.day is None and not end.ongoing:
        yield "end-unknown"
    if entry.estimated:
        yield "start-estimated"
    if _lasts_for_years(entry, start, end):
        yield "lasts-for-years"
    if _duration_disagrees(entry.duration, start, end.day):
        yield "duration-disagrees"
    if _year_disagrees(entry.year, start, end):
        yield "year-disagrees"
    if links_disagree(addresses, start, end.day, ongoing=end.ongoing):
        yield "date-disagrees-with-link"


def _duration_disagrees(duration: str, start: dt.date, end: dt.date | None) -> bool:
    """Whether the list's own count of days is more than a day from that of its dates: one of them is mistyped."""
    try:
        days = float(duration)
    except ValueError:
        return False
    return end is not None and abs(days - (end - start).days) > 1


def _year_disagrees(year: str, start: dt.date, end: ListDate) -> bool:
    """Whether the year in which the list counts a row is none of the row's own."""
    number = _year(year)
    if number is None:
        return False
    last = LATEST.year if end.ongoing else (end.day or start).year
    return not start.year <= number <= last


def _lasts_for_years(entry: Entry, start: dt.date, end: ListDate) -> bool:
    """Whether a row spans more than `LONG_DAYS`, or goes on and is counted in a later year than it began."""
    if end.ongoing:
        return (_year(entry.year) or start.year) > start.year
    return end.day is not None and (end.day - start).days > LONG_DAYS


@lru_cache(maxsize=4096)
def _year(text: str) -> int | None:
    match = re.fullmatch(r"((?:19|20)\d{2})(?:\.0)?", text.strip())
    return int(match.group(1)) if match else None


def _revision(entry: Entry, start: dt.date, end: ListDate) -> int:
    return _year(entry.year) or (end.day or start).year


def _identity(entry: Entry, start: dt.date) -> str:
    country = country_code(entry.country) or fold(entry.country) or "-"
    area = "" if entry.scope == "national" and _whole(entry.area) else fold(entry.area)
    content = [country, start.isoformat(), entry.extent, entry.scope, area]
    return f"stop/{country[:40].replace(' ', '-')}/{start.isoformat()}/{digest(content)[:12]}"


def _whole(area: str) -> bool:
    return not area or bool({"national", "nationwide", "country", "countrywide"} & set(fold(area).split()))


def _coordinates(entry: Entry, flags: list[str]) -> tuple[float | None, float | None]:
    """The point of a row, but not of a national one: that is a country's middle and locates nothing."""
    if not entry.latitude and not entry.longitude:
        return None, None
    try:
        latitude, longitude = float(entry.latitude), float(entry.longitude)
    except ValueError:
        latitude = longitude = float("nan")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        flags.append("coordinates-unreadable")
        return None, None
    if entry.scope == "national":
        return None, None
    located, country = locate(latitude, longitude), country_code(entry.country)
    if located is not None and country is not None and located[0] != country:
        flags.append("coordinates-in-another-country")
    return latitude, longitude


def _reference(addresses: list[str]) -> str:
    return (" ".join(dict.fromkeys(addresses)) or "Access Now, STOP dataset (CC BY 4.0)")[:2000]


def _cites(addresses: list[str]) -> tuple[str, ...]:
    """Whom a row repeats, when all that it links to is somebody's measurement."""
    found = [_measurer(address) for address in addresses]
    return tuple(dict.fromkeys(name for name in found if name)) if found and all(found) else ()


def _measurer(address: str) -> str | None:
    host, _, path = address.casefold().partition("://")[2].partition("/")
    host = host.removeprefix("www.").removeprefix("mobile.")
    return ADDRESSES.get(host) or ADDRESSES.get(f"{host}/{path.partition('/')[0].partition('?')[0]}")


def _ordered_by(entry: Entry) -> str | None:
    """Who ordered it, where the list has it acknowledged by the government or ordered by the executive."""
    if not entry.ordered_by:
        return "the government (acknowledged)" if entry.acknowledged else None
    executive = fold(entry.ordered_by).startswith("executive")
    if not entry.acknowledged and not executive:
        return None
    who = entry.ordered_by
    if entry.decision_maker and fold(entry.decision_maker) != fold(who):
        who += f", {entry.decision_maker}"
    return (f"{who} (acknowledged by the government)" if entry.acknowledged else who)[:1000]
