"""What a written name may mean: every place and country that bears it, in any of its forms, likely ones first."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from streams.geography import tables, words
from streams.geography.fold import fold
from streams.geography.roman import romanised
from streams.geography.sounds import sound_key
from streams.geography.tables import CITY, DISTRICT, GROUP, INSIDE, LESSER, LIKE, MAIN, UNIT
from streams.geography.variants import UNSPACED, script, variants

#: What it costs a meaning that the name was found by taking an ending off, or by its sound.
BENT, AFFIXED, HEARD = 0.5, 0.2, 0.9
#: Scripts in which endings and prepositions are written on to most names in a sentence.
_AFFIXING = frozenset(
    ("arabic", "ethiopic", "bengali", "hebrew", "georgian", "armenian", "hangul", "gujarati", "gurmukhi", "oriya",
     "tamil", "telugu", "kannada", "malayalam", "sinhala")
)  # fmt: skip
#: Countries in whose languages endings are written on to names in Latin letters.
_DECLINING = frozenset(("TR", "AZ", "UZ", "KZ", "KG", "TM", "CY"))
_CASED = frozenset(("latin", "cyrillic", "greek", "armenian"))
_APOSTROPHE = re.compile("['’ʼ`]")
#: What it counts that a place's country writes the script of its name, other than Latin.
HOME = 0.9
#: What it costs a town that another place, known by itself, is first called so; or that a region elsewhere in its
#: country is.
OTHERWISE, OUTSIDE, KNOWN = 2.0, 0.6, 2.0
#: What it counts that nothing else bears the short name of a district.
ALONE = 0.8
#: The seat of a region of its name has at least so many inhabitants.
SEAT = 20_000
#: A district that the tables have no point of, by itself.
LESSER_DISTRICT = 1.2
#: A city is meant rather than the region of its name from this share of its largest city's people on.
OF_LARGEST = 0.2
#: A region so small is a city's own.
CITY_REGION_KM = 35.0
#: Of namesakes, so many are kept at all, and of each country and unit.
MOST_MEANINGS, MOST_IN_COUNTRY, MOST_IN_UNIT = 6, 4, 2
#: No more forms of a word are tried inside a longer name.
_MOST_FORMS = 24


class Form(NamedTuple):
    """One form of a written word: folded, what it costs, and the letters of the word that it covers."""

    name: str
    cost: float
    start: int
    end: int


class Meaning(NamedTuple):
    """A place that a name may mean, how likely by itself, and the letters of the text that name it."""

    score: float
    row: int
    role: int
    start: int
    end: int


class Name(NamedTuple):
    """Everything that a name may mean."""

    #: The likeliest places, and those of each country.
    meanings: tuple[Meaning, ...]
    by_country: dict[int, tuple[Meaning, ...]]
    #: The likeliest ones in each unit of the map, where a country has more than are kept for it.
    by_unit: dict[int, tuple[Meaning, ...]]
    country: str | None
    #: The letters that name the country.
    country_at: tuple[int, int]


class Word(NamedTuple):
    """A word of a text, with what can be known of it alone."""

    folded: str
    #: Its class in `words.tsv`; empty for none.
    kind: str
    cased: bool
    #: Written all small, though the script has capitals; begun with a capital; all capitals.
    small: bool
    capital: bool
    shouted: bool
    common: bool
    #: What it means by itself; None where nothing is called so.
    name: Name | None
    #: Written in a script without spaces; begins a phrase about places as a whole (see `phrases`).
    unspaced: bool
    opens: bool
    #: Forms from which a longer name may go on.
    onward: tuple[Form, ...]
    forms: tuple[Form, ...]


@cache
def common() -> frozenset[str]:
    """Folded names that are everyday words too."""
    text = Path(__file__).with_name("common.txt").read_text(encoding="utf-8")
    return frozenset(text.split()) | frozenset(words.classes())


@cache
def first_names() -> frozenset[str]:
    """Folded first names of people that are names of places too."""
    return frozenset(Path(__file__).with_name("first_names.txt").read_text(encoding="utf-8").split())


@lru_cache(maxsize=131_072)
def word(text: str) -> Word | None:
    """A written word; None where nothing of it is left once it is folded."""
    folded = fold(text)
    if not folded:
        return None
    kind = words.classes().get(folded, "")
    cased = script(folded) in _CASED and text.lower() != text.upper()
    small = cased and text == text.lower()
    found = _forms(text, folded, small)
    known = tables.names()
    return Word(
        folded,
        kind,
        cased,
        small,
        cased and not small,
        cased and len(text) > 1 and text == text.upper(),
        folded in common(),
        _named(text, folded, found),
        script(folded) in UNSPACED,
        folded in words.openings() or folded.isdigit(),
        tuple(form for form in found if known.goes_on(form.name)),
        found,
    )


def _forms(text: str, folded: str, small: bool) -> tuple[Form, ...]:
    found = [Form(folded, 0.0, 0, len(text))]
    mark = _APOSTROPHE.search(text)
    if mark is not None:
        before, after = text[: mark.start()], text[mark.end() :]
        if len(before) > 2 and len(after) < 6:
            found.append(Form(fold(before), 0.1, 0, mark.start()))
        elif len(before) <= 2 and len(after) > 2:
            found.append(Form(fold(after), 0.1, mark.end(), len(text)))
    if not small:
        found += _bent(folded, len(text))
    return tuple(found)


def _bent(folded: str, length: int) -> list[Form]:
    written = script(folded)
    cost = AFFIXED if written in _AFFIXING else BENT
    # An Arabic "and" is written on: it is no part of the name.
    cut = 1 if written == "arabic" and folded.startswith("\u0648") else 0
    found = []
    for form in variants(folded):
        start = cut if cut and folded[cut:].endswith(form.removeprefix("\u0627\u0644")) else 0
        # In Arabic, letters are left out in a sentence more rarely than put on.
        found.append(
            Form(form, cost if len(form) <= len(folded) - start or written != "arabic" else 1.0, start, length)
        )
    return found


def inner_forms(text: str, found: Word) -> tuple[Form, ...]:
    """The forms of a word inside a longer name: those in small letters have endings there too."""
    forms = (*found.forms, *_bent(found.folded, len(text))) if found.small else found.forms
    return forms[:_MOST_FORMS]


def _named(text: str, folded: str, forms: tuple[Form, ...]) -> Name | None:
    if len(folded) < 2 or folded.isdigit() or (text.isascii() and len(text) <= 3 and folded in words.classes()):
        return None
    found = name_of(forms)
    if found is not None and found.country and text.isascii() and len(text) <= 3 and not text.isupper():
        # Short names of countries are initials: CAR, UK, US.
        found = found._replace(country=None) if found.meanings else None
    if found is None and script(folded) in ("ethiopic", "devanagari", "bengali"):
        return _heard(forms)
    return found


def _heard(forms: tuple[Form, ...]) -> Name | None:
    """What a word means by its sound, in countries that write its script."""
    keys: dict[str, Form] = {}
    for form in forms:
        for latin in romanised(form.name):
            key = sound_key(latin)
            if key:
                keys.setdefault(key, Form(key, HEARD + form.cost, form.start, form.end))
    return name_of(tuple(keys.values()), heard=script(forms[0].name))


def name_of(forms: tuple[Form, ...], heard: str = "") -> Name | None:
    """What any of some forms means; with `heard`, only in countries that write that script."""
    known, gazetteer = tables.names(), tables.gazetteer()
    nations = [
        (form.cost, -len(form.name), tables.country_names()[form.name], (form.start, form.end))
        for form in forms
        if form.name in tables.country_names() and not heard
    ]
    country, at = min(nations)[2:] if nations else (None, (0, 0))
    best: dict[int, Meaning] = {}
    for form in forms:
        written = heard or script(form.name)
        bent = form.cost >= AFFIXED and written == "latin"
        for row, role in known.rows(form.name):
            home = written in _scripts(gazetteer.country[row])
            if (heard and not home) or (bent and gazetteer.codes[gazetteer.country[row]] not in _DECLINING):
                continue
            score = prior(row, role, written, home=home) - form.cost
            if row not in best or best[row].score < score:
                best[row] = Meaning(score, row, role, form.start, form.end)
    if not best and country is None:
        return None
    return _weighed(best, country, at)


def name_of_rows(rows: Iterable[tuple[int, int]], length: int) -> Name:
    """The name that some rows bear, with their roles, of which `length` letters stand in a text."""
    best = {row: Meaning(prior(row, role, "latin", home=True), row, role, 0, length) for row, role in rows}
    return _weighed(best, None, (0, 0))


def _weighed(best: dict[int, Meaning], country: str | None, at: tuple[int, int]) -> Name:
    """A name by what it may mean, each place once, likely ones first."""
    gazetteer = tables.gazetteer()
    _weigh_namesakes(best)
    for meaning in list(best.values()):
        region = gazetteer.region[meaning.row]
        if region in best and region != meaning.row and _is_meant_before(meaning, best[region]):
            # A city called like its region is meant rather than that: the region is where it lies.
            best[meaning.row] = meaning._replace(score=max(meaning.score, best[region].score) + 0.3)
    order = sorted(best.values(), key=lambda meaning: (-meaning.score, meaning.row))
    by_country: dict[int, list[Meaning]] = {}
    for meaning in order:
        for number in (gazetteer.country[meaning.row], *gazetteer.also.get(gazetteer.region[meaning.row], ())):
            its = by_country.setdefault(number, [])
            if len(its) < MOST_IN_COUNTRY and meaning not in its:
                its.append(meaning)
    return Name(
        tuple(order[:MOST_MEANINGS]),
        {number: tuple(its) for number, its in by_country.items()},
        _by_unit(order) if len(order) > MOST_IN_COUNTRY else {},
        country,
        at,
    )


def _by_unit(order: list[Meaning]) -> dict[int, tuple[Meaning, ...]]:
    known = tables.gazetteer()
    found: dict[int, list[Meaning]] = {}
    for meaning in order:
        its = found.setdefault(known.region[meaning.row], [])
        if len(its) < MOST_IN_UNIT:
            its.append(meaning)
    return {unit: tuple(its) for unit, its in found.items()}


def _weigh_namesakes(best: dict[int, Meaning]) -> None:
    """Weigh places of one name against each other.

    One first called so comes before those that are called so too, and a region before a town elsewhere in its
    country.
    """
    known = tables.gazetteer()
    first = {row for row, meaning in best.items() if meaning.role & MAIN and meaning.score >= KNOWN}
    homes = {known.country[row] for row in best if known.kind[row] == UNIT and best[row].role & MAIN}
    if len(best) == 1:
        # A district that alone is called so is named more often than one of many namesakes.
        for row, meaning in best.items():
            if known.kind[row] == DISTRICT and meaning.role & LIKE:
                best[row] = meaning._replace(score=meaning.score + ALONE)
    if len(best) == 1 or not (first or homes):
        return
    for row, meaning in list(best.items()):
        elsewhere = first and not (first <= {row, known.region[row]} or meaning.role & MAIN)
        cost = OTHERWISE if elsewhere and known.kind[row] in (CITY, DISTRICT) else 0.0
        if known.kind[row] == CITY and known.country[row] in homes and known.region[row] not in best:
            cost += OUTSIDE
        if cost:
            best[row] = meaning._replace(score=meaning.score - cost)


def _is_meant_before(city: Meaning, region: Meaning) -> bool:
    """Whether a city is meant rather than the region around it that is called so too."""
    if tables.gazetteer().kind[city.row] == CITY and city.role & (MAIN | LIKE) and not region.role & MAIN:
        return True
    return bool(region.role & INSIDE) or _is_seat(city)


def _is_seat(meaning: Meaning) -> bool:
    """Whether a city is called like its region first of all: Khartoum is, Bihar Sharif only sometimes."""
    known = tables.gazetteer()
    row = meaning.row
    if known.kind[row] != CITY or known.population[row] < SEAT:
        return False
    region = known.region[row]
    if known.radius_km[region] < CITY_REGION_KM:
        return True
    if known.population[row] < OF_LARGEST * known.population[known.largest[region]]:
        return False
    names = (fold(known.names[row]), fold(known.names[region]))
    return names[0] == names[1] or (sound_key(names[0]) or names[0]) == sound_key(names[1])


@lru_cache(maxsize=512)
def _scripts(country: int) -> frozenset[str]:
    return tables.countries()[tables.gazetteer().codes[country]].scripts


def prior(row: int, role: int, written: str, *, home: bool) -> float:
    """How likely a name in a script means this place, all else equal: large places are named more often."""
    known = tables.gazetteer()
    kind = known.kind[row]
    if kind == CITY:
        score = 1.1 * (math.log10(known.population[row] + 300) - 3.0)
        region = known.region[row]
        if region >= 0 and known.largest[region] == row:
            score += 0.3
    elif kind == DISTRICT:
        score = 0.3 * math.log10(known.population[row] + 300) - 0.4
    else:
        score = 2.0 + 0.25 * math.log10(known.radius_km[row] + 1) - (0.2 if kind == GROUP else 0.0)
    if role & LESSER:
        return LESSER_DISTRICT
    if role & INSIDE:
        return score - 0.5
    if written == "latin":
        if role & MAIN:
            return score
        return score - (0.4 if kind not in (CITY, DISTRICT) else 0.3 if role & LIKE else 0.9)
    return score + (HOME if home else 0.0)
