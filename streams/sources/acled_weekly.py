"""ACLED's weekly aggregates -> news items: how many demonstrations a region had in a week.

WEEK is a Saturday and the first day of its week: the riots of Wednesday 5 January 2022 are under 2022-01-01.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from streams.geography import country_code
from streams.sources.acled import date, is_demonstration
from streams.sources.rows import Accepted, Cells, Refusal, Rejected, Row, Schema, table
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
    for row in table(path, SCHEMA).rows:
        if isinstance(row, Rejected):
            yield row
            continue
        number, cells = row
        try:
            item = _item(cells)
            yield Accepted(number, NEWS, item, item.flags)
        except Refusal as refusal:
            yield refusal.at(number)


def _item(cells: Cells) -> NewsItem:
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
