"""What a text may be about, told by its words alone: most posts of a channel need no reading.

Every word is looked up once and remembered. A sentence is worth reading for cuts if one of its words may name a
topic (the internet, phones, a service) and one a state; a text for protests, if a word may name a protest.
Nothing that reading would find is lost: the words are those of the same lists, in every language of their script.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from streams.texts.languages import SCRIPTS, script_of
from streams.texts.lexicon import LINE, NET, PROTEST, STATE, WORKS, lexicon
from streams.texts.tokens import Stretch, elided, ends, folded, rough

#: What a mark gives that ends a sentence, and what gives nothing that is a word.
_ENDS_SENTENCE, NO_WORDS = -2, -1


@lru_cache(maxsize=16)
def _bits(text: str) -> tuple[int, ...]:
    """What the words before each end of a sentence may give to it; remembered for a moment."""
    found = []
    bits, words = 0, False
    for one in map(marks_of, rough(text)):
        if one >= 0:
            bits |= one
            words = True
        elif one == _ENDS_SENTENCE:
            found.append(bits if words else NO_WORDS)
            bits, words = 0, False
    found.append(bits if words else NO_WORDS)
    return tuple(found)


def tells(bits: int) -> bool:
    """Return whether a sentence with these bits may tell of a cut. That a phone works says nothing of a network."""
    return bool(bits & (NET | LINE) and bits & STATE) or bool(bits & NET and bits & WORKS)


def may_tell_of_a_cut(text: str) -> bool:
    """Return whether reading the text for cuts can find anything."""
    return any(bits > 0 and tells(bits) for bits in _bits(text))


def may_tell_of_a_protest(text: str) -> bool:
    """Return whether reading the text for protests can find anything."""
    return any(bits > 0 and bits & PROTEST for bits in _bits(text))


def marked(text: str) -> Iterator[tuple[Stretch, int]]:
    """Yield the sentences of a text, as `tokens.stretches` has them, with what the words of each may give to it."""
    begin, bits = 0, NO_WORDS
    mark: tuple[int, int] | None = None
    for (start, end), more in zip((*ends(text), (len(text), len(text))), _bits(text), strict=True):
        if more != NO_WORDS:
            if mark is not None:
                yield Stretch(begin, mark[0], text[mark[0] : mark[1]]), bits
                begin = mark[1]
            bits, mark = more, (start, end)
        elif mark is None:
            begin = end
        else:
            mark = (mark[0], end)
    if mark is not None:
        yield Stretch(begin, mark[0], text[mark[0] : mark[1]]), bits


@lru_cache(maxsize=131_072)
def marks_of(written: str) -> int:
    """Return what a word as written may give to a sentence, as bits; below 0 for what is no word."""
    if not written[0].isalnum():
        return _ENDS_SENTENCE
    if not folded(written):
        return NO_WORDS
    found = 0
    for part in elided(written):
        word = folded(part)
        script = script_of(word) if word else None
        if script in SCRIPTS:
            found |= _of_script(script).marks(word, name=not part[0].islower())
    return found


@dataclass(frozen=True, slots=True)
class _Marked:
    """The marked words of all languages of one script; `names` only where they are written as names."""

    whole: dict[str, int]
    stems: dict[str, int]
    names: dict[str, int]
    lengths: tuple[int, ...]
    prefixes: tuple[str, ...]
    spaced: bool

    def marks(self, word: str, *, name: bool) -> int:
        if self.spaced:
            return self._inside(word)
        found = self._beginning(word, name=name)
        for prefix in self.prefixes:
            if word.startswith(prefix) and len(word) - len(prefix) >= 2:
                found |= self._beginning(word[len(prefix) :], name=name)
        return found

    def _beginning(self, word: str, *, name: bool) -> int:
        found = self.whole.get(word, 0)
        if name:
            found |= self.names.get(word, 0)
        for length in self.lengths:
            if length > len(word):
                break
            found |= self.stems.get(word[:length], 0)
        return found

    def _inside(self, run: str) -> int:
        found = 0
        for words in (self.whole, self.stems, self.names):
            for word, bits in words.items():
                if word in run:
                    found |= bits
        return found


@cache
def _of_script(script: str | None) -> _Marked:
    whole: dict[str, int] = defaultdict(int)
    stems: dict[str, int] = defaultdict(int)
    names: dict[str, int] = defaultdict(int)
    languages = [lexicon(language) for language in SCRIPTS[script or ""]]
    small = frozenset().union(*(one.function for one in languages))
    phrases = [phrase for one in languages for phrase in one.marked]
    single: dict[str, int] = defaultdict(int)
    for words, bits, _ in phrases:
        if len(words) == 1:
            single[words[0]] |= bits
    for words, bits, doubtful in phrases:
        word = _rarest(words, bits, single, small)
        (names if doubtful else stems if word.endswith("*") else whole)[word.rstrip("*")] |= bits
    return _Marked(
        dict(whole),
        dict(stems),
        dict(names),
        tuple(sorted({len(stem) for stem in stems})),
        tuple({prefix for one in languages for prefix in one.prefixes}),
        any(one.settings.get("spaced") for one in languages),
    )


def _rarest(words: tuple[str, ...], bits: int, single: dict[str, int], small: frozenset[str]) -> str:
    """The word of a phrase to look for: one that is looked for anyhow, else the longest that is no small word."""
    for word in words:
        if single.get(word, 0) & bits == bits:
            return word
    telling = [word for word in words if word not in small] or list(words)
    return max(reversed(telling), key=len)
