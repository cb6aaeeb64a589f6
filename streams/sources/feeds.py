"""RSS and Atom feeds -> reports and news items; from files, and live with conditional requests.

A feed is a paper's or an organisation's: `name` says whose, its host otherwise (of a file the title). What a feed
calls itself and its items may change with each poll and name anybody: so reports are bound to its address. With
`reporter` individual it is a person's, who is not named, and whose links are not kept. An item that changes is
revised or taken back, one with a tombstone is taken back; one that is only no longer listed stays: feeds list the
newest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from streams import limits
from streams.sources.addresses import split
from streams.sources.feed_items import Feed, FeedItem, parse
from streams.sources.files import SourceError, opened, whole
from streams.sources.http import Fetcher, FetchError, Manners
from streams.sources.polling import Batch, Live, Seen, Step, Trouble
from streams.sources.rows import Accepted, Rejected, Row
from streams.sources.salt import salt
from streams.sources.told import Manner, Told, rows, taken_back
from streams.sources.written import manner_of, reporter_of
from streams.texts.privacy import names_account, salted
from topics import NewsItem, Record, Report, Reporter, Topic

SOURCE = "feed"


def read(
    path: Path,
    place: str | None = None,
    reporter: str | None = None,
    name: str | None = None,
    keep_text: bool = False,
) -> Iterator[Row]:
    """The items of a feed kept as a file. `place` is the country that it is about where an item names none.

    Raises:
        SourceError: the file is no feed, or an option makes no sense.
    """
    manner = manner_of(salt(), place, keep_text=keep_text)
    with opened(path) as stream:
        feed = parse(whole(stream, path, limits.FEED_BYTES), str(path))
    owner = _owner(reporter, name or feed.title or "a feed without a title")
    for number, item in enumerate(feed.items, 1):
        yield from _rows(item, owner, name or "", manner, number)
    for number in range(len(feed.items) + 1, len(feed.items) + feed.lost + 1):
        yield Rejected(
            number, "damaged: an item that is not well-formed", "the feed's own fault: tell its publisher"
        )


def _owner(kind: str | None, name: str) -> Reporter:
    """Who writes a feed; an individual has no name, and a digest for each item's sake."""
    if kind == "individual":
        return Reporter(kind="individual")
    return reporter_of(kind or "media", name) or Reporter(kind="individual")


def _rows(item: FeedItem, owner: Reporter, address: str, manner: Manner, number: int) -> Iterator[Row]:
    told = told_of(item, owner, address, manner)
    if isinstance(told, str):
        yield Rejected(number, told)
    elif item.gone:
        yield from taken_back(told, number)
    else:
        yield from rows(told, manner, number)


def told_of(item: FeedItem, owner: Reporter, address: str, manner: Manner) -> Told | str:
    """An item as a text with its origin; or why it is none. Its id is bound to the feed's `address`."""
    if not item.key:
        return "damaged: no guid, id or link"
    if item.published_s is None:
        return "no date of publication"
    reporter = owner
    if owner.kind == "individual":
        host = split(item.link).netloc
        reporter = Reporter(kind="individual", digest=salted(manner.salt, SOURCE, host or item.key))
    kept = owner.kind != "individual" and item.link.startswith("http") and not names_account(item.link)
    return Told(
        id=f"{SOURCE}/{salted(manner.salt, SOURCE, address, item.key)}",
        source=SOURCE,
        text=item.text,
        published_s=item.published_s,
        revision=max(item.updated_s or 0, item.published_s),
        reporter=reporter,
        reference=item.link[:2_000] if kept else owner.name,
        changed=item.updated_s is not None,
        flags=item.flags,
    )


class FeedPoller:
    """Asks one feed, conditionally: what hasn't changed is not sent again. Implements `Poller`.

    Its cursor remembers the revision and the digest of the newest items, by their ids, and what to ask with.
    """

    every_s = 300
    manners = Manners(every_s=1.0)

    def __init__(self, live: Live) -> None:
        """Raises:
        SourceError: no address was given, or an option makes no sense.
        """
        if not live.url:
            raise SourceError("which feed? Give its address: --url https://…")
        self._live, self._url, self._options = live, live.url, live.options
        self._manner = manner_of(salt(), live.options.get("place"), keep_text=bool(live.options.get("keep_text")))
        self.headers: Mapping[str, str] = {"Accept": "application/atom+xml, application/rss+xml, application/xml"}
        reporter_of(live.options.get("reporter"), live.options.get("name") or self._url)

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Step]:
        """See `Poller.round`."""
        part = salted(self._manner.salt, SOURCE, self._url)
        cursor = cursors.get(part) or {"validators": {}, "items": {}}
        fetcher.validators.update({key: (header, value) for key, (header, value) in cursor["validators"].items()})
        try:
            feed = fetcher.get(self._url, lambda content: parse(content, "the feed"), conditional=True)
        except FetchError as error:
            yield Trouble(part, error)
            return
        if feed is not None:
            times = [item.published_s for item in feed.items if item.published_s is not None]
            yield Seen(len(feed.items), max(times, default=None))
            records, items = self._news(feed, cursor["items"], now_s)
            validators = {key: list(one) for key, one in fetcher.validators.items()}
            yield Batch(part, {"validators": validators, "items": items}, records)

    def _news(
        self, feed: Feed, known: Mapping[str, Any], now_s: int
    ) -> tuple[list[tuple[Topic, Record]], dict[str, Any]]:
        """The records of items that are new, changed or gone; and what is then known, the newest last."""
        name = self._options.get("name") or split(self._url).netloc or self._url
        owner = _owner(self._options.get("reporter"), name)
        records: list[tuple[Topic, Record]] = []
        items = dict(known)
        for number, item in enumerate(feed.items, 1):
            told = told_of(item, owner, self._url, self._manner)
            if isinstance(told, str):
                continue
            content = salted(self._manner.salt, "gone" if item.gone else item.text)
            before = items.pop(told.id, None)
            items[told.id] = content
            if before == content:
                continue
            if before is not None:
                told = replace(told, changed=True, revision=max(now_s, told.revision))
            found = taken_back(told, number) if item.gone else rows(told, self._manner, number)
            records += [
                (row.topic, row.record) for row in found if isinstance(row, Accepted) and self._wants(row.record)
            ]
        return records, dict(list(items.items())[-limits.FEED_ITEMS :])

    def _wants(self, record: Record) -> bool:
        """Whether a record is of the country asked for; what has none, unsure or taken back, always is."""
        return not isinstance(record, Report | NewsItem) or record.withdrawn or self._live.wants(record.country)
