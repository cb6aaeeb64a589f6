"""The Internet Society's Pulse, live: its whole list, compared with what was told (`listing`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from streams.sources import pulse
from streams.sources.http import Fetcher, Manners
from streams.sources.listing import compared
from streams.sources.polling import Batch, Live, Trouble

BASE = "https://pulse.internetsociety.org/api/v1"
TOKEN = "PULSE_API_TOKEN"  # noqa: S105 - the name of a variable


class PulsePoller:
    """Implements `streams.sources.polling.Poller`."""

    every_s = 3_600
    manners = Manners(every_s=2.0)

    def __init__(self, live: Live) -> None:
        self._base, self._live = (live.url or BASE).rstrip("/"), live
        self.headers: Mapping[str, str] = {"Authorization": f"Bearer {live.secrets[TOKEN]}"}

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Batch | Trouble]:
        """See `Poller.round`."""
        url = f"{self._base}/shutdowns"
        listed = fetcher.get(url, partial(pulse.answer, where=url), conditional=True)
        if listed is None:
            return
        rows = [pulse.row_of(number, cells) for number, cells in enumerate(listed, 1)]
        yield from compared(
            "shutdowns",
            rows,
            cursors,
            now_s,
            over=lambda _: False,
            wanted=lambda one: self._live.wants(one.country),
        )
