"""A double of OONI's /aggregation, as strict as the service (docs/SERVICES.md)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.sources.fake import Answer, Request, Route

AXES = ("measurement_start_day", "probe_cc", "probe_asn", "domain", "test_name", "input")
GRAINS = {"hour": "%Y-%m-%dT%H:%M:%SZ", "day": "%Y-%m-%d"}


@dataclass
class Ooni:
    """Counts by country and hour (Unix seconds), which may grow later."""

    counts: dict[tuple[str, int], int] = field(default_factory=dict)

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
        form = GRAINS[request.params.get("time_grain", "day")]
        sums: dict[tuple[str, str], int] = defaultdict(int)
        for (country, at), count in self.counts.items():
            if first <= at < last and request.params.get("probe_cc", country) == country:
                sums[country, dt.datetime.fromtimestamp(at, dt.UTC).strftime(form)] += count
        return {
            "v": 0,
            "dimension_count": len(axes),
            "result": [
                {"measurement_start_day": day, "probe_cc": country, "measurement_count": count,
                 "anomaly_count": count // 10, "confirmed_count": 0, "failure_count": 0, "ok_count": count}
                for (country, day), count in sorted(sums.items())
            ],
        }  # fmt: skip


def _midnight(text: str) -> int:
    """Unix seconds of a date.

    Raises:
        ValueError: it has a time other than midnight.
    """
    time = dt.datetime.fromisoformat(text)
    if time.time() != dt.time():
        raise ValueError("Datetimes provided to dates should have zero time")
    return int(time.replace(tzinfo=dt.UTC).timestamp())
