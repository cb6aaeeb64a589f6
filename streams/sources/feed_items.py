"""RSS 0.9 to 2.0, RSS 1.0 (RDF) and Atom as items, whatever of it a feed leaves out."""

from __future__ import annotations

import datetime as dt
import email.utils
import html
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from streams import limits
from streams.sources.payloads import PayloadError
from topics import EARLIEST_S, LATEST_S

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An item: `key` is what it calls itself, `text` its title and summary without markup.

    Times are Unix seconds; `updated_s` is set where the item says that it was changed. `gone` is a tombstone
    (RFC 6721): its publisher took it back.
    """

    key: str
    link: str
    text: str
    published_s: int | None
    updated_s: int | None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's title and items, in its order."""

    title: str
    items: tuple[FeedItem, ...]


def parse(content: bytes, where: str) -> Feed:
    """The feed in a document.

    Raises:
        PayloadError: it is no XML, or no feed; entities and external references are refused.
    """
    root = root_of(content, where)
    kind = local_name(root)
    if kind == "feed":
        return Feed(words(child(root, "title")), tuple(islice(_atom(root), limits.FEED_ITEMS)))
    if kind in ("rss", "RDF"):
        channel = child(root, "channel")
        channel = root if channel is None else channel
        return Feed(words(child(channel, "title")), tuple(islice(_rss(root), limits.FEED_ITEMS)))
    raise PayloadError(f"{where} is no feed: its root is <{kind}>, not <rss>, <feed> or <RDF>")


def root_of(content: bytes, where: str) -> Element:
    """The root of an XML document.

    Raises:
        PayloadError: it is no XML; entities and external references are refused.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(content)
    except ParseError as error:
        raise PayloadError(f"{where} is no XML, or damaged ({error}): is that the feed's address?") from error
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise PayloadError(f"{where} is refused: it declares entities, or has no known encoding") from error
    return root


def _rss(root: Element) -> Iterator[FeedItem]:
    for item in (one for one in root.iter() if local_name(one) == "item"):
        link = words(child(item, "link"))
        body = words(child(item, "description")) or words(child(item, "encoded"))
        published = moment_of(words(child(item, "pubDate")) or words(child(item, "date")))
        updated = moment_of(words(child(item, "modified")) or words(child(item, "updated")))
        key = words(child(item, "guid")) or link or words(child(item, "title"))
        yield FeedItem(key, link, _joined(words(child(item, "title")), body), published, updated)


def _atom(root: Element) -> Iterator[FeedItem]:
    for entry in root:
        if local_name(entry) == "deleted-entry":
            gone = moment_of(entry.get("when", ""))
            yield FeedItem(entry.get("ref", ""), "", "", gone, gone, gone=True)
        elif local_name(entry) == "entry":
            links = [one for one in entry if local_name(one) == "link"]
            link = next((one.get("href", "") for one in links if one.get("rel", "alternate") == "alternate"), "")
            published, updated = (
                moment_of(words(child(entry, "published"))),
                moment_of(words(child(entry, "updated"))),
            )
            changed = updated if published is not None and updated != published else None
            body = words(child(entry, "summary")) or words(child(entry, "content"))
            key = words(child(entry, "id")) or link
            text = _joined(words(child(entry, "title")), body)
            yield FeedItem(key, link, text, updated if published is None else published, changed)


def local_name(element: Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def child(element: Element, name: str) -> Element | None:
    """The first element of that name inside, whatever its namespace."""
    return next((one for one in element if local_name(one) == name), None)


def words(element: Element | None) -> str:
    """The words of an element, markup gone; empty where there is none."""
    if element is None:
        return ""
    return _plain("".join(element.itertext())).strip()


def _joined(title: str, body: str) -> str:
    """Title and summary; the title once where the summary begins with it."""
    if not body or body.startswith(title):
        return body or title
    return f"{title}\n{body}" if title else body


#: A tag, whatever its attributes hold. No longer than `_TAG_CHARS`, so that one that never ends costs little.
_TAG = re.compile(r"""<(?:/?([A-Za-z][A-Za-z0-9]*+)|[!?])(?:[^<>"']|"[^"]*"|'[^']*')*+>""")
_TAG_CHARS = 2_000

_BLOCKS = frozenset(("p", "br", "div", "li", "tr", "h1", "h2", "h3"))
_NO_WORDS = frozenset(("script", "style"))


def _plain(markup: str) -> str:
    """The words of HTML; blocks end lines. Read once from begin to end: Python's own parser takes a minute for what
    a hostile feed can say in 100 kB.
    """
    if "<" not in markup and "&" not in markup:
        return markup
    markup, parts, at = markup[: limits.MARKUP_CHARS], list[str](), 0
    while (begin := markup.find("<", at)) >= 0:
        parts.append(markup[at:begin])
        at, words = _past(markup, begin)
        parts.append(words)
    text = "".join((*parts, markup[at:]))
    # A character by a number of thousands of digits is a ValueError: then all stay as they are.
    with suppress(ValueError):
        text = html.unescape(text)
    return re.sub(r"[ \t]+", " ", text)


def _past(markup: str, begin: int) -> tuple[int, str]:
    """Where the text goes on behind what begins with `<`, and what that stands for."""
    if markup.startswith("<!--", begin):
        end = markup.find("-->", begin + 4)
        return (len(markup) if end < 0 else end + 3), ""
    tag = _TAG.match(markup, begin, begin + _TAG_CHARS)
    if tag is None:
        return begin + 1, "<"
    name = (tag[1] or "").lower()
    if name in _NO_WORDS and markup[begin + 1] != "/":
        end = markup.find(f"</{name}", tag.end())
        return (len(markup) if end < 0 else end), ""
    return tag.end(), "\n" if name in _BLOCKS else ""


def moment_of(text: str) -> int | None:
    """Unix seconds of a date of RFC 822 or RFC 3339; without a zone it is UTC's."""
    text = text.strip()
    if not text:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = email.utils.parsedate_to_datetime(text)
        except (ValueError, TypeError, OverflowError):
            return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    try:
        moment_s = int(moment.timestamp())
    except (OverflowError, ValueError):
        return None
    return moment_s if EARLIEST_S <= moment_s <= LATEST_S else None
