"""A text read whole: whether it reports that the internet is or was down, where, when, what; and how surely."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from streams import geography
from streams.texts.clocks import Clock, Words, clocks
from streams.texts.concluding import NOTHING, SURE, About, Said, Verdict, concluded
from streams.texts.days import Day, Seen, days
from streams.texts.judged import Judged
from streams.texts.judging import NO_ORDER, SentenceReader
from streams.texts.lexicon import CAUSE, STATE, lexicon
from streams.texts.operators import countries_of
from streams.texts.parsing import READ_CHARS, Parsed, parsed
from streams.texts.prefilter import may_tell_of_a_cut
from streams.texts.speakers import asides, titles
from streams.texts.what import cause, what
from streams.texts.when import When, between, moment_of, when
from streams.texts.where import Told, Where, where_of
from topics import Place
from topics.reports import Extent, Network, Scope

#: What is announced farther ahead, days, or lies so far in the future by its date, is misread.
AHEAD_DAYS = 60

#: A clock may be so much ahead of publication, seconds, and what it tells is no announcement yet.
_CLOCKS_DIFFER_S = 20 * 60

#: How sure it is that something is back, or announced, where its time is told.
RESTORED_SURE, ANNOUNCED_SURE = 0.7, 0.7


@dataclass(frozen=True, slots=True)
class TextReading:
    """What a text says. `start` and `end` are moments as `topics.reports.Moment`, by the clock of `places[0]`.

    `country` is empty where none is named or known; `names` are the places as the record should have them.
    `confidence` is of the verdict `report`, 0 to 1; `about` and `why` say what the text is otherwise. Two kinds
    of reports are told by `about`: `announced`, of what is still to come, and `restored`, which says only when it
    ended. `unordered`: it says that nobody ordered it.
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
    text = text[:READ_CHARS]
    if not may_tell_of_a_cut(text):
        return TextReading("none", "nothing", 0.0, NOTHING)
    read = parsed(text)
    said = concluded(read.judged)
    timed = said.about == "announced" or (
        said.about == "restored" and any(_has_number(one) for one, _ in said.back)
    )
    if said.verdict == "none" and not timed:
        return TextReading("none", said.about, said.confidence, said.why, read.language)
    where = _where(read, said, country)
    published = local_moment(published_s, where)
    time = _time(read, said, published, where.country)
    nothing = TextReading("none", said.about, said.confidence, said.why, read.language, where.country)
    if said.verdict == "none":
        return _timed(read, said, where, time, published) or nothing
    if said.restored and not time.start:
        return replace(nothing, about="restored", confidence=0.1, why="it says that it is back")
    if time.old:
        return replace(nothing, about="remembered", confidence=0.15, why="it tells of the past")
    return _put_together(read, said, where, time, published)


def _has_number(one: Judged) -> bool:
    """Whether a sentence may have a clock time."""
    return any(token.number is not None for token in one.sentence.tokens) or any(
        h.kind == "oclock" for h in one.hits
    )


def _where(read: Parsed, said: Said, country: str | None) -> Where:
    """Where the sentences that tell say that it is."""
    told = list(dict.fromkeys(one for one, _ in (*said.down, *said.back)))
    hits = [(one, hit) for one in told for hit in one.hits]
    near = [*told, *(one for one in read.judged[:1] if one not in told)]
    return where_of(
        Told(
            read.text,
            country,
            () if read.language is None else lexicon(read.language).spoken,
            read.taken,
            _telling(read.judged, told),
            asides(read.text, near, _place_in),
            any(hit.kind == "national" for _, hit in hits),
            frozenset(
                code
                for one, hit in hits
                if hit.kind.startswith("operator:")
                for code in countries_of(" ".join(t.text for t in one.sentence.tokens[hit.first : hit.last + 1]))
            ),
            [hit.kind.partition(":")[2] for _, hit in hits if hit.kind.startswith("nation:")],
        )
    )


def _place_in(words: str) -> str | None:
    """What kind of place some words name: of several the widest."""
    kinds = [found.kind for found in geography.find_places(words)]
    return min(kinds, key=("country", "region", "city").index, default=None)


#: Lines of so many words are items of a list: "No internet in:", and a town in each line.
LIST_WORDS = 3

#: Words of a state make a sentence one that tells, also where its topic was named before.
_STATES = frozenset({"cut", "fails", "trouble", "slow"})


def _telling(judged: Sequence[Judged], told: Sequence[Judged]) -> list[tuple[int, int]]:
    """The sentences that say that it is down, and those that go on with it."""
    found = []
    goes_on, saying = False, set(told)
    for one in judged:
        goes_on = one in saying or (goes_on and _goes_on(one))
        if goes_on:
            found.append((one.start, one.end))
    return found


def _goes_on(one: Judged) -> bool:
    """Whether a sentence goes on with the one before: it has a state, or is only a name in a list."""
    if not one.bits & STATE:
        return one.spaces < LIST_WORDS
    kinds = {hit.kind for hit in one.hits}
    return bool(kinds & _STATES) and not kinds & {"deny", "past", "if"} and not one.sentence.asks


def local_moment(published_s: int, where: Where) -> dt.datetime:
    """The moment by the clocks of the place; by UTC where none is known."""
    name = "UTC"
    if where.places:
        name = where.places[0].time_zone
    elif where.country:
        name = geography.country_place(where.country).time_zone
    return dt.datetime.fromtimestamp(published_s, geography.zone(name))


def _time(read: Parsed, said: Said, published: dt.datetime, country: str) -> When:
    """The time of the sentence that says it, or else of another one of the text."""
    saying = dict.fromkeys(one for one, _ in said.down)
    others = [one for one in read.judged if one not in saying and not any(s.state == "up" for s in one.sayings)]
    ahead = said.about == "announced"

    def around() -> Iterable[Day]:
        seen = Seen(published.date(), country, ahead)
        return (day for one in read.near(saying) if one.names_a_day for day in days(_words(one), seen))

    found = When()
    for one in (*saying, *others):
        if one not in saying and "T" in found.start and not found.approximate:
            break
        words = _words(one, _hidden(read, one))
        time = when(words, published, around, country=country, ahead=ahead)
        if time.old and one in saying:
            return time
        if (time.start or time.end) and (not (found.start or found.end) or _finer(time, found)):
            found = time
    return found


def _words(one: Judged, hidden: frozenset[int] = frozenset()) -> Words:
    return Words(one.sentence.tokens, one.hits, one.words, hidden)


def _hidden(read: Parsed, one: Judged) -> frozenset[int]:
    """The words of a sentence that tell no time of a cut: names of papers, and what is said to be back."""
    named = titles(read.text, one, _place_in)
    down = {saying.clause for saying in one.sayings if saying.state != "up"}
    back = {saying.clause for saying in one.sayings if saying.state == "up"} - down
    if not named and not (down and back):
        return frozenset()
    reader = SentenceReader(one.sentence, one.words, one.hits)
    return frozenset(
        at
        for at, token in enumerate(one.sentence.tokens)
        if (down and reader.clause(at) in back) or any(start <= token.start < end for start, end in named)
    )


def _finer(time: When, found: When) -> bool:
    return ("T" in time.start, not time.approximate) > ("T" in found.start, not found.approximate)


def _timed(read: Parsed, said: Said, where: Where, time: When, published: dt.datetime) -> TextReading | None:
    """What is worth reporting only for its time: what is announced, and what says when it was back."""
    if not where.country or not (where.places or where.scope == "national"):
        return None
    if said.about == "announced":
        announced = time.start and not time.old and _is_ahead(time.start, published)
        return _put_together(read, said, where, time, published) if announced else None
    return _ended(read, said, where, published)


def _is_ahead(start: str, published: dt.datetime) -> bool:
    """Whether a moment is yet to come, and not farther off than anybody announces."""
    if "T" not in start:
        ahead = dt.date.fromisoformat(start) - published.date()
        return dt.timedelta(0) < ahead <= dt.timedelta(days=AHEAD_DAYS)
    moment = dt.datetime.fromisoformat(start)
    now = published if moment.tzinfo is not None else published.replace(tzinfo=None)
    return dt.timedelta(seconds=_CLOCKS_DIFFER_S) < moment - now <= dt.timedelta(days=AHEAD_DAYS)


def _ended(read: Parsed, said: Said, where: Where, published: dt.datetime) -> TextReading | None:
    """A cut that is over, if the text says at what time it was back: since when and until when, or only that."""
    for one, back in said.back:
        told = [clock for clock in clocks(_words(one)) if not clock.vague]
        if not told:
            continue
        cut = next((saying for other, saying in said.down if other is one), None)
        begin: Clock | None = None
        end: Clock | None = told[-1]
        if cut is not None and len(told) > 1:
            begin, end = (told[0], told[-1]) if cut.word.first < back.word.first else (told[-1], told[0])
        elif cut is not None and abs(told[0].first - cut.word.first) < abs(told[0].first - back.word.first):
            begin, end = told[0], None
        time = between(_words(one), begin, end, published, country=where.country)
        about: About = "down" if begin is not None else "restored"
        reading = _put_together(
            read, replace(said, about=about, confidence=RESTORED_SURE, why=""), where, time, published
        )
        return replace(
            reading, verdict="report", ongoing=False, extent=reading.extent if begin is not None else None
        )
    return None


def _back_at(said: Said, where: Where, published: dt.datetime) -> str:
    """When a later sentence says that it was back; the moment of publication where it says only that it is."""
    for one, _ in said.back:
        told = [clock for clock in clocks(_words(one)) if not clock.vague]
        if told:
            return between(_words(one), None, told[-1], published, country=where.country).end
    return moment_of(published)


def _put_together(read: Parsed, said: Said, where: Where, time: When, published: dt.datetime) -> TextReading:
    about, confidence, verdict = said.about, said.confidence, said.verdict
    if said.down:
        confidence = min(0.99, confidence + 0.05 * bool(where.places) + 0.04 * bool(time.start or time.end))
    if said.down and verdict != "report" and confidence >= SURE:
        verdict = "report"
    if said.verdict == "report" and time.start and _is_ahead(time.start, published):
        about = "announced"
    end = time.end or (_back_at(said, where, published) if said.restored and "T" in time.start else "")
    hits = [(one, hit) for one, _ in said.down for hit in one.hits]
    near = [one for one in read.near([one for one, _ in (*said.down, *said.back)]) if one.bits & CAUSE]
    extent, networks, services = what([saying for _, saying in said.down], hits, about)
    return TextReading(
        verdict=verdict,
        about=about,
        confidence=round(confidence, 3),
        why="" if confidence >= SURE else said.why or "it is not clear that it says so",
        language=read.language,
        country=where.country,
        places=where.places,
        names=where.names,
        scope=where.scope,
        start=time.start or moment_of(published),
        end=end,
        ongoing=about in ("down", "slow") and not end and (time.going_on or not time.start),
        approximate=time.approximate or not time.start,
        extent=extent,
        networks=networks,
        services=services,
        cause=cause(near),
        unordered=any(hit.kind == NO_ORDER for one in near for hit in one.hits),
    )
