"""IODA's API v2, live: signals of all countries and regions, and outage events.

Signals. One request asks one datasource of up to a hundred entities (the API takes their codes with commas). The
entities are dealt to groups by their codes, each with a cursor: `until`, up to where values were asked for;
`seen`, which entities have this signal; `gaps`, stretches that were missing. Gaps are asked for again, young ones
every round and others every hour, until they are a day old. What comes for a gap is published by itself, so
nothing that was there is said again. Values are asked for only once they are final (`LAG_S` after the fact).

Events. All of the last day are asked for, page by page. What is as it was is not published again; what has grown is
a revision; what is gone from `MISSES` whole answers in a row is withdrawn.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from streams.sources import ioda, ioda_events, ioda_signals
from streams.sources.frames import Column, frames
from streams.sources.http import Fetcher, FetchError, Manners
from streams.sources.payloads import decoded
from streams.sources.polling import Batch, Live, Trouble
from streams.sources.rows import Accepted
from topics import EVIDENCE, MEASUREMENTS, Outage, Record, Topic

BASE = "https://api.ioda.inetintel.cc.gatech.edu/v2"
EVERY_S = 600

#: Signals that are asked for, and how long after a step its values are taken for final, seconds.
LAG_S = {"ping-slash24": 1800, "bgp": 1200, "merit-nt": 1200, "gtr": 7200}

#: Entities of one request, at most; by type the number of groups follows from how many there are.
TOGETHER = 100

#: How far back a first round asks: detection wants a week. The API gives no more than 100 days at once.
FIRST_S = 7 * 86_400
GAP_S, YOUNG_S, HOUR_S, DAY_S = 86_400, 7_200, 3_600, 86_400

PAGE = 500
MISSES = 3

Gaps = dict[str, list[tuple[int, int]]]


class _Group(msgspec.Struct):
    """The cursor of a group of entities and one datasource."""

    until: int
    seen: list[str] = []
    gaps: Gaps = {}
    asked: int = 0


class _Directory(msgspec.Struct):
    """The entities that the API knows, by type: code -> country; and when it was asked for them."""

    at: int
    countries: dict[str, dict[str, str]]


_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])


class _Ioda:
    """What both pollers share: the address, manners, and the directory of entities, renewed once a day."""

    every_s = EVERY_S
    manners = Manners(every_s=0.5)
    headers: Mapping[str, str] = {}

    def __init__(self, live: Live) -> None:
        self._base = (live.url or BASE).rstrip("/")
        self._country, self._since_s = live.country, live.since_s

    def _directory(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> _Directory:
        known = msgspec.convert(cursors["entities"], _Directory) if "entities" in cursors else None
        if known is not None and now_s - known.at < DAY_S:
            return known
        countries: dict[str, dict[str, str]] = {}
        try:
            for type_ in ("country", "region"):
                url = f"{self._base}/entities/query"
                found = fetcher.get(url, partial(ioda_events.described, where=url), {"entityType": type_})
                countries[type_] = {str(one.code): one.country for one in found or () if one.country}
        except FetchError:
            if known is None:
                raise
            return known
        return _Directory(now_s, countries)


class SignalsPoller(_Ioda):
    """Implements `streams.sources.polling.Poller` for signals."""

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Batch | Trouble]:
        """See `Poller.round`."""
        directory = self._directory(fetcher, cursors, now_s)
        yield Batch("entities", msgspec.to_builtins(directory))
        for datasource, lag_s in LAG_S.items():
            step = ioda.STEPS[datasource]
            final_s = (now_s - lag_s) // step * step
            for type_, number, codes in self._groups(directory):
                part = f"{datasource}/{type_}/{number}"
                group = self._group(cursors.get(part), final_s)
                try:
                    yield from self._advance(fetcher, part, group, codes, final_s, now_s)
                except FetchError as error:
                    yield Trouble(part, str(error))

    def _groups(self, directory: _Directory) -> Iterator[tuple[str, int, list[str]]]:
        """Type, number and codes of each group. Which group an entity is in depends on its code alone, as long as
        the API knows about as many entities."""
        for type_, countries in directory.countries.items():
            count = -(-len(countries) // (TOGETHER * 4 // 5)) or 1
            dealt: list[list[str]] = [[] for _ in range(count)]
            for code in sorted(countries):
                if self._country in (None, countries[code]):
                    dealt[zlib.crc32(code.encode()) % count].append(code)
            yield from ((type_, number, codes) for number, codes in enumerate(dealt) if codes)

    def _group(self, cursor: Any, final_s: int) -> _Group:
        if cursor is not None:
            return msgspec.convert(cursor, _Group)
        return _Group(until=self._since_s if self._since_s is not None else final_s - FIRST_S)

    def _advance(
        self, fetcher: Fetcher, part: str, group: _Group, codes: list[str], final_s: int, now_s: int
    ) -> Iterator[Batch]:
        """First what is new, at most a week at a time, then the gaps that are due."""
        while group.until < final_s:
            until_s = min(final_s, group.until + FIRST_S)
            records, group = self._new(fetcher, part, group, codes, until_s)
            yield Batch(part, msgspec.to_builtins(group), records)
        due = {code: gaps for code, gaps in group.gaps.items() if _due(gaps, group.asked, now_s)}
        if due:
            records, gaps = self._fill(fetcher, part, due)
            standing = {**{code: each for code, each in group.gaps.items() if code not in due}, **gaps}
            group = _Group(group.until, group.seen, _younger(standing, now_s - GAP_S), now_s)
            yield Batch(part, msgspec.to_builtins(group), records)

    def _new(
        self, fetcher: Fetcher, part: str, group: _Group, codes: list[str], until_s: int
    ) -> tuple[list[tuple[Topic, Record]], _Group]:
        columns, known_s = self._ask(fetcher, part, codes, group.until, until_s)
        fresh = [cut for column in columns if (cut := _cut(column, group.until, until_s)) is not None]
        step = ioda.STEPS[part.split("/", maxsplit=1)[0]]
        gaps = {code: list(each) for code, each in group.gaps.items()}
        there = {column.series.entity.code for column in fresh}
        for column in fresh:
            gaps.setdefault(column.series.entity.code, []).extend(_missing(column, group.until, until_s))
        for code in set(group.seen) - there:
            gaps.setdefault(code, []).append((group.until // step * step, until_s))
        kept = _younger(gaps, until_s - GAP_S)
        records = self._frames(fresh, known_s)
        return records, _Group(until_s, sorted({*group.seen, *there}), kept, group.asked)

    def _fill(self, fetcher: Fetcher, part: str, due: Gaps) -> tuple[list[tuple[Topic, Record]], Gaps]:
        from_s = min(begin for gaps in due.values() for begin, _ in gaps)
        until_s = max(end for gaps in due.values() for _, end in gaps)
        columns, known_s = self._ask(fetcher, part, sorted(due), from_s, until_s)
        found: list[Column] = []
        left: Gaps = {code: list(gaps) for code, gaps in due.items()}
        for column in columns:
            code = column.series.entity.code
            pieces = [_cut(column, *gap) for gap in due.get(code, ())]
            found += [run for piece in pieces if piece is not None for run in _runs(piece)]
            left[code] = [
                still for gap, piece in zip(due.get(code, ()), pieces, strict=True) for still in _left(gap, piece)
            ]
        return self._frames(found, known_s), left

    def _ask(
        self, fetcher: Fetcher, part: str, codes: Sequence[str], from_s: int, until_s: int
    ) -> tuple[list[Column], int | None]:
        datasource, type_, _ = part.split("/")
        url = f"{self._base}/signals/raw/{type_}/{','.join(codes)}"
        params: dict[str, str | int] = {"from": from_s, "until": until_s, "datasource": datasource}
        answer = fetcher.get(url, lambda raw: ioda_signals.answer(raw, part), params)
        assert answer is not None
        return [column for column in answer[0] if column.series.signal == datasource], answer[1]

    def _frames(self, columns: Iterable[Column], known_s: int | None) -> list[tuple[Topic, Record]]:
        return [(MEASUREMENTS, one) for one in frames(ioda.SOURCE, columns, reference=ioda.TERMS, known_s=known_s)]


def _cut(column: Column, from_s: int, until_s: int) -> Column | None:
    """The part of a column within [from_s, until_s); None if there is none."""
    first = max(0, -(-(from_s - column.from_s) // column.step_s))
    last = min(len(column.values), -(-(until_s - column.from_s) // column.step_s))
    if first >= last:
        return None
    begin_s = column.from_s + first * column.step_s
    return Column(column.country, column.series, begin_s, column.step_s, column.values[first:last])


def _runs(column: Column) -> Iterator[Column]:
    """The stretches of a column without a missing value."""
    first: int | None = None
    for at, value in enumerate([*column.values, None]):
        if value is not None and first is None:
            first = at
        elif value is None and first is not None:
            begin_s = column.from_s + first * column.step_s
            yield Column(column.country, column.series, begin_s, column.step_s, column.values[first:at])
            first = None


def _missing(column: Column, from_s: int, until_s: int) -> list[tuple[int, int]]:
    """The stretches of [from_s, until_s) of which a column has no value."""
    at, missing = from_s, []
    for run in _runs(column):
        if run.from_s > at:
            missing.append((at, run.from_s))
        at = run.from_s + len(run.values) * run.step_s
    return [*missing, (at, until_s)] if at < until_s else missing


def _left(gap: tuple[int, int], piece: Column | None) -> list[tuple[int, int]]:
    return [gap] if piece is None else _missing(piece, *gap)


def _due(gaps: Sequence[tuple[int, int]], asked_s: int, now_s: int) -> bool:
    return asked_s // HOUR_S != now_s // HOUR_S or any(end > now_s - YOUNG_S for _, end in gaps)


def _younger(gaps: Gaps, than_s: int) -> Gaps:
    kept = {code: [gap for gap in each if gap[1] > than_s] for code, each in gaps.items()}
    return {code: each for code, each in kept.items() if each}


class EventsPoller(_Ioda):
    """Implements `streams.sources.polling.Poller` for outage events."""

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Batch | Trouble]:
        """See `Poller.round`."""
        directory = self._directory(fetcher, cursors, now_s)
        yield Batch("entities", msgspec.to_builtins(directory))
        from_s = self._since_s if self._since_s is not None and "events" not in cursors else now_s - DAY_S
        found = self._events(fetcher, directory, from_s, now_s)
        before: dict[str, list[Any]] = cursors.get("events", {})
        records, after = [], {}
        for outage in found.values():
            content = msgspec.to_builtins(msgspec.structs.replace(outage, revision=0))
            after[outage.id] = [content, 0]
            if outage.id not in before or before[outage.id][0] != content:
                records.append((EVIDENCE, outage))
        for key, (content, misses) in before.items():
            gone = msgspec.convert(content, Outage)
            over = gone.until_s is not None and gone.until_s <= now_s - DAY_S
            if key in after or over:
                continue
            if misses + 1 < MISSES:
                after[key] = [content, misses + 1]
            else:
                records.append((EVIDENCE, msgspec.structs.replace(gone, revision=now_s, withdrawn=True)))
        yield Batch("events", after, records)

    def _events(self, fetcher: Fetcher, directory: _Directory, from_s: int, now_s: int) -> dict[str, Outage]:
        """All pages. They shift when events come in between, so one may come twice: the longer one counts."""
        known = ioda.Entities(
            {
                f"{type_}/{code}": country
                for type_, each in directory.countries.items()
                for code, country in each.items()
            }
        )
        url = f"{self._base}/outages/events"
        found: dict[str, Outage] = {}
        for page in range(1000):
            params: dict[str, str | int] = {"from": from_s, "until": now_s, "limit": PAGE, "page": page}
            answer = fetcher.get(url, lambda raw: _page(raw, url), params)
            assert answer is not None
            envelope, items = answer
            for row in ioda_events.events(items, envelope, known):
                if isinstance(row, Accepted) and isinstance(row.record, Outage):
                    outage = msgspec.structs.replace(row.record, revision=now_s)
                    if self._country in (None, outage.country):
                        found[outage.id] = _longer(found.get(outage.id), outage)
            if len(items) < PAGE:
                break
        return found


def _page(raw: bytes, where: str) -> tuple[ioda.Envelope, list[bytes]]:
    envelope = ioda.envelope(raw, where)
    return envelope, [bytes(item) for item in decoded(bytes(envelope.data), _ITEMS, f"{where}, `data`")]


def _longer(one: Outage | None, other: Outage) -> Outage:
    if one is None or other.until_s is None:
        return other
    return one if one.until_s is None or one.until_s > other.until_s else other
