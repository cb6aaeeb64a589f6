"""A double of RIPEstat's bgp-update-activity 1.5, as strict as the service (docs/SERVICES.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from streams.sources.points import iso, moment
from tests.sources.fake import Answer, Request, Route

#: Samples of an answer unless asked otherwise; and the periods that the service widens to, seconds.
MAX_SAMPLES = 50
PERIODS = (300, 3600, 7200, 21_600, 43_200, 86_400, 172_800, 604_800)


@dataclass
class Ripestat:
    """`updates` counts the announcements of a network in the hour that begins at a time; 0 is silence."""

    updates: Callable[[str, int], int] = lambda asn, at: at // 3600 % 50 + 1
    #: Up to when there are updates, Unix seconds; what is asked for beyond is cut off.
    newest_s: int | None = None
    status: str = "supported"
    messages: list[list[str]] = field(default_factory=list)

    def routes(self) -> dict[str, Route]:
        return {"/bgp-update-activity/data.json": self.answer}

    def answer(self, request: Request) -> Any:
        asked = request.params
        resource = asked.get("resource", "").removeprefix("AS")
        if not resource.isdigit():
            return Answer(b'{"status": "error", "messages": [["error", "no such resource"]]}', 400)
        first, last = moment(asked["starttime"]), moment(asked["endtime"])
        last = max(first, last if self.newest_s is None else min(last, self.newest_s))
        finest = int(asked.get("min_sampling_period", 300))
        samples = int(asked.get("max_samples", MAX_SAMPLES))
        period = next(one for one in PERIODS if one >= finest and (last - first) / one <= samples)
        hides = asked.get("hide_empty_samples", "true") == "true"
        updates = []
        for at in range(first // period * period, last, period):
            count = sum(self.updates(resource, hour) for hour in range(at, at + period, 3600))
            if count or not hides:
                updates.append(
                    {"announcements": count or None, "withdrawals": None, "starttime": iso(at).removesuffix("Z")}
                )
        return {
            "messages": self.messages,
            "version": "1.5",
            "data_call_name": "bgp-update-activity",
            "data_call_status": self.status,
            "status": "ok",
            "status_code": 200,
            "data": {
                "max_samples": samples,
                "query_starttime": iso(first).removesuffix("Z"),
                "query_endtime": iso(last).removesuffix("Z"),
                "related_prefixes": [],
                "resource": resource,
                "resource_type": "asn",
                "sampling_period": float(period),
                "updates": updates,
            },
        }
