"""The forms of a word in a sentence: case endings, articles and prepositions written on, taken off again."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from streams.geography.fold import fold

_FILE = Path(__file__).with_name("endings.tsv")
_RANGES = (
    ("latin", "a", "\u024f"),
    ("greek", "\u0370", "\u03ff"),
    ("cyrillic", "\u0400", "\u052f"),
    ("armenian", "\u0530", "\u058f"),
    ("hebrew", "\u0590", "\u05ff"),
    ("arabic", "\u0600", "\u06ff"),
    ("thaana", "\u0780", "\u07bf"),
    ("devanagari", "\u0900", "\u097f"),
    ("bengali", "\u0980", "\u09ff"),
    ("gurmukhi", "\u0a00", "\u0a7f"),
    ("gujarati", "\u0a80", "\u0aff"),
    ("oriya", "\u0b00", "\u0b7f"),
    ("tamil", "\u0b80", "\u0bff"),
    ("telugu", "\u0c00", "\u0c7f"),
    ("kannada", "\u0c80", "\u0cff"),
    ("malayalam", "\u0d00", "\u0d7f"),
    ("sinhala", "\u0d80", "\u0dff"),
    ("thai", "\u0e00", "\u0e7f"),
    ("lao", "\u0e80", "\u0eff"),
    ("tibetan", "\u0f00", "\u0fff"),
    ("burmese", "\u1000", "\u109f"),
    ("georgian", "\u10a0", "\u10ff"),
    ("ethiopic", "\u1200", "\u139f"),
    ("khmer", "\u1780", "\u17ff"),
    ("kana", "\u3040", "\u30ff"),
    ("han", "\u3400", "\u9fff"),
    ("hangul", "\uac00", "\ud7a3"),
)
#: Scripts that write no spaces between words.
UNSPACED = frozenset(("thai", "lao", "tibetan", "burmese", "khmer", "kana", "han"))


def script(word: str) -> str:
    """The script of a folded word by its first letter; "other" where no rule is known for it."""
    first = word[:1]
    for name, low, high in _RANGES:
        if low <= first <= high:
            return name
    return "other"


@cache
def _rules() -> dict[str, list[tuple[str, str, tuple[str, ...], int]]]:
    found: dict[str, list[tuple[str, str, tuple[str, ...], int]]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", "script")):
            name, at, olds, news, least = line.split("\t")
            for old in olds.split(","):
                # Bare vowel signs and endings fold to themselves only within a word.
                taken = "" if old == "-" else fold(old) or old
                put = tuple("" if new == "-" else fold(new) or new for new in news.split(","))
                found.setdefault(name, []).append((at, taken, put, int(least)))
    for rules in found.values():
        rules.sort(key=lambda rule: -len(rule[1]))
    return found


@lru_cache(maxsize=65_536)
def variants(word: str) -> tuple[str, ...]:
    """What a folded word may be in its plain form, longer endings first; without the word itself.

    >>> "астана" in variants("астанада"), "киів" in variants("києва")
    (True, True)
    """
    found: dict[str, None] = {}
    for at, old, news, least in _rules().get(script(word), ()):
        if len(word) < least:
            continue
        if at == "end" and word.endswith(old):
            stem = word[: len(word) - len(old)]
            found.update((stem + new, None) for new in news)
        elif at == "start" and word.startswith(old):
            found.update((new + word[len(old) :], None) for new in news)
    return tuple(form for form in found if len(form) > 1 and form != word)
