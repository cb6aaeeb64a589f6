"""RIPE Atlas, live: the list of probes once a day, and each round the events since.

Events come late: the last two hours are counted again each time, and what has changed is published anew. What is
remembered of a country is which of its probes were connected at the begin of that stretch. A probe that is new to
the list was before its first event what that event ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec

from streams.sources import atlas
from streams.sources.atlas import STEP_S, Event, Probe
from streams.sources.frames import Column, frames
from streams.sources.http import Fetcher, FetchError, Manners
from streams.sources.polling import Batch, Live, Seen, Step, Trouble
from topics import MEASUREMENTS, final_after_s

BASE = "https://atlas.ripe.net/api/v2"

#: The measurement whose results are the connections of probes.
CONNECTIONS = 7000

DAY_S = 86_400

#: How far back a first round asks; how far back each later one counts again.
FIRST_S, AGAIN_S = DAY_S, 2 * 3_600

#: Rows of a page of probes, pages at most, and numbers of probes in one address.
PAGE, MOST_PAGES, TOGETHER = 500, 200, 300

#: Pages move while they are read: so many of a hundred probes may be missing in the end.
MISSING_PERCENT = 1


class Kept(msgspec.Struct, array_like=True):
    """What is remembered of a country: its probes by number (network, whether it is connected by the list), which
    of them were connected at `base_s`, and what was published of each series since, by time."""

    base_s: int
    probes: dict[int, tuple[int | None, bool]]
    up: dict[int, bool]
    told: dict[str, dict[str, float]] = {}


class AtlasPoller:
    """Implements `streams.sources.polling.Poller`."""

    every_s = 600
    manners = Manners(every_s=1.0, timeout_s=120.0)
    headers: Mapping[str, str] = {}

    def __init__(self, live: Live) -> None:
        self._base, self._live = (live.url or BASE).rstrip("/"), live

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Step]:
        """See `Poller.round`."""
        until_s = self._live.now_s(now_s - final_after_s(atlas.SIGNAL)) // STEP_S * STEP_S
        kept = {
            part.removeprefix("country/"): msgspec.convert(cursor, Kept, str_keys=True)
            for part, cursor in cursors.items()
            if part.startswith("country/")
        }
        begin_s = self._live.since_s if self._live.since_s is not None and not kept else until_s - FIRST_S
        if not kept or now_s - int(cursors.get("listed") or 0) >= DAY_S:
            try:
                listed = self._list(fetcher)
                self._renew(kept, listed, begin_s // STEP_S * STEP_S)
                yield Batch("listed", now_s)
            except FetchError as error:
                if not kept:
                    raise
                yield Trouble("listed", error)
        if not kept:
            return
        from_s = min(one.base_s for one in kept.values())
        told, refused = self._events(fetcher, kept, from_s, now_s)
        yield Seen(len(told), max((event.at for event in told), default=None), from_s)
        yield Batch("refused", None, (), refused)
        for country, one in sorted(kept.items()):
            if one.base_s < until_s:
                yield self._count(country, one, told, until_s, now_s)

    def _list(self, fetcher: Fetcher) -> list[Probe]:
        """All probes of the wanted countries that are connected, or were a short time ago.

        Raises:
            FetchError: a page could not be had, or they are fewer than the service counts.
        """
        url = f"{self._base}/probes/"
        params: dict[str, str | int] = {
            "status": f"{atlas.CONNECTED},{atlas.DISCONNECTED}",
            "fields": "id,country_code,asn_v4,status",
            "page_size": PAGE,
            "sort": "id",
        }
        if self._live.country is not None:
            params["country_code"] = self._live.country
        found: dict[int, Probe] = {}
        rows, count = 0, 0
        for number in range(1, MOST_PAGES + 1):
            answer = fetcher.get(url, partial(atlas.page, where=url), params | {"page": number})
            assert answer is not None
            found.update((probe.id, probe) for probe in answer.probes if self._live.wants(probe.country))
            rows, count = rows + answer.rows, answer.total or 0
            if answer.rows < PAGE or rows >= count > 0:
                break
        if rows * 100 < count * (100 - MISSING_PERCENT):
            raise FetchError(f"{url}: {rows:,} probes came, of {count:,} that the service counts", "unreadable")
        return list(found.values())

    @staticmethod
    def _renew(kept: dict[str, Kept], listed: Sequence[Probe], begin_s: int) -> None:
        """Let the probes of a list take the place of those that were known, with what was known of them."""
        by_country: dict[str, dict[int, tuple[int | None, bool]]] = {country: {} for country in kept}
        for probe in listed:
            by_country.setdefault(probe.country, {})[probe.id] = (probe.asn, probe.up)
        for country, probes in by_country.items():
            before = kept.get(country)
            if before is None:
                kept[country] = Kept(begin_s, probes, {})
            else:
                before.probes = probes
                before.up = {number: up for number, up in before.up.items() if number in probes}

    def _events(
        self, fetcher: Fetcher, kept: Mapping[str, Kept], from_s: int, until_s: int
    ) -> tuple[list[Event], list[str]]:
        url = f"{self._base}/measurements/{CONNECTIONS}/results/"
        # `stop`, not `end`: an unknown name is passed over, and all until now would come.
        params: dict[str, str | int] = {"start": from_s, "stop": until_s, "format": "json"}
        groups: list[dict[str, str | int]] = [{}]
        if self._live.country is not None:
            numbers = sorted(number for one in kept.values() for number in one.probes)
            parts = [numbers[at : at + TOGETHER] for at in range(0, len(numbers), TOGETHER)]
            groups = [{"probe_ids": ",".join(map(str, part))} for part in parts]
        told: list[Event] = []
        refused: list[str] = []
        for group in groups:
            answer = fetcher.get(url, partial(atlas.events, where=url), params | group)
            assert answer is not None
            told += answer[0]
            refused += [row.reason for row in answer[1]]
        return told, refused

    def _count(self, country: str, one: Kept, told: Sequence[Event], until_s: int, now_s: int) -> Batch:
        """What is new of a country, and what is remembered of it then."""
        known = {number: Probe(number, country, asn, up) for number, (asn, up) in one.probes.items()}
        # What comes after `until_s` is not counted yet: it says what was before it, all the same.
        own = [event for event in told if event.probe in known and one.base_s <= event.at]
        up = {**atlas.state_before(known.values(), own), **one.up}
        base_s = max(one.base_s, until_s - AGAIN_S)
        columns, at_base = atlas.counted(known, up, own, one.base_s, until_s, base_s)
        changed = [run for column in columns for run in _changed(column, one.told).runs()]
        made = frames(atlas.SOURCE, changed, reference="RIPE Atlas (RIPE NCC), connections", known_s=now_s)
        after = Kept(base_s, one.probes, at_base, _told(columns, base_s))
        cursor = msgspec.to_builtins(after, str_keys=True)
        return Batch(f"country/{country}", cursor, [(MEASUREMENTS, frame) for frame in made])


def _name(column: Column) -> str:
    return f"{column.series.entity.type}/{column.series.entity.code}"


def _times(column: Column) -> range:
    return range(column.from_s, column.from_s + len(column.values) * STEP_S, STEP_S)


def _changed(column: Column, told: Mapping[str, Mapping[str, float]]) -> Column:
    """The column with what was published already missing."""
    known = told.get(_name(column), {})
    values = [
        None if known.get(str(at)) == value else value
        for at, value in zip(_times(column), column.values, strict=True)
    ]
    return replace(column, values=values)


def _told(columns: Sequence[Column], base_s: int) -> dict[str, dict[str, float]]:
    """What was published of what will be counted again."""
    return {
        _name(one): {
            str(at): value
            for at, value in zip(_times(one), one.values, strict=True)
            if at >= base_s and value is not None
        }
        for one in columns
    }
