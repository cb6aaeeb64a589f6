"""One sentence of a text, cut into words and looked up only as far as somebody asks."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from streams.texts.languages import SCRIPTS, language_of, script_of, weigh
from streams.texts.lexicon import DAY, Hit, Lexicon, lexicon
from streams.texts.prefilter import tells
from streams.texts.tokens import Sentence, Stretch, Token, sentences_in

State = Literal["down", "slow", "up"]
Mood = Literal["said", "supposed", "coming", "commented", "remembered", "denied", "asked"]

#: A day in numbers, or so much of one as tells that there may be one.
_NUMERIC_DAY = re.compile(r"\d[./-]\d")


@dataclass(frozen=True, slots=True)
class Saying:
    """One state that a sentence gives, of which topic, in what mood, how sure; `word` says it."""

    state: State
    mood: Mood
    topic: Hit
    word: Hit
    sure: float
    partly: bool = False
    #: Counts the stretches between commas and words like "but".
    clause: int = 0


class Judged:
    """A sentence with its words, its hits and what it says. What is costly is found when it is first asked for.

    `bits` are what its words may give to it (see `prefilter.py`), `around` how much speaks for each language in the
    text that it is of.
    """

    __slots__ = (
        "_around", "_hits", "_plain", "_sentence", "_text", "_weights", "_words", "bits", "end", "sayings", "start",
        "stretch",
    )  # fmt: skip

    def __init__(self, text: str, stretch: Stretch, bits: int, around: Counter[str]) -> None:
        self._text, self._around = text, around
        self.stretch, self.bits = stretch, bits
        self.start, self.end = stretch.start, stretch.end
        self.sayings: tuple[Saying, ...] = ()
        self._plain: Sentence | None = None
        self._sentence: Sentence | None = None
        self._weights: Counter[str] | None = None
        self._words: Lexicon | None = None
        self._hits: tuple[Hit, ...] | None = None

    @property
    def plain(self) -> Sentence:
        """The sentence cut at its spaces."""
        if self._plain is None:
            self._plain = next(sentences_in(self._text, self.stretch))
        return self._plain

    @property
    def spaces(self) -> int:
        """How many spaces it has: one less than words, and found without looking for them."""
        return self._text[self.start : self.end].strip().count(" ")

    @property
    def names_a_day(self) -> bool:
        """Whether it may name a day."""
        return bool(self.bits & DAY) or _NUMERIC_DAY.search(self._text, self.start, self.end) is not None

    @property
    def words(self) -> Lexicon:
        """The words of its language."""
        if self._words is None:
            self._words = lexicon(self._language() or "en")
        return self._words

    def _language(self) -> str | None:
        """The language of the sentence: what tells nothing is taken to be in that of the text, by its script."""
        if not tells(self.bits) and self._around:
            likely = max(self._around, key=lambda one: self._around[one])
            first = next((script for token in self.plain.tokens if (script := script_of(token.text))), None)
            if first is None or likely in SCRIPTS.get(first, ()):
                return likely
        return language_of(self.weights, self._around)

    @property
    def weights(self) -> Counter[str]:
        """How much speaks for each language in it."""
        if self._weights is None:
            self._weights = weigh(self.plain.tokens)
        return self._weights

    @property
    def sentence(self) -> Sentence:
        """The sentence cut into words, in a script without spaces as well."""
        if self._sentence is None:
            self._sentence = segmented(self.plain, self.words)
        return self._sentence

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The words of the sentence that mean something."""
        if self._hits is None:
            self._hits = tuple(self.words.hits(self.sentence.tokens))
        return self._hits


def segmented(sentence: Sentence, words: Lexicon) -> Sentence:
    """A sentence with its words cut out, in a script that is written without spaces; any other as it is."""
    if not words.settings.get("spaced"):
        return sentence
    tokens: list[Token] = []
    for token in sentence.tokens:
        parts = [token.folded] if token.number is not None else words.segments(token.folded)
        for number, part in enumerate(parts):
            gap = token.gap if number == 0 else ""
            text = token.text if len(parts) == 1 else part
            tokens.append(Token(part, text, token.start, token.end, gap, token.part))
    return Sentence(tuple(tokens), sentence.asks, sentence.tail)
