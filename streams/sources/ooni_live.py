"""OONI's API, live: counts by hour of all countries in one request.

Counts of an hour still grow for days as volunteers' measurements come in: the last three days are asked for each
time, and a country whose counts have changed is published anew. A country that is seen and then isn't has no
measurements: its count is 0, which is what a full cut looks like.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from streams.sources import ooni
from streams.sources.frames import Column, frames
from streams.sources.http import Fetcher, Manners
from streams.sources.points import iso
from streams.sources.polling import Batch, Live, Seen, Step
from topics import MEASUREMENTS, Entity, Series, final_after_s

BASE = "https://api.ooni.io/api/v1"
HOUR_S, DAY_S = 3_600, 86_400

#: Characters of a date in an ISO 8601 time.
DATE = len("2026-11-30")

#: Hours asked for each time.
WINDOW_S = 72 * HOUR_S

#: A pause that is made good: what is older is too late for evidence.
LONGEST_S = 14 * DAY_S

#: Counts by hour are refused for a longer range than this.
MOST_S = 7 * DAY_S

#: How long after an hour most of its measurements are in.
LAG_S = max(map(final_after_s, ooni.SIGNALS.values()))


class OoniPoller:
    """Implements `streams.sources.polling.Poller`."""

    every_s = HOUR_S
    manners = Manners(every_s=5.0, timeout_s=300.0)
    headers: Mapping[str, str] = {}

    def __init__(self, live: Live) -> None:
        self._base, self._live = (live.url or BASE).rstrip("/"), live

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Step]:
        """See `Poller.round`."""
        until_s = self._live.now_s(now_s - LAG_S) // HOUR_S * HOUR_S
        from_s = self._from(cursors, until_s)
        rows = self._rows(fetcher, from_s, until_s)
        gathered, refused = ooni.gathered(rows, None, HOUR_S)
        found = [piece for column in gathered if (piece := column.within(from_s, until_s)) is not None]
        measured = [
            column.from_s + at * HOUR_S
            for column in found
            if column.series.signal == ooni.COUNT
            for at, value in enumerate(column.values)
            if value
        ]
        yield Seen(len(measured), max(measured, default=None), from_s)
        yield Batch("refused", None, (), [row.reason for row in refused])
        seen = {part.partition("/")[2] for part in cursors if part.startswith("country/")}
        for country, columns in filled(found, seen, from_s, until_s).items():
            part = f"country/{country}"
            known: Mapping[str, Mapping[str, float]] = cursors.get(part) or {}
            changed = [run for one in columns for run in _changed(one, known.get(one.series.signal, {})).runs()]
            made = frames(ooni.SOURCE, changed, reference="OONI (CC BY 4.0), /aggregation", known_s=now_s)
            yield Batch(part, _told(columns), [(MEASUREMENTS, frame) for frame in made])
        yield Batch("asked", until_s)

    def _from(self, cursors: Mapping[str, Any], until_s: int) -> int:
        """The first hour to ask for: three days back, or more where nobody asked for a while."""
        first = not any(part.startswith("country/") for part in cursors)
        if first and self._live.since_s is not None:
            return self._live.since_s // HOUR_S * HOUR_S
        asked_s = max(int(cursors.get("asked", until_s)), until_s - LONGEST_S)
        return min(until_s, asked_s) - WINDOW_S

    def _rows(self, fetcher: Fetcher, from_s: int, until_s: int) -> list[ooni.Cells]:
        """The counts of all days that have an hour in [from_s, until_s)."""
        url = f"{self._base}/aggregation"
        params: dict[str, str | int] = {"axis_x": ooni.DAY, "axis_y": "probe_cc", "time_grain": "hour"}
        params["format"] = "JSON"
        if self._live.country is not None:
            params["probe_cc"] = self._live.country
        rows: list[ooni.Cells] = []
        end_s = -(-until_s // DAY_S) * DAY_S
        for first_s in range(from_s // DAY_S * DAY_S, end_s, MOST_S):
            # Only dates are taken, and the last one is not in the answer.
            days = {"since": iso(first_s)[:DATE], "until": iso(min(first_s + MOST_S, end_s))[:DATE]}
            rows += fetcher.get(url, partial(ooni.answer, where=url), {**params, **days}) or []
        return rows


def filled(found: list[Column], seen: set[str], from_s: int, until_s: int) -> dict[str, list[Column]]:
    """Columns by country over the whole window: hours without a row have no measurements, in countries that were
    `seen` before as in those of this answer."""
    by_country: dict[str, list[Column]] = defaultdict(list)
    size = (until_s - from_s) // HOUR_S
    counts = {country: [0.0] * size for country in seen}
    for column in found:
        if column.series.signal != ooni.COUNT:
            by_country[column.country].append(column)
            continue
        row = counts.setdefault(column.country, [0.0] * size)
        for at, value in enumerate(column.values, (column.from_s - from_s) // HOUR_S):
            if 0 <= at < size and value is not None:
                row[at] = value
    for country, row in counts.items():
        series = Series(entity=Entity(type="country", code=country), signal=ooni.COUNT)
        by_country[country].append(Column(country, series, from_s, HOUR_S, row))
    return by_country


def _changed(column: Column, known: Mapping[str, float]) -> Column:
    """The column with what was told already missing."""
    times = range(column.from_s, column.from_s + len(column.values) * HOUR_S, HOUR_S)
    values = [
        None if known.get(str(at)) == value else value for at, value in zip(times, column.values, strict=True)
    ]
    return replace(column, values=values)


def _told(columns: list[Column]) -> dict[str, dict[str, float]]:
    """Values by signal and time, Unix seconds."""
    return {
        one.series.signal: {
            str(one.from_s + at * HOUR_S): value for at, value in enumerate(one.values) if value is not None
        }
        for one in columns
    }
