"""Which of GDELT's coded protests to believe, what their coordinates stand for, and which tell one story.

GDELT codes sentences by machine: a rally of shares, a club's demonstration of strength and a revolution remembered
are "protests" too. What gives that away stands in the row and in the article's address. Each rule is one of reason,
none of a country, a paper or a date; docs/PROTESTS.md counts what they do to a file read by hand.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from streams.sources.addresses import split
from streams.sources.gdelt_rows import Event, Mention
from streams.texts.languages import language_of, weigh
from streams.texts.lexicon import lexicon
from streams.texts.tokens import sentences
from topics import digest
from topics.news import GeoPrecision

#: An event that GDELT dates so long before it saw it is a retrospective, days.
RETROSPECTIVE_DAYS = 7

#: A year in an article's address so long before the event's is what the article looks back on.
LOOKS_BACK_YEARS = 2

#: Mentions up to which an event is weakly attested; an article's own count, not that of articles.
FEW_MENTIONS = 2

#: Protests are not told in a friendly tone: rallies of shares and fans are. GDELT's scale, where 0 is neutral.
FRIENDLY_TONE = 0.0

#: GDELT's own confidence in what it read, per cent: up to the first nothing is believed, below the second flagged.
NO_CONFIDENCE, LOW_CONFIDENCE = 20, 50

#: Sections of papers that are no news of what happens; and pages that only list articles.
_OPINION = frozenset({
    "blog", "blogs", "celebrity", "column", "columnists", "columns", "comics", "commentary", "culture", "editorial",
    "editorials", "entertainment", "football", "games", "gaming", "history", "horoscope", "investing", "letters",
    "lifestyle", "markets", "movies", "obituaries", "op-ed", "oped", "opinion", "opinions", "quiz", "recipes",
    "reviews", "sport", "sports", "stocks", "travel",
})  # fmt: skip
_LISTS = frozenset({
    "archive", "archives", "author", "authors", "categories", "category", "page", "search", "tag", "tags", "topic",
    "topics",
})  # fmt: skip

#: CAMEO's code of political dissent that is none of its kinds of protest: a word of anger is enough for it.
_UNSPECIFIED = "140"

_PRECISION: dict[int, GeoPrecision] = {1: "country", 2: "region", 5: "region", 3: "city", 4: "city"}

#: Words that a slug must have to tell one story from another.
_STORY_WORDS = 4


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why an event is refused (empty: it is not), and what is doubtful about it."""

    refused: str = ""
    flags: tuple[str, ...] = ()


def doubts(event: Event, mentions: Sequence[Mention]) -> Verdict:
    """Judge an event of root code 14. `mentions` are the articles known to mention it, if any were read."""
    refused = _refused(event, mentions)
    if refused:
        return Verdict(refused=refused)
    sure = max((one.confidence for one in mentions), default=100)
    flags = {
        "few-mentions": event.mentions <= FEW_MENTIONS,
        "no-protester": not event.actors[0],
        "country-only": precision(event) == "country",
        "low-confidence": sure < LOW_CONFIDENCE,
    }
    return Verdict(flags=tuple(name for name, holds in flags.items() if holds))


def _refused(event: Event, mentions: Sequence[Mention]) -> str:
    if not event.is_root:
        return "mentioned beside something else (IsRootEvent is 0)"
    seen = dt.datetime.fromtimestamp(event.added_s, dt.UTC).date()
    if abs((seen - event.day).days) > RETROSPECTIVE_DAYS:
        return "a retrospective: dated days before it was seen"
    if event.tone > FRIENDLY_TONE:
        return "told in a friendly tone: a rally of shares or fans"
    if event.mentions <= FEW_MENTIONS and not event.actors[0]:
        return "hardly attested: few mentions, and nobody who protests"
    if mentions and max(one.confidence for one in mentions) <= NO_CONFIDENCE:
        return "GDELT itself is not sure of it"
    return _told_by(event.url, event.day.year, event.code)


@lru_cache(maxsize=4_096)
def _told_by(url: str, year: int, code: str) -> str:
    """What an article's address says against it: where it stands in its paper, and what its title is about."""
    sections, slug = _parts(url)
    if sections & _LISTS:
        return "a page that lists articles"
    if sections & _OPINION:
        return "opinion, sport or entertainment by its address"
    kinds, numbers = _about(slug)
    if any(1900 <= number <= year - LOOKS_BACK_YEARS for number in numbers):
        return "a retrospective by its title"
    if "protest" in kinds:
        return ""
    if "past" in kinds:
        return "a retrospective by its title"
    return "dissent of no kind, and no protest in its title" if code == _UNSPECIFIED else ""


def _about(title: str) -> tuple[set[str], list[int]]:
    """The classes of words that a title has, in its language, and its numbers."""
    kinds: set[str] = set()
    numbers: list[int] = []
    for sentence in sentences(title):
        weights = weigh(sentence.tokens)
        language = language_of(weights, weights)
        kinds |= {hit.kind for hit in lexicon(language).hits(sentence.tokens)} if language else set()
        numbers += [token.number for token in sentence.tokens if token.number is not None]
    return kinds, numbers


@lru_cache(maxsize=4_096)
def _parts(url: str) -> tuple[frozenset[str], str]:
    """The sections of an address, and the words of its title."""
    path = [unquote(part).casefold() for part in split(url).path.split("/") if part]
    slug = max(path, key=lambda part: len(re.findall(r"[^\W\d_]{2,}", part)), default="")
    words = re.sub(r"\.\w{2,5}$", "", slug)
    return frozenset(part for part in path if part is not slug), re.sub(r"[-_+.]+", " ", words)


def precision(event: Event) -> GeoPrecision | None:
    """What an event's coordinates stand for; None if it has none.

    Coordinates in whole degrees are the middle of something large, whatever their type says: of no city.
    """
    stands = _PRECISION.get(event.geo_type)
    if stands == "city" and _whole(event.latitude) and _whole(event.longitude):
        return "country"
    return stands


def _whole(text: str) -> bool:
    return re.fullmatch(r"-?\d+(?:\.0+)?", text) is not None


def story(event: Event) -> str:
    """Whose word an event is: its article's. The same agency's story has the same title on many sites, and is one.

    >>> from streams.sources.gdelt_noise import story_of
    >>> story_of("https://a.example/x/unions-march-in-athens-123") == story_of("http://b.example/unions-march-in-athens")
    True
    """
    return story_of(event.url) if event.url else f"event {event.id}"


@lru_cache(maxsize=4_096)
def story_of(url: str) -> str:
    """A name for the story that an article tells, by the words of its title, or else by its address."""
    _, slug = _parts(url)
    words = [word for word in re.findall(r"[^\W_]+", slug) if not re.search(r"\d", word)]
    if len(words) >= _STORY_WORDS:
        return f"story {digest(words)[:16]}"
    address = split(url)
    return f"story {digest(address.netloc.removeprefix('www.') + address.path.rstrip('/'))[:16]}"
