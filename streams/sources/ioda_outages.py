"""Outages that IODA's team looked into by hand (data of "Destination Unreachable", SIGCOMM 2023) -> evidence.

Each row becomes an `Outage`: somebody saw the drop in the signals and wrote down begin and end, in UTC, to 5 or
10 minutes. The list also says what caused it and whether that was confirmed. That is the answer that
evaluations compare with: it is not read, and nothing of it reaches the evidence.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

from streams import geography
from streams.sources.rows import Accepted, Cells, FirstRows, Refusal, Rejected, Row, Schema, Table, table
from topics import EVIDENCE, Origin, Outage, Place, digest, signals_named

SOURCE = "ioda-curated"
LINEAGE = "ioda"

_BEGIN, _END = "begin_time", "end_time"
_SCOPE = "scope_based_on_granularity_at_which_the_outage_appears_in_ioda"

#: Columns that say which signals showed it, and IODA's codes for those. IBR is the UCSD telescope's.
SIGNALS = signals_named("ioda-outages")
SCHEMA = Schema("IODA's list of investigated outages", ("id", _BEGIN, _END, "country", *SIGNALS, _SCOPE))

#: How far off begin and end may be: a step of active probing, or of BGP where that is all.
UNCERTAINTY_S, BGP_UNCERTAINTY_S = 600, 300

#: An outage whose end is not given, or before its begin, lasted a step at least, and no one knows how much more.
END_UNKNOWN_S = 86_400

_TIME = re.compile(
    r"([A-Za-z]+),?\s+([A-Za-z]+ \d{1,2}, \d{4}),\s+(\d{1,2}:\d{2}(?::\d{2})?\s*[AP]M)", re.IGNORECASE
)


def read(path: Path) -> Iterator[Row]:
    """The rows of the list.

    Raises:
        SourceError: the file is not this list, or can't be read.
    """
    for row in identified(table(path, SCHEMA)):
        if isinstance(row, Rejected):
            yield row
        else:
            number, _, outage, flags = row
            yield Accepted(number, EVIDENCE, outage, flags)


def identified(found: Table) -> Iterator[tuple[int, Cells, Outage, tuple[str, ...]] | Rejected]:
    """The rows of the list with the outage and the flags that each makes: number, cells, outage, flags."""
    given = FirstRows()
    for row in found.rows:
        if isinstance(row, Rejected):
            yield row
            continue
        number, cells = row
        try:
            outage, flags = _outage(cells)
            given.refuse_twin(outage.id, number, "its ID is another row's", cells["id"])
            yield number, cells, outage, flags
        except Refusal as refusal:
            yield refusal.at(number)


def _outage(cells: Cells) -> tuple[Outage, tuple[str, ...]]:
    place, entity = _place(cells)
    from_s, fits = _moment(cells[_BEGIN], "begin")
    until_s, fits_too = _moment(cells[_END], "end") if cells[_END] else (None, True)
    flags = [] if fits and fits_too else ["weekday-disagrees"]
    signals = tuple(signal for name, signal in SIGNALS.items() if cells[name].casefold() == "true")
    if not signals:
        raise Refusal("no signal shows it")
    uncertainty = until_uncertainty = BGP_UNCERTAINTY_S if signals == ("bgp",) else UNCERTAINTY_S
    if until_s is None or until_s < from_s:
        flags.append("end-unknown" if until_s is None else "ends-before-it-begins")
        until_s, until_uncertainty = from_s + uncertainty, END_UNKNOWN_S
    name = re.sub(r"[^0-9A-Za-z-]", "", cells["id"])
    key = name or digest([place.key, from_s, until_s])[:12]
    outage = Outage(
        id=f"ioda-curated/{key[:100]}",
        origin=Origin(source=SOURCE, reference=f"IODA, investigated outages 2018-2019, ID {key[:100]}"),
        country=place.country,
        place=place,
        from_s=from_s,
        until_s=until_s,
        from_uncertainty_s=uncertainty,
        until_uncertainty_s=until_uncertainty,
        lineage=LINEAGE,
        series=f"ioda/{entity}/{'+'.join(signals)}",
        signals=signals,
    )
    return outage, tuple(flags)


def _place(cells: Cells) -> tuple[Place, str]:
    """The place of a row, and its entity as IODA writes them: `country/VE`, `region/Mérida`, `asn/27653`."""
    code = geography.country_code(cells["country"])
    if code is None:
        raise Refusal("unknown country", cells["country"][:80])
    scope = cells[_SCOPE]
    if scope.casefold() == "country":
        return geography.country_place(code), f"country/{code}"
    match = re.fullmatch(r"(Region|AS)\s*\((.+)\)", scope, re.IGNORECASE)
    if match is None:
        raise Refusal("unknown scope", scope[:80])
    kind, name = match.group(1).casefold(), match.group(2).strip()
    if kind == "as":
        place = geography.entity_place("asn", name, "", code)
        entity = f"asn/{name}"
    else:
        place = geography.entity_place("region", "", name, code) or _region(name, code)
        entity = f"region/{name}"
    if place is None:
        raise Refusal("unknown region" if kind == "region" else "unknown network", f"{name[:80]}, {code}")
    return place, entity[:200]


def _region(name: str, code: str) -> Place | None:
    """A region by a name that several of the map share, or that is spelt in another way."""
    # A city may be meant first by the name alone.
    tries = (geography.find_place(words, code) for words in (name, f"Region ({name})"))
    return next((found for found in tries if found is not None and found.kind == "region"), None)


def _moment(text: str, which: str) -> tuple[int, bool]:
    """Unix seconds of `Tuesday, April 2, 2019, 1:10:00 PM`, and whether that day was a Tuesday."""
    if not text:
        raise Refusal(f"no {which} time")
    match = _TIME.fullmatch(text)
    if match is None:
        raise Refusal(f"{which} time can't be read", text[:80])
    weekday, day, clock = match.groups()
    clock = clock.replace(" ", "").upper()
    form = "%I:%M:%S%p" if clock.count(":") == 2 else "%I:%M%p"
    try:
        moment = dt.datetime.strptime(f"{day} {clock}", f"%B %d, %Y {form}").replace(tzinfo=dt.UTC)
    except ValueError:
        raise Refusal(f"{which} time can't be read", text[:80]) from None
    if not 1990 <= moment.year < 2100:
        raise Refusal("absurd time", text[:80])
    return int(moment.timestamp()), moment.strftime("%A").casefold() == weekday.casefold()
