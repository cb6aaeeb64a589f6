"""A double of the Internet Health Report's API, as strict as the service (docs/SERVICES.md)."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from dataclasses import dataclass, field
from typing import Any

from tests.sources.fake import Answer, Request, Route

DAY_S = 86_400


def stamp(at: int) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seconds(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp())


@dataclass
class Ihr:
    """`events` are disconnections, `alarms` those of delay: both as the service gives them out. `size` is how many
    rows a page has: 100,000 at the service."""

    events: list[dict[str, Any]] = field(default_factory=list)
    alarms: list[dict[str, Any]] = field(default_factory=list)
    size: int = 100_000
    #: Rows that are counted and not given out.
    lost: int = 0

    def routes(self) -> dict[str, Route]:
        return {"/disco/events/": self._events, "/network_delay/alarms/": self._alarms}

    def event(self, at: int, until: int | None = None, **more: Any) -> dict[str, Any]:
        """Add a disconnection of ten of Kazakhtelecom's twelve probes in Almaty."""
        probe = {"probe_id": 6_021, "ipv4": "192.0.2.7", "prefixv4": "192.0.2.0/24", "event": 1, "level": 14.0}
        probe |= {"starttime": stamp(at), "endtime": stamp(until or at), "lat": 43.25, "lon": 76.95}
        self.events.append(
            {"id": 1_000 + len(self.events), "streamtype": "asn", "streamname": "9198", "starttime": stamp(at),
             # Equal to the start where the end isn't known.
             "endtime": stamp(until or at), "avglevel": 14.2, "nbdiscoprobes": 10, "totalprobes": 12,
             "ongoing": False, "discoprobes": [probe] * 10} | more
        )  # fmt: skip
        return self.events[-1]

    def alarm(self, at: int, **more: Any) -> None:
        """Add an alarm between Almaty and Frankfurt."""
        self.alarms.append(
            {"timebin": stamp(at), "startpoint_type": "CT", "startpoint_name": "Almaty, Almaty Qalasy, KZ",
             "startpoint_af": 4, "endpoint_type": "CT", "endpoint_name": "Frankfurt am Main, Hesse, DE",
             "endpoint_af": 4, "deviation": 31.5} | more
        )  # fmt: skip

    def _events(self, request: Request) -> Any:
        first, last = (request.params.get(f"starttime__{name}") for name in ("gte", "lte"))
        found = [
            one
            for one in self.events
            if (first is None or _seconds(one["starttime"]) >= _seconds(first))
            and (last is None or _seconds(one["starttime"]) <= _seconds(last))
        ]
        return self._page(request, found, "starttime")

    def _alarms(self, request: Request) -> Any:
        first, last = (request.params.get(f"timebin__{name}") for name in ("gte", "lte"))
        if first is None or last is None:
            return self._refused("Invalid timebin range. Please provide both timebin__lte and timebin__gte.")
        if (_seconds(last) - _seconds(first)) // DAY_S > 7:
            return self._refused("The given timebin range is too large. Should be less than 7 days.")
        found = [one for one in self.alarms if _seconds(first) <= _seconds(one["timebin"]) <= _seconds(last)]
        return self._page(request, found, "timebin")

    @staticmethod
    def _refused(words: str) -> Answer:
        return Answer(json.dumps({"detail": words}).encode(), 400)

    def _page(self, request: Request, found: list[dict[str, Any]], field_: str) -> Any:
        # In no order unless one is asked for.
        found = sorted(found, key=lambda one: zlib.crc32(json.dumps(one).encode()))
        if request.params.get("ordering") == field_:
            found.sort(key=lambda one: one[field_])
        number = int(request.params.get("page", 1))
        first = (number - 1) * self.size
        if number > 1 and first >= len(found):
            return Answer(b'{"detail": "Invalid page."}', 404)
        shown = found[: len(found) - self.lost][first : first + self.size]
        following = f"…?page={number + 1}" if first + self.size < len(found) else None
        return {"count": len(found), "next": following, "previous": None, "results": shown}
