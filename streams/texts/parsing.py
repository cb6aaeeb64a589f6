"""A text cut into sentences, each judged in its language; and which of its words are no places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from streams.texts.judged import Judged
from streams.texts.judging import CARRIED, judge
from streams.texts.lexicon import PROTEST, STATE, WORKS, Hit
from streams.texts.prefilter import marked, tells
from streams.texts.tokens import LONGEST, Stretch, blanked, sentences_in

#: Texts are read to this length: what is reported stands at the beginning.
READ_CHARS = 8_000


#: A topic is carried over so many sentences: "No internet in Mbale. Pray for us. Still nothing at noon."
CARRIED_SENTENCES = 2

#: A stretch of so many characters may hold several sentences: see `tokens.LONGEST`.
LONG_CHARS = 2 * LONGEST


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text without addresses and accounts, its sentences, and the language of what it tells."""

    text: str
    judged: tuple[Judged, ...] = ()
    language: str | None = None

    def taken(self, start: int, end: int) -> bool:
        """Whether a stretch of characters is a word of what the text tells, and so no place."""
        one = next((one for one in self.judged if one.start <= start and end <= one.end), None)
        if one is None:
            return False
        taken = _taken(one)
        within = [token for token in one.sentence.tokens if token.start < end and start < token.end]
        return bool(within) and all(token.start in taken for token in within)

    def near(self, told: Iterable[Judged]) -> list[Judged]:
        """Some sentences, and those right before and after each."""
        wanted = set(told)
        at = {number for number, one in enumerate(self.judged) if one in wanted}
        return [one for number, one in enumerate(self.judged) if at & {number - 1, number, number + 1}]


@lru_cache(maxsize=16)
def parsed(text: str) -> Parsed:
    """Judge the sentences of a text; remembered for a moment, as a text is read for cuts and for protests.

    Only what may tell of a cut is cut into words at once. The rest is where it is needed: most texts are put away
    before.
    """
    text = blanked(text)
    pieces = list(_pieces(text))
    cuts = any(tells(bits) for _, bits in pieces)
    weights: Counter[str] = Counter()
    found = [Judged(text, stretch, bits, weights) for stretch, bits in pieces]
    for one in found:
        if tells(one.bits) if cuts else one.bits & PROTEST:
            weights.update(one.weights)
    carried: Hit | None = None
    since = 0
    for number, one in enumerate(found):
        since += 1
        if since > CARRIED_SENTENCES:
            carried = None
        goes_on = carried is not None and one.bits & (STATE | WORKS)
        if tells(one.bits) or (goes_on and one.spaces < CARRIED):
            judge(one, carried, found[number - 1] if number else None)
            if one.sayings:
                carried, since = one.sayings[0].topic, 0
    return Parsed(text, tuple(found), max(weights, key=lambda one: weights[one], default=None))


def _pieces(text: str) -> Iterator[tuple[Stretch, int]]:
    """The stretches of a text that are sentences, each with what its words may give to it."""
    for stretch, bits in marked(text):
        if stretch.end - stretch.start <= LONG_CHARS:
            yield stretch, bits
        else:
            for sentence in sentences_in(text, stretch):
                yield Stretch(sentence.tokens[0].start, sentence.tokens[-1].end, sentence.tail), bits


def _taken(one: Judged) -> set[int]:
    """Where the words of a sentence stand that are of what it tells, not of places: none that begin with a capital.

    Causes are left out: Kabul is written like cable. So are scripts that don't part words.
    """
    if one.words.settings.get("spaced"):
        return set()
    tokens = one.sentence.tokens
    small = [token for token in tokens if token.folded in one.words.function]
    for hit in one.hits:
        if not hit.kind.startswith("cause:"):
            small += tokens[hit.first : hit.last + 1]
    return {token.start for token in small if not token.text[0].isupper()}
