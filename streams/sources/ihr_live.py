"""The Internet Health Report's API, live: disconnections of the last days, and alarms of delay by the hour.

Both lists come in pages, and are read to their end: as many rows as the service counts. A disconnection whose end
becomes known is a revision; one that is in the list no more is not taken back, since lists begin somewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec

from streams.sources import ihr
from streams.sources.frames import Column, frames
from streams.sources.http import Fetcher, FetchError, Manners
from streams.sources.ihr import DAY_S, HOUR_S
from streams.sources.points import iso
from streams.sources.polling import Batch, Live, Seen, Step
from streams.sources.rows import Refusal
from topics import EVIDENCE, MEASUREMENTS, Entity, Record, Series, Topic, final_after_s

BASE = "https://ihr.iijlab.net/ihr/api"

#: Days of disconnections asked for each time: what is over longer ago is not looked at again.
WINDOW_S = 7 * DAY_S

#: Hours of alarms asked for each time. The service refuses more than seven days.
ALARMS_S = 48 * HOUR_S

#: A pause that is made good: what is older is too late for evidence.
LONGEST_S = 14 * DAY_S

#: Pages at most; a page has 100,000 rows.
MOST_PAGES = 20


class _Ihr:
    """What both pollers share. 250,000 requests a day are allowed to everybody together."""

    every_s = HOUR_S
    manners = Manners(every_s=2.0, timeout_s=120.0)
    headers: Mapping[str, str] = {}

    def __init__(self, live: Live) -> None:
        self._base, self._live = (live.url or BASE).rstrip("/"), live

    def _rows(self, fetcher: Fetcher, path: str, params: Mapping[str, str | int]) -> list[bytes]:
        """All rows of a list.

        Raises:
            FetchError: a page could not be had, or they are fewer than the service counts.
        """
        url = f"{self._base}/{path}/"
        found: dict[bytes, None] = {}
        rows, count = 0, 0
        for number in range(1, MOST_PAGES + 1):
            answer = fetcher.get(url, partial(ihr.page, where=url), {**params, "page": number, "format": "json"})
            assert answer is not None
            found.update(dict.fromkeys(answer.rows))
            rows, count = rows + len(answer.rows), answer.total or 0
            if not answer.more:
                break
        if rows < count:
            raise FetchError(f"{url}: {rows:,} rows came, of {count:,} that the service counts", "unreadable")
        return list(found)


class DisconnectionsPoller(_Ihr):
    """Implements `streams.sources.polling.Poller` for disconnections."""

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Step]:
        """See `Poller.round`."""
        until_s = self._live.now_s(now_s)
        first = "told" not in cursors and self._live.since_s is not None
        from_s = self._live.since_s if first and self._live.since_s is not None else until_s - WINDOW_S
        # Both ends are in the answer, and the order is asked for: the database has none.
        params = {"starttime__gte": iso(from_s), "starttime__lte": iso(until_s), "ordering": "starttime"}
        told: dict[str, int] = dict(cursors.get("told") or {})
        after: dict[str, int] = {}
        records: list[tuple[Topic, Record]] = []
        refused: list[str] = []
        rows = self._rows(fetcher, "disco/events", params)
        begins: list[int] = []
        for raw in rows:
            try:
                outage = ihr.disconnection(raw, until_s)
            except Refusal as refusal:
                refused.append(refusal.reason)
                continue
            begins.append(outage.from_s)
            if not self._live.wants(outage.country):
                continue
            revision = max(outage.revision, after.get(outage.id, 0))
            after[outage.id] = revision
            if told.get(outage.id, -1) < revision:
                records.append((EVIDENCE, msgspec.structs.replace(outage, known_s=now_s)))
        yield Seen(len(rows), max(begins, default=None), from_s)
        yield Batch("refused", None, (), refused)
        yield Batch("told", after, records)


class AlarmsPoller(_Ihr):
    """Implements `streams.sources.polling.Poller` for alarms of delay."""

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Step]:
        """See `Poller.round`."""
        until_s = self._live.now_s(now_s - final_after_s(ihr.ALARMS)) // HOUR_S * HOUR_S
        seen = {part for part in cursors if part.startswith("series/")}
        first = not seen and self._live.since_s is not None
        asked_s = max(min(until_s, int(cursors.get("asked") or until_s)), until_s - LONGEST_S)
        begin_s = self._live.since_s if first and self._live.since_s is not None else asked_s - ALARMS_S
        begin_s = begin_s // HOUR_S * HOUR_S
        while begin_s < until_s:
            end_s = min(until_s, begin_s + WINDOW_S - DAY_S)
            params = {"timebin__gte": iso(begin_s), "timebin__lte": iso(end_s - 1), "ordering": "timebin"}
            rows = self._rows(fetcher, "network_delay/alarms", params)
            found, refused = ihr.alarms(rows, ihr.networks_of(self._live.entities))
            yield Seen(len(rows), max((alarm.hour_s for alarm in found), default=None), begin_s)
            yield Batch("refused", None, (), [row.reason for row in refused])
            columns = {
                _part(one): one for one in ihr.columns(found, begin_s, end_s) if self._live.wants(one.country)
            }
            for part in seen - columns.keys():
                columns[part] = _silent(part, begin_s, end_s)
            for part, column in columns.items():
                known: Mapping[str, float] = cursors.get(part) or {}
                made = frames(
                    ihr.SOURCE, _changed(column, known).runs(), reference="IHR, delay alarms", known_s=now_s
                )
                yield Batch(part, _told(column, until_s), [(MEASUREMENTS, frame) for frame in made])
            begin_s = end_s
        yield Batch("asked", until_s)


def _part(column: Column) -> str:
    return f"series/{column.country}/{column.series.entity.type}/{column.series.entity.code}"


def _silent(part: str, from_s: int, until_s: int) -> Column:
    """The column of one that had alarms before, and has none now."""
    _, country, type_, code = part.split("/", 3)
    entity = Entity(type="asn" if type_ == "asn" else "country", code=code)
    row = [0.0] * ((until_s - from_s) // HOUR_S)
    return Column(country, Series(entity=entity, signal=ihr.ALARMS), from_s, HOUR_S, row)


def _times(column: Column) -> range:
    return range(column.from_s, column.from_s + len(column.values) * HOUR_S, HOUR_S)


def _changed(column: Column, known: Mapping[str, float]) -> Column:
    """The column with what was published already missing."""
    pairs = zip(_times(column), column.values, strict=True)
    return replace(column, values=[None if known.get(str(at)) == value else value for at, value in pairs])


def _told(column: Column, until_s: int) -> dict[str, float]:
    """What was published of what will be asked for again."""
    pairs = zip(_times(column), column.values, strict=True)
    return {str(at): value for at, value in pairs if value is not None and at >= until_s - ALARMS_S}
