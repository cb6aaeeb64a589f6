"""Cloudflare Radar's API, live: annotations and anomalies of the last weeks, and netflows of chosen entities.

Annotations and anomalies are listed whole, page by page, and compared with what was told (`listing`).

Netflows are of countries, of a network's part in a country, and of regions, which the service knows by their
GeoNames ids. They come as shares of the largest value of each answer. Answers of a week overlap, after a pause
too: what comes is scaled so that the hours which were published before have the same sum as they had, and only what
is new is published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from streams.sources import cloudflare, cloudflare_netflows, cloudflare_outages, cloudflare_regions
from streams.sources.files import SourceError
from streams.sources.frames import frames
from streams.sources.http import Fetcher, FetchError, Manners
from streams.sources.listing import Listed, compared, remembered
from streams.sources.points import columns, iso
from streams.sources.polling import Batch, Live, Seen, Step, Trouble
from streams.sources.rows import Accepted, Row
from topics import MEASUREMENTS, Entity, Outage, Record, Series, Topic, final_after_s

BASE = "https://api.cloudflare.com/client/v4/radar"
TOKEN = "CLOUDFLARE_API_TOKEN"  # noqa: S105 - the name of a variable

WINDOW_S, WEEK_S = 30 * 86_400, 7 * 86_400

#: So much of what was published is asked for again after a pause, to have its scale.
OVERLAP_S = 2 * 86_400

#: How far back the lists are asked for at most, where an annotation is still open, seconds.
DAY_S, MOST_S = 86_400, 180 * 86_400

#: Step of netflows: 15 minutes are refused for a range of a week.
HOUR_S = 3_600
PAGE, MOST_PAGES = 100, 100

#: What is listed, under which path and with which name in the cursor.
LISTS = {"annotations": "annotations/outages", "anomalies": "traffic_anomalies"}

#: The ids of a country's regions are asked for so seldom.
REGIONS_S = 30 * DAY_S

#: The newest values of netflows still grow.
LAG_S = final_after_s(cloudflare_netflows.SIGNAL)


class _Cloudflare:
    """What both pollers share: 1,200 requests in 5 minutes are allowed, and each says who asks."""

    manners = Manners(every_s=0.5)

    def __init__(self, live: Live) -> None:
        self._base, self._live = (live.url or BASE).rstrip("/"), live
        self.headers: Mapping[str, str] = {"Authorization": f"Bearer {live.secrets[TOKEN]}"}


class OutagesPoller(_Cloudflare):
    """Implements `streams.sources.polling.Poller` for annotations and anomalies."""

    every_s = 900

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Step]:
        """See `Poller.round`."""
        until_s = self._live.now_s(now_s)
        first = not any("/" in part for part in cursors) and self._live.since_s is not None
        usual_s = self._live.since_s if first and self._live.since_s is not None else until_s - WINDOW_S
        # Annotations stay open for weeks: the list must reach back to the oldest whose end is still to come.
        open_s = [
            one.from_s - DAY_S
            for name in LISTS
            for one in remembered(name, cursors)
            if isinstance(one, Outage) and one.until_s is None
        ]
        from_s = max(min([usual_s, *open_s]), min(usual_s, until_s - MOST_S))

        def over(record: Listed) -> bool:
            # A day's grace: at the edge of the window lists differ in what still counts as in it.
            assert isinstance(record, Outage)
            return (record.until_s or record.from_s) < from_s + 86_400

        def shown(record: Listed) -> bool:
            # Whether the list goes by the start of an annotation or by all of its time isn't known.
            assert isinstance(record, Outage)
            return record.from_s >= from_s

        for name, path in LISTS.items():
            try:
                rows = list(self._rows(fetcher, path, from_s, until_s))
            except FetchError as error:
                yield Trouble(name, error)
                continue
            found = [row.record for row in rows if isinstance(row, Accepted)]
            begins = [one.from_s for one in found if isinstance(one, Outage)]
            yield Seen(len(rows), max(begins, default=None), from_s)
            yield from compared(
                name,
                rows,
                cursors,
                now_s,
                over=over,
                wanted=lambda one: self._live.wants(one.country),
                shown=shown,
            )

    def _rows(self, fetcher: Fetcher, path: str, from_s: int, until_s: int) -> Iterator[Row]:
        url = f"{self._base}/{path}"
        given: dict[bytes, None] = {}
        for page in range(MOST_PAGES):
            params: dict[str, str | int] = {
                "dateStart": iso(from_s),
                "dateEnd": iso(until_s),
                "limit": PAGE,
                "offset": page * PAGE,
                "format": "json",
            }
            items = fetcher.get(url, lambda raw: cloudflare_outages.listed(raw, url), params)
            assert items is not None
            # Items move from page to page when others come in between: each counts once.
            fresh = replace(items, raw=[raw for raw in items.raw if raw not in given])
            given.update(dict.fromkeys(items.raw))
            yield from cloudflare_outages.outages(fresh, until_s)
            if len(items.raw) < PAGE:
                return


class NetflowsPoller(_Cloudflare):
    """Implements `streams.sources.polling.Poller` for netflows.

    Raises:
        SourceError: no entity was chosen.
    """

    every_s = 900

    def __init__(self, live: Live) -> None:
        super().__init__(live)
        if not live.entities:
            raise SourceError(
                "say of what: give --entity country/IR, asn/IR/44244 or region/IR/Tehran, as often as you like"
            )

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Step]:
        """See `Poller.round`."""
        for entity, country in self._live.entities:
            part = f"{entity.type}/{entity.code}"
            try:
                if entity.type == "region":
                    yield from self._regions(fetcher, country, cursors, now_s)
                wanted = self._filter(entity, country, cursors)
                yield from self._advance(fetcher, part, entity, country, wanted, cursors.get(part), now_s)
            except SourceError as error:
                yield Trouble(part, error)

    @staticmethod
    def _filter(entity: Entity, country: str, cursors: Mapping[str, Any]) -> dict[str, str | int]:
        """What narrows an answer down to an entity.

        Raises:
            SourceError: it is a region that the service or the map doesn't know.
        """
        if entity.type == "country":
            return {"location": entity.code}
        if entity.type == "asn":
            # A network may be in several countries: the part of it in this one.
            return {"asn": entity.code, "location": country}
        region = cloudflare_regions.code(entity.name, country)
        known: Mapping[str, str] = (cursors.get(f"regions/{country}") or {}).get("ids", {})
        if region is None or region not in known:
            raise SourceError(
                f"Cloudflare lists no region {entity.name!r} of {country}, or the map doesn't have it"
            )
        return {"geoId": known[region]}

    def _regions(self, fetcher: Fetcher, country: str, cursors: Mapping[str, Any], now_s: int) -> Iterator[Batch]:
        """The ids of a country's regions, if they are not known or were asked for long ago."""
        part = f"regions/{country}"
        if part in cursors and now_s - int(cursors[part]["at"]) < REGIONS_S:
            return
        url = f"{self._base}/geolocations"
        found: list[cloudflare_regions.Geolocation] = []
        for page in range(MOST_PAGES):
            params: dict[str, str | int] = {"location": country, "limit": PAGE, "offset": page * PAGE}
            listed = fetcher.get(url, lambda raw: cloudflare_regions.listed(raw, url), params | {"format": "json"})
            found += listed or []
            if len(listed or ()) < PAGE:
                break
        yield Batch(part, {"at": now_s, "ids": cloudflare_regions.ids(found, country)})

    def _advance(
        self,
        fetcher: Fetcher,
        part: str,
        entity: Entity,
        country: str,
        wanted: Mapping[str, str | int],
        cursor: Any,
        now_s: int,
    ) -> Iterator[Batch | Seen]:
        known: dict[str, float] = dict(cursor or {})
        until_s = self._live.now_s(now_s - LAG_S) // HOUR_S * HOUR_S
        since_s = until_s - WEEK_S
        if not known and self._live.since_s is not None:
            since_s = self._live.since_s // HOUR_S * HOUR_S
        elif known:
            since_s = min(since_s, max(map(int, known)) - OVERLAP_S)
        while True:
            end_s = min(until_s, since_s + WEEK_S)
            points = self._ask(fetcher, wanted, since_s, end_s)
            yield Seen(len(points), max(points, default=None), since_s)
            factor = _factor(known, points)
            fresh = {at: round(value * factor, 6) for at, value in points.items() if str(at) not in known}
            records = _frames(entity, country, fresh, now_s)
            known |= {str(at): value for at, value in fresh.items()}
            # By time, Unix seconds: what was published of the week that the next answer overlaps.
            known = {at: value for at, value in known.items() if int(at) >= end_s - WEEK_S}
            yield Batch(part, known, records)
            if end_s >= until_s:
                return
            since_s = end_s - OVERLAP_S

    def _ask(
        self, fetcher: Fetcher, wanted: Mapping[str, str | int], since_s: int, until_s: int
    ) -> dict[int, float]:
        """The values of [since_s, until_s) by time, as shares of the largest."""
        url = f"{self._base}/netflows/timeseries"
        params: dict[str, str | int] = {"dateStart": iso(since_s), "dateEnd": iso(until_s), "aggInterval": "1h"}
        params |= {**wanted, "format": "json"}
        answer = fetcher.get(url, lambda raw: cloudflare_netflows.answer(raw, url), params)
        assert answer is not None
        return {at: value for at, value in answer.points.items() if value is not None and at < until_s}


def _frames(entity: Entity, country: str, points: Mapping[int, float], now_s: int) -> list[tuple[Topic, Record]]:
    series = Series(entity=entity, signal=cloudflare_netflows.SIGNAL)
    found = columns(country, series, dict(points), HOUR_S)
    reference = "Cloudflare Radar, netflows (CC BY-NC 4.0)"
    made = frames(cloudflare.SOURCE, found, reference=reference, known_s=now_s)
    return [(MEASUREMENTS, frame) for frame in made]


def _factor(before: Mapping[str, float], now: Mapping[int, float]) -> float:
    """By what new values are multiplied so that those known before have their sum; 1 where nothing is shared."""
    shared = [(before[str(at)], value) for at, value in now.items() if str(at) in before]
    new = sum(value for _, value in shared)
    old = sum(value for value, _ in shared)
    return old / new if new > 0 and old > 0 else 1.0
