"""A text read whole: whether it reports that the internet is or was down, where, when, what; and how surely."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from streams import geography
from streams.texts.clocks import Words
from streams.texts.concluding import SURE, About, Said, Verdict, concluded
from streams.texts.days import Day, days
from streams.texts.judging import NO_ORDER, Judged, Saying, judge, topic_of
from streams.texts.languages import language_of, weigh
from streams.texts.lexicon import Hit, Lexicon, lexicon
from streams.texts.tokens import Sentence, Token, blanked, sentences
from streams.texts.when import When, when
from streams.texts.where import Told, Where, where_of
from topics import Place
from topics.reports import Extent, Network, Scope

#: Texts are read to this length: what is reported stands at the beginning.
READ_CHARS = 8_000


@dataclass(frozen=True, slots=True)
class TextReading:
    """What a text says. `start` and `end` are moments as `topics.reports.Moment`, by the clock of `places[0]`.

    `country` is empty where none is named or known; `names` are the places as the record should have them.
    `confidence` is of the verdict `report`, 0 to 1; `about` and `why` say what the text is otherwise. `unordered`:
    it says that nobody ordered it.
    """

    verdict: Verdict
    about: About
    confidence: float
    why: str
    language: str | None = None
    country: str = ""
    places: tuple[Place, ...] = ()
    names: tuple[str, ...] = ()
    scope: Scope | None = None
    start: str = ""
    end: str = ""
    ongoing: bool = False
    approximate: bool = False
    extent: Extent | None = None
    networks: tuple[Network, ...] = ()
    services: tuple[str, ...] = ()
    cause: str = ""
    unordered: bool = False


def read_text(text: str, published_s: int, country: str | None = None) -> TextReading:
    """Read a text that was published at a moment (Unix seconds, UTC).

    `country` (alpha-2) is where its source is at home: its places are sought there first, and a text that names
    none is about it.
    """
    plain, judged = judged_sentences(text)
    said = concluded(judged)
    language = language_in(judged)
    if said.verdict == "none":
        return TextReading("none", said.about, said.confidence, said.why, language)
    spoken = () if language is None else lexicon(language).spoken
    where = where_of(Told(plain, country, spoken, taken(judged), _telling(judged, said)))
    published = local_moment(published_s, where)
    time = _time(judged, said, published)
    return _put_together(judged, said, where, time, published_s, language)


@lru_cache(maxsize=16)
def judged_sentences(text: str) -> tuple[str, tuple[Judged, ...]]:
    """A text without addresses and accounts, and its sentences judged, each in its language.

    Remembered for a moment: a text is read for shutdowns and for protests.
    """
    text = blanked(text[:READ_CHARS])
    found: list[Judged] = []
    all_ = list(sentences(text))
    weights: Counter[str] = Counter()
    for sentence in all_:
        weights.update(weigh(sentence.tokens))
    carried: Hit | None = None
    for sentence in all_:
        language = language_of(sentence.tokens, weights)
        if language is None:
            continue
        words = lexicon(language)
        one = judge(_segmented(sentence, words) if words.settings.get("spaced") else sentence, words, carried)
        carried = next((saying.topic for saying in one.sayings), carried)
        found.append(one)
    return text, tuple(found)


def taken(judged: Sequence[Judged]) -> list[tuple[int, int]]:
    """The stretches of a text that are words of what it tells, not of places: none that begin with a capital.

    Causes are left out: Kabul is written like cable. So are scripts that don't part words.
    """
    found: list[tuple[int, int]] = []
    for one in judged:
        if one.words.settings.get("spaced"):
            continue
        tokens = one.sentence.tokens
        small = [token for token in tokens if token.folded in one.words.function]
        for hit in one.hits:
            if not hit.kind.startswith("cause:"):
                small += tokens[hit.first : hit.last + 1]
        found += [(token.start, token.end) for token in small if not token.text[0].isupper()]
    return found


#: Words of a state make a sentence one that tells, also where its topic was named before.
_STATES = frozenset({"cut", "fails", "trouble", "slow"})


def _telling(judged: Sequence[Judged], said: Said) -> list[tuple[int, int]]:
    """The sentences that say that it is down, and those that go on with it."""
    saying = [one for one, _ in said.down]
    found = []
    for one in judged:
        kinds = {hit.kind for hit in one.hits}
        goes_on = kinds & _STATES and not kinds & {"deny", "past", "if"} and not one.sentence.asks
        if one in saying or goes_on:
            found.append((one.sentence.tokens[0].start, one.sentence.tokens[-1].end))
    return found


def _segmented(sentence: Sentence, words: Lexicon) -> Sentence:
    """A sentence of a script without spaces, its words cut out."""
    tokens: list[Token] = []
    for token in sentence.tokens:
        parts = [token.folded] if token.number is not None else words.segments(token.folded)
        for number, part in enumerate(parts):
            gap = token.gap if number == 0 else ""
            tokens.append(
                Token(part, token.text if len(parts) == 1 else part, token.start, token.end, gap, token.part)
            )
    return Sentence(tuple(tokens), sentence.asks)


def language_in(judged: Sequence[Judged]) -> str | None:
    """The language of most words."""
    counted = Counter[str]()
    for one in judged:
        counted[one.words.language] += len(one.sentence.tokens)
    return counted.most_common(1)[0][0] if counted else None


def local_moment(published_s: int, where: Where) -> dt.datetime:
    """The moment by the clocks of the place; by UTC where none is known."""
    name = "UTC"
    if where.places:
        name = where.places[0].time_zone
    elif where.country:
        name = geography.country_place(where.country).time_zone
    return dt.datetime.fromtimestamp(published_s, geography.zone(name))


def _time(judged: Sequence[Judged], said: Said, published: dt.datetime) -> When:
    """The time of the sentence that says it, or else of another one of the text."""
    saying = [one for one, _ in said.down]
    others = [one for one in judged if one not in saying and not any(s.state == "up" for s in one.sayings)]
    around: list[Day] = []
    for one in judged:
        around += days(Words(one.sentence.tokens, one.hits, one.words), published.date())
    found = When()
    for one in (*saying, *others):
        time = when(Words(one.sentence.tokens, one.hits, one.words), published, around)
        if time.old and one in saying:
            return time
        if time.start and (not found.start or _finer(time, found)):
            found = time
    return found


def _finer(time: When, found: When) -> bool:
    return ("T" in time.start, not time.approximate) > ("T" in found.start, not found.approximate)


def _put_together(
    judged: Sequence[Judged], said: Said, where: Where, time: When, published_s: int, language: str | None
) -> TextReading:
    if said.down and time.old:
        return TextReading("none", "remembered", 0.15, "it tells of the past", language, where.country)
    if said.restored and not time.start:
        return TextReading("none", "restored", 0.1, "it says that it is back", language, where.country)
    confidence = said.confidence
    if said.down:
        confidence = min(0.99, confidence + 0.05 * bool(where.places) + 0.04 * bool(time.start))
    verdict = said.verdict
    if said.down and verdict != "report" and confidence >= SURE:
        verdict = "report"
    moment = dt.datetime.fromtimestamp(published_s, dt.UTC).strftime("%Y-%m-%dT%H:%MZ")
    end = time.end or (moment if said.restored and "T" in time.start else "")
    hits = [(one, hit) for one, _ in said.down for hit in one.hits]
    extent, networks, services = _what([saying for _, saying in said.down], hits, said.about)
    return TextReading(
        verdict=verdict,
        about=said.about,
        confidence=round(confidence, 3),
        why=said.why or _doubt(confidence),
        language=language,
        country=where.country,
        places=where.places,
        names=where.names,
        scope=where.scope,
        start=time.start or moment,
        end=end,
        ongoing=bool(said.down) and not end and (time.going_on or not time.start),
        approximate=time.approximate or not time.start,
        extent=extent,
        networks=networks,
        services=services,
        cause=_cause(judged),
        unordered=any(hit.kind == NO_ORDER for one in judged for hit in one.hits),
    )


def _doubt(confidence: float) -> str:
    return "" if confidence >= SURE else "it is not clear that it says so"


_NETWORKS: tuple[tuple[Network, str], ...] = (("broadband", "fixed"), ("mobile", "mobile"))


def _what(
    sayings: Sequence[Saying], hits: Sequence[tuple[Judged, Hit]], about: About
) -> tuple[Extent | None, tuple[Network, ...], tuple[str, ...]]:
    """How much was cut: all, one kind of network, or services."""
    kinds = {topic_of(saying.topic.kind) for saying in sayings}
    services = sorted({hit.kind.partition(":")[2] for _, hit in hits if hit.kind.startswith("service:")})
    if any(hit.kind == "social" for _, hit in hits):
        services = [*services, "social-media"]
    said = {hit.kind for _, hit in hits}
    networks = tuple(network for network, kind in _NETWORKS if kind in said)
    if about == "slow":
        return "throttling", networks, tuple(services)
    if kinds and kinds <= {"service", "social"}:
        return "service", networks, tuple(services)
    whole = any(not saying.partly and saying.state == "down" for saying in sayings)
    return ("full" if whole else None), networks, ()


def _cause(judged: Sequence[Judged]) -> str:
    kinds = [hit.kind.partition(":")[2] for one in judged for hit in one.hits if hit.kind.startswith("cause:")]
    return Counter(kinds).most_common(1)[0][0] if kinds else ""
