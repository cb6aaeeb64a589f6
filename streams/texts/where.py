"""Where a text says that it was: the places of one country."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

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
#: Letters before a name in which a word for a street may end.
STREET_CHARS = 24
_HOUSE_AFTER = re.compile(
    r"\s*(?:st\b|street\b|str\.|ave\b|avenue\b|road\b|rd\b|lane\b|blvd\b|көшесі|даңғылы|caddesi|sokağı|လမ်း|ጎዳና"
    r"|[ ]\d{1,4}[а-яa-z]?(?=\s*(?:$|[,.;()/\n])))",
    re.IGNORECASE,
)

#: A stretch of characters.
Span = tuple[int, int]

#: So many letters outside the sentences that tell are signs and smilies.
SLACK = 12

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

    `country` is where its source is at home, `spoken` who speaks its language. `taken` says whether a stretch means
    something else (Mobile is a town as well); `telling` are the sentences whose places are meant, if there are any,
    `asides` what tells who speaks. `national` is set where words of the text mean all of a country, `operators` are
    the countries of the operators that it names, `nations` those that its sentences call something of: the Ugandan
    government.
    """

    text: str
    country: str | None = None
    spoken: Sequence[str] = ()
    taken: Callable[[int, int], bool] = lambda _start, _end: False
    telling: Sequence[Span] = ()
    asides: Sequence[Span] = ()
    national: bool = False
    operators: frozenset[str] = frozenset()
    nations: Sequence[str] = ()


def where_of(told: Told) -> Where:
    """The places of one country that a text tells of: those of the sentences that tell, or else any.

    What tells who speaks is left out, and looked at only where nothing else names a place: a dateline.
    """
    plain = _blank(told.text, told.asides) if told.asides else told.text
    tried = [plain, told.text] if told.asides else [plain]
    if told.telling and _outside(told):
        # The sentences that tell come first: they may name all that is needed.
        tried = [_only(plain, told.telling), *tried]
    found = Where("", (), (), None)
    for number, text in enumerate(tried, start=1):
        found = _where(told, text, told.country if number == len(tried) else None)
        if found.places or (found.country and found.scope is not None):
            break
        if told.nations and (not found.country or found.country == told.nations[0]):
            found = Where(told.nations[0], (), (), "national")
            break
    if not found.places and found.scope is None and told.text == told.text.lower() != told.text.title():
        # Written without capitals, as people do: names are then known by nothing but themselves.
        titled = told.text.title()
        if len(titled) == len(told.text):
            return _where(told, titled, told.country)
    return found


def _blank(text: str, spans: Sequence[Span]) -> str:
    """The text with some stretches made blank; offsets stay."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _only(text: str, spans: Sequence[Span]) -> str:
    """The text with all but some stretches made blank; offsets stay, and what follows the last is left out."""
    kept, at = [], 0
    for start, end in sorted(spans):
        # With what ends the sentence: brackets, and names at its end, are read with it.
        kept += [" " * (start - at), text[max(at, start) : end + 1]]
        at = max(at, end + 1)
    return "".join(kept)


def _outside(told: Told) -> bool:
    """Whether a text has more than the sentences that tell."""
    return sum(end - start for start, end in told.telling) + SLACK < len(told.text.strip())


def _where(told: Told, text: str, country: str | None) -> Where:
    """The places in one reading of the text; `country` is the one it is about where it names none."""
    reading = geography.find_places(text)
    sure = [one for one in reading.places if one.confidence >= PLACE_SURE and _is_place(told, text, one)]
    named = [one.place.country for one in reading.countries]
    likely = told.country or (told.spoken[0] if len(told.spoken) == 1 else None)
    code = likely if likely and _all_at_home(text, likely, sure, named) else _country(sure, named, country)
    code = code or _spoken_in(told, text) or _operators_in(told, text)
    if not code:
        return Where("", (), (), None)
    if _nationwide(told, text):
        return Where(code, (), (), "national")
    # Again among that country's alone: it decides what was doubtful.
    within = geography.find_places(text, code).places
    meant = [one for one in within if one.confidence >= PLACE_SURE and _is_place(told, text, one)]
    meant = [one for one in meant if _inside(one, told.telling)] or meant
    # A name of all of the country (Mexico, Djibouti) is no town of it; one of a part (Crimea, Gaza) is that part.
    whole = {(one.start, one.end) for one in reading.countries}
    places: dict[str, tuple[Place, str]] = {}
    for number, one in enumerate(meant):
        narrower = meant[number - 1] if number else None
        if (one.start, one.end) not in whole and not (narrower and _narrowed(text, narrower, one)):
            places.setdefault(one.place.key, (one.place, _name(one.place, one.name, code)))
    if told.national and not places:
        return Where(code, (), (), "national")
    return Where(
        code,
        tuple(place for place, _ in places.values()),
        tuple(name for _, name in places.values()),
        _scope([place for place, _ in places.values()], country_named=code in named),
    )


def _narrowed(text: str, one: geography.Found, wider: geography.Found) -> bool:
    """Whether a name only says where the one before it lies: "Paris, Texas", "Kota (Rajasthan)"."""
    between = text[one.end : wider.start].strip()
    return between in (",", "(", "،") and one.key != wider.key and geography.contains(wider.place, one.place)


def _operators_in(told: Told, text: str) -> str:
    """Of the countries of the operators that a text names, the one where a place is found most surely."""
    return _surest(told, text, sorted(told.operators), PLACE_SURE)


def _scope(places: Sequence[Place], *, country_named: bool) -> Scope | None:
    if not places:
        return "national" if country_named else None
    return "regional" if any(place.kind == "region" for place in places) else "local"


def _inside(found: geography.Found, stretches: Sequence[tuple[int, int]]) -> bool:
    return any(start <= found.start and found.end <= end for start, end in stretches)


def _nationwide(told: Told, text: str) -> bool:
    """Whether a sentence that tells says that it is of all of the country."""
    return any(_says_whole(fold(text[start:end])) for start, end in told.telling or [(0, len(text))])


def _says_whole(words: str) -> bool:
    if any("\u1000" <= letter <= "\u109f" for letter in words):
        return any(phrase in words for phrase in of_class("whole"))
    return _whole().search(f" {words} ") is not None


@cache
def _whole() -> re.Pattern[str]:
    """Words for all of a country."""
    phrases = sorted(of_class("whole") - _NAMING, key=len, reverse=True)
    return re.compile(f" (?:{'|'.join(map(re.escape, phrases))}) ")


def _is_place(told: Told, text: str, found: geography.Found) -> bool:
    """Whether a name is no word of what is told, and no street: streets are called after towns."""
    if told.taken(found.start, found.end):
        return False
    before = text[max(0, found.start - STREET_CHARS) : found.start]
    return not (_STREET_BEFORE.search(before) or _HOUSE_AFTER.match(text, found.end))


def _spoken_in(told: Told, text: str) -> str:
    """Of the countries that speak a language, the one where a place of the text is found most surely."""
    return _surest(told, text, told.spoken, SPOKEN_SURE)


def _surest(told: Told, text: str, countries: Sequence[str], least: float) -> str:
    best, code = least, ""
    for one in countries:
        places = (place for place in geography.find_places(text, one).places if _is_place(told, text, place))
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
