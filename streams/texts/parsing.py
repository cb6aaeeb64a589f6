"""A text cut into sentences, each judged in its language; and which of its words are no places."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache, partial

from streams.texts.judging import Judged, judge
from streams.texts.languages import language_of, weigh
from streams.texts.lexicon import STATE, TOPIC, Hit, Lexicon, lexicon
from streams.texts.prefilter import marks_of
from streams.texts.tokens import Sentence, Token, blanked, sentences

#: Texts are read to this length: what is reported stands at the beginning.
READ_CHARS = 8_000


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text without addresses and accounts, its sentences, and the language of most words."""

    text: str
    judged: tuple[Judged, ...] = ()
    language: str | None = None

    def taken(self, start: int, end: int) -> bool:
        """Whether a stretch of characters is a word of what the text tells, and so no place."""
        for one in self.judged:
            tokens = one.sentence.tokens
            if tokens[0].start <= start and end <= tokens[-1].end:
                return any(first <= start and end <= last for first, last in _taken(one))
        return False


@lru_cache(maxsize=16)
def parsed(text: str) -> Parsed:
    """Judge the sentences of a text; remembered for a moment, as a text is read for cuts and for protests."""
    text = blanked(text)
    all_ = list(sentences(text))
    weights = weigh([token for sentence in all_ for token in sentence.tokens])
    if not weights:
        return Parsed(text)
    found: list[Judged] = []
    carried: Hit | None = None
    for sentence in all_:
        bits = 0
        for token in sentence.tokens:
            bits |= marks_of(token.text)
        words = partial(_lexicon, sentence, weights)
        if bits & STATE and (bits & TOPIC or carried is not None):
            one = judge(segmented(sentence, words()), words(), carried)
            carried = next((saying.topic for saying in one.sayings), carried)
        else:
            # What says nothing of a cut is looked into where it is needed: most texts are put away before.
            one = Judged(sentence, words)
        found.append(one)
    return Parsed(text, tuple(found), max(weights, key=lambda one: weights[one]))


def _lexicon(sentence: Sentence, weights: Counter[str]) -> Lexicon:
    return lexicon(language_of(sentence.tokens, weights) or max(weights, key=lambda one: weights[one]))


def segmented(sentence: Sentence, words: Lexicon) -> Sentence:
    """A sentence with its words cut out, in a script that is written without spaces; any other as it is."""
    if not words.settings.get("spaced"):
        return sentence
    tokens: list[Token] = []
    for token in sentence.tokens:
        parts = [token.folded] if token.number is not None else words.segments(token.folded)
        for number, part in enumerate(parts):
            gap = token.gap if number == 0 else ""
            tokens.append(
                Token(part, token.text if len(parts) == 1 else part, token.start, token.end, gap, token.part)
            )
    return Sentence(tuple(tokens), sentence.asks, sentence.tail)


def _taken(one: Judged) -> list[tuple[int, int]]:
    """The stretches of a sentence that are words of what it tells, not of places: none that begin with a capital.

    Causes are left out: Kabul is written like cable. So are scripts that don't part words.
    """
    if one.words.settings.get("spaced"):
        return []
    tokens = one.sentence.tokens
    small = [token for token in tokens if token.folded in one.words.function]
    for hit in one.hits:
        if not hit.kind.startswith("cause:"):
            small += tokens[hit.first : hit.last + 1]
    return [(token.start, token.end) for token in small if not token.text[0].isupper()]
