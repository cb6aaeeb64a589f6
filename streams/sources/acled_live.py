"""ACLED's API, live: rows by when they last changed, and those that were deleted.

A token comes by OAuth's password grant and lasts a day. Rows that changed since the last round are asked for page
by page, and once more where rows moved between pages meanwhile; what is a demonstration no more, and what ACLED
lists as deleted, is withdrawn.

An account that is kept from the newest rows sees further ones as its embargo moves on. They changed long before, so
they are asked for by their day: from the last day that was seen to the one that the answer names.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from streams.sources import acled
from streams.sources.http import Fetcher, FetchError, Manners
from streams.sources.payloads import PayloadError, decoded, lenient
from streams.sources.polling import Batch, Live, Notice, Seen, Step, Trouble
from streams.sources.rows import NO_COUNTRY, Accepted, Refusal
from topics import EARLIEST_S, LATEST_S, NEWS, NewsItem, Origin, Record, Topic

BASE = "https://acleddata.com"
USER, PASSWORD = "ACLED_EMAIL", "ACLED_PASSWORD"
CLIENT = "acled"

#: How far back a first round asks, and again each time: rows come in a while after the change that they tell of.
FIRST_S, OVERLAP_S = 30 * 86_400, 3_600
PAGE, MOST_PAGES, PASSES = 5_000, 1_000, 3

#: Changes of the overlap that are remembered, so that they are not told again: at most so many.
MOST_TOLD = 15_000

#: ACLED is a week behind by itself: only an account that is kept further back than this is embargoed.
EMBARGO_DAYS = 21

#: Types that have demonstrations in them.
TYPES = "Protests|Riots"


class Token(msgspec.Struct):
    """What OAuth answers."""

    access_token: str


class Deleted(msgspec.Struct):
    """An event that was deleted, and when."""

    event_id_cnty: str
    deleted_timestamp: int | str


class _Deletions(msgspec.Struct):
    data: list[Deleted] | None = None
    success: bool | None = None
    error: Any = None


class _Cursor(msgspec.Struct, frozen=True):
    """The newest change that was told, Unix seconds; and the changes of the hour before it, by event."""

    until: int
    told: dict[str, int] = {}

    def moved(self, told: dict[str, int]) -> _Cursor:
        """The cursor of the next round, which need not know what is older than the overlap."""
        until_s = max([self.until, *told.values()])
        young = sorted((at, event) for event, at in told.items() if at >= until_s - OVERLAP_S)
        return _Cursor(until_s, {event: at for at, event in young[-MOST_TOLD:]})


_TOKEN, _DELETIONS = msgspec.json.Decoder(Token), lenient(_Deletions)


class AcledPoller:
    """Implements `streams.sources.polling.Poller`."""

    every_s = 3_600
    manners = Manners(every_s=2.0, timeout_s=120.0)
    headers: Mapping[str, str] = {}

    def __init__(self, live: Live) -> None:
        self._base, self._live = (live.url or BASE).rstrip("/"), live
        self._authorized = False
        self._today = dt.date.min
        self._edge: dt.date | None = None

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Step]:
        """See `Poller.round`."""
        self._today = dt.datetime.fromtimestamp(now_s, dt.UTC).date()
        since_s = self._live.since_s if self._live.since_s is not None else now_s - FIRST_S
        changed, deleted = (
            msgspec.convert(cursors[part], _Cursor) if part in cursors else _Cursor(since_s)
            for part in ("changed", "deleted")
        )
        self._edge = None
        try:
            yield from self._changed(fetcher, changed)
            yield from self._emerged(fetcher, cursors.get("embargo"))
        except FetchError as error:
            yield Trouble("changed", error)
        if self._live.until_s is None:
            yield from self._deleted(fetcher, deleted)

    def _changed(self, fetcher: Fetcher, cursor: _Cursor) -> Iterator[Step]:
        told = dict(cursor.told)
        for number, found in self._pages(fetcher, self._params(cursor.until)):
            yield from self._said(found, cursor.until)
            yield self._batch(f"changed/page-{number}", found, told)
        yield Batch("changed", msgspec.to_builtins(cursor.moved(told)))

    def _emerged(self, fetcher: Fetcher, known: str | None) -> Iterator[Batch]:
        """Batches of what an embargo kept back until now; `known` is the last day that was seen under it. A first
        round asks for as many days before its edge as it asks for changes otherwise."""
        if self._live.until_s is not None or (known is None and self._edge is None):
            return
        edge = self._edge or self._today
        if known is not None:
            seen = dt.date.fromisoformat(known)
        elif self._live.since_s is not None:
            seen = dt.datetime.fromtimestamp(self._live.since_s, dt.UTC).date() - dt.timedelta(days=1)
        else:
            seen = edge - dt.timedelta(seconds=FIRST_S)
        if seen < edge:
            told: dict[str, int] = {}
            days = {"event_date": f"{seen + dt.timedelta(days=1)}|{edge}", "event_date_where": "BETWEEN"}
            for number, found in self._pages(fetcher, days):
                yield self._batch(f"embargo/page-{number}", found, told)
        yield Batch("embargo", None if self._edge is None else edge.isoformat())

    def _batch(self, part: str, found: acled.Answer, told: dict[str, int]) -> Batch:
        """What a page says that wasn't told; notes in `told` that it was."""
        records: list[tuple[Topic, Record]] = []
        refused: list[str] = []
        for cells in acled.cells_of(found):
            event, changed_s = cells.get("event_id_cnty", ""), _seconds(cells.get("timestamp", ""))
            if told.get(event) != changed_s:
                told[event] = changed_s
                self._take(cells, records, refused)
        return Batch(part, None, records, refused)

    def _said(self, found: acled.Answer, since_s: int) -> Iterator[Seen | Notice]:
        """What a page has beside its rows: how many, how new, what is kept from us."""
        days = [day for row in found.data or () if (day := _day(str(row.get("event_date") or ""))) is not None]
        yield Seen(len(found.data or ()), max(days, default=None), since_s - OVERLAP_S)
        self._edge = None if found.embargo is None else found.embargo[0]
        if found.embargo is not None and found.embargo[0] < self._today - dt.timedelta(days=EMBARGO_DAYS):
            yield Notice(found.embargo[1], embargo=True)
        for words in found.messages if isinstance(found.messages, list) else ():
            yield Notice(f"ACLED: {words}")

    def _pages(self, fetcher: Fetcher, wanted: Mapping[str, str | int]) -> Iterator[tuple[int, acled.Answer]]:
        """All pages; all again while the first one is another than before: then rows have moved between them."""
        url = f"{self._base}/api/acled/read"
        params: dict[str, str | int] = {"_format": "json", "event_type": TYPES, "limit": PAGE, **wanted}
        first: list[dict[str, Any]] | None = None
        for _ in range(PASSES):
            for page in range(1, MOST_PAGES):
                found: acled.Answer = self._ask(fetcher, url, {**params, "page": page}, _whole)
                rows = found.data or []
                if page == 1 and rows == first:
                    return
                first = rows if page == 1 else first
                yield page, found
                if len(rows) < PAGE:
                    break
            if page == 1:
                return

    def _params(self, since_s: int) -> dict[str, str | int]:
        if self._live.until_s is not None:
            return {"event_date": self._days(since_s), "event_date_where": "BETWEEN"}
        return {"timestamp": max(0, since_s - OVERLAP_S), "timestamp_where": ">="}

    def _take(self, cells: dict[str, str], records: list[tuple[Topic, Record]], refused: list[str]) -> None:
        row = acled.row_of(0, cells)
        if isinstance(row, Accepted):
            if isinstance(row.record, NewsItem) and self._live.wants(row.record.country):
                records.append((row.topic, row.record))
        elif row.reason == acled.NO_DEMONSTRATION and cells.get("event_id_cnty"):
            # It may have been one before.
            records.append(_withdrawn(cells["event_id_cnty"], _seconds(cells.get("timestamp", ""))))
        else:
            refused.append(row.reason)

    def _deleted(self, fetcher: Fetcher, cursor: _Cursor) -> Iterator[Batch]:
        url = f"{self._base}/api/deleted/read"
        params: dict[str, str | int] = {
            "_format": "json",
            "deleted_timestamp": max(0, cursor.until - OVERLAP_S),
            "deleted_timestamp_where": ">=",
            "limit": 0,
        }
        rows = self._ask(fetcher, url, params, deletions)
        fresh = [one for one in dict.fromkeys(rows) if cursor.told.get(one[0]) != one[1]]
        moved = cursor.moved({**cursor.told, **dict(fresh)})
        yield Batch("deleted", msgspec.to_builtins(moved), [_withdrawn(*one) for one in fresh])

    def _days(self, since_s: int) -> str:
        days = (dt.datetime.fromtimestamp(at, dt.UTC).date() for at in (since_s, (self._live.until_s or 0) - 1))
        return "|".join(day.isoformat() for day in days)

    def _ask(self, fetcher: Fetcher, url: str, params: Mapping[str, str | int], reader: Any) -> Any:
        """An answer; with a new token where the old one is no good any more."""
        if not self._authorized:
            self._authorize(fetcher)
        try:
            return fetcher.get(url, lambda raw: reader(raw, url), params)
        except FetchError as error:
            if error.status not in (401, 403):
                raise
        self._authorize(fetcher)
        return fetcher.get(url, lambda raw: reader(raw, url), params)

    def _authorize(self, fetcher: Fetcher) -> None:
        url = f"{self._base}/oauth/token"
        fetcher.authorize(None)
        form = {
            "grant_type": "password",
            "client_id": CLIENT,
            "username": self._live.secrets[USER],
            "password": self._live.secrets[PASSWORD],
        }
        token = fetcher.post(url, lambda raw: decoded(raw, _TOKEN, url), form)
        fetcher.authorize(token.access_token)
        self._authorized = True


def _whole(raw: bytes, where: str) -> acled.Answer:
    """A page of the list.

    Raises:
        PayloadError: see `acled.answered`; or its rows are fewer than it says, and than a page has.
    """
    found = acled.answered(raw, where)
    rows = len(found.data or ())
    if found.count is not None and rows < min(found.count, PAGE):
        raise PayloadError(f"{where} says that it has {found.count:,} rows, and has {rows:,}")
    return found


def _day(text: str) -> int | None:
    """The begin of an event's day, Unix seconds; None if it can't be read."""
    try:
        day = acled.date(text)
    except Refusal:
        return None
    return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp())


def deletions(raw: bytes, where: str) -> list[tuple[str, int]]:
    """Ids and times of the deletions in an answer.

    Raises:
        PayloadError: it is none, or says that there was an error.
    """
    found = decoded(raw, _DELETIONS, where)
    if found.error or found.success is False or found.data is None:
        raise PayloadError(f"{where}: the API reports an error: {str(found.error)[:300]}")
    return [(one.event_id_cnty, _seconds(str(one.deleted_timestamp))) for one in found.data if one.event_id_cnty]


def _seconds(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and EARLIEST_S <= int(text[:12]) <= LATEST_S else 0


def _withdrawn(event_id: str, time_s: int) -> tuple[Topic, Record]:
    """The record that takes an event back. Where and when it was isn't said, and needn't be."""
    try:
        identity = acled.item_id(event_id)
    except Refusal as refusal:
        raise PayloadError(str(refusal.at(0))) from None
    day = dt.datetime.fromtimestamp(time_s, dt.UTC).date().isoformat()
    item = NewsItem(
        id=identity,
        origin=Origin(source=acled.SOURCE, reference=f"ACLED, {event_id}, deleted"[:200]),
        country=NO_COUNTRY,
        start=day,
        known_s=time_s or None,
        revision=time_s + 1,
        withdrawn=True,
    )
    return NEWS, item
