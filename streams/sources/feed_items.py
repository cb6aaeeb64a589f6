"""RSS 0.9 to 2.0, RSS 1.0 (RDF), Atom and JSON Feed as items, whatever of it a feed leaves out."""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from streams import limits
from streams.errors import UNREADABLE
from streams.sources import feed_documents, feed_times
from streams.sources.payloads import PayloadError, decoded

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
    #: What is doubtful about its text or its time.
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's title and items, in its order; `lost` is how many items could not be read."""

    title: str
    items: tuple[FeedItem, ...]
    lost: int = 0


def parse(content: bytes, where: str) -> Feed:
    """The feed in a document, repaired where it is damaged.

    Raises:
        PayloadError: it is no XML or JSON, or no feed; entities and external references are refused.
    """
    if content.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"{":
        return _json_feed(content, where)
    document = feed_documents.read(content, where)
    root, kind = document.root, local_name(document.root).casefold()
    if kind not in ("feed", "rss", "rdf"):
        raise PayloadError(
            f"{where} is no feed: its root is <{local_name(root)}>, not <rss>, <feed> or <RDF>. Give the address "
            "behind the page's feed symbol"
        )
    channel = child(root, "channel") if kind != "feed" else None
    channel = root if channel is None else channel
    items = tuple(islice(_atom(root) if kind == "feed" else _rss(root), limits.FEED_ITEMS))
    if document.flags:
        items = tuple(replace(item, flags=(*document.flags, *item.flags)) for item in items)
    return Feed(words(child(channel, "title")), items, document.lost)


class _JsonItem(msgspec.Struct):
    """An item of JSON Feed, as far as it is read: <https://www.jsonfeed.org/version/1.1/>."""

    id: str | int | float = ""
    url: str = ""
    title: str = ""
    summary: str = ""
    content_text: str = ""
    content_html: str = ""
    date_published: str = ""
    date_modified: str = ""


class _JsonFeed(msgspec.Struct):
    version: str
    title: str = ""
    items: tuple[msgspec.Raw, ...] = ()


_JSON_FEED = msgspec.json.Decoder(_JsonFeed)
_JSON_ITEM = msgspec.json.Decoder(_JsonItem)


def _json_feed(content: bytes, where: str) -> Feed:
    feed = decoded(content.removeprefix(codecs.BOM_UTF8), _JSON_FEED, where)
    if "jsonfeed.org/version/" not in feed.version:
        raise PayloadError(f"{where} is JSON, and no JSON Feed: its version is {feed.version[:80]!r}")
    items, lost = [], 0
    for raw in feed.items[: limits.FEED_ITEMS]:
        try:
            one = _JSON_ITEM.decode(raw)
        except UNREADABLE:
            lost += 1
            continue
        published, flags = feed_times.published(one.date_published)
        changed, _ = feed_times.published(one.date_modified)
        body = one.summary or one.content_text or _plain(one.content_html)
        if published is None:
            published, changed = changed, None
        text = _joined(one.title, body.strip())
        updated = changed if changed != published else None
        items.append(FeedItem(str(one.id or one.url), one.url, text, published, updated, flags=flags))
    return Feed(feed.title, tuple(items), lost)


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


#: Elements that say when an item was published, and when it was changed, those that say it best first.
_PUBLISHED, _CHANGED = ("pubDate", "date", "published", "issued", "created"), ("modified", "updated")


def _rss(root: Element) -> Iterator[FeedItem]:
    for item in (one for one in root.iter() if local_name(one).casefold() == "item"):
        parts = _parts(item)
        link, title = words(parts.get("link")), words(parts.get("title"))
        body = words(parts.get("description")) or words(parts.get("encoded"))
        (published, flags), (updated, _) = _when(parts, _PUBLISHED), _when(parts, _CHANGED)
        if published is None:
            published, updated = updated, None
        key = words(parts.get("guid")) or link or title
        yield FeedItem(key, link, _joined(title, body), published, updated, flags=flags)


def _parts(item: Element) -> dict[str, Element]:
    """The first element of each name inside, whatever its namespace."""
    found: dict[str, Element] = {}
    for one in item:
        found.setdefault(local_name(one), one)
    return found


def _when(parts: dict[str, Element], names: tuple[str, ...]) -> tuple[int | None, tuple[str, ...]]:
    """The moment that the first of these elements has which can be read."""
    for name in names:
        if name in parts:
            found = feed_times.published(words(parts[name]))
            if found[0] is not None:
                return found
    return None, ()


def _atom(root: Element) -> Iterator[FeedItem]:
    for entry in root:
        if local_name(entry) == "deleted-entry":
            gone = moment_of(entry.get("when", ""))
            yield FeedItem(entry.get("ref", ""), "", "", gone, gone, gone=True)
        elif local_name(entry) == "entry":
            links = [one for one in entry if local_name(one) == "link"]
            link = next((one.get("href", "") for one in links if one.get("rel", "alternate") == "alternate"), "")
            parts = _parts(entry)
            published, flags = _when(parts, ("published", "issued", "created"))
            updated, _ = _when(parts, _CHANGED)
            changed = updated if published is not None and updated != published else None
            body = words(parts.get("summary")) or words(parts.get("content"))
            key = words(parts.get("id")) or link
            text = _joined(words(parts.get("title")), body)
            yield FeedItem(key, link, text, updated if published is None else published, changed, flags=flags)


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
    return feed_times.published(text)[0]
