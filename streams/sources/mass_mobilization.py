"""The Mass Mobilization Project's protests against governments (Clark & Regan, CC0) -> news items.

One row a protest: country, place in words (several with `;`, `national` among them), first and last day, who,
how many, what was demanded. Days only, and only events of 50 people and more.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

from streams.sources.dates import read_date
from streams.sources.rows import Accepted, Cells, FirstRows, Refusal, Rejected, Row, Schema, table
from topics import NEWS, NewsItem, Origin, digest

SOURCE = "mass-mobilization"

SCHEMA = Schema(
    "the Mass Mobilization Project's list",
    ("id", "country", "location", "participants_category", "protesteridentity", "start_date", "end_date"),
)

#: Columns of what was demanded, by the words for it.
DEMANDS = {
    "labor_wage_dispute": "labour or wages",
    "land_farm_issue": "land or farming",
    "police_brutality": "police brutality",
    "political_behavior_process": "political behaviour or process",
    "price_increases_tax_policy": "prices or taxes",
    "removal_of_politician": "removal of a politician",
    "social_restrictions": "social restrictions",
}

#: A protest of more days than this is a wave of protests, or a date mistyped.
LONG_DAYS = 92


def read(path: Path) -> Iterator[Row]:
    """The rows of the list.

    Raises:
        SourceError: the file is not this list, or can't be read.
    """
    given = FirstRows()
    for row in table(path, SCHEMA).rows:
        if isinstance(row, Rejected):
            yield row
            continue
        number, cells = row
        try:
            item = _item(cells)
            given.refuse_twin(item.id, number, "its id is another row's", cells["id"])
            yield Accepted(number, NEWS, item, item.flags)
        except Refusal as refusal:
            yield refusal.at(number)


def _item(cells: Cells) -> NewsItem:
    if not cells["country"]:
        raise Refusal("no country")
    start, end, flags = _days(cells)
    places = tuple(part for part in (" ".join(part.split()) for part in cells["location"].split(";")) if part)
    if not places:
        flags.append("no-location")
    name = re.sub(r"[^0-9A-Za-z-]", "", cells["id"])[:100]
    who = " ".join(cells["protesteridentity"].split()) or "protesters"
    demands = [words for column, words in DEMANDS.items() if cells.get(column) in ("1", "1.0")]
    return NewsItem(
        id=f"mass-mobilization/{name or digest(sorted(cells.items()))[:12]}",
        origin=Origin(source=SOURCE, reference=f"Mass Mobilization Project, id {name or 'none'}"),
        country=cells["country"][:200],
        places=places[:500],
        start=start.isoformat(),
        end=end.isoformat() if end else None,
        title=f"protest by {who}" + (f", about {', '.join(demands)}" if demands else ""),
        participants=cells.get("participants") or cells["participants_category"] or None,
        flags=tuple(flags),
    )


def _days(cells: Cells) -> tuple[dt.date, dt.date | None, list[str]]:
    begin, end = read_date(cells["start_date"], "start"), read_date(cells["end_date"], "end")
    if begin.day is None:
        raise Refusal(
            "start date can't be read" if cells["start_date"] else "no start date", cells["start_date"][:80]
        )
    last = end.day or begin.day
    if not 1990 <= begin.day.year < 2100 or not 1990 <= last.year < 2100:
        raise Refusal("absurd date", f"{begin.day} to {last}")
    flags = [*begin.flags, *end.flags]
    if last < begin.day:
        return begin.day, None, [*flags, "ends-before-it-begins"]
    if end.day is None:
        flags.append("end-unknown")
    if (last - begin.day).days > LONG_DAYS:
        flags.append("long")
    return begin.day, end.day, flags
