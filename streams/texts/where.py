"""Where a text says that it was: the places of one country."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from streams import geography
from streams.geography.fold import fold
from streams.geography.words import of_class
from topics import Place
from topics.reports import Scope

#: A place counts from this confidence on.
PLACE_SURE = 0.4

#: Where no place is sure by itself, one of a country that speaks the language counts from this confidence on.
SPOKEN_SURE = 0.7

#: Words for streets before and after a name, in the languages that are read; and a house number behind it.
_STREET_BEFORE = re.compile(
    r"(?:\b(?:ул|пр|просп|пер|вул|бул)\.|\b(?:улиц[аеуы]|улицей|проспект[ае]?|переул(?:ок|ке)|вулиц[яіею]|rue|avenue|calle"
    r"|avenida|rua|cadde|sokak|barabara ya|mtaa wa|street|road)\b|خیابان|کوچه|شارع|سڑک|सड़क)\s*$",
    re.IGNORECASE,
)
_HOUSE_AFTER = re.compile(
    r"\s*(?:st\b|street\b|str\.|ave\b|avenue\b|road\b|rd\b|lane\b|blvd\b|көшесі|даңғылы|caddesi|sokağı|လမ်း|ጎዳና"
    r"|[ ]\d{1,4}[а-яa-z]?(?=\s*(?:$|[,.;()/\n])))",
    re.IGNORECASE,
)

#: Words for all of a country that are often part of a name: the national operator.
_NAMING = frozenset({"national"})


@dataclass(frozen=True, slots=True)
class Where:
    """The country (alpha-2, empty where none is known), its places, their names for the record, how wide it is."""

    country: str
    places: tuple[Place, ...]
    names: tuple[str, ...]
    scope: Scope | None


@dataclass(frozen=True, slots=True)
class Told:
    """A text to find places in, with what else is known of it; stretches are of characters.

    `country` is where its source is at home, `spoken` who speaks its language. `taken` are stretches that mean
    something else (Mobile is a town as well), `telling` the sentences whose places are meant, if they have any.
    """

    text: str
    country: str | None = None
    spoken: Sequence[str] = ()
    taken: Sequence[tuple[int, int]] = ()
    telling: Sequence[tuple[int, int]] = ()


def where_of(told: Told) -> Where:
    """The places of one country that a text tells of: those of the sentences that tell, or else any."""
    found = _where(told)
    if not found.places and found.scope is None and told.text == told.text.lower() != told.text.title():
        # Written without capitals, as people do: names are then known by nothing but themselves.
        titled = told.text.title()
        return _where(replace(told, text=titled)) if len(titled) == len(told.text) else found
    return found


def _where(told: Told) -> Where:
    text = told.text
    reading = geography.find_places(text)
    sure = [one for one in reading.places if one.confidence >= PLACE_SURE and _is_place(told, one)]
    named = [one.place.country for one in reading.countries]
    home = told.country
    code = home if home and _all_at_home(text, home, sure, named) else _country(sure, named, home)
    code = code or _spoken_in(told)
    if not code:
        return Where("", (), (), None)
    if _nationwide(told):
        return Where(code, (), (), "national")
    # Again among that country's alone: it decides what was doubtful.
    within = geography.find_places(text, code).places
    meant = [one for one in within if one.confidence >= PLACE_SURE and _is_place(told, one)]
    meant = [one for one in meant if _inside(one, told.telling)] or meant
    places: dict[str, tuple[Place, str]] = {}
    for one in meant:
        if geography.country_code(one.name) != code:
            places.setdefault(one.place.key, (one.place, _name(one.place, one.name, code)))
    return Where(
        code,
        tuple(place for place, _ in places.values()),
        tuple(name for _, name in places.values()),
        _scope([place for place, _ in places.values()], country_named=code in named),
    )


def _scope(places: Sequence[Place], *, country_named: bool) -> Scope | None:
    if not places:
        return "national" if country_named else None
    return "regional" if any(place.kind == "region" for place in places) else "local"


def _inside(found: geography.Found, stretches: Sequence[tuple[int, int]]) -> bool:
    return any(start <= found.start and found.end <= end for start, end in stretches)


def _nationwide(told: Told) -> bool:
    """Whether a sentence that tells says that it is of all of the country."""
    return any(_says_whole(fold(told.text[start:end])) for start, end in told.telling or [(0, len(told.text))])


def _says_whole(words: str) -> bool:
    phrases = of_class("whole") - _NAMING
    unspaced = any("\u1000" <= letter <= "\u109f" for letter in words)
    return any(f" {phrase} " in f" {words} " or (unspaced and phrase in words) for phrase in phrases)


def _is_place(told: Told, found: geography.Found) -> bool:
    """Whether a name is no word of what is told, and no street: streets are called after towns."""
    if _inside(found, told.taken):
        return False
    return not (_STREET_BEFORE.search(told.text[: found.start]) or _HOUSE_AFTER.match(told.text, found.end))


def _spoken_in(told: Told) -> str:
    """Of the countries that speak a language, the one where a place of the text is found most surely."""
    best, code = SPOKEN_SURE, ""
    for one in told.spoken:
        places = (place for place in geography.find_places(told.text, one).places if _is_place(told, place))
        sure = max((place.confidence for place in places), default=0.0)
        if sure > best:
            best, code = sure, one
    return code


def _all_at_home(text: str, country: str, sure: Sequence[geography.Found], named: Sequence[str]) -> bool:
    """Whether every place of a text is one of its source's own country as well: then that is what is meant."""
    if not sure or any(one != country for one in named):
        return False
    home = {one.start for one in geography.find_places(text, country).places}
    return all(one.start in home for one in sure)


def _country(sure: Sequence[geography.Found], named: Sequence[str], country: str | None) -> str:
    """The country that most of the places named lie in; of equals one that is named, then the first."""
    weights: Counter[str] = Counter()
    for one in sure:
        weights[one.place.country] += round(100 * one.confidence)
    for code in named:
        weights[code] += 60
    if country is not None:
        weights[country] += 30
    return weights.most_common(1)[0][0] if weights else ""


def _name(place: Place, written: str, country: str) -> str:
    """A place's name for the record: as written, if that alone leads to it, else the map's."""
    alone = geography.read_area(written, country)
    return written if [one.key for one in alone.places] == [place.key] else place.name
