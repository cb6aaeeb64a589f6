"""The USGS's earthquakes, live: its feed of the last week, and once an hour what its catalogue deleted.

The feeds are what USGS asks programs to use (https://earthquake.usgs.gov/fdsnws/event/1/); they are made anew every
minute. What was deleted is only missing from them: the catalogue lists it, with status `deleted`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from streams.sources import usgs
from streams.sources.cause_rules import DAY_S, HOUR_S
from streams.sources.event_memory import changes
from streams.sources.http import Fetcher, FetchError, Manners
from streams.sources.points import iso
from streams.sources.polling import Batch, Live, Seen, Step, Trouble
from streams.sources.rows import Refusal
from topics import Cause

BASE = "https://earthquake.usgs.gov"

#: The feed: down to half a magnitude below those that count, to see which became too weak.
FEED = "/earthquakes/feed/v1.0/summary/4.5_week.geojson"
LEAST_MAGNITUDE = 4.5
CATALOGUE = "/fdsnws/event/1/query"

#: A stretch of the past is asked for in parts of so long: they have fewer events than that.
PART_S = 180 * DAY_S

#: The catalogue is asked for what was deleted so often, and again so far back.
DELETIONS_EVERY_S, DELETIONS_BACK_S = HOUR_S, 6 * HOUR_S

#: Earthquakes are deleted and measured anew for weeks, seldom later.
FORGET_S = 60 * DAY_S


class UsgsPoller:
    """Implements `streams.sources.polling.Poller`."""

    every_s = 300
    manners = Manners(every_s=1.0)
    headers: Mapping[str, str] = {}

    def __init__(self, live: Live) -> None:
        self._base, self._live = (live.url or BASE).rstrip("/"), live

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Step]:
        """See `Poller.round`."""
        told: dict[str, tuple[Cause, ...]] = {}
        refused: list[str] = []
        try:
            listed = self._listed(fetcher, cursors, now_s)
            if listed is not None:
                yield Seen(len(listed), usgs.newest_s(listed))
                self._take(listed, told, refused)
        except FetchError as error:
            # Nothing is remembered of this round: a first one asks for all of its past again.
            yield Trouble("events", error)
            return
        asked_s = int(cursors.get("deletions", now_s))
        deletions = self._live.until_s is None and (
            "deletions" not in cursors or now_s - asked_s >= DELETIONS_EVERY_S
        )
        if deletions:
            try:
                self._take(self._changed(fetcher, asked_s, now_s), told, refused)
            except FetchError as error:
                yield Trouble("deletions", error)
                deletions = False
        yield Batch("refused", None, (), refused)
        yield from changes(
            "events", told, cursors, now_s, forget_s=FORGET_S, wanted=lambda one: self._live.wants(one.country)
        )
        if deletions:
            yield Batch("deletions", now_s)

    def _listed(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> list[bytes] | None:
        """The feed, None if it is as it was; of a stretch of the past, and of what lies before a first round, the
        catalogue."""
        since_s = self._live.since_s
        first = not any(part.startswith("events/") for part in cursors)
        if since_s is None or not (first or self._live.until_s is not None):
            url = self._base + FEED
            return fetcher.get(url, lambda raw: usgs.listed(raw, url), conditional=True)
        found: list[bytes] = []
        until_s = self._live.now_s(now_s)
        for from_s in range(since_s, until_s, PART_S):
            part = {"starttime": iso(from_s), "endtime": iso(min(from_s + PART_S, until_s))}
            found += self._query(fetcher, {"minmagnitude": str(LEAST_MAGNITUDE), **part})
        return found

    def _changed(self, fetcher: Fetcher, asked_s: int, now_s: int) -> list[bytes]:
        """What the catalogue changed or deleted since it was asked last."""
        since = {"starttime": iso(now_s - FORGET_S), "updatedafter": iso(asked_s - DELETIONS_BACK_S)}
        return self._query(fetcher, {"includedeleted": "true", **since})

    def _query(self, fetcher: Fetcher, params: Mapping[str, str | int]) -> list[bytes]:
        asked = {"format": "geojson", "limit": usgs.MOST_EVENTS, **params}
        url = self._base + CATALOGUE
        return fetcher.get(url, lambda raw: usgs.listed(raw, url), asked) or []

    def _take(self, features: list[bytes], told: dict[str, tuple[Cause, ...]], refused: list[str]) -> None:
        """What the features tell of which earthquake; those that tell nothing sure are refused."""
        for raw in features:
            try:
                found = usgs.earthquake(raw)
            except Refusal as refusal:
                refused.append(refusal.reason)
                continue
            told[found.id] = () if found.deleted else found.causes
            for other in found.others:
                # The same earthquake under the number of another network.
                told.setdefault(other, ())
