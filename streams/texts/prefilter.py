"""What a text may be about, told by its words alone: most posts of a channel need no reading.

Every word is looked up once and remembered. A text is worth reading for cuts if one of its sentences has a word that
may name a topic (the internet, phones, a service) and one that may name a state; for protests, if a word may name a
protest. Nothing that reading would find is lost: the words are those of the same lists, in every language of their
script, and the stretches that are looked at are never shorter than sentences.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache

from streams.texts.languages import SCRIPTS, script_of
from streams.texts.lexicon import PROTEST, STATE, TOPIC, lexicon
from streams.texts.tokens import folded, stretches, words_of


@lru_cache(maxsize=16)
def marks(text: str) -> tuple[int, ...]:
    """Return what the words of each stretch of a text may give to it, as bits; remembered for a moment."""
    found = []
    for stretch in stretches(text):
        bits = 0
        for word in words_of(stretch):
            bits |= marks_of(word)
        found.append(bits)
    return tuple(found)


def may_tell_of_a_cut(text: str) -> bool:
    """Return whether reading the text for cuts can find anything."""
    return any(bits & TOPIC and bits & STATE for bits in marks(text))


def may_tell_of_a_protest(text: str) -> bool:
    """Return whether reading the text for protests can find anything."""
    return any(bits & PROTEST for bits in marks(text))


@lru_cache(maxsize=131_072)
def marks_of(written: str) -> int:
    """Return what a word as written may give to a text: bits of `TOPIC`, `STATE` and `PROTEST`."""
    word = folded(written)
    script = script_of(word) if word else None
    return _of_script(script).marks(word) if script in SCRIPTS else 0


@dataclass(frozen=True, slots=True)
class _Marked:
    """The marked words of all languages of one script."""

    whole: dict[str, int]
    stems: dict[str, int]
    lengths: tuple[int, ...]
    prefixes: tuple[str, ...]
    spaced: bool

    def marks(self, word: str) -> int:
        if self.spaced:
            return self._inside(word)
        found = self._beginning(word)
        for prefix in self.prefixes:
            if word.startswith(prefix) and len(word) - len(prefix) >= 2:
                found |= self._beginning(word[len(prefix) :])
        return found

    def _beginning(self, word: str) -> int:
        found = self.whole.get(word, 0)
        for length in self.lengths:
            if length > len(word):
                break
            found |= self.stems.get(word[:length], 0)
        return found

    def _inside(self, run: str) -> int:
        found = 0
        for words in (self.whole, self.stems):
            for word, bits in words.items():
                if word in run:
                    found |= bits
        return found


@cache
def _of_script(script: str | None) -> _Marked:
    whole: dict[str, int] = defaultdict(int)
    stems: dict[str, int] = defaultdict(int)
    words = [lexicon(language) for language in SCRIPTS[script or ""]]
    for one in words:
        for word, bits in one.marked.items():
            whole[word] |= bits
        for word, bits in one.marked_stems.items():
            stems[word] |= bits
    return _Marked(
        dict(whole),
        dict(stems),
        tuple(sorted({len(stem) for stem in stems})),
        tuple({prefix for one in words for prefix in one.prefixes}),
        any(one.settings.get("spaced") for one in words),
    )
