"""The forms of a word in a sentence: case endings, articles and prepositions written on, taken off again."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from streams.geography.fold import fold

_FILE = Path(__file__).with_name("endings.tsv")
_RANGES = (
    ("latin", "a", "\u024f"),
    ("cyrillic", "\u0400", "\u052f"),
    ("arabic", "\u0600", "\u06ff"),
    ("devanagari", "\u0900", "\u097f"),
    ("bengali", "\u0980", "\u09ff"),
    ("burmese", "\u1000", "\u109f"),
    ("ethiopic", "\u1200", "\u139f"),
    ("han", "\u3400", "\u9fff"),
)


def script(word: str) -> str:
    """The script of a folded word by its first letter; "other" where no rule is known for it."""
    first = word[:1]
    for name, low, high in _RANGES:
        if low <= first <= high:
            return name
    return "other"


@cache
def _rules() -> dict[str, list[tuple[str, str, str, int]]]:
    found: dict[str, list[tuple[str, str, str, int]]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", "script")):
            name, at, old, new, least = line.split("\t")
            # Bare vowel signs and endings fold to themselves only within a word.
            found.setdefault(name, []).append((at, fold(old) or old, new, int(least)))
    for rules in found.values():
        rules.sort(key=lambda rule: -len(rule[1]))
    return found


@lru_cache(maxsize=65_536)
def variants(word: str) -> tuple[str, ...]:
    """What a folded word may be in its plain form, longer endings first; without the word itself."""
    found: dict[str, None] = {}
    for at, old, new, least in _rules().get(script(word), ()):
        if len(word) < least:
            continue
        if at == "end" and word.endswith(old):
            found[word[: len(word) - len(old)] + new] = None
        elif at == "start" and word.startswith(old):
            found[new + word[len(old) :]] = None
    return tuple(form for form in found if len(form) > 1 and form != word)
