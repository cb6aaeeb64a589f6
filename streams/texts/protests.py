"""Texts that tell of a protest: where and on which day. The same words around them decide as for shutdowns."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from streams.texts.clocks import Words
from streams.texts.days import Seen, days
from streams.texts.judged import Judged
from streams.texts.lexicon import PROTEST, Hit
from streams.texts.parsing import READ_CHARS, parsed
from streams.texts.prefilter import may_tell_of_a_protest
from streams.texts.reading import local_moment
from streams.texts.when import OLD_DAYS
from streams.texts.where import Told, Where, where_of

#: A sentence with one of these tells of no protest of now; `maybe` does so this near to its word.
_DOUBTS = frozenset({"if", "past", "deny"})
_MAYBE_REACH = 4


@dataclass(frozen=True, slots=True)
class ProtestReading:
    """A protest that a text tells of: where, and the local day (ISO 8601)."""

    where: Where
    day: str
    language: str | None


def read_protest(text: str, published_s: int, country: str | None = None) -> ProtestReading | None:
    """The protest that a text tells of, if it tells of one that happened and where.

    Arguments as for `read_text`. A day that it names must be of the last `OLD_DAYS`, and not to come.
    """
    text = text[:READ_CHARS]
    if not may_tell_of_a_protest(text):
        return None
    read = parsed(text)
    telling = [one for one in read.judged if one.bits & PROTEST and _tells(one)]
    if not telling:
        return None
    stretches = [(one.start, one.end) for one in telling]
    where = where_of(Told(read.text, country, telling[0].words.spoken, read.taken, stretches))
    if not where.places and where.scope is None:
        return None
    published = local_moment(published_s, where)
    day = _day(telling, Seen(published.date(), where.country))
    return None if day is None else ProtestReading(where, day.isoformat(), read.language)


def _tells(one: Judged) -> bool:
    if one.sentence.asks or any(hit.kind in _DOUBTS for hit in one.hits):
        return False
    after = one.words.settings.get("order") == "after"
    maybes = [hit for hit in one.hits if hit.kind == "maybe"]
    return any(
        not any(_doubts(maybe, hit, after=after) for maybe in maybes) for hit in one.hits if hit.kind == "protest"
    )


def _doubts(maybe: Hit, word: Hit, *, after: bool) -> bool:
    ahead, behind = word.first - maybe.last, maybe.first - word.last
    return 0 < ahead <= _MAYBE_REACH or (after and 0 < behind <= _MAYBE_REACH)


def _day(telling: list[Judged], seen: Seen) -> dt.date | None:
    named = [
        day
        for one in telling
        for day in days(Words(one.sentence.tokens, one.hits, one.words), seen)
        if day.role != "until"
    ]
    if not named:
        return seen.published
    day = min(named, key=lambda one: one.first).day
    return day if seen.published - dt.timedelta(days=OLD_DAYS) <= day <= seen.published else None
