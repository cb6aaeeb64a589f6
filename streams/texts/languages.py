"""Which language a sentence is in, of those that have words here: by script, then by letters and common words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from streams.texts.lexicon import lexicon
from streams.texts.tokens import Token

#: Script -> the languages that are written in it; the first where nothing tells them apart.
SCRIPTS: dict[str, tuple[str, ...]] = {
    "latin": ("en", "fr", "es", "pt", "tr", "sw", "id"),
    "cyrillic": ("ru", "uk", "be", "kk"),
    "arabic": ("ar", "fa", "ur"),
    "devanagari": ("hi",),
    "bengali": ("bn",),
    "burmese": ("my",),
    "ethiopic": ("am",),
}
_RANGES = (
    ("cyrillic", "\u0400", "\u052f"),
    ("arabic", "\u0600", "\u06ff"),
    ("devanagari", "\u0900", "\u097f"),
    ("bengali", "\u0980", "\u09ff"),
    ("burmese", "\u1000", "\u109f"),
    ("ethiopic", "\u1200", "\u139f"),
)


def script_of(word: str) -> str | None:
    """The script of a word's first letter; None for numbers and scripts that no language here has."""
    first = next((letter for letter in word if letter.isalpha()), "")
    if not first:
        return None
    if first < "\u0250":
        return "latin"
    return next((name for name, low, high in _RANGES if low <= first <= high), None)


def weigh(tokens: Sequence[Token]) -> Counter[str]:
    """How much speaks for each language: words of the script, words known, letters of its own."""
    counts: dict[int, int] = {}
    for token in tokens:
        number = _signs(token.folded, token.text)
        counts[number] = counts.get(number, 0) + 1
    found: dict[str, int] = {}
    scripts = set()
    for number, count in counts.items():
        script, signs = _SIGNS[number]
        if script is not None:
            scripts.add(script)
            for language, weight in signs:
                found[language] = found.get(language, 0) + weight * count
    for script in scripts:
        for rank, language in enumerate(SCRIPTS[script]):
            found[language] -= rank
    return Counter(found)


#: What words speak for: a script, and a weight for each language. Many words share one, which is told by its
#: number.
_SIGNS: list[tuple[str | None, tuple[tuple[str, int], ...]]] = []


@lru_cache(maxsize=65_536)
def _signs(folded: str, written: str) -> int:
    """What a word speaks for, as a number of `_SIGNS`."""
    script = script_of(written)
    signs: tuple[tuple[str, int], ...] = ()
    if script in SCRIPTS:
        signs = tuple((one, WORD + SIGN * _sign(one, folded, written)) for one in SCRIPTS[script])
    else:
        script = None
    known = (script, signs)
    if known not in _SIGNS:
        _SIGNS.append(known)
    return _SIGNS.index(known)


#: What a word weighs for each language of its script, and what it adds for one that knows it.
WORD, SIGN = 10, 20


def _sign(language: str, folded: str, written: str) -> int:
    """How much one word speaks for a language: it is known, it has a letter of its own."""
    words = lexicon(language)
    return words.knows(folded) + any(letter in words.letters for letter in written)


def language_of(own: Counter[str], text: Counter[str]) -> str | None:
    """The language of a sentence (`own` are its weights) in a text whose languages weigh `text`."""
    if not own:
        return max(text, key=lambda one: text[one], default=None)
    total = text.total() or 1
    return max(own, key=lambda one: own[one] + 20 * text[one] / total)
