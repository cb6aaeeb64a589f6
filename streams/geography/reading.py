"""Names in running text: which words may name places or countries, in any script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from streams.geography import tables
from streams.geography.fold import fold
from streams.geography.names import Form, Name, Word, inner_forms, name_of, word

#: No name is sought across more words, or more letters of a script that writes no spaces, than this.
WORDS, LETTERS = 6, 24
#: The longest name of a country in lists has so many words: "Korea, the Democratic People's Republic of".
_ASIDE_WORDS = 8
_WORD = re.compile(r"[^\W_][\w\u0780-\u07bf\u0900-\u109f\u1200-\u139f\u1780-\u17d3\u200c\u200d'’ʼ`]*")
_BREAK = re.compile(r"[,;:/()\[\]|\n،؛。，、；：（）！？።፣؟!?«»\"“”]|\. |\.$|।|၊|။")
_STOP = re.compile(r"[.!?;)\n。！？؟；؛।။።]")
_MOST_WAYS = 24
#: What it costs a meaning that a name is read without the word for its kind.
SHORTER = 0.1
_STOPPED = "်္"
#: Words written short with a full stop, which ends no sentence: "St. Petersburg", "г. Уфа".
_SHORT = frozenset(
    ("st", "ste", "sta", "sto", "mt", "ft", "dr", "mr", "mrs", "ms", "prof", "gen", "г", "гг", "пос", "обл", "респ",
     "ул", "пр", "им", "м", "с", "п", "вул", "смт", "вобл", "қ")
)  # fmt: skip
#: What a country's name may go on after in lists: "Korea, Republic of", "Iran (Islamic Republic of)".
_ASIDE = re.compile(r"^(, ?| ?\(|, \()$")


class Token(NamedTuple):
    """A word where it stands."""

    word: Word
    text: str
    start: int
    #: Whether punctuation parts it from the word before; whether a sentence begins with it.
    parted: bool
    first: bool
    #: Where it ends in the text.
    end: int = 0


@dataclass(slots=True)
class Candidate:
    """A stretch of text, from token `first` to `last`, that may name a place or a country."""

    first: int
    last: int
    #: Where the first word of the name begins in the text.
    start: int
    folded: str
    name: Name


def tokens(text: str) -> list[Token]:
    """The words of a text in order."""
    found: list[Token] = []
    parted = False
    first = True
    at = 0
    # What stands between two spaces comes again and again: it is taken apart once.
    for chunk in text.split(" "):
        if chunk:
            parts, tail_parted, tail_first = _chunk(chunk)
            for known, written, start, own_parted, own_first in parts:
                begins = at + start
                found.append(
                    Token(known, written, begins, parted or own_parted, first or own_first, begins + len(written))
                )
                parted = first = False
            parted, first = parted or tail_parted, first or tail_first
        at += len(chunk) + 1
    return found


@lru_cache(maxsize=131_072)
def _chunk(chunk: str) -> tuple[tuple[tuple[Word, str, int, bool, bool], ...], bool, bool]:
    """The words of a text without spaces; whether what follows the last is parted from it, and a new sentence."""
    parts = []
    end = 0
    for match in _WORD.finditer(chunk):
        written = match.group()
        known = word(written)
        if known is not None:
            parted, first = _between(chunk[end : match.start()])
            parts.append((known, written, match.start(), parted, first))
            end = match.end()
    if parts and chunk[end:] == "." and parts[-1][0].folded in _SHORT:
        return tuple(parts), False, False
    return tuple(parts), *_between(chunk[end:] + " ")


def _between(punctuation: str) -> tuple[bool, bool]:
    parted = _BREAK.search(punctuation) is not None
    return parted, parted and _STOP.search(punctuation) is not None


def candidates(words_: list[Token], text: str = "") -> list[Candidate]:
    """The longest names in a text from left to right; with the text itself, countries named with what lists put
    behind a comma or in brackets too: "Korea, Republic of"."""
    found: list[Candidate] = []
    covered = -1
    asides = "," in text or "(" in text
    capitals = any(token.word.capital for token in words_)
    for at, token in enumerate(words_):
        known = token.word
        if known.unspaced:
            found += _in_run(token, at)
            continue
        aside = _with_aside(words_, at, text) if asides and at > covered and known.folded in _nations() else None
        if aside is not None:
            found.append(aside)
            covered = aside.last
            continue
        # Where a text has capitals, what is written small is no name, if not the beginning of one: "la Paz".
        small = capitals and known.small
        if at <= covered or (known.name is None and not known.onward):
            continue
        if small and (at + 1 == len(words_) or not words_[at + 1].word.capital):
            continue
        longer = _longer(words_, at) if known.onward else None
        if small and longer is not None and _begins_later(words_, at, longer):
            continue
        if longer is None and known.name is not None and not small:
            longer = Candidate(at, at, token.start, known.folded, known.name)
        if longer is not None:
            found.append(longer)
            covered = longer.last
    return found


def _begins_later(words_: list[Token], at: int, found: Candidate) -> bool:
    """Whether a name begins with the word after a small one: "in Salah al-Din", "el Valle del Cauca"."""
    nxt = _longer(words_, at + 1) if words_[at + 1].word.onward else None
    if words_[at].word.kind == "of" and (nxt is not None or words_[at + 1].word.name is not None):
        return True
    return nxt is not None and nxt.last > found.last


@cache
def _nations() -> frozenset[str]:
    """The first words of countries' names of several words."""
    return frozenset(name.split(" ")[0] for name in tables.country_names() if " " in name)


def _with_aside(words_: list[Token], at: int, text: str) -> Candidate | None:
    """The name of a country that begins here and goes on after a comma or in brackets, as in lists of countries."""
    nations, names = tables.country_names(), tables.names()
    name, parted = words_[at].word.folded, 0
    best = None
    for last in range(at + 1, min(at + _ASIDE_WORDS, len(words_))):
        token = words_[last]
        if token.parted:
            parted += 1
            if parted > 1 or not _ASIDE.match(text[words_[last - 1].end : token.start]):
                break
        name = f"{name} {token.word.folded}"
        if parted and name in nations:
            whole = Name((), {}, {}, nations[name], (0, token.end - words_[at].start))
            best = Candidate(at, last, words_[at].start, name, whole)
        if not names.goes_on(name):
            break
    return best


def _longer(words_: list[Token], at: int) -> Candidate | None:
    """The name of most words that begins here, of two or more."""
    token = words_[at]
    best = None
    ways: tuple[Form, ...] = ()
    for last in range(at + 1, min(at + WORDS, len(words_))):
        nxt = words_[last]
        if nxt.parted:
            break
        offset = nxt.start - token.start
        if last == at + 1:
            name, ways = _pair(token.text, nxt.text, offset)
        else:
            name, ways = _joined(ways, nxt.text, nxt.word, offset)
        if name is not None and not (token.word.small and nxt.word.small and best is None and _weak(name)):
            folded = " ".join(one.word.folded for one in words_[at : last + 1])
            best = Candidate(at, last, token.start, folded, name)
        if not ways:
            break
    return best


def _weak(name: Name) -> bool:
    return name.country is None and (not name.meanings or name.meanings[0].score < 1.0)


@lru_cache(maxsize=131_072)
def _pair(first: str, second: str, offset: int) -> tuple[Name | None, tuple[Form, ...]]:
    """What two written words mean together, and the forms from which a longer name may go on."""
    one, other = word(first), word(second)
    assert one is not None
    assert other is not None
    return _joined(one.onward, second, other, offset)


def _joined(ways: tuple[Form, ...], text: str, known: Word, offset: int) -> tuple[Name | None, tuple[Form, ...]]:
    forms = tuple(
        Form(f"{way.name} {form.name}", max(way.cost, form.cost), way.start, offset + form.end)
        for way in ways[:_MOST_WAYS]
        for form in inner_forms(text, known)
    )
    names = tables.names()
    name = name_of(forms)
    if name is not None and name.country is None and known.kind == "district":
        # "Aurangabad District" is the district called so, and any other that is called Aurangabad.
        name = name_of((*forms, *(way._replace(cost=way.cost + SHORTER) for way in ways)))
    return name, tuple(form for form in forms if names.goes_on(form.name))


def _in_run(token: Token, at: int) -> Iterator[Candidate]:
    """Names in a run of letters without spaces: the longest at each place, not within a syllable."""
    text, where = _letters(token.text)
    here = 0
    while here < len(text) - 1:
        end = _longest(text, here) if _begins(text, here) else 0
        if end:
            length = where[end] - where[here]
            name = _run_name(text[here:end], length)
            if name is not None:
                yield Candidate(at, at, token.start + where[here], text[here:end], name)
        here = max(end, here + 1)


def _letters(text: str) -> tuple[str, list[int]]:
    """A run folded letter by letter, and where each of its letters, and its end, stand in the text."""
    folded = fold(text)
    if len(folded) == len(text):
        return folded, list(range(len(text) + 1))
    letters, where = [], []
    for i, char in enumerate(text):
        for letter in fold(char) or "":
            letters.append(letter)
            where.append(i)
    return "".join(letters), [*where, len(text)]


def _longest(text: str, here: int) -> int:
    known, nations = tables.names(), tables.country_names()
    best = 0
    for end in range(here + 1, min(len(text), here + LETTERS) + 1):
        part = text[here:end]
        if end - here > 1 and _ends(text, end) and (part in known or part in nations) and not _cut(text, here, end):
            best = end
        if not known.goes_on(part):
            break
    return best


_KANA = re.compile("[\u30a0-\u30ff]")


def _cut(text: str, here: int, end: int) -> bool:
    """Whether a stretch of katakana is cut out of a longer word: no place is named inside of "internet"."""
    return bool(
        (_KANA.match(text[here]) and here and _KANA.match(text[here - 1]))
        or (_KANA.match(text[end - 1]) and end < len(text) and _KANA.match(text[end]))
    )


@lru_cache(maxsize=65_536)
def _run_name(name: str, length: int) -> Name | None:
    return name_of((Form(name, 0.0, 0, length),))


def _begins(text: str, here: int) -> bool:
    """Whether a syllable begins here: not with a sign, nor with a letter that closes the one before."""
    if unicodedata.category(text[here]) in ("Mn", "Mc"):
        return False
    after = text[here + 1 : here + 3]
    return not (after[:1] in _STOPPED and after) and text[here - 1 : here] != "္"


def _ends(text: str, end: int) -> bool:
    return end == len(text) or _begins(text, end)
