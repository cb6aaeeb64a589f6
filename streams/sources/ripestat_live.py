"""RIPEstat, live: BGP update activity of chosen networks, from where it was asked for last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from streams.sources import ripestat
from streams.sources.files import SourceError
from streams.sources.frames import Column, frames
from streams.sources.http import Fetcher, FetchError, Manners
from streams.sources.points import iso
from streams.sources.polling import Batch, Live, Notice, Seen, Step, Trouble
from topics import MEASUREMENTS, final_after_s

BASE = "https://stat.ripe.net/data"

#: How far back a first round asks, and how much at most at once.
FIRST_S, MOST_S = 7 * 86_400, 14 * 86_400

#: How long after the fact all updates are in.
LAG_S = max(map(final_after_s, ripestat.SIGNALS.values()))
STEP_S = 3_600


class RipestatPoller:
    """Implements `streams.sources.polling.Poller`.

    Raises:
        SourceError: no network was chosen.
    """

    every_s = 3_600
    #: It asks for no more than eight requests at once; one at a time, a second apart, is well below.
    manners = Manners(every_s=1.0)
    headers: Mapping[str, str] = {}

    def __init__(self, live: Live) -> None:
        self._base, self._live = (live.url or BASE).rstrip("/"), live
        if not live.entities or any(entity.type != "asn" for entity, _ in live.entities):
            raise SourceError("say of which networks: give --entity asn/KZ/9198, as often as you like")

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Step]:
        """See `Poller.round`."""
        end_s = self._live.now_s(now_s - LAG_S) // STEP_S * STEP_S
        for entity, country in self._live.entities:
            part = f"asn/{entity.code}"
            since_s = self._live.since_s if self._live.since_s is not None else end_s - FIRST_S
            from_s = int(cursors.get(part, since_s // STEP_S * STEP_S))
            try:
                while from_s < end_s:
                    wanted_s = min(end_s, from_s + MOST_S)
                    found = self._ask(fetcher, entity.code, country, from_s, wanted_s)
                    # What the service hasn't got yet is asked for in the next round.
                    until_s = wanted_s if found.until_s is None else min(wanted_s, found.until_s // STEP_S * STEP_S)
                    yield from map(Notice, found.notices)
                    yield Seen(len(found.columns), until_s, from_s)
                    yield _batch(part, found.columns, from_s, max(from_s, until_s), now_s)
                    if until_s < wanted_s:
                        break
                    from_s = until_s
            except FetchError as error:
                yield Trouble(part, error)

    def _ask(self, fetcher: Fetcher, asn: str, country: str, from_s: int, until_s: int) -> ripestat.Activity:
        url = f"{self._base}/bgp-update-activity/data.json"
        params: dict[str, str | int] = {
            "resource": asn,
            "starttime": iso(from_s).removesuffix("Z"),
            "endtime": iso(until_s).removesuffix("Z"),
            "min_sampling_period": STEP_S,
            # 50 samples unless asked otherwise: a week would come in steps of six hours.
            "max_samples": (until_s - from_s) // STEP_S + 1,
            "hide_empty_samples": "false",
            "sourceapp": "shutdown-streams",
        }
        found = fetcher.get(url, lambda raw: ripestat.answer(raw, url, country), params)
        assert found is not None
        return found


def _batch(part: str, columns: list[Column], from_s: int, until_s: int, now_s: int) -> Batch:
    """The values of [from_s, until_s), and that they were told."""
    cut = [piece for column in columns if (piece := column.within(from_s, until_s)) is not None]
    made = frames(ripestat.SOURCE, cut, reference="RIPEstat, bgp-update-activity", known_s=now_s)
    return Batch(part, until_s, [(MEASUREMENTS, frame) for frame in made])
