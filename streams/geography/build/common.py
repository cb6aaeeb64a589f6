"""Names that are common words too, from texts in a hundred languages: `python -m streams.geography.build.common`.

    npm pack cldr-annotations-full@48.2.0 stopwords-iso@1.1.0     # Unicode licence; MIT. Unpack each
    pip download --no-deps django                                 # BSD: its messages in 80 languages. Unpack it
    python -m streams.geography.build.common --texts ../shared/data \\
        --annotations cldr/package --stopwords stopwords/package --messages django

A word is common where one of these has it: function words; what emoji are called and are about; the months, days
and currencies of CLDR; the messages of a program; published English texts, where they write it small at least half
as often as with a capital. In scripts that have capitals only words written small count. The name of a large city
or region stays a name, unless it is a function word; so does what several languages call a country. Writes
`common.txt`, folded words that are names of places, one a line.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from streams.geography import tables
from streams.geography.fold import fold
from streams.geography.tables import CITY, GROUP, MAIN, UNIT

OUT = Path(__file__).parent.parent / "common.txt"
#: A city so large is named more often than a word of another meaning, outside of lists of function words.
LARGE = 400_000
#: A region whose circle has this radius is as large: 20,000 square kilometres.
WIDE_KM = 80.0
#: What so many languages call a country is its name.
SEVERAL = 3
_ENGLISH = re.compile(r"[A-Za-z]{2,}")
_WORD = re.compile(r"[^\W\d_][\w\u0900-\u109f\u1200-\u139f\u200c]*")
_MESSAGE = re.compile(r'msgstr(?:\[\d\])? ((?:".*"\n?)+)')
_QUOTED = re.compile(r'"(.*)"')


def english_words(folder: Path) -> set[str]:
    """Words of English cells that are written small at least half as often as with a capital."""
    small: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.reader(stream):
                for cell in row:
                    if len(cell) > 11 and "http" not in cell:
                        for word in _ENGLISH.findall(cell):
                            (small if word.islower() else capital)[word.lower()] += 1
    return {word for word, n in small.items() if n > 1 and 2 * n >= capital[word]}


def calendar_words() -> set[str]:
    """Months, days and currencies in CLDR's languages."""
    from babel import Locale, localedata

    found: set[str] = set()
    for identifier in localedata.locale_identifiers():
        locale = Locale.parse(identifier)
        for kind in (locale.months, locale.days):
            for width in kind.values():
                found.update(fold(word) for word in width.get("wide", {}).values())
        found.update(fold(word) for word in locale.currencies.values())
    return found


def small_words(texts: Iterable[str]) -> set[str]:
    """The words of texts, but those with a capital: they may be names there."""
    return {fold(word) for text in texts for word in _WORD.findall(text) if word == word.lower()}


def emoji_texts(folder: Path) -> Iterator[str]:
    """What emoji are called and are about, in CLDR's languages."""
    for file in sorted(folder.glob("annotations/*/annotations.json")):
        content = json.loads(file.read_text(encoding="utf-8"))
        for row in content.get("annotations", {}).get("annotations", {}).values():
            yield from row.get("default", ())
            yield from row.get("tts", ())


def messages(folder: Path) -> Iterator[str]:
    """The translated messages of gettext catalogues."""
    for file in sorted(folder.glob("**/locale/*/LC_MESSAGES/*.po")):
        for message in _MESSAGE.findall(file.read_text(encoding="utf-8")):
            yield "".join(_QUOTED.findall(message))


def stopwords(folder: Path) -> set[str]:
    """Function words of 58 languages; those that are large cities too only where several languages have them."""
    lists = json.loads((folder / "stopwords-iso.json").read_text(encoding="utf-8"))
    times = Counter(word for words in lists.values() for word in {fold(word) for word in words})
    return {word for word, n in times.items() if n > 1 or len(word) <= 3 or not is_large(word)}


def names_of_countries() -> set[str]:
    """Names of countries that are no words: the English ones, and those of several languages."""
    from babel import Locale, localedata

    languages: dict[str, set[str]] = defaultdict(set)
    for identifier in localedata.locale_identifiers():
        locale = Locale.parse(identifier)
        for code, name in locale.territories.items():
            if len(code) == 2:
                languages[fold(name)].add(locale.language)
    several = {name for name, its in languages.items() if len(its) >= SEVERAL}
    return several | {fold(country.name) for country in tables.countries().values()}


def is_large(word: str) -> bool:
    """Whether a folded name is that of a large city, or the first name of a large region."""
    known = tables.gazetteer()
    return any(
        (known.kind[row] == CITY and known.population[row] >= LARGE)
        or (known.kind[row] in (UNIT, GROUP) and role & MAIN and known.radius_km[row] >= WIDE_KM)
        for row, role in tables.names().rows(word)
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m streams.geography.build.common", description=__doc__)
    parser.add_argument("--texts", type=Path, required=True, help="a folder of .csv files with English texts")
    parser.add_argument("--annotations", type=Path, required=True, help="npm cldr-annotations-full, unpacked")
    parser.add_argument("--stopwords", type=Path, required=True, help="npm stopwords-iso, unpacked")
    parser.add_argument("--messages", type=Path, required=True, help="a folder with gettext catalogues (django)")
    options = parser.parse_args()
    always = english_words(options.texts) | stopwords(options.stopwords)
    mostly = (
        calendar_words() | small_words(emoji_texts(options.annotations)) | small_words(messages(options.messages))
    )
    known = tables.names()
    nations = tables.country_names()
    found = (always | {word for word in mostly if not is_large(word)}) - names_of_countries()
    OUT.write_text(
        "".join(f"{word}\n" for word in sorted(found) if word in known or word in nations), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
