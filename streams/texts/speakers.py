"""Whose word a sentence is: the stretches that tell who speaks and from where, which are not where it is down.

Datelines ("NAIROBI (Reuters) -", "РИА Новости, Москва."), papers and broadcasters by name ("Washington Post:"),
correspondents with their places ("our correspondent in Nairobi"), whoever says it ("UN in Geneva:", "lawyers in
Paris say that") and whoever it is after ("according to police in Delhi,"). Names stand in `words/outlets.tsv`,
the words around them in the files of the languages. Residents who tell of their own place are no such speakers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from streams.texts.judged import Judged, Saying
from streams.texts.judging import topic_of
from streams.texts.lexicon import DOUBTFUL, Hit
from streams.texts.tokens import Token

#: A stretch of characters.
Span = tuple[int, int]

#: What ends a prefix that names who speaks: "X:", "X -", "X (Y):", and the Ethiopic colons.
_COLON = re.compile(r"[:：\u1361\u1365\u1366]")
_DASH = re.compile(r"\s[-–—]\s|[-–—]{2}|—|\)\.?\s*[-–—]")

#: A prefix of more words is a sentence of its own.
PREFIX_WORDS = 9

#: Letters of an agency's name, and words of a town's.
AGENCY_LETTERS, TOWN_WORDS = 5, 3

#: Words behind a correspondent that may say where they are.
SPEAKER_REACH = 5

#: Classes that say what is told, and end what says who tells it.
_CONTENT = frozenset(
    {"cut", "fails", "trouble", "slow", "works", "back", "fall", "level", "offline", "mobile", "national"}
)

#: Classes of those who speak.
_VOICES = ("speaker", "outlet", "paper")


def asides(text: str, judged: Sequence[Judged], place_in: Callable[[str], str | None]) -> list[Span]:
    """Return the stretches of a text that tell who speaks, by character.

    `place_in` says what kind of place some words name, if any: "Kampala (Uganda):" names no speaker.
    """
    found: list[Span] = []
    for one in judged:
        found += _Voices(text, one, place_in).spans()
    return found


def titles(text: str, judged: Judged, place_in: Callable[[str], str | None]) -> list[Span]:
    """Return the names of papers and the datelines of a sentence: their words tell no time ("Dawn (Karachi):")."""
    if not any(hit.kind.startswith("outlet") for hit in judged.hits):
        return []
    return _Voices(text, judged, place_in).titles()


class _Voices:
    """Finds who speaks in one sentence."""

    def __init__(self, text: str, judged: Judged, place_in: Callable[[str], str | None]) -> None:
        self._text, self._place_in = text, place_in
        self._tokens: Sequence[Token] = judged.sentence.tokens
        self._hits = [hit for hit in judged.hits if not _is_doubtful(hit, judged)]
        self._after = judged.words.settings.get("order") == "after"
        self._content = {at for hit in self._hits if _is_content(hit) for at in range(hit.first, hit.last + 1)}
        self._content |= {at for saying in judged.sayings for at in _words(saying)}

    def spans(self) -> list[Span]:
        """All stretches that tell who speaks."""
        found = [*self._sayers(), *self._leads(), *self._correspondents()]
        return [*self.titles(), *(self._span(first, last) for first, last in found if first <= last)]

    def titles(self) -> list[Span]:
        """Names of papers, and datelines."""
        return [self._span(first, last) for first, last in (*self._names(), *self._prefix())]

    def _span(self, first: int, last: int) -> Span:
        return self._tokens[first].start, self._tokens[last].end

    def _of(self, *kinds: str) -> list[Hit]:
        return [hit for hit in self._hits if hit.kind.rstrip(DOUBTFUL) in kinds]

    def _tells_nothing(self, first: int, last: int) -> bool:
        """Whether no word between two places is one of what is told."""
        return not any(first <= at <= last for at in self._content)

    def _names(self) -> Iterator[Span]:
        """Names of papers, broadcasters and agencies, wherever they stand."""
        for hit in self._of("outlet"):
            if not hit.kind.endswith(DOUBTFUL) or self._speaks(hit):
                yield hit.first, hit.last

    def _speaks(self, hit: Hit) -> bool:
        """Whether a name that is a word as well stands where papers stand: at the beginning, or as a source."""
        behind = self._tokens[hit.last + 1].gap if hit.last + 1 < len(self._tokens) else ""
        begins = hit.first <= 1 and ("(" in behind or _COLON.search(behind) or _DASH.search(behind))
        beside = any(
            0 < one.first - hit.last <= 2 or 0 < hit.first - one.last <= 2 for one in self._of("says", "leads")
        )
        titled = any(0 < hit.first - one.last <= 2 for one in self._of("speaker"))
        return bool(begins) or beside or titled

    def _prefix(self) -> Iterator[Span]:
        """ "DAKAR (AFP) - ", "Our man in Paris: ": words before a colon or a dash that name who speaks or where."""
        found = None
        for at in range(1, min(len(self._tokens), PREFIX_WORDS + 1)):
            if not self._tells_nothing(0, at - 1):
                break
            gap = self._tokens[at].gap
            ended = _COLON.search(gap) or _DASH.search(gap)
            if ended and not (gap == ":" and self._tokens[at].number is not None) and self._names_a_voice(at):
                found = 0, at - 1
        if found is not None:
            yield found

    def _names_a_voice(self, end: int) -> bool:
        voices = [hit for hit in self._of(*_VOICES) if hit.first < end]
        if any(hit.kind != "paper" or self._tokens[hit.first].text[:1].isupper() for hit in voices):
            return True
        opened = next((at for at in range(1, end) if "(" in self._tokens[at].gap), None)
        if opened is not None and ")" in self._tokens[end].gap:
            # "NetWatch (London): ", where the name is no place; "ANKARA (AA) - ", where the letters are an agency.
            head = self._text[self._tokens[0].start : self._tokens[opened - 1].end]
            agency = self._tokens[opened].text
            short = opened == end - 1 and agency.isupper() and agency.isascii() and len(agency) <= AGENCY_LETTERS
            return short or self._place_in(head) is None
        # "ISLAMABAD: ", a town alone: where it is written, unless nothing else names a place.
        whole = self._text[self._tokens[0].start : self._tokens[end - 1].end]
        return end <= TOWN_WORDS and "," not in whole and self._place_in(whole) == "city"

    def _sayers(self) -> Iterator[Span]:
        """ "Lawyers in Paris say that ...", "..., says our correspondent in Nairobi"."""
        for hit in self._of("says"):
            before = 0, hit.last
            after = hit.first, self._part_end(hit.last)
            for first, last in (before, after):
                witness = any(first <= one.first <= last for one in self._of("witness"))
                if self._tells_nothing(first, last) and not witness:
                    yield first, last

    def _leads(self) -> Iterator[Span]:
        """ "According to police in Delhi, ..."; in languages that put it behind, what stands before it."""
        for hit in self._of("leads"):
            if self._after:
                first, last = self._part_begin(hit.first), hit.last
            else:
                first, last = hit.first, self._part_end(hit.last)
            if self._tells_nothing(first, last):
                yield first, last

    def _correspondents(self) -> Iterator[Span]:
        """ "Our correspondent in Nairobi", anywhere in a sentence."""
        for hit in self._of("speaker"):
            last = hit.last
            while last + 1 < len(self._tokens) and last - hit.last < SPEAKER_REACH:
                if last + 1 in self._content or self._tokens[last + 1].part != self._tokens[hit.last].part:
                    break
                last += 1
            # Where nothing ends it, what follows may as well be what is told.
            ended = last + 1 >= len(self._tokens) or self._tokens[last + 1].part != self._tokens[hit.last].part
            yield hit.first, last if ended else hit.last

    def _part_end(self, at: int) -> int:
        part = self._tokens[at].part
        while at + 1 < len(self._tokens) and self._tokens[at + 1].part == part:
            at += 1
        return at

    def _part_begin(self, at: int) -> int:
        part = self._tokens[at].part
        while at > 0 and self._tokens[at - 1].part == part:
            at -= 1
        return at


def _is_content(hit: Hit) -> bool:
    return topic_of(hit.kind) is not None or hit.kind in _CONTENT


def _words(saying: Saying) -> tuple[int, ...]:
    return (*range(saying.word.first, saying.word.last + 1), *range(saying.topic.first, saying.topic.last + 1))


def _is_doubtful(hit: Hit, judged: Judged) -> bool:
    """Whether a name that is a word as well is not written as a name."""
    return hit.kind.endswith(DOUBTFUL) and judged.sentence.tokens[hit.first].text[0].islower()
