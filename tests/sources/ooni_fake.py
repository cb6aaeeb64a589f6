"""A double of OONI's /aggregation, as strict as the service (docs/SERVICES.md)."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.sources.fake import Answer, Request, Route

DAY = "measurement_start_day"
AXES = (DAY, "probe_cc", "probe_asn", "domain", "test_name", "input", "category_code", "blocking_type")

#: Grains that are given for a range of so many days at most; `auto` is the first.
GRAINS = (
    (7, ("hour", "day")),
    (30, ("day", "week")),
    (365, ("day", "week", "month")),
    (9_999_999, ("day", "week")),
)


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
        if len(axes) == 2 and axes[0] == axes[1]:
            # Not an HTTP error: the service answers 200.
            return _error("Axis X and Y cannot be the same", 200)
        if any(axis not in AXES for axis in axes):
            return _error("Invalid axis name")
        grain = request.params.get("time_grain", "auto")
        if DAY in axes:
            allowed = next(names for days, names in GRAINS if (last - first) <= days * 86_400)
            if last <= first:
                return _error("Invalid since and until values")
            grain = allowed[0] if grain == "auto" else grain
            if grain not in allowed:
                return _error(f"Choose time_grain between {', '.join(allowed)}, auto for the given time range")
        return self._counted(request, axes, grain, first, last)

    def _counted(self, request: Request, axes: list[str], grain: str, first: int, last: int) -> dict[str, Any]:
        countries = [one for one in request.params.get("probe_cc", "").split(",") if one]
        sums: dict[tuple[str | int, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
        for country, asn, at, counts in self._tests(request.params, axes):
            if first <= at < last and (not countries or country in countries):
                of: dict[str, str | int] = {DAY: _TIMES[grain](at), "probe_cc": country, "probe_asn": asn}
                row = sums[tuple(of[axis] for axis in axes if axis in of)]
                row[:] = [old + new for old, new in zip(row, counts, strict=True)]
        rows = [
            {
                **dict(zip([axis for axis in axes if axis in (DAY, "probe_cc", "probe_asn")], key, strict=True)),
                "measurement_count": tests,
                "anomaly_count": bad,
                "confirmed_count": sure,
                "failure_count": 0,
                "ok_count": tests - bad - sure,
            }
            for key, (tests, bad, sure) in sorted(sums.items())
        ]
        stats = {"row_count": len(rows), "bytes": 0, "total_row_count": len(rows), "elapsed_seconds": 0.1}
        return {"v": 0, "dimension_count": len(axes), "db_stats": stats, "result": rows if axes else rows[0]}

    def _tests(
        self, params: Mapping[str, str], axes: list[str]
    ) -> Iterator[tuple[str, int, int, tuple[int, int, int]]]:
        """Country, network, hour, and tests, anomalies and block pages, of what is asked for."""
        if "test_name" in params or "domain" in params:
            # Names are compared as they are: `facebook.com` is not `www.facebook.com`.
            named = (params.get("domain") or params["test_name"]).split(",")
            yield from ((cc, 0, at, row) for (cc, name, at), row in self.services.items() if name in named)
        elif "probe_asn" in axes:
            yield from ((cc, asn, at, (one, one // 10, 0)) for (cc, asn, at), one in self.networks.items())
        else:
            yield from ((cc, 0, at, (one, one // 10, 0)) for (cc, at), one in self.counts.items())


def _time(at: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at, dt.UTC)


def _week(at: int) -> str:
    """The Sunday that a week begins with."""
    day = _time(at).date()
    return (day - dt.timedelta(days=day.isoweekday() % 7)).isoformat()


#: How a time is written, by grain.
_TIMES: dict[str, Callable[[int], str]] = {
    "hour": lambda at: _time(at).strftime("%Y-%m-%dT%H:00:00Z"),
    "day": lambda at: _time(at).strftime("%Y-%m-%d"),
    "week": _week,
    "month": lambda at: _time(at).strftime("%Y-%m-01"),
    "auto": lambda at: _time(at).strftime("%Y-%m-%d"),
}


def _error(words: str, status: int = 400) -> Answer:
    return Answer(json.dumps({"msg": words, "v": 0}).encode(), status)


def _midnight(text: str) -> int:
    """Unix seconds of a date.

    Raises:
        ValueError: it has a time other than midnight.
    """
    time = dt.datetime.fromisoformat(text)
    if time.time() != dt.time():
        raise ValueError("Datetimes provided to dates should have zero time")
    return int(time.replace(tzinfo=dt.UTC).timestamp())
