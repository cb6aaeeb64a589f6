"""The Internet Society's Pulse, live: its whole list, compared with what was told (`listing`).

Where its list is has changed, and is not known for sure: its addresses are tried one after the other, the one that
answered last at first. One that isn't the right one answers 404, or 403 with a page that only browsers get past.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from streams.sources import pulse
from streams.sources.http import Fetcher, FetchError, Manners
from streams.sources.listing import compared
from streams.sources.points import moment
from streams.sources.polling import Batch, Live, Notice, Seen, Step
from streams.sources.rows import Accepted
from topics import Report

TOKEN = "PULSE_API_TOKEN"  # noqa: S105 - the name of a variable

#: Where its list is, as clients of it have it.
ADDRESSES = (
    "https://pulse-api.internetsociety.org/shutdowns",
    "https://pulse.internetsociety.org/api/shutdowns",
    "https://pulse.internetsociety.org/api/v1/shutdowns",
)

#: Paths below an address of one's own.
PATHS = ("/shutdowns", "/v1/shutdowns")

#: What is answered where the list is not. A token that is wrong is answered with 401.
ELSEWHERE = frozenset({403, 404, 405, 410})


class PulsePoller:
    """Implements `streams.sources.polling.Poller`."""

    every_s = 3_600
    manners = Manners(every_s=2.0)

    def __init__(self, live: Live) -> None:
        own = (live.url or "").rstrip("/")
        self._live = live
        self._addresses = tuple(own + path for path in PATHS) if own else ADDRESSES
        self.headers: Mapping[str, str] = {
            "Authorization": f"Bearer {live.secrets[TOKEN]}",
            "Accept": "application/json",
        }

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Step]:
        """See `Poller.round`."""
        address, listed = self._asked(fetcher, str(cursors.get("address", "")))
        yield Batch("address", address)
        if listed is None:
            return
        rows = [pulse.row_of(number, cells) for number, cells in enumerate(listed.rows, 1)]
        reports = [row.record for row in rows if isinstance(row, Accepted) and isinstance(row.record, Report)]
        yield Seen(len(rows), max((moment(one.start) for one in reports), default=None), now_s)
        if not listed.whole:
            words = f"Pulse says that its list has {listed.total:,} shutdowns and gives {len(listed.rows):,}"
            yield Notice(f"{words}: those that are missing are not taken back")
        yield from compared(
            "shutdowns",
            rows,
            cursors,
            now_s,
            over=lambda _: False,
            wanted=lambda one: self._live.wants(one.country),
            shown=lambda _: listed.whole,
        )

    def _asked(self, fetcher: Fetcher, known: str) -> tuple[str, pulse.Answer | None]:
        """The address that answers, and its list; None if that is as it was.

        Raises:
            FetchError: none answers. The message is that of the address that answered before, else of the first.
        """
        addresses = sorted(self._addresses, key=lambda one: one != known)
        failed: FetchError | None = None
        for address in addresses:
            try:
                return address, fetcher.get(address, partial(pulse.answered, where=address), conditional=True)
            except FetchError as error:
                failed = failed or error
                if error.status not in ELSEWHERE:
                    break
        assert failed is not None
        raise failed
