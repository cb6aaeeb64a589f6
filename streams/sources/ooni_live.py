"""OONI's API, live: counts by hour of all countries, by network of chosen ones, and by service.

Counts of an hour still grow for days as volunteers' measurements come in: the last three days are asked for each
time, and what has changed is published anew. A country or network that is seen and then isn't has no measurements:
its count is 0, which is what a full cut looks like. The tests of single services are few: they come by the day, for
what blocking is judged by, and are asked for every few hours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from streams.sources import ooni
from streams.sources.frames import Column, frames
from streams.sources.http import Fetcher, FetchError, Manners
from streams.sources.points import iso
from streams.sources.polling import Batch, Live, Seen, Step, Trouble
from topics import MEASUREMENTS, SERVICES, Entity, Series, final_after_s

BASE = "https://api.ooni.io/api/v1"
HOUR_S, DAY_S = 3_600, 86_400

#: Characters of a date in an ISO 8601 time.
DATE = len("2026-11-30")

#: Hours asked for each time.
WINDOW_S = 72 * HOUR_S

#: A pause that is made good: what is older is too late for evidence.
LONGEST_S = 14 * DAY_S

#: Counts by hour, and by day, are refused for a longer range than this.
MOST_S = {HOUR_S: 7 * DAY_S, DAY_S: 30 * DAY_S}

#: How often the tests of single services are asked for.
SERVICES_S = 6 * HOUR_S

#: How long after an hour most of its measurements are in.
LAG_S = max(map(final_after_s, ooni.SIGNALS.values()))

Key = tuple[str, Entity]


@dataclass(frozen=True, slots=True)
class _Query:
    """One request and what its rows are of. `parts` begins the names of its cursors; with `filled`, what was seen
    and is missing has no measurements."""

    parts: str
    params: Mapping[str, str | int]
    step_s: int
    of: tuple[Entity, str] | None = None
    product: str | None = None
    filled: bool = False

    def part(self, key: Key) -> str:
        country, entity = key
        return f"{self.parts}{country if entity.type == 'country' else entity.code}"

    def key(self, part: str) -> Key:
        """The other way round."""
        code = part.removeprefix(self.parts)
        return (code, Entity(type="country", code=code)) if self.of is None else (self.of[1], _network(code))


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
        yield from self._ask(fetcher, cursors, "asked", self._hourly(), until_s, now_s)
        if until_s - int(cursors.get("services") or 0) >= SERVICES_S:
            yield from self._ask(fetcher, cursors, "services", self._daily(), until_s, now_s)

    def _ask(
        self,
        fetcher: Fetcher,
        cursors: Mapping[str, Any],
        since: str,
        queries: Iterator[_Query],
        until_s: int,
        now_s: int,
    ) -> Iterator[Step]:
        """What the queries say anew. The cursor `since` tells until when all of them were answered."""
        from_s = self._from(cursors, since, until_s)
        failed = False
        for query in queries:
            try:
                yield from self._answered(fetcher, cursors, query, from_s, until_s, now_s)
            except FetchError as error:
                failed = True
                yield Trouble(query.parts.rstrip("/"), error)
        if not failed:
            yield Batch(since, until_s)

    def _from(self, cursors: Mapping[str, Any], since: str, until_s: int) -> int:
        """The first hour to ask for: three days back, or more where nobody was answered for a while."""
        if since not in cursors and self._live.since_s is not None:
            return self._live.since_s // HOUR_S * HOUR_S
        asked_s = max(int(cursors.get(since) or until_s), until_s - LONGEST_S)
        return min(until_s, asked_s) - WINDOW_S

    def _hourly(self) -> Iterator[_Query]:
        """Counts by hour: of all countries, and of the networks of chosen ones."""
        yield _Query("country/", {**self._chosen, "axis_y": "probe_cc"}, HOUR_S, filled=True)
        for country in sorted({country for _, country in self._live.entities} | set(self._chosen.values())):
            of = Entity(type="country", code=country), country
            params = {"probe_cc": country, "axis_y": "probe_asn"}
            yield _Query(f"network/{country}/", params, HOUR_S, of, filled=True)

    def _daily(self) -> Iterator[_Query]:
        """Counts by day of the tests of each service."""
        for service in SERVICES:
            if service.tests:
                tests = {"test_name": ",".join(service.tests)}
            else:
                domains = [name for domain in service.domains for name in (domain, f"www.{domain}")]
                tests = {"test_name": "web_connectivity", "domain": ",".join(domains)}
            params = {**self._chosen, **tests, "axis_y": "probe_cc"}
            yield _Query(f"service/{service.code}/", params, DAY_S, product=service.code)

    @property
    def _chosen(self) -> dict[str, str]:
        return {} if self._live.country is None else {"probe_cc": self._live.country}

    def _answered(
        self,
        fetcher: Fetcher,
        cursors: Mapping[str, Any],
        query: _Query,
        from_s: int,
        until_s: int,
        now_s: int,
    ) -> Iterator[Step]:
        """Batches of what the answers to a query say anew, one a country or network."""
        rows = self._rows(fetcher, query, from_s, until_s)
        gathered, refused = ooni.gathered(rows, query.of, query.step_s, query.product)
        found = [piece for column in gathered if (piece := column.within(from_s, until_s)) is not None]
        if query.of is None and query.product is None:
            # Of the countries alone: networks and services may have no measurement for days.
            yield _seen(found, from_s)
        yield Batch(f"{query.parts}refused", None, (), [row.reason for row in refused])
        seen = {query.key(part) for part in cursors if part.startswith(query.parts)} if query.filled else set()
        for key, columns in by_key(found, seen if query.filled else None, from_s, until_s).items():
            if not self._wanted(key):
                continue
            part = query.part(key)
            known: Mapping[str, Mapping[str, float]] = cursors.get(part) or {}
            changed = [run for one in columns for run in _changed(one, known.get(one.series.signal, {})).runs()]
            made = frames(ooni.SOURCE, changed, reference="OONI (CC BY 4.0), /aggregation", known_s=now_s)
            yield Batch(part, _told(columns), [(MEASUREMENTS, frame) for frame in made])

    def _rows(self, fetcher: Fetcher, query: _Query, from_s: int, until_s: int) -> list[ooni.Cells]:
        """The rows of all days that have an hour in [from_s, until_s)."""
        url = f"{self._base}/aggregation"
        params: dict[str, str | int] = {"axis_x": ooni.DAY, "format": "JSON", **query.params}
        params["time_grain"] = "hour" if query.step_s == HOUR_S else "day"
        rows: list[ooni.Cells] = []
        end_s, most_s = -(-until_s // DAY_S) * DAY_S, MOST_S[query.step_s]
        for first_s in range(from_s // DAY_S * DAY_S, end_s, most_s):
            # Only dates are taken, and the last one is not in the answer.
            days = {"since": iso(first_s)[:DATE], "until": iso(min(first_s + most_s, end_s))[:DATE]}
            rows += fetcher.get(url, partial(ooni.answer, where=url), {**params, **days}) or []
        return rows

    def _wanted(self, key: Key) -> bool:
        """Whether a network is one of those chosen, where any were; all of a country are, if that was."""
        networks = {entity.code for entity, country in self._live.entities if entity.type == "asn"}
        return key[1].type != "asn" or not networks or key[1].code in networks


def _seen(found: list[Column], from_s: int) -> Seen:
    measured = [
        column.from_s + at * column.step_s
        for column in found
        if column.series.signal == ooni.COUNT
        for at, value in enumerate(column.values)
        if value
    ]
    return Seen(len(measured), max(measured, default=None), from_s)


def _network(code: str) -> Entity:
    return Entity(type="asn", code=code)


def by_key(found: list[Column], seen: set[Key] | None, from_s: int, until_s: int) -> dict[Key, list[Column]]:
    """Columns by country or network. With `seen`, over the whole window: hours without a row have no measurements,
    in those that were seen before as in those of this answer."""
    columns: dict[Key, list[Column]] = defaultdict(list)
    size = (until_s - from_s) // HOUR_S
    counts = {key: [0.0] * size for key in seen or ()}
    for column in found:
        key = column.country, column.series.entity
        if seen is None or column.series.signal != ooni.COUNT:
            columns[key].append(column)
            continue
        row = counts.setdefault(key, [0.0] * size)
        for at, value in enumerate(column.values, (column.from_s - from_s) // HOUR_S):
            if 0 <= at < size and value is not None:
                row[at] = value
    for (country, entity), row in counts.items():
        series = Series(entity=entity, signal=ooni.COUNT)
        columns[country, entity].append(Column(country, series, from_s, HOUR_S, row))
    return columns


def _changed(column: Column, known: Mapping[str, float]) -> Column:
    """The column with what was told already missing."""
    values = [
        None if known.get(str(at)) == value else value
        for at, value in zip(_times(column), column.values, strict=True)
    ]
    return replace(column, values=values)


def _told(columns: list[Column]) -> dict[str, dict[str, float]]:
    """Values by signal and time, Unix seconds."""
    return {
        one.series.signal: {
            str(at): value for at, value in zip(_times(one), one.values, strict=True) if value is not None
        }
        for one in columns
    }


def _times(column: Column) -> range:
    return range(column.from_s, column.from_s + len(column.values) * column.step_s, column.step_s)
