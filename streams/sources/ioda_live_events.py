"""IODA's events and alerts, live: from its API, and from its own Kafka.

Events of the last day, or of the time since they were listed last, are asked for whole, page by page, and compared
with what was told (`listing`): what has grown is a revision, what is gone is withdrawn. The API makes events of the
alerts of the last 15 days. One that began before is not listed, which is no withdrawal; or it is listed with the
start of a later alert, and stays the same event (`ioda_event_identity`).

Alerts are followed series by series: each opens, deepens or ends an outage, and one that was told is not told
again, however often pages or Kafka bring it. One that says normal ends the open event of its series, too. So no
event is withdrawn in a round in which the alerts could not be had: it may have ended. Each round asks for the
alerts of the last hours; once an hour for those of a whole day, since IODA's pipelines fall behind for hours.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from streams.sources import ioda, ioda_events
from streams.sources.http import Fetcher, FetchError
from streams.sources.ioda_alerts import Alert, Track, advance, alert_of, track_key
from streams.sources.ioda_event_identity import continued, ended
from streams.sources.ioda_live import DAY_S, Directory, IodaPoller
from streams.sources.listing import BUCKETS, Listed, compared, remembered, revised
from streams.sources.polling import Batch, Seen, Step, Trouble
from streams.sources.rows import Accepted, Refusal, Row
from topics import EVIDENCE, Outage, Record, Topic

PAGE, MOST_PAGES = 500, 1000

#: Alerts are asked for again so far back: Google's come 60 to 90 minutes late, and pages shift.
OVERLAP_S = 3 * 3_600

#: And so far back, so often, for those of a pipeline that fell behind: a whole day is several pages.
LATE_S, LATE_EVERY_S = DAY_S, 3_600

#: How far around the asked time the API looks at alerts for its events: its default, asked for all the same.
EXTEND_S = 14 * DAY_S

#: IODA's own page leaves these out: they are noisy.
IGNORED = "*.sarima"

#: What each list is asked for beside the time and the page.
ASKED: Mapping[str, Mapping[str, str | int]] = {
    "events": {"format": "codf", "extendWindow": EXTEND_S, "ignoreMethods": IGNORED},
    "alerts": {"extendWindow": 0, "ignoreMethods": IGNORED},
}

#: The end of a spell is remembered for so long: alerts are not told again after it.
FORGET_S = 2 * DAY_S


class EventsPoller(IodaPoller):
    """Implements `streams.sources.polling.Poller` for outage events and alerts."""

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Step]:
        """See `Poller.round`."""
        until_s = self.live.now_s(now_s)
        for found in self.directory(fetcher, cursors, now_s):
            if isinstance(found, Batch | Trouble):
                yield found
            else:
                ends_known = True
                try:
                    yield from self._alerts(fetcher, cursors, found, until_s)
                except FetchError as error:
                    yield Trouble("alerts", error)
                    ends_known = False
                yield from self._events(fetcher, cursors, found, until_s, ends_known=ends_known)

    def _events(
        self,
        fetcher: Fetcher,
        cursors: Mapping[str, Any],
        directory: Directory,
        now_s: int,
        *,
        ends_known: bool,
    ) -> Iterator[Batch | Seen]:
        from_s = self._listed_from(cursors, now_s)
        found: dict[str, Outage] = {}
        rows: list[Row] = []
        for envelope, items in self._pages(fetcher, "events", from_s, now_s):
            for row in ioda_events.events(items, envelope, directory.known):
                if isinstance(row, Accepted) and isinstance(row.record, Outage):
                    # Pages shift when events come in between, so one may come twice: the longer one counts.
                    found[row.record.id] = _longer(found.get(row.record.id), row.record)
                else:
                    rows.append(row)

        yield Seen(len(found) + len(rows), max((one.from_s for one in found.values()), default=None), from_s)

        def over(record: Listed) -> bool:
            return isinstance(record, Outage) and record.until_s is not None and record.until_s <= from_s

        def shown(record: Listed) -> bool:
            in_reach = isinstance(record, Outage) and record.from_s >= from_s - EXTEND_S + DAY_S
            return ends_known and in_reach

        same = continued(found.values(), _published(cursors))
        rows += [Accepted(0, EVIDENCE, outage) for outage in {one.id: one for one in same}.values()]
        yield from compared(
            "events",
            rows,
            cursors,
            now_s,
            over=over,
            wanted=lambda one: self.live.wants(one.country),
            shown=shown,
        )
        yield Batch("listed", now_s)

    def _listed_from(self, cursors: Mapping[str, Any], now_s: int) -> int:
        """The begin of the time whose events are listed: a day, or more where nobody asked for a while."""
        if "listed" not in cursors and self.live.since_s is not None:
            return self.live.since_s
        return max(min(now_s, int(cursors.get("listed", now_s))) - DAY_S, now_s - EXTEND_S)

    def _alerts(
        self, fetcher: Fetcher, cursors: Mapping[str, Any], directory: Directory, now_s: int
    ) -> Iterator[Batch]:
        """Batches of what alerts say anew: outages of their own, and ends of events."""
        since_s = self.live.since_s if self.live.since_s is not None else now_s - DAY_S
        from_s = int(cursors.get("alerts", since_s + OVERLAP_S)) - OVERLAP_S
        late = self.live.until_s is None and now_s - int(cursors.get("late-alerts", 0)) >= LATE_EVERY_S
        if late:
            from_s = min(from_s, max(now_s - LATE_S, self.live.since_s or 0))
        told: list[Alert] = []
        refused: list[str] = []
        for _, items in self._pages(fetcher, "alerts", from_s, now_s):
            for raw in items:
                try:
                    told.append(alert_of(raw))
                except Refusal as refusal:
                    refused.append(refusal.reason)
        normal: dict[str, list[int]] = defaultdict(list)
        for alert in told:
            if alert.level == "normal":
                normal[track_key(alert)].append(alert.time)
        yield from followed(told, cursors, directory.known, now_s, self.live.wants)
        yield from revised("events", ended(_published(cursors), normal), cursors, now_s)
        if late:
            yield Batch("late-alerts", now_s)
        yield Batch("alerts", now_s, (), refused)

    def _pages(
        self, fetcher: Fetcher, what: str, from_s: int, until_s: int
    ) -> Iterator[tuple[ioda.Envelope, list[bytes]]]:
        url = f"{self.base}/outages/{what}"
        for page in range(MOST_PAGES):
            window: dict[str, str | int] = {"from": from_s, "until": until_s, "limit": PAGE, "page": page}
            params = {**window, **ASKED[what]}
            answer = fetcher.get(url, lambda raw: ioda_events.listed(raw, url), params)
            assert answer is not None
            yield answer
            if len(answer[1]) < PAGE:
                return


def followed(
    alerts: Iterable[Alert],
    cursors: Mapping[str, Any],
    known: ioda.Entities,
    now_s: int,
    wants: Callable[[str], bool],
) -> Iterator[Batch]:
    """Batches of the outages that alerts open, deepen and end, of the countries that are wanted; the tracks of
    series are kept in buckets."""
    buckets: dict[int, list[Alert]] = defaultdict(list)
    for alert in alerts:
        buckets[zlib.crc32(track_key(alert).encode()) % BUCKETS].append(alert)
    for number, told in sorted(buckets.items()):
        part = f"tracks/{number:02}"
        tracks = msgspec.convert(cursors.get(part) or {}, dict[str, Track])
        found: dict[str, Outage] = {}
        refused: list[str] = []
        for alert in sorted(told, key=lambda one: one.time):
            try:
                outage = advance(tracks, alert, known)
            except Refusal as refusal:
                refused.append(refusal.reason)
            else:
                if outage is not None and wants(outage.country):
                    found[outage.id] = outage
        kept = {
            key: track for key, track in tracks.items() if track.open is not None or track.last_s > now_s - FORGET_S
        }
        records: list[tuple[Topic, Record]] = [(EVIDENCE, replace(one, known_s=now_s)) for one in found.values()]
        yield Batch(part, msgspec.to_builtins(kept), records, refused)


def _published(cursors: Mapping[str, Any]) -> list[Outage]:
    """The events that were published and hold."""
    return [one for one in remembered("events", cursors) if isinstance(one, Outage)]


def _longer(one: Outage | None, other: Outage) -> Outage:
    if one is None or other.until_s is None:
        return other
    return one if one.until_s is None or one.until_s > other.until_s else other
