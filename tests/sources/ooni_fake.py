"""Doubles of OONI's /aggregation and /detector/changepoints, as strict as the service (docs/SERVICES.md)."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.sources.fake import Answer, Request, Route

AXES = ("measurement_start_day", "probe_cc", "probe_asn", "domain", "test_name", "input")
GRAINS = {"hour": "%Y-%m-%dT%H:%M:%SZ", "day": "%Y-%m-%d"}

#: The longest range of dates of each grain, days; None: any.
RANGES = ((7, ("hour", "day")), (30, ("day", "week")), (365, ("day", "week", "month")))


@dataclass
class Ooni:
    """Counts by country and hour (Unix seconds), which may grow later.

    `networks` are those of single networks by country, AS number and hour. `services` are tests, anomalies and
    block pages by country, test or domain, and hour.
    """

    counts: dict[tuple[str, int], int] = field(default_factory=dict)
    networks: dict[tuple[str, int, int], int] = field(default_factory=dict)
    services: dict[tuple[str, str, int], tuple[int, int, int]] = field(default_factory=dict)

    def routes(self) -> dict[str, Route]:
        return {"/aggregation": self.answer}

    def answer(self, request: Request) -> Any:
        try:
            first, last = (_midnight(request.params[name]) for name in ("since", "until"))
        except ValueError as error:
            detail = f'{{"detail": [{{"type": "date_from_datetime_inexact", "msg": "{error}"}}]}}'
            return Answer(detail.encode(), 422)
        axes = [request.params[name] for name in ("axis_x", "axis_y") if name in request.params]
        if any(axis not in AXES for axis in axes):
            # Not an HTTP error: the service answers 200.
            return {"v": 0, "error": f"Invalid axis {axes}", "result": None}
        grain = request.params.get("time_grain", "day")
        allowed = next((grains for days, grains in RANGES if last - first <= days * 86_400), ("month",))
        if grain not in allowed:
            words = f'{{"msg": "Choose time_grain between {", ".join(allowed)} for the given time range", "v": 0}}'
            return Answer(words.encode(), 400)
        axis = request.params.get("axis_y", "probe_cc")
        sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
        for country, code, at, counts in self._counted(request.params, axis):
            if first <= at < last and request.params.get("probe_cc", country) == country:
                row = sums[code, dt.datetime.fromtimestamp(at, dt.UTC).strftime(GRAINS[grain])]
                row[:] = [old + new for old, new in zip(row, counts, strict=True)]
        return {
            "v": 0,
            "dimension_count": len(axes),
            "result": [
                {"measurement_start_day": day, axis: int(code) if axis == "probe_asn" else code,
                 "measurement_count": tests, "anomaly_count": bad, "confirmed_count": sure, "failure_count": 0,
                 "ok_count": tests - bad - sure}
                for (code, day), (tests, bad, sure) in sorted(sums.items())
            ],
        }  # fmt: skip

    def _counted(self, params: Any, axis: str) -> list[tuple[str, str, int, tuple[int, int, int]]]:
        """Country, value of the second axis, hour, and tests, anomalies, block pages."""
        if "test_name" in params or "domain" in params:
            # Names are compared as they are: `facebook.com` is not `www.facebook.com`.
            named = (params.get("domain") or params["test_name"]).split(",")
            return [(cc, cc, at, row) for (cc, name, at), row in self.services.items() if name in named]
        if axis == "probe_asn":
            return [(cc, str(asn), at, (one, one // 10, 0)) for (cc, asn, at), one in self.networks.items()]
        return [(cc, cc, at, (one, one // 10, 0)) for (cc, at), one in self.counts.items()]


def _midnight(text: str) -> int:
    """Unix seconds of a date.

    Raises:
        ValueError: it has a time other than midnight.
    """
    time = dt.datetime.fromisoformat(text)
    if time.time() != dt.time():
        raise ValueError("Datetimes provided to dates should have zero time")
    return int(time.replace(tzinfo=dt.UTC).timestamp())


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
