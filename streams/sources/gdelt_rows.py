"""Rows of GDELT 2.0's files: events (61 columns) and mentions (16), tab-separated, without header.

Codes are texts. Countries are FIPS 10-4, not ISO. Columns by GDELT's codebook, checked on a native file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from streams import geography
from streams.sources.rows import Refusal

EVENT_COLUMNS, MENTION_COLUMNS = 61, 16

#: The root code of protests, and the column that has it.
PROTEST, ROOT_COLUMN = b"14", 28

#: Codes of GDELT that are none of FIPS 10-4's today: Gaza, Serbia, Serbia and Montenegro.
EXTRA_COUNTRIES = {"GZ": "PS", "RB": "RS", "YI": "RS"}


@dataclass(frozen=True, slots=True)
class Event:
    """A coded event. `geo_type`: 1 country, 2 US state, 3 US city, 4 city, 5 region; 0 nowhere.

    `added_s` is when GDELT saw it, Unix seconds; `day` is when it was, and nothing finer is known. `country` is
    alpha-2, None where the code means no country.
    """

    id: str
    day: dt.date
    actors: tuple[str, str]
    is_root: bool
    code: str
    mentions: int
    sources: int
    articles: int
    tone: float
    geo_type: int
    geo_name: str
    fips: str
    country: str | None
    latitude: str
    longitude: str
    feature: str
    added_s: int
    url: str


@dataclass(frozen=True, slots=True)
class Mention:
    """An article that mentions an event: by whom, since when, and how sure GDELT is of it, 10 to 100 per cent."""

    event: str
    at_s: int
    source: str
    url: str
    in_raw_text: bool
    confidence: int


def event(cells: list[bytes]) -> Event:
    """An event of its cells.

    Raises:
        Refusal: one can't be read.
    """
    text = _texts(cells, EVENT_COLUMNS)
    try:
        fips = text[53]
        return Event(
            id=text[0],
            day=_day(text[1]),
            actors=(text[6], text[16]),
            is_root=text[25] == "1",
            code=text[26],
            mentions=int(text[31]),
            sources=int(text[32]),
            articles=int(text[33]),
            tone=float(text[34]),
            geo_type=int(text[51] or 0),
            geo_name=text[52],
            fips=fips,
            country=_country(fips),
            latitude=text[56],
            longitude=text[57],
            feature=text[58],
            added_s=moment(text[59]),
            url=text[60],
        )
    except ValueError as error:
        raise Refusal("damaged: a number or date can't be read", str(error)[:120]) from None


def mention(cells: list[bytes]) -> Mention:
    """A mention of its cells.

    Raises:
        Refusal: one can't be read.
    """
    text = _texts(cells, MENTION_COLUMNS)
    try:
        return Mention(text[0], moment(text[2]), text[4], text[5], text[10] == "1", int(text[11]))
    except ValueError as error:
        raise Refusal("damaged: a number or date can't be read", str(error)[:120]) from None


@lru_cache(maxsize=4096)
def _day(text: str) -> dt.date:
    return dt.datetime.strptime(text, "%Y%m%d").replace(tzinfo=dt.UTC).date()


@lru_cache(maxsize=4096)
def _country(fips: str) -> str | None:
    return EXTRA_COUNTRIES.get(fips) or (geography.country_code(fips, fips=True) if fips else None)


@lru_cache(maxsize=4096)
def moment(text: str) -> int:
    """Unix seconds of `YYYYMMDDHHMMSS`, UTC.

    Raises:
        ValueError: it is none.
    """
    return int(dt.datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC).timestamp())


def cells_of(line: bytes) -> list[bytes]:
    """The cells of a line."""
    return line.rstrip(b"\r\n").split(b"\t")


def _texts(cells: list[bytes], columns: int) -> list[str]:
    if len(cells) != columns:
        raise Refusal("damaged: wrong number of columns", f"{len(cells)}, not {columns}")
    try:
        return [cell.decode() for cell in cells]
    except UnicodeDecodeError:
        raise Refusal("damaged: not UTF-8") from None


def domain(url: str) -> str:
    """The host of an address, without `www.`.

    >>> domain("https://www.example.org/a?b")
    'example.org'
    """
    return url.partition("://")[2].partition("/")[0].casefold().removeprefix("www.")


def numbered(lines: Iterator[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """Lines with their numbers from 1, as cells; empty ones are skipped."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, cells_of(line)
