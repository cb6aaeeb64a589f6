"""Reading other scripts in Latin letters: names that the tables have only so are found in those scripts too."""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import islice, product
from pathlib import Path

from streams.geography.fold import fold
from streams.geography.variants import script

_FILE = Path(__file__).with_name("letters.tsv")
#: No word is read in more ways than this.
MOST = 48
#: Seven vowels of an Ethiopic letter; the first and the sixth are written in several ways, or not at all.
_ETHIOPIC_VOWELS = (("e", "a"), ("u",), ("i",), ("a",), ("e", "ie"), ("", "i", "e"), ("o",))
_INHERENT = ("a", "")


@cache
def _letters() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Letter -> its kind (consonant, vowel, sign, mute, ethiopic) and how it is written in Latin letters."""
    found = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            letters, kind, latin = line.split("\t")
            ways = tuple("" if way == "-" else way for way in latin.split(","))
            for letter in letters.split(" "):
                found[letter] = (kind, ways)
    del found["letters"]
    return found


@lru_cache(maxsize=65_536)
def romanised(word: str) -> tuple[str, ...]:
    """The ways in which a folded word of one of these scripts may be written in Latin letters, likely ones first.

    >>> romanised("ጎንደር")[:2], "sonipat" in romanised("सोनीपत")
    (('gonder', 'gonderi'), True)
    """
    kind = script(word)
    if kind == "ethiopic":
        parts = _ethiopic(word)
    elif kind in ("devanagari", "bengali"):
        parts = _indic(word)
    else:
        return ()
    if parts is None:
        return ()
    ways = ("".join(each) for each in islice(product(*parts), MOST))
    return tuple(dict.fromkeys(fold(way) for way in ways))


def _ethiopic(word: str) -> list[tuple[str, ...]] | None:
    parts = []
    letters = _letters()
    for letter in word:
        order = (ord(letter) - 0x1200) % 8
        kind, ways = letters.get(chr(ord(letter) - order), ("", ()))
        if kind != "ethiopic" or order == 7:
            return None
        vowels: tuple[str, ...] = _ETHIOPIC_VOWELS[order]
        if ways == ("",):
            # A bare vowel letter: its first order is an `a`, its sixth an `i` or `e`.
            vowels = ("a",) if order == 0 else ("i", "e") if order == 5 else vowels
        parts.append(tuple(way + vowel for way in ways for vowel in vowels))
    return parts


def _indic(word: str) -> list[tuple[str, ...]] | None:
    parts: list[tuple[str, ...]] = []
    letters = _letters()
    open_consonant = False
    for letter in word:
        kind, ways = letters.get(letter, ("", ()))
        if not kind or kind == "ethiopic":
            return None
        if kind in ("sign", "mute"):
            if not open_consonant:
                return None
            parts.append(ways)
            open_consonant = False
            continue
        if open_consonant:
            parts.append(_INHERENT)
        parts.append(ways)
        open_consonant = kind == "consonant"
    return parts
