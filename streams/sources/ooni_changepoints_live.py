"""OONI's event detector, live: changepoints of blocking, and when each blocking ended.

The list has no pages and no order, and its own defaults for `since` and `until` are those of the moment at which
the service was started: both are always sent. Changepoints come late and are found anew, so that the last days are
asked for each time. What went up is remembered until it goes down: the list needn't have both. That a changepoint
is in the list no more is no withdrawal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec

from streams.sources import ooni_changepoints
from streams.sources.http import Fetcher, Manners
from streams.sources.ooni_changepoints import Changepoint, blocking
from streams.sources.ooni_live import BASE, DATE, DAY_S, HOUR_S
from streams.sources.points import iso
from streams.sources.polling import Batch, Live, Seen, Step
from streams.sources.rows import Refusal
from topics import EVIDENCE, Record, Topic

#: Days asked for: in the first round, and in each later one.
FIRST_S, AGAIN_S = 30 * DAY_S, 7 * DAY_S

#: So long the end of blocking is waited for. It stays as it was told: not over, as far as is known.
FORGET_S = 400 * DAY_S


class Spell(msgspec.Struct, array_like=True):
    """Blocking as it was published: its begin, its end (None: not over), and what was measured then."""

    from_s: int
    until_s: int | None
    share: float
    tests: int


class ChangepointsPoller:
    """Implements `streams.sources.polling.Poller`."""

    every_s = HOUR_S
    manners = Manners(every_s=5.0, timeout_s=120.0)
    headers: Mapping[str, str] = {}

    def __init__(self, live: Live) -> None:
        self._base, self._live = (live.url or BASE).rstrip("/"), live

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Step]:
        """See `Poller.round`."""
        until_s = self._live.now_s(now_s)
        first = not any(part.startswith("country/") for part in cursors)
        usual_s = until_s - (FIRST_S if first else AGAIN_S)
        from_s = self._live.since_s if first and self._live.since_s is not None else usual_s
        url = f"{self._base}/detector/changepoints"
        params: dict[str, str | int] = {"since": iso(from_s)[:DATE], "until": iso(until_s + DAY_S)[:DATE]}
        if self._live.country is not None:
            params["probe_cc"] = self._live.country
        items = fetcher.get(url, partial(ooni_changepoints.listed, where=url), params) or []
        told: dict[str, list[Changepoint]] = defaultdict(list)
        refused: list[str] = []
        for raw in items:
            try:
                point = ooni_changepoints.changepoint(raw)
            except Refusal as refusal:
                refused.append(refusal.reason)
                continue
            if self._live.wants(point.country) and point.time_s <= until_s:
                told[point.country].append(point)
        newest_s = max((point.time_s for points in told.values() for point in points), default=None)
        yield Seen(len(items), newest_s, from_s)
        yield Batch("refused", None, (), refused)
        for country, points in told.items():
            part = f"country/{country}"
            known = msgspec.convert(cursors.get(part) or {}, dict[str, list[Spell]])
            after, records = _advanced(points, known, until_s)
            yield Batch(part, msgspec.to_builtins(after), records)


def _advanced(
    points: list[Changepoint], known: dict[str, list[Spell]], now_s: int
) -> tuple[dict[str, list[Spell]], list[tuple[Topic, Record]]]:
    """What is remembered of a country after an answer, and what is new: blocking that began, and that ended."""
    records: list[tuple[Topic, Record]] = []
    for point in sorted(points, key=lambda one: (one.time_s, one.direction == "up")):
        own = known.setdefault(point.key, [])
        if point.direction == "up":
            if not any(_covers(spell, point.time_s) for spell in own):
                own.append(Spell(point.time_s, None, point.share, point.tests))
                records.append((EVIDENCE, _piece(point, own[-1])))
            continue
        for spell in own:
            if spell.until_s is None and spell.from_s < point.time_s:
                spell.until_s = point.time_s
                records.append((EVIDENCE, _piece(point, spell)))
    kept = {
        key: [one for one in own if (one.until_s or one.from_s + FORGET_S) > now_s - FIRST_S]
        for key, own in known.items()
    }
    return {key: own for key, own in kept.items() if own}, records


def _covers(spell: Spell, time_s: int) -> bool:
    """Whether something that went up is that spell, or goes on in it."""
    return spell.from_s <= time_s and (spell.until_s is None or time_s < spell.until_s)


def _piece(point: Changepoint, spell: Spell) -> Record:
    began = replace(point, time_s=spell.from_s, direction="up", share=spell.share, tests=spell.tests)
    return blocking(began, spell.until_s)
