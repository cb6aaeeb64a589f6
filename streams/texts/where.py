"""Where a text says that it was: the places of one country."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from streams import geography
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

_WIDE: dict[str, Scope] = {"nationwide": "national", "region": "regional", "city": "local"}


@dataclass(frozen=True, slots=True)
class Where:
    """The country (alpha-2, empty where none is known), its places, their names for the record, how wide it is."""

    country: str
    places: tuple[Place, ...]
    names: tuple[str, ...]
    scope: Scope | None


def where_of(text: str, country: str | None, spoken: Sequence[str], taken: Sequence[tuple[int, int]] = ()) -> Where:
    """The places that a text names. `country` is where its source is at home, `spoken` who speaks its
    language, `taken` are the stretches of it that mean something else: Mobile is a town as well.
    """
    found = geography.find_places(text)
    sure = [one for one in found.places if one.confidence >= PLACE_SURE and _is_place(text, one, taken)]
    named = [one.place.country for one in found.countries]
    code = country if country and _all_at_home(text, country, sure, named) else _country(sure, named, country)
    code = code or _spoken_in(text, spoken, taken)
    if not code:
        return Where("", (), (), None)
    # Again among that country's alone: it decides what was doubtful.
    within = geography.find_places(text, code)
    places: dict[str, tuple[Place, str]] = {}
    for one in within.places:
        if one.confidence >= PLACE_SURE and _is_place(text, one, taken):
            places.setdefault(one.place.key, (one.place, _name(one.place, one.name, code)))
    scope = _WIDE[within.scope] if within.scope and (places or within.scope == "nationwide") else None
    if within.scope is None and not places and any(one.place.country == code for one in found.countries):
        scope = "national"
    return Where(code, tuple(p for p, _ in places.values()), tuple(n for _, n in places.values()), scope)


def _is_place(text: str, found: geography.Found, taken: Sequence[tuple[int, int]]) -> bool:
    """Whether a name is no word of what is told, and no street: streets are called after towns."""
    if any(start <= found.start and found.end <= end for start, end in taken):
        return False
    return not (_STREET_BEFORE.search(text[: found.start]) or _HOUSE_AFTER.match(text, found.end))


def _spoken_in(text: str, spoken: Sequence[str], taken: Sequence[tuple[int, int]]) -> str:
    """Of the countries that speak a language, the one where a place of the text is found most surely."""
    best, code = SPOKEN_SURE, ""
    for one in spoken:
        places = (place for place in geography.find_places(text, one).places if _is_place(text, place, taken))
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
