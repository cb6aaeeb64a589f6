"""Words by language and class, from `words/`, and where they stand in a sentence.

Classes that say what a sentence is about:

| class | meaning |
|---|---|
| `net`, `line`, `social`, `service:ID` | the internet; phones and networks; platforms; one of them |
| `operator:NETWORK` | an operator by its name; `~` before a name marks a word that means other things as well |
| `flow`, `reach` | of `net`, what is measured; of `line`, what reaches one person |
| `nation:COUNTRY` | what is of a country: "Ugandan", "иранский" |
| `offline` | the internet and its state in one word |
| `mobile`, `fixed` | which network |
| `cut`, `fails`, `trouble`, `slow` | it is gone; doesn't work; is disturbed; is slow |
| `fall`, `level` | it has become less, said of `flow`; "of ordinary levels", of which a share is told |
| `plural` | of `cut`, a noun for several: cuts are talked of in general |
| `event`, `exist` | a noun for that, which "no internet ..." says no to; "there is", of which "no" is meant |
| `works`, `back`, `again` | it is there; there again |
| `not`, `none` | turns what stands before it, or behind it, into its contrary: which, `order` says; `none` behind |
| `maybe`, `if`, `past`, `deny` | nothing happened yet; it is long ago; it didn't happen |
| `will`, `comment`, `decrees` | it is to come; somebody judges a known cut; it is ordered, for a time to come |
| `still`, `total`, `but` | it is certain; a contrast begins |
| `tag` | what asks for others' experience behind a statement: "anyone else?" |
| `person`, `site`, `trade` | whose phone it is; a bank, a web site, a company's service; a company's business |
| `acts` | of `cut`, what somebody does to something: of an operator that is no state |
| `speaker`, `says`, `leads` | who tells it; the verb; "according to" |
| `paper`, `outlet` | a word of papers' names; a name of one, `~` as for operators |
| `witness` | people who tell of their own place |
| `national` | all of a country, in words: "all operators" |
| `own`, `other` | somebody's device or bill; not this at all |
| `protest`, `cause:WORDS` | a protest; why |

The classes of times stand in `clocks.py`. Lines that are no words: `function` and `letters` tell languages apart,
`prefix` is written together with a word, `spoken` are the countries that speak it; and `order`, `clock`, `spaced`
and `roles`: where since and until stand, if not where `not` does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from streams.geography.fold import fold
from streams.texts.tokens import Token

WORDS = Path(__file__).with_name("words")
LANGUAGES = (
    "en",
    "fr",
    "es",
    "pt",
    "tr",
    "sw",
    "id",
    "ru",
    "uk",
    "be",
    "kk",
    "fa",
    "ar",
    "ur",
    "hi",
    "bn",
    "my",
    "am",
)

#: So many words of a language are remembered with the phrases that they may begin.
REMEMBERED = 50_000

#: Inside a hit of these classes, shorter words mean nothing of their own: "no longer", "internet cafe".
_COVER = frozenset(
    {
        "other", "deny", "cut", "fails", "back", "trouble", "slow", "past", "if", "works", "not", "still", "maybe",
        "level", "outlet", "national", "morning", "flow",
    }
)  # fmt: skip

_ABOUT = frozenset({"net", "line", "social", "mobile", "fixed", "flow", "reach"})

#: Classes whose phrases are names: what a name is about is nothing else.
_NAMES = frozenset({"other", "outlet"})

#: Stands before a name that is a word as well, and ends the class of its hits.
DOUBTFUL = "~"

#: Files of names that stand in texts of every language: class of their words, before the first column.
NAMES = {"services": "service:", "operators": "operator:", "outlets": "", "nations": "nation:"}

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


#: What words may give to a sentence, as bits: what it must have to be worth reading. See `prefilter.py`.
NET, LINE, STATE, WORKS, PROTEST, CAUSE, DAY = 1, 2, 4, 8, 16, 32, 64
_MARKS = {
    **dict.fromkeys(("net", "social", "service", "operator"), NET),
    "line": LINE,
    **dict.fromkeys(("cut", "fails", "trouble", "slow", "back", "not", "none", "deny", "fall", "level"), STATE),
    "works": WORKS,
    "offline": NET | STATE,
    "protest": PROTEST,
    **dict.fromkeys(("cause", "no order"), CAUSE),
    **dict.fromkeys(("today", "yesterday", "before-yesterday", "tomorrow"), DAY),
    **dict.fromkeys((f"weekday{number}" for number in range(7)), DAY),
    **dict.fromkeys(
        (f"{name}{number}" for name in ("month", "jalali", "ethiopian") for number in range(1, 13)), DAY
    ),
}


class Hit(NamedTuple):
    """A word or phrase of a class: its first and last token."""

    kind: str
    first: int
    last: int


def overlap(one: Hit, other: Hit) -> bool:
    """Whether two hits have a word in common."""
    return one.first <= other.last and other.first <= one.last


class _Phrase(NamedTuple):
    kind: str
    #: Folded words; one that ends in `*` stands for any ending.
    words: tuple[str, ...]


@dataclass(slots=True)
class Lexicon:
    """The words of one language. `settings` are its lines that are no words: order, clock, spaced."""

    language: str
    settings: dict[str, str] = field(default_factory=dict)
    function: frozenset[str] = frozenset()
    letters: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    spoken: tuple[str, ...] = ()
    _whole: dict[str, list[_Phrase]] = field(default_factory=lambda: defaultdict(list))
    _stems: dict[str, list[_Phrase]] = field(default_factory=lambda: defaultdict(list))
    _lengths: list[int] = field(default_factory=list)
    _own: set[str] = field(default_factory=set)
    _own_stems: set[str] = field(default_factory=set)
    _starting: dict[str, tuple[_Phrase, ...]] = field(default_factory=dict)
    #: Phrases that may give something to a sentence: their words, what it is, and whether they are doubtful names.
    marked: list[tuple[tuple[str, ...], int, bool]] = field(default_factory=list)

    def add(self, kind: str, written: str, *, name: bool = False) -> None:
        """Take in a word or phrase as the files write it. A `name` stands in texts of any language."""
        words = tuple(fold(word.rstrip("*")) + "*" * word.endswith("*") for word in written.split())
        words = tuple(part for word in words for part in _parted(word) if part.strip("*"))
        if not words:
            return
        phrase = _Phrase(kind, words)
        mark = _MARKS.get(kind.partition(":")[0], 0)
        if mark:
            self.marked.append((words, mark, kind.endswith(DOUBTFUL)))
        if not name:
            (self._own_stems if words[0].endswith("*") else self._own).add(words[0].rstrip("*"))
        if words[0].endswith("*"):
            self._stems[words[0][:-1]].append(phrase)
            self._lengths = sorted({*self._lengths, len(words[0]) - 1})
        else:
            self._whole[words[0]].append(phrase)

    @property
    def roles_follow(self) -> bool:
        """Whether words like since and until stand behind their time."""
        return self.settings.get("roles", self.settings.get("order")) == "after"

    def knows(self, folded: str) -> bool:
        """Whether it is a word of this language, for telling languages apart."""
        if folded in self.function or folded in self._own:
            return True
        for length in self._lengths:
            if length > len(folded):
                return False
            if length >= 3 and folded[:length] in self._own_stems:
                return True
        return False

    def hits(self, tokens: Sequence[Token]) -> list[Hit]:
        """All hits by place; those inside a longer one that covers them left out."""
        words = [token.folded for token in tokens]
        seen: dict[Hit, None] = {}
        most = len(words)
        exact = not self.prefixes
        for at, word in enumerate(words):
            for phrase in self.starting(word):
                length = len(phrase.words)
                if length > 1:
                    if at + length > most:
                        continue
                    second = phrase.words[1]
                    # Most phrases fail here, and cheaply.
                    if exact and second != words[at + 1] and second[-1] != "*":
                        continue
                    if not self._goes_on(phrase, words, at):
                        continue
                seen[Hit(phrase.kind, at, at + length - 1)] = None
        found = list(seen)
        covers = [hit for hit in found if hit.last > hit.first and hit.kind in _COVER]
        return [hit for hit in found if not any(_covers(cover, hit) for cover in covers)] if covers else found

    def starting(self, word: str) -> tuple[_Phrase, ...]:
        """The phrases that may begin with a word, with or without a prefix; remembered."""
        known = self._starting.get(word)
        if known is None:
            if len(self._starting) >= REMEMBERED:
                self._starting.clear()
            phrases = (phrase for variant in self._variants(word) for phrase in self._beginning(variant))
            known = self._starting[word] = tuple(dict.fromkeys(phrases))
        return known

    def _variants(self, word: str) -> Iterable[str]:
        yield word
        for prefix in self.prefixes:
            if word.startswith(prefix) and len(word) - len(prefix) >= 2:
                yield word[len(prefix) :]

    def _beginning(self, word: str) -> Iterable[_Phrase]:
        yield from self._whole.get(word, ())
        for length in self._lengths:
            if length <= len(word):
                yield from self._stems.get(word[:length], ())

    def _goes_on(self, phrase: _Phrase, words: Sequence[str], at: int) -> bool:
        for pattern in phrase.words[1:]:
            at += 1
            word = words[at]
            if word == pattern or (pattern[-1] == "*" and word.startswith(pattern[:-1])):
                continue
            if not self.prefixes or not any(_matches(pattern, one) for one in self._variants(word)):
                return False
        return True

    def segments(self, word: str) -> list[str]:
        """A run of a script without spaces, cut at the words that are known, the longest first."""
        parts, at, begun = [], 0, 0
        while at < len(word):
            length = next((n for n in range(min(24, len(word) - at), 0, -1) if self._cuts(word, at, n)), 0)
            if length:
                parts += [word[begun:at]] if at > begun else []
                parts.append(word[at : at + length])
                at += length
                begun = at
            else:
                at += 1
        return parts + ([word[begun:]] if begun < len(word) else [])

    def _cuts(self, word: str, at: int, length: int) -> bool:
        after = word[at + length : at + length + 1]
        return word[at : at + length] in self._whole and not ("\u102b" <= after <= "\u103e")


def _covers(cover: Hit, hit: Hit) -> bool:
    """Whether a hit lies inside another. What a phrase is about stays: "without internet" is of the internet."""
    if (hit.kind in _ABOUT or hit.kind.startswith("operator:")) and cover.kind not in _NAMES:
        return False
    shorter = hit.last - hit.first < cover.last - cover.first
    return shorter and cover.first <= hit.first and hit.last <= cover.last


def _matches(pattern: str, word: str) -> bool:
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern


def _parted(word: str) -> Iterable[str]:
    """A folded word of a file, at the spaces that folding made of its hyphens."""
    parts = word.rstrip("*").split(" ")
    yield from parts[:-1]
    yield parts[-1] + "*" * word.endswith("*")


@cache
def lexicon(language: str) -> Lexicon:
    """The words of a language, with the names of services in all of them, and dateparser's months and weekdays."""
    found = Lexicon(language)
    for kind, items in lines(WORDS / f"{language}.tsv"):
        if kind in ("order", "roles", "clock", "spaced"):
            found.settings[kind] = items[0]
        elif kind == "function":
            found.function = frozenset(fold(item) for item in items)
        elif kind == "letters":
            found.letters = frozenset(items)
        elif kind == "spoken":
            found.spoken = tuple(items)
        elif kind == "prefix":
            found.prefixes = tuple(sorted((fold(item) for item in items), key=len, reverse=True))
        else:
            for item in items:
                found.add(kind, item)
    for name, kind in NAMES.items():
        for column, items in lines(WORDS / f"{name}.tsv"):
            for item in items:
                doubtful = DOUBTFUL * item.startswith(DOUBTFUL)
                found.add(f"{kind}{column.split(' ')[0]}{doubtful}", item.removeprefix(DOUBTFUL), name=True)
    _add_calendar(found)
    return found


@cache
def causes() -> frozenset[str]:
    """The causes of a cut that texts are read for: `exam`, `power cut`, …"""
    kinds = (kind for kind, _ in lines(WORDS / "en.tsv") if kind.startswith("cause:"))
    return frozenset(kind.partition(":")[2] for kind in kinds)


@cache
def service_names() -> tuple[str, ...]:
    """The services that texts are read for, and `social-media` for them all."""
    return (*sorted(name for name, _ in lines(WORDS / "services.tsv")), "social-media")


def _add_calendar(found: Lexicon) -> None:
    info = import_module(f"dateparser.data.date_translation_data.{found.language}").info
    found.settings["dates"] = info["date_order"]
    for kind, names in (("month", _MONTHS), ("weekday", _DAYS)):
        for number, name in enumerate(names, start=kind == "month"):
            for written in info[name]:
                if len(fold(written)) > 2 or found.settings.get("spaced"):
                    found.add(f"{kind}{number}", written)


def lines(path: Path) -> Iterable[tuple[str, list[str]]]:
    """The lines of a file of words: the first column, and the words of the second."""
    for line in path.read_text(encoding="utf-8").splitlines():
        kind, _, items = line.partition("\t")
        yield kind, [item.strip() for item in items.split(",") if item.strip()]
