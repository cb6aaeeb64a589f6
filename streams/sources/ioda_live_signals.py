"""IODA's signals, live: of all countries and regions, and of chosen networks.

One request asks one datasource of up to a hundred entities (the API takes their codes with commas). The entities
are dealt to groups by their codes, each with a cursor: `until`, up to where values were asked for; `seen`, which
entities have this signal; `gaps`, stretches that were missing. Gaps are asked for again, young ones every round and
others every hour, until they are a day old. What comes for a gap is published by itself, so nothing that was there
is said again. Values are asked for only once they are final (`lag_s` of the catalogue of signals after the fact).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from streams.sources import ioda, ioda_signals
from streams.sources.files import SourceError
from streams.sources.frames import Column, frames, values_of
from streams.sources.http import Fetcher, FetchError
from streams.sources.ioda_live import APART_S, Directory, IodaPoller
from streams.sources.polling import Batch, Live, Seen, Step, Trouble
from topics import MEASUREMENTS, Measurement, Topic, final_after_s, signal_facts, signals_named

#: Datasources that are asked for: those that the catalogue says when to ask for.
ASKED = tuple(code for code in signals_named("ioda").values() if signal_facts(code).lag_s is not None)

#: Types of entities that a signal exists for, where it doesn't for all.
ONLY_OF: Mapping[str, tuple[str, ...]] = {"gtr": ("country",)}

#: Products that are asked for, where a datasource has several: its default, asked for all the same.
PRODUCTS: Mapping[str, str] = {"gtr": "WEB_SEARCH"}

#: Entities of one request, at most; by type the number of groups follows from how many there are.
TOGETHER = 100

#: How far back a first round asks: detection wants a week. The API gives no more than 100 days at once.
FIRST_S = 7 * 86_400
GAP_S, YOUNG_S, HOUR_S = 86_400, 7_200, 3_600

Gaps = dict[str, list[tuple[int, int]]]


class _Group(msgspec.Struct):
    """The cursor of a group of entities and one datasource."""

    until: int
    seen: list[str] = []
    gaps: Gaps = {}
    asked: int = 0


class SignalsPoller(IodaPoller):
    """Implements `streams.sources.polling.Poller` for signals."""

    def __init__(self, live: Live) -> None:
        super().__init__(live)
        self._chosen = ioda.Entities({})

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Step]:
        """See `Poller.round`."""
        for found in self.directory(fetcher, cursors, now_s):
            if isinstance(found, Batch | Trouble):
                yield found
            else:
                self._require_time_for(found)
                # The API doesn't say in which country networks are.
                self._chosen = found.known
                yield from self._signals(fetcher, cursors, found, now_s)

    def _signals(
        self, fetcher: Fetcher, cursors: Mapping[str, Any], directory: Directory, now_s: int
    ) -> Iterator[Step]:
        for datasource in ASKED:
            step = ioda.step_s(datasource)
            final_s = self.live.now_s(now_s - final_after_s(datasource)) // step * step
            for type_, number, codes in self._groups(directory):
                if type_ not in ONLY_OF.get(datasource, (type_,)):
                    continue
                part = f"{datasource}/{type_}/{number}"
                group = self._group(cursors.get(part), final_s, step)
                try:
                    yield from self._advance(fetcher, part, group, codes, final_s, now_s)
                except FetchError as error:
                    yield Trouble(part, error)

    def _require_time_for(self, directory: Directory) -> None:
        """Raise SourceError if there are more requests to make than a round has time for."""
        requests = sum(
            type_ in ONLY_OF.get(datasource, (type_,))
            for type_, _, _ in self._groups(directory)
            for datasource in ASKED
        )
        most = int(self.every_s / APART_S)
        if requests > most:
            raise SourceError(
                f"a round would take {requests:,} requests, and {self.every_s // 60} minutes have room for "
                f"{most:,}: choose a country (--country), or a smaller share of networks (--networks)"
            )

    def _groups(self, directory: Directory) -> Iterator[tuple[str, int, list[str]]]:
        """Type, number and codes of each group. Which group an entity is in depends on its code alone, as long as
        the API knows about as many entities."""
        for type_, entities in directory.entities.items():
            count = groups_of(len(entities))
            dealt: list[list[str]] = [[] for _ in range(count)]
            for code in sorted(entities):
                if self.live.wants(entities[code][0]):
                    dealt[group_of(code, count)].append(code)
            yield from ((type_, number, codes) for number, codes in enumerate(dealt) if codes)

    def _group(self, cursor: Any, final_s: int, step: int) -> _Group:
        if cursor is not None:
            return msgspec.convert(cursor, _Group)
        since_s = self.live.since_s if self.live.since_s is not None else final_s - FIRST_S
        return _Group(until=-(-since_s // step) * step)

    def _advance(
        self, fetcher: Fetcher, part: str, group: _Group, codes: list[str], final_s: int, now_s: int
    ) -> Iterator[Batch | Seen]:
        """First what is new, at most a week at a time, then the gaps that are due.

        After an absence gaps come first, once more: by what is new they are too old.
        """
        if group.gaps and final_s - group.until > GAP_S:
            records, gaps = self._fill(fetcher, part, group.gaps)
            group = _Group(group.until, group.seen, gaps, now_s)
            yield Batch(part, msgspec.to_builtins(group), records)
        while group.until < final_s:
            until_s = min(final_s, group.until + FIRST_S)
            since_s = group.until
            records, group, refused = self._new(fetcher, part, group, codes, until_s)
            yield Seen(*values_of(one for _, one in records), since_s)
            yield Batch(part, msgspec.to_builtins(group), records, refused)
        due = {code: gaps for code, gaps in group.gaps.items() if _due(gaps, group.asked, now_s)}
        if due:
            records, gaps = self._fill(fetcher, part, due)
            standing = {**{code: each for code, each in group.gaps.items() if code not in due}, **gaps}
            group = _Group(group.until, group.seen, _younger(standing, now_s - GAP_S), now_s)
            yield Batch(part, msgspec.to_builtins(group), records)

    def _new(
        self, fetcher: Fetcher, part: str, group: _Group, codes: list[str], until_s: int
    ) -> tuple[list[tuple[Topic, Measurement]], _Group, list[str]]:
        columns, known_s, refused = self._ask(fetcher, part, codes, group.until, until_s)
        fresh = [cut for column in columns if (cut := column.within(group.until, until_s)) is not None]
        step = ioda.step_s(part.split("/", maxsplit=1)[0])
        gaps = {code: list(each) for code, each in group.gaps.items()}
        there = {column.series.entity.code for column in fresh}
        for column in fresh:
            gaps.setdefault(column.series.entity.code, []).extend(_missing(column, group.until, until_s))
        for code in set(group.seen) - there:
            gaps.setdefault(code, []).append((group.until // step * step, until_s))
        kept = _younger(gaps, until_s - GAP_S)
        records = self._frames(fresh, known_s)
        return records, _Group(until_s, sorted({*group.seen, *there}), kept, group.asked), refused

    def _fill(self, fetcher: Fetcher, part: str, due: Gaps) -> tuple[list[tuple[Topic, Measurement]], Gaps]:
        from_s = min(begin for gaps in due.values() for begin, _ in gaps)
        until_s = max(end for gaps in due.values() for _, end in gaps)
        columns, known_s, _ = self._ask(fetcher, part, sorted(due), from_s, until_s)
        found: list[Column] = []
        left: Gaps = {code: list(gaps) for code, gaps in due.items()}
        for column in columns:
            code = column.series.entity.code
            pieces = [column.within(*gap) for gap in due.get(code, ())]
            found += [run for piece in pieces if piece is not None for run in piece.runs()]
            left[code] = [
                still for gap, piece in zip(due.get(code, ()), pieces, strict=True) for still in _left(gap, piece)
            ]
        return self._frames(found, known_s), left

    def _ask(
        self, fetcher: Fetcher, part: str, codes: Sequence[str], from_s: int, until_s: int
    ) -> tuple[list[Column], int | None, list[str]]:
        """The columns, when they were given, and why others were refused."""
        datasource, type_, _ = part.split("/")
        url = f"{self.base}/signals/raw/{type_}/{','.join(quote(code, safe='') for code in codes)}"
        params: dict[str, str | int] = {"from": from_s, "until": until_s, "datasource": datasource}
        if datasource in PRODUCTS:
            params["sourceParams"] = PRODUCTS[datasource]
        answer = fetcher.get(url, lambda raw: ioda_signals.answer(raw, part, self._chosen, len(codes)), params)
        assert answer is not None
        # What was asked for is past by our clock: theirs may be behind, and cuts nothing off.
        found, answered_s, refused = answer
        known_s = None if answered_s is None else max(answered_s, until_s)
        columns = [column for column in found if column.series.signal == datasource]
        return columns, known_s, [refusal.reason for _, refusal in refused]

    def _frames(self, columns: Iterable[Column], known_s: int | None) -> list[tuple[Topic, Measurement]]:
        return [(MEASUREMENTS, one) for one in frames(ioda.SOURCE, columns, reference=ioda.TERMS, known_s=known_s)]


def groups_of(entities: int) -> int:
    """Into how many groups as many entities are dealt: they may grow by a quarter within one request."""
    return -(-entities // (TOGETHER * 4 // 5)) or 1


def group_of(code: str, count: int) -> int:
    """Which of `count` groups an entity is in."""
    return zlib.crc32(code.encode()) % count


def _missing(column: Column, from_s: int, until_s: int) -> list[tuple[int, int]]:
    """The stretches of [from_s, until_s) of which a column has no value."""
    at, missing = from_s, []
    for run in column.runs():
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
