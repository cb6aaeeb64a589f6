"""Feeds as they come over the wire, made into XML that can be read: encodings, stray bytes, broken items.

A feed is somebody's template filled in by hand. What is wrong with one item costs that item: the rest is read, and
how many were lost is said.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streams.sources.payloads import PayloadError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

#: The encoding of a feed is none that it declares: it was guessed, and letters may be wrong.
GUESSED = "encoding-guessed"

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: How `<?` begins in encodings that ASCII is no part of.
_BEGINNINGS = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
#: What is declared by one name and written in its larger successor.
_WIDER = {
    "gb2312": "gb18030", "gbk": "gb18030", "hz": "hz", "euc-kr": "cp949", "ks_c_5601-1987": "cp949",
    "big5": "big5hkscs", "shift_jis": "cp932", "x-sjis": "cp932", "iso-8859-1": "cp1252", "latin1": "cp1252",
    "us-ascii": "cp1252", "ascii": "cp1252", "iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874",
    "windows-874": "cp874", "x-mac-cyrillic": "mac_cyrillic", "unicode-1-1-utf-8": "utf-8",
}  # fmt: skip
#: Encodings to guess at, with what most of their letters look like: the first in which so much of what is not ASCII
#: does.
_GUESSES = (
    ("cp1251", rb"[\xc0-\xff\xa8\xaa\xaf\xb2][\xe0-\xff\xb3\xb8\xba\xbf]{2,}", 0.7),
    ("koi8-u", rb"[\xc0-\xff][\xc0-\xdf\xa3\xa4\xa6\xa7]{2,}", 0.7),
    ("gb18030", rb"[\xb0-\xd7][\xa1-\xfe]|[\xa1-\xa3][\xa1-\xfe]", 0.8),
    ("big5hkscs", rb"[\xa4-\xc6][\x40-\x7e\xa1-\xfe]|[\xa1-\xa3][\x40-\xfe]", 0.8),
    ("cp932", rb"[\x82\x83][\x40-\xf1]|[\x88-\x97][\x40-\xfc]|\x81[\x40-\xfc]", 0.8),
)
#: A feed of which so much of what is not ASCII can't be decoded is of another encoding than it declares.
_MOST_BAD = 0.05


def text_of(content: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of a document: by its byte order mark, as UTF-8 where it is that, as declared, or as guessed; with a
    flag where it was guessed."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace"), ()
    for begins, encoding in _BEGINNINGS:
        if content.lstrip().startswith(begins):
            return content.decode(encoding, "replace"), ()
    declared = _declared(content)
    if declared != "utf-8":
        found = _decoded(content, "utf-8") if declared not in _SHIFTING else None
        if found is not None:
            return found, () if content.isascii() else (GUESSED,)
    found = _decoded(content, declared)
    if found is not None:
        return found, ()
    text = content.decode(declared, "replace")
    if text.count("�") <= _MOST_BAD * max(20, sum(byte > 127 for byte in content)):
        return text, ()
    return content.decode(_guessed(content), "replace"), (GUESSED,)


#: Encodings that write letters of other scripts with ASCII bytes.
_SHIFTING = frozenset(("hz", "iso2022_jp", "iso2022_kr", "utf-7", "cp037", "cp500"))


def _declared(content: bytes) -> str:
    """The encoding that a document declares, by its codec's name; UTF-8 where it declares none that is known."""
    match = _DECLARED.match(content)
    name = match[1].decode("ascii").casefold() if match else "utf-8"
    try:
        return codecs.lookup(_WIDER.get(name, name)).name
    except LookupError:
        return "utf-8"


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _guessed(content: bytes) -> str:
    strange = sum(byte > 127 for byte in content)
    for encoding, letters, share in _GUESSES:
        if sum(sum(byte > 127 for byte in one) for one in re.findall(letters, content)) >= share * strange:
            return encoding
    return "cp1252"


@dataclass(frozen=True, slots=True)
class Document:
    """A feed's root, how many of its items could not be read, and what is doubtful about all of it."""

    root: Element
    lost: int = 0
    flags: tuple[str, ...] = ()


def read(content: bytes, where: str) -> Document:
    """The feed in a document, as it stands or repaired.

    Raises:
        PayloadError: it is no feed, or nothing of it can be read; entities and external references are refused.
    """
    text, flags = text_of(content)
    if re.search(r"<!ENTITY", text[:10_000], re.IGNORECASE):
        raise PayloadError(f"{where} is refused: it declares entities")
    text = _PROLOG.sub("", text.lstrip("\ufeff \t\r\n"), count=1)
    root = _parsed(text)
    if root is not None:
        return Document(root, 0, flags)
    mended = _mended(text)
    root = _parsed(mended)
    if root is not None:
        return Document(root, 0, flags)
    found = _salvaged(mended)
    if found is None:
        raise PayloadError(
            f"{where} is no XML, or damaged ({_why(text)}): is that the feed's address? Open it in a browser"
        )
    return Document(found[0], found[1], flags)


_PROLOG = re.compile(r"^<\?xml[^>]{0,300}\?>\s*")


def _parsed(text: str) -> Element | None:
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(text)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    return root


def _why(text: str) -> str:
    from xml.etree.ElementTree import ParseError

    from defusedxml.ElementTree import fromstring

    try:
        fromstring(text)
    except ParseError as error:
        return str(error)
    except ValueError as error:
        return type(error).__name__
    return "no items"


_ROOT = re.compile(r"<(?:[A-Za-z]\w{0,20}:)?(rss|feed|RDF)\b", re.IGNORECASE)
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_AMPERSAND = re.compile(r"&(?!(?:[A-Za-z][A-Za-z0-9]{1,30}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});)")
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
_NUMBERED = re.compile(r"&#(?:([0-9]{1,7})|[xX]([0-9A-Fa-f]{1,6}));")
_XMLS_OWN = frozenset(("amp", "lt", "gt", "quot", "apos"))
_PREFIX = re.compile(r"</?([A-Za-z][\w.-]{0,30}):[A-Za-z]")
_TAG = re.compile(r"<[A-Za-z][^<>]{0,4000}>")


def _mended(text: str) -> str:
    """A document without what no XML may hold, nor what stands before and behind its root."""
    begins = _ROOT.search(text)
    if begins is None:
        return text
    ends = text.rfind(f"</{text[begins.start() + 1 : begins.end()]}")
    close = text.find(">", ends) if ends > begins.start() else -1
    text = text[begins.start() : close + 1 if close > 0 else len(text)]
    text = _NUMBERED.sub(_letter, _FORBIDDEN.sub("", text))
    return _bound("".join(_with_entities(text)))


def _with_entities(text: str) -> Iterator[str]:
    """The parts of a document in order, those that are no CDATA with XML's own entities alone."""
    at = 0
    while at < len(text):
        begins = text.find("<![CDATA[", at)
        ends = text.find("]]>", begins) if begins >= 0 else -1
        stop = begins if ends >= 0 else len(text)
        yield _NAMED.sub(_character, _AMPERSAND.sub("&amp;", text[at:stop]))
        if ends < 0:
            return
        yield text[begins : ends + 3]
        at = ends + 3


def _letter(match: re.Match[str]) -> str:
    """A character by its number, where XML has it."""
    code = int(match[1]) if match[1] else int(match[2], 16)
    return match[0] if code <= 0x10FFFF and not _FORBIDDEN.match(chr(code)) else ""


def _character(match: re.Match[str]) -> str:
    """A named character of HTML, as XML has it."""
    if match[1] in _XMLS_OWN:
        return match[0]
    found = html.unescape(match[0])
    return html.escape(found) if found != match[0] else f"&amp;{match[1]};"


def _bound(text: str) -> str:
    """A document whose prefixes are all declared, where need be as something that nobody knows."""
    tag = _TAG.match(text)
    if tag is None:
        return text
    unbound = [one for one in sorted(set(_PREFIX.findall(text))) if f"xmlns:{one}" not in tag[0]]
    declared = "".join(f' xmlns:{one}="urn:undeclared:{one}"' for one in unbound)
    at = tag.end() - (2 if tag[0].endswith("/>") else 1)
    return text[:at] + declared + text[at:]


_ITEM = re.compile(r"<((?:[A-Za-z]\w{0,20}:)?(?:item|entry))\b", re.IGNORECASE)
_END = re.compile(r"</((?:[A-Za-z]\w{0,20}:)?(?:item|entry))\s{0,20}>", re.IGNORECASE)
#: Of a damaged feed so many items are looked at, each by itself: feeds list the newest.
_MOST_ITEMS = 2_000


def _salvaged(text: str) -> tuple[Element, int] | None:
    """A root with the items that can be read each by itself, and how many can't; None where none can."""
    root = _TAG.match(text)
    first = _ITEM.search(text)
    if root is None or first is None:
        return None
    name = root[0][1:].split()[0].rstrip("/>")
    opening = root[0].rstrip("/>").rstrip() + ">"
    title = re.search(r"<title[^<>]{0,200}>[^<]{0,300}</title>", text[: first.start()])
    head = _parsed(f"{opening}{title[0] if title else ''}</{name}>")
    if head is None:
        return None
    lost = 0
    for item in _items(text, first.start()):
        one = _parsed(f"{opening}{item}</{name}>") if item else None
        if one is None:
            lost += 1
        else:
            head.extend(one)
    return (head, lost) if any(_is_item(child.tag) for child in head) else None


def _is_item(tag: object) -> bool:
    return str(tag).rpartition("}")[2].casefold() in ("item", "entry")


def _items(text: str, at: int) -> Iterator[str]:
    """The text of each item, empty where one has no end before the next begins; each letter is looked at once."""
    openings = [(match.start(), match[1]) for match in _ITEM.finditer(text, at)][: _MOST_ITEMS + 1]
    ends = _END.finditer(text, at)
    end = next(ends, None)
    for (begin, name), (following, _) in zip(openings, [*openings[1:], (len(text), "")], strict=True):
        while end is not None and end.start() < begin:
            end = next(ends, None)
        whole = end is not None and end.start() < following and end[1] == name
        yield text[begin : end.end()] if whole and end is not None else ""
