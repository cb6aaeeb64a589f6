"""Names that are common words too: `python -m streams.geography.build.common --texts DIR`.

A name that published English texts (the .csv files of DIR) write without a capital at least half as often as
with one is a word there: "mobile", "bath", "union". Months, days and currencies in all of CLDR's languages are
words too. Writes `common.txt`, folded words, one a line.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import Counter
from pathlib import Path

from streams.geography import tables
from streams.geography.fold import fold

OUT = Path(__file__).parent.parent / "common.txt"
_WORD = re.compile(r"[A-Za-z]{2,}")


def english_words(folder: Path) -> set[str]:
    """Words of English cells that are written small at least half as often as with a capital."""
    small: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.reader(stream):
                for cell in row:
                    if len(cell) > 11 and "http" not in cell:
                        for word in _WORD.findall(cell):
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


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m streams.geography.build.common", description=__doc__)
    parser.add_argument("--texts", type=Path, required=True, help="a folder of .csv files with English texts")
    words = english_words(parser.parse_args().texts) | calendar_words()
    known = tables.names()
    OUT.write_text("".join(f"{word}\n" for word in sorted(words) if word in known), encoding="utf-8")


if __name__ == "__main__":
    main()
