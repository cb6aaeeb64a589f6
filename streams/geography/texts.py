"""Every place that a text names, in the languages reports come in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal

import msgspec

from streams.geography import judging, phrases, reading, tables
from streams.geography.judging import ENOUGH, Judged
from streams.geography.tables import INSIDE
from topics.place import Place


class Found(msgspec.Struct, frozen=True, gc=False):
    """A place named in a text: the name as written, its offsets, and how sure it is (0 to 1)."""

    name: str
    start: int
    end: int
    place: Place
    confidence: float
    alternatives: tuple[Place, ...] = ()

    @property
    def key(self) -> str:
        """The key of the place: `KZ`, `KZ/KAZ-3207`, `KZ/@1526384`."""
        return self.place.key

    @property
    def kind(self) -> str:
        """What it is: country, region or city."""
        return self.place.kind


class Reading(msgspec.Struct, frozen=True, gc=False):
    """What a text says of places.

    `scope` is that of the widest thing said: all of the country, regions, cities; None when no place is
    named. `exceptions` are places said to be left out, and `left_out` the words that say so, as written: not
    everything left out is a place. `unspecified` tells of places that are not named ("several cities", "12
    districts of Rajasthan").
    """

    places: tuple[Found, ...] = ()
    countries: tuple[Found, ...] = ()
    scope: Literal["nationwide", "region", "city"] | None = None
    exceptions: tuple[Found, ...] = ()
    left_out: tuple[str, ...] = ()
    unspecified: bool = False

    def __iter__(self) -> Iterator[Found]:
        """Everything named, countries too and what is left out not, in the order of the text."""
        return iter(sorted((*self.countries, *self.places), key=lambda found: found.start))

    def __len__(self) -> int:
        return len(self.countries) + len(self.places)


def find_places(text: str, country: str | None = None) -> Reading:
    """Every place that `text` names; with `country` (alpha-2) given, only those in it.

    Homonyms are decided by the country given or named, by other places in the text, by population and distance.
    Words that are towns too (Mobile, Bath, Of) count only with evidence around them.

    >>> [(found.name, found.key) for found in find_places("в Алматы и Нур-Султане нет интернета")]
    [('Алматы', 'KZ/@1526384'), ('Нур-Султане', 'KZ/@1526273')]
    >>> reading = find_places("National except Kurdish areas", "IQ")
    >>> reading.scope, [found.place.name for found in reading.exceptions], reading.left_out
    ('nationwide', ['Kurdistan Region'], ('Kurdish areas',))
    """
    number = None if country is None else tables.gazetteer().number.get(country)
    return Reading() if country is not None and number is None else _read(text, number)


@lru_cache(maxsize=8192)
def _read(text: str, number: int | None) -> Reading:
    """The same with the country's number; texts are posted again and again."""
    words_ = reading.tokens(text)
    if not words_:
        return Reading()
    judged = judging.judge(words_, reading.candidates(words_, text), number, text)
    said = phrases.said(text, words_)
    found = [_found(text, one) for one in judged]
    kept = [its for its in found if not said.excepts(its.start)] if said.spans else found
    places = tuple(its for its in kept if its.place.kind != "country")
    countries = tuple(its for its in kept if its.place.kind == "country")
    return Reading(
        places=places,
        countries=countries,
        scope=said.scope or _scope(places, countries),
        exceptions=tuple([its for its in found if said.excepts(its.start)]) if said.spans else (),
        left_out=said.left_out,
        unspecified=said.unspecified,
    )


def find_all(texts: Iterable[str], country: str | None = None) -> Iterator[Reading]:
    """`find_places` of many texts, in order. Words and texts that come again cost little."""
    return (find_places(text, country) for text in texts)


def _found(text: str, judged: Judged) -> Found:
    sure = min(0.999, round(1 / (1 + math.exp(-(judged.score - ENOUGH + 0.5))), 3))
    start = judged.candidate.start + judged.at[0]
    end = judged.candidate.start + judged.at[1]
    if judged.row is None:
        from streams.geography.countries import country_place

        place = country_place(judged.candidate.name.country or "")
    else:
        place = _part(judged.row) if judged.role & INSIDE else _place(judged.row)
    return Found(text[start:end], start, end, place, sure, _places(judged.others))


@lru_cache(maxsize=65_536)
def _place(row: int) -> Place:
    return tables.gazetteer().place(row)


@lru_cache(maxsize=4096)
def _part(row: int) -> Place:
    """A region that stands for something in it that the map has not."""
    return tables.gazetteer().place(row, approximate=True)


@lru_cache(maxsize=65_536)
def _places(rows: tuple[int, ...]) -> tuple[Place, ...]:
    return tuple(_place(row) for row in rows)


def _scope(
    places: tuple[Found, ...], countries: tuple[Found, ...]
) -> Literal["nationwide", "region", "city"] | None:
    if any(found.place.kind == "region" for found in places):
        return "region"
    if places:
        return "city"
    return "nationwide" if countries else None
