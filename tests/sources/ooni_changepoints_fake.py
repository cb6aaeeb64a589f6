"""A double of OONI's /detector/changepoints, as strict as the service (docs/SERVICES.md)."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import Any

from tests.sources.fake import Request, Route


@dataclass
class Changepoints:
    """The event detector's list. `points` are those that it knows, `started_s` is when the service was started:
    its defaults for `since` and `until` are of that moment."""

    points: list[dict[str, Any]] = field(default_factory=list)
    started_s: int = 0

    def routes(self) -> dict[str, Route]:
        return {"/detector/changepoints": self.answer}

    def change(self, at: int, direction: str, **more: Any) -> None:
        """Add a changepoint as the service gives it out."""
        self.points.append(
            {"probe_asn": 48159, "probe_cc": "IR", "domain": "web.whatsapp.com", "count_isp_resolver": 5,
             "count_other_resolver": 1, "count": 6, "dns_isp_blocked": None, "dns_other_blocked": 0.0,
             "tcp_blocked": 0.75, "tls_blocked": 0.1, "current_state": "ok", "s_pos": 3.6, "s_neg": 0.0, "h": 3.5,
             "block_type": "tcp_block", "change_dir": direction, "start_time": _time(at)} | more
        )  # fmt: skip

    def answer(self, request: Request) -> Any:
        since = request.params.get("since", _time(self.started_s - 30 * 86_400))
        until = request.params.get("until", _time(self.started_s))
        first, last = (dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC) for text in (since, until))
        found = [
            point
            for point in self.points
            # Both ends are in it, and there are neither pages nor an order.
            if first <= dt.datetime.fromisoformat(point["start_time"]) <= last
            and request.params.get("probe_cc", point["probe_cc"]) == point["probe_cc"]
            and request.params.get("domain", point["domain"]) == point["domain"]
        ]
        random.Random(len(found)).shuffle(found)
        return {"results": found}


def _time(at: int) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
