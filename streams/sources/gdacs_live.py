"""GDACS's alerts, live: its feed, asked whether it has changed.

An event that is listed no more stays as it was. One that GDACS sets down to a level that takes no network down is
taken back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from streams.sources import gdacs
from streams.sources.cause_rules import DAY_S
from streams.sources.event_memory import changes
from streams.sources.http import Fetcher, Manners
from streams.sources.polling import Batch, Live, Seen, Step
from streams.sources.rows import Refusal
from topics import Cause

BASE = "https://www.gdacs.org"
FEED = "/xml/rss.xml"

#: Events go on, and are corrected, for weeks.
FORGET_S = 90 * DAY_S


class GdacsPoller:
    """Implements `streams.sources.polling.Poller`."""

    every_s = 900
    manners = Manners(every_s=2.0)
    headers: Mapping[str, str] = {"Accept": "application/rss+xml, application/xml"}

    def __init__(self, live: Live) -> None:
        self._base, self._live = (live.url or BASE).rstrip("/"), live

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Step]:
        """See `Poller.round`."""
        url = self._base + FEED
        items = fetcher.get(url, lambda content: gdacs.listed(content, url), conditional=True)
        if items is None:
            return
        yield Seen(len(items), since_s=now_s)
        told: dict[str, tuple[Cause, ...]] = {}
        refused: list[str] = []
        for item in items:
            try:
                found = gdacs.event(item)
            except Refusal as refusal:
                refused.append(refusal.reason)
            else:
                told[found.id] = found.causes
        yield Batch("refused", None, (), refused)
        yield from changes("events", told, cursors, now_s, forget_s=FORGET_S, wanted=self._wanted)

    def _wanted(self, cause: Cause) -> bool:
        """Whether a cause is of the country and the time that are asked for."""
        live = self._live
        in_time = (live.since_s is None or cause.from_s >= live.since_s) and (
            live.until_s is None or cause.from_s < live.until_s
        )
        return in_time and live.wants(cause.country)
