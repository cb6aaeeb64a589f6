"""Names in a text: cut it into words, and take the longest names that the table has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from streams.geography import tables, words
from streams.geography.fold import fold
from streams.geography.variants import variants

#: No name is sought across more words than this.
LONGEST = 7
_WORD = re.compile(r"[^\W_][\w\u0900-\u109f\u1200-\u139f\u200c'’ʼ`]*")


_POSSESSIVE = re.compile("['’]s$")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text: folded, as written, and where it stands."""

    folded: str
    text: str
    start: int
    end: int
    #: The punctuation between the word before and this one.
    before: str


@dataclass(slots=True)
class Mention:
    """A name found in a text: the rows that bear it, and what the words around it say of its kind."""

    first: int
    last: int
    start: int
    end: int
    rows: list[tuple[int, int]]
    kinds: frozenset[str] = frozenset()


def tokens(text: str) -> list[Token]:
    """The words of a text in order."""
    found, end = [], 0
    for match in _WORD.finditer(text):
        folded = fold(_POSSESSIVE.sub("", match.group()))
        if folded:
            found.append(Token(folded, match.group(), match.start(), match.end(), text[end : match.start()]))
            end = match.end()
    return found


@lru_cache(maxsize=65_536)
def rows_in(name: str, country: int) -> tuple[tuple[int, int], ...]:
    """Rows of a country that bear a folded name, with roles."""
    known = tables.gazetteer()
    return tuple((row, role) for row, role in tables.names().rows(name) if known.under(row, country))


def mentions(words_: list[Token], country: int) -> list[Mention]:
    """The longest names of a country's places, from left to right, none overlapping another."""
    found: list[Mention] = []
    at = 0
    while at < len(words_):
        mention = _longest(words_, at, country)
        if mention is None:
            at += 1
        elif _is_street(words_, mention) or _is_country(words_[mention.first : mention.last + 1], mention, country):
            at = mention.last + 1
        else:
            found.append(mention)
            at = mention.last + 1
    read_kinds(words_, found)
    return found


def _longest(words_: list[Token], at: int, country: int) -> Mention | None:
    for last in range(min(len(words_), at + LONGEST) - 1, at - 1, -1):
        if any(breaks(token.before) for token in words_[at + 1 : last + 1]):
            continue
        rows: tuple[tuple[int, int], ...] = ()
        for name in _spellings([token.folded for token in words_[at : last + 1]]):
            rows = rows or rows_in(name, country)
        if not rows:
            rows = _bent_rows([token.folded for token in words_[at : last + 1]], country)
        if rows and not _is_plain(words_[at : last + 1]):
            first, end = words_[at], words_[last].end
            return Mention(at, last, first.start, end, list(rows))
    return None


def _is_street(words_: list[Token], mention: Mention) -> bool:
    """Whether a name is that of a street: Avenida Paulista is no town, nor is Abay street."""
    classes, first, after = words.classes(), mention.first, mention.last + 1
    before = first > 0 and not breaks(words_[first].before) and classes.get(words_[first - 1].folded) == "street"
    return before or (
        after < len(words_) and not breaks(words_[after].before) and classes.get(words_[after].folded) == "street"
    )


def _bent_rows(parts: list[str], country: int) -> tuple[tuple[int, int], ...]:
    """Rows of the forms that a name not in Latin letters may have in a sentence: "в Алматы", "Атырауда"."""
    found: dict[int, int] = {}
    for form in variants(parts[-1]):
        for row, role in rows_in(" ".join((*parts[:-1], form)), country):
            found[row] = found.get(row, 0) | role
    return tuple(found.items())


def _is_country(parts: list[Token], mention: Mention, country: int) -> bool:
    """Whether a name is the country's own, not that of a part of it that lists take for a country."""
    if any(tables.gazetteer().kind[row] == tables.GROUP for row, _ in mention.rows):
        return False
    code = tables.country_names().get(" ".join(part.folded for part in parts))
    return code is not None and tables.gazetteer().number[code] == country


def _spellings(parts: list[str]) -> list[str]:
    name = " ".join(parts)
    return [name, "".join(parts)] if len(parts) == 2 else [name]


def breaks(punctuation: str) -> bool:
    return any(char in ",;:/()[]|\n" for char in punctuation) or ". " in punctuation


def _is_plain(parts: list[Token]) -> bool:
    """Whether words are no name here: list words, or one short word without a capital where capitals exist."""
    known = words.classes()
    if all(part.folded in known for part in parts):
        return True
    first = next((char for char in parts[0].text if char.isalpha()), "")
    cased = first.lower() != first.upper()
    return cased and all(part.text.islower() for part in parts) and len(parts) == 1


def read_kinds(words_: list[Token], found: list[Mention]) -> None:
    """Read what the words beside names say: "X district", "districts of X and Y", "X and Y districts"."""
    for i, mention in enumerate(found):
        kind = _kind_after(words_, mention.last + 1)
        if kind:
            mention.kinds = frozenset((kind,))
            if words_[mention.last + 1].folded.endswith("s"):
                _spread_back(words_, found, i)
    for i, mention in enumerate(found):
        if mention.kinds:
            continue
        kind = _kind_before(words_, mention.first - 1)
        if kind:
            mention.kinds = frozenset((kind,))
        elif i and _listed(words_, found[i - 1], mention) and _kind_before(words_, found[i - 1].first - 1):
            mention.kinds = found[i - 1].kinds


def _spread_back(words_: list[Token], found: list[Mention], i: int) -> None:
    for before in range(i - 1, -1, -1):
        if found[before].kinds or not _listed(words_, found[before], found[before + 1]):
            return
        found[before].kinds = found[i].kinds


def _kind_after(words_: list[Token], at: int) -> str:
    if at < len(words_) and not breaks(words_[at].before):
        kind = words.classes().get(words_[at].folded, "")
        return kind if kind in ("region", "district", "city") else ""
    return ""


def _kind_before(words_: list[Token], at: int) -> str:
    if at >= 0 and words.classes().get(words_[at].folded) == "of":
        at -= 1
        if at >= 0 and words.classes().get(words_[at].folded) == "of":
            at -= 1
    if at < 0:
        return ""
    kind = words.classes().get(words_[at].folded, "")
    return kind if kind in ("region", "district", "city") else ""


def _listed(words_: list[Token], one: Mention, other: Mention) -> bool:
    """Whether nothing but commas and linking words stand between two names."""
    between = words_[one.last + 1 : other.first]
    return all(words.classes().get(token.folded) == "link" for token in between)
