"""Whose word a medium prints: the organisation that its text gives as its source.

Ten papers that print one statement, in whatever languages, are one source. Names keep their Latin letters in texts
of most languages, so that translations of one release name one source: "Access Now received …", "Access Now
получила …", "…, a indiqué Internet Society Mali". A name counts where a text in another script begins with it,
where a word of saying stands within a few words of it, or where words such as "according to" lead to it.
"""

from __future__ import annotations

import re

from streams import geography
from streams.geography.fold import fold

#: Words of saying by their beginnings, folded, in Latin letters.
_SAYING = (
    "said", "says", "say", "report", "confirm", "receiv", "announc", "told", "state", "warn", "document", "record",
    "indique", "declar", "affirm", "annonc", "rapport", "signal", "communiq", "comunicad",
    "dijo", "inform", "denunci", "disse", "afirm",
    "soobsh", "poluch", "zayav", "otmet", "khabarl", "habarl",
    "acikla", "bildir", "belirt", "duyur",
    "alisema", "ilisema", "imesema",
)  # fmt: skip

#: What leads to a source, folded, in Latin letters: the words right before its name.
_LEADING = (
    "according to", "reports by", "a report by", "a statement by", "quoting", "citing",
    "selon", "dapres", "segun", "segundo", "segundo a", "segundo o",
    "de acordo com", "po dannym", "so ssylkoy na", "kwa mujibu wa",
)  # fmt: skip

#: Words that have a capital where a sentence begins, and are no part of a name.
_NO_NAMES = frozenset({"the", "in", "on", "at", "from", "as", "le", "la", "el", "selon", "segun", "segundo", "po"})

#: Agencies of one word, which no capitals inside tell from other words.
_AGENCIES = ("Reuters", "Xinhua", "Interfax", "Anadolu", "TASS", "AFP", "EFE", "DPA", "IODA", "OONI", "Cloudflare")

_WORD = r"[A-Z][\w&.'’-]*"

#: A name of an organisation: two words or more that begin with Latin capitals, one that has two, or an agency.
_NAME = re.compile(
    rf"\b(?:{_WORD}(?:\s+(?:{_WORD}|for|of|de|du|des))*\s+{_WORD}|[A-Z][a-z]+[A-Z]\w+|{'|'.join(_AGENCIES)}\b)"
)

#: Two letters of another script than Latin on end.
_OTHER_SCRIPT = re.compile(r"[^\W\d_\u0041-\u024f]{2}")

#: How many words behind a name, and before it, a word of saying may stand.
NEAR_WORDS, BEFORE_WORDS = 4, 3

#: So much of a text is looked at.
CHARS = 1_000


def quoted(text: str | None, own: str | None = None) -> str | None:
    """The organisation that a medium's text gives as its source; None if it names none.

    Args:
        text: what the medium printed.
        own: the medium's own name, which is no source of its own.

    >>> quoted("Access Now received a report that the internet was cut in Almaty.")
    'Access Now'
    >>> quoted("L'internet est coupé à Bamako, a indiqué Internet Society Mali dans un communiqué.")
    'Internet Society Mali'
    >>> quoted("The internet was cut in Port Sudan on Friday.") is None
    True
    """
    said = (text or "")[:CHARS]
    # Names are told by their capitals: where all letters are capitals there is nothing to tell them by.
    if said.isupper():
        return None
    for found in _NAME.finditer(said):
        begin, name = _without_first_words(found)
        own_name = name is not None and own is not None and fold(name) == fold(own)
        if name and not own_name and _gives(said[:begin], said[found.end() :]) and not _is_place(name):
            return name
    return None


def _without_first_words(found: re.Match[str]) -> tuple[int, str | None]:
    """Where a name begins and what it is, without words that only begin the sentence; None if no name is left."""
    begin, words = found.start(), found.group()
    while (parts := words.split(None, 1)) and len(parts) == 2 and fold(parts[0]) in _NO_NAMES:
        begin, words = begin + len(words) - len(parts[1]), parts[1]
    return begin, words.strip(" .'’-") if _NAME.fullmatch(words) else None


def _is_place(name: str) -> bool:
    """Whether all of a name is that of a place: New Delhi, Port Sudan."""
    reading = geography.find_places(name)
    return any(found.end - found.start == len(name) for found in (*reading.places, *reading.countries))


def _gives(before: str, behind: str) -> bool:
    """Whether the words around a name make it the source of what is said."""
    # What another name, or another part of the sentence, says is not this one's.
    other_script = _OTHER_SCRIPT.search(behind)
    behind = re.split(r"[.!?;:]|,\s*(?=[A-Z])", behind)[0]
    first, after = fold(before).translate(_CYRILLIC), fold(behind).translate(_CYRILLIC)
    if first.endswith(_LEADING):
        return True
    near = [*after.split()[:NEAR_WORDS], *first.split()[-BEFORE_WORDS:]]
    if any(word.startswith(_SAYING) for word in near):
        return True
    # A text in another script that begins with a Latin name begins with who speaks.
    return not first.strip() and other_script is not None and not re.search(r"[a-z]{4}", fold(behind))


_CYRILLIC = str.maketrans(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "й": "y",
        "к": "k",
        "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
        "х": "kh",
        "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ы": "y", "э": "e", "ю": "yu", "я": "ya", "ғ": "gh", "қ": "q",
        "ң": "ng", "ө": "o", "ұ": "u", "ү": "u", "һ": "h", "і": "i", "ә": "a", "ь": "", "ъ": "",
    }
)  # fmt: skip
