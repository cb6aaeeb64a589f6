"""ACLED's weekly aggregates -> news items: how many demonstrations a region had in a week.

WEEK is a Saturday and the first day of its week: the riots of Wednesday 5 January 2022 are under 2022-01-01.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path

from streams.geography import country_code
from streams.sources.acled import date, is_demonstration
from streams.sources.listed import tabled
from streams.sources.rows import Accepted, Refusal, Row, Schema
from topics import NEWS, NewsItem, Origin, digest

SOURCE = "acled-weekly"
SCHEMA = Schema(
    "ACLED's weekly aggregates", ("week", "country", "admin1", "event_type", "sub_event_type", "events")
)

SATURDAY = 5


def read(path: Path) -> Iterator[Row]:
    """The rows of the file, CSV or XLSX.

    Raises:
        SourceError: the file is not this list, or can't be read.
    """
    return tabled(path, SCHEMA, row_of)


def row_of(number: int, cells: Mapping[str, str]) -> Row:
    """A row as an item, or why it is none."""
    try:
        item = _item(cells)
    except Refusal as refusal:
        return refusal.at(number)
    return Accepted(number, NEWS, item, item.flags)


def _item(cells: Mapping[str, str]) -> NewsItem:
    kind, sub = cells["event_type"], cells["sub_event_type"]
    if not is_demonstration(kind, sub):
        raise Refusal("no demonstration", f"{kind}, {sub}"[:80])
    code = country_code(cells["country"])
    if code is None:
        raise Refusal("unknown country", cells["country"][:80])
    try:
        events = int(float(cells["events"]))
    except ValueError:
        raise Refusal("number of events can't be read", cells["events"][:80]) from None
    if events < 1:
        raise Refusal("no events")
    week = date(cells["week"])
    region = cells["admin1"]
    flags = () if week.weekday() == SATURDAY else ("week-begins-on-another-day",)
    return NewsItem(
        id=f"acled-weekly/{week.isoformat()}/{code}/{digest([region, kind, sub])[:12]}",
        origin=Origin(source=SOURCE, reference=f"ACLED, week of {week.isoformat()}, {region or code}"[:300]),
        country=code,
        places=(region,) if region else (),
        geo_precision="region" if region else "country",
        start=week.isoformat(),
        end=(week + dt.timedelta(days=6)).isoformat(),
        title=f"{events:,} x {sub or kind}"[:300],
        flags=flags,
    )
