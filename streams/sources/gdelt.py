"""GDELT 2.0's events -> news items of protests. Files of 15 minutes, `*.export.CSV`, zip or not.

Of all events those with root code 14 (protest) are read, those that `gdelt_noise` believes are kept, and one
article's events of one place and day are one item. Its id is made from those three: the same article in a later
file, or the file read again, is the same item; and all items of one story have one lineage. Names of actors may be
people's: none leaves this module.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path

from streams.sources import gdelt_rows
from streams.sources.files import SourceError, lines_of, opened
from streams.sources.gdelt_noise import doubts, precision, story
from streams.sources.gdelt_rows import PROTEST, ROOT_COLUMN, Event, Mention, numbered
from streams.sources.rows import Accepted, FirstRows, Refusal, Row
from streams.sources.whereabouts import Whereabouts, whereabouts
from topics import NEWS, NewsItem, Origin, digest

SOURCE = "gdelt"

#: Kinds of protest by CAMEO's base codes.
KINDS = {
    "140": "political dissent",
    "141": "demonstration or rally",
    "142": "hunger strike",
    "143": "strike or boycott",
    "144": "obstruction of passage, blockade",
    "145": "violent protest, riot",
}


def read(path: Path, mentions: Path | None = None) -> Iterator[Row]:
    """The events of a file. `mentions` is the file of mentions of the same 15 minutes.

    Raises:
        SourceError: a file is none of GDELT 2.0's, or can't be read.
    """
    known = read_mentions(mentions) if mentions is not None else {}
    with opened(path) as stream:
        yield from items(_demanded(numbered(lines_of(stream, path)), path), known)


def read_mentions(path: Path) -> dict[str, list[Mention]]:
    """The mentions of a file, by event; damaged ones are left out.

    Raises:
        SourceError: the file is none of GDELT 2.0's mentions, or can't be read.
    """
    with opened(path) as stream:
        rows = numbered(lines_of(stream, path))
        return mentions_of(_demanded(rows, path, gdelt_rows.MENTION_COLUMNS, "mentions"))


def mentions_of(rows: Iterable[tuple[int, list[bytes]]]) -> dict[str, list[Mention]]:
    """Mentions by event."""
    found: dict[str, list[Mention]] = defaultdict(list)
    for _, cells in rows:
        try:
            one = gdelt_rows.mention(cells)
        except Refusal:
            continue
        found[one.event].append(one)
    return found


def _demanded(
    rows: Iterator[tuple[int, list[bytes]]],
    path: Path,
    columns: int = gdelt_rows.EVENT_COLUMNS,
    kind: str = "events (*.export.CSV)",
) -> Iterator[tuple[int, list[bytes]]]:
    """The rows, if one of the first ten is such a file's: a single one may be damaged."""
    first = list(islice(rows, 10))
    if not first:
        raise SourceError(f"{path} is empty: download it again")
    if all(len(cells) != columns for _, cells in first):
        raise SourceError(f"{path} is no file of GDELT 2.0's {kind}: {_what_else(first[0][1], columns)}")
    return chain(first, rows)


#: Other files of GDELT's by the number of their columns, and what to do with them.
_OTHERS = {
    57: "it is one of GDELT 1.0's, of a day of 1979 to 2013, which has no hours. Give *.export.CSV of GDELT 2.0",
    58: "it is one of GDELT 1.0's, of a day, which has no hours. Give *.export.CSV of GDELT 2.0",
    17: "it is GDELT 1.0's reduced file. Give *.export.CSV of GDELT 2.0",
    gdelt_rows.EVENT_COLUMNS: "it is one of events (*.export.CSV): give it as the file itself",
    gdelt_rows.MENTION_COLUMNS: "it is one of mentions (*.mentions.CSV): give it with --mentions and its events",
    27: "it is one of the Global Knowledge Graph (*.gkg.csv), which has no events. Give *.export.CSV",
}
#: A row with so many marks between its cells was written by a spreadsheet or a program, not by GDELT.
_RESAVED = 40


def _what_else(cells: list[bytes], columns: int) -> str:
    """What a file is that isn't what it should be, and what to do."""
    if len(cells) in _OTHERS:
        return _OTHERS[len(cells)]
    line = b"\t".join(cells)
    for mark, name in ((b",", "commas"), (b";", "semicolons"), (b"|", "bars")):
        if line.count(mark) >= _RESAVED and len(cells) < columns:
            return (
                f"it was saved again with {name} between its cells. Give it as downloaded: its cells part at tabs"
            )
    return f"its rows have {len(cells)} columns by tabs, not {columns}. Give it as downloaded"


def items(rows: Iterable[tuple[int, list[bytes]]], mentions: Mapping[str, Sequence[Mention]]) -> Iterator[Row]:
    """A news item for each article, place and day with a protest; everything else is refused, with the reason."""
    given = FirstRows()
    for number, cells in rows:
        try:
            if len(cells) == gdelt_rows.EVENT_COLUMNS and cells[ROOT_COLUMN] != PROTEST:
                raise Refusal("no protest (EventRootCode is not 14)")
            event = gdelt_rows.event(cells)
            item = _item(event, mentions.get(event.id, ()))
            given.refuse_twin(item.id, number, "told already: the same article, place and day")
            yield Accepted(number, NEWS, item, item.flags)
        except Refusal as refusal:
            yield refusal.at(number)


def _item(event: Event, mentions: Sequence[Mention]) -> NewsItem:
    if precision(event) is None:
        raise Refusal("no place")
    if event.country is None:
        raise Refusal("unknown country", f"FIPS code {event.fips!r}")
    if not 1990 <= event.day.year < 2100:
        raise Refusal("absurd date", event.day.isoformat())
    verdict = doubts(event, mentions)
    if verdict.refused:
        raise Refusal(verdict.refused)
    where = _where(event, event.country)
    article = event.url or event.id
    place = [event.country, event.geo_type, event.feature or event.geo_name]
    return NewsItem(
        id=f"gdelt/{event.day.isoformat()}/{digest([article, place])[:16]}",
        origin=Origin(source=SOURCE, reference=event.url[:2000] or f"GDELT 2.0, event {event.id}"),
        country=event.country,
        places=where.places,
        latitude=where.latitude,
        longitude=where.longitude,
        geo_precision=where.precision,
        start=event.day.isoformat(),
        title=KINDS.get(event.code[:3], "protest"),
        cites=(story(event),),
        flags=(*verdict.flags, *where.flags),
        known_s=event.added_s,
    )


def _where(event: Event, country: str) -> Whereabouts:
    """By the coordinates; `Minsk, Belarus (general), Belarus` is called by its first part."""
    name = event.geo_name.split(",")[0].strip()
    return whereabouts(country, name, event.latitude, event.longitude, precision(event) or "country")
