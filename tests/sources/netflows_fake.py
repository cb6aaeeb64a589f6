"""A double of Cloudflare Radar's /netflows/timeseries and /geolocations, as strict as the service
(docs/SERVICES.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from streams.sources.points import iso, moment
from tests.sources.fake import Answer, Request, Route
from tests.sources.radar_fake import refused

DAY_S = 86_400

#: Steps by name, what an answer calls them, and the longest range that each is given for, seconds.
INTERVALS = {
    "15m": (900, "FIFTEEN_MINUTES", DAY_S),
    "1h": (3600, "ONE_HOUR", 9 * DAY_S),
    "1d": (DAY_S, "ONE_DAY", 366 * DAY_S),
}


def flow(at: int) -> float:
    return 50 + 40 * ((at // 3600) % 24) / 24


@dataclass
class Netflows:
    """Values as shares of the largest of each answer, the finest step unless asked otherwise."""

    missing: set[int] = field(default_factory=set)
    #: Stretches in which the pipeline fails: from, and until (None: still). Values are then half of what they were.
    failures: list[tuple[int, int | None]] = field(default_factory=list)
    #: The value of a region by its id, a network, or else a country at a time.
    value: Callable[[str, int], float] = lambda _, at: flow(at)
    #: Id and name of the regions of countries.
    regions: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def routes(self) -> dict[str, Route]:
        return {"/netflows/timeseries": self.answer, "/geolocations": self._geolocations}

    def _geolocations(self, request: Request) -> Any:
        """A country and its regions, each with its parents; pages of a hundred unless asked otherwise."""
        if (refusal := refused(request)) is not None:
            return refusal
        country = request.params["location"]
        continent = {"geoId": "6255147", "name": "Asia", "type": "CONTINENT", "latitude": "29", "longitude": "89"}
        whole: dict[str, Any] = {
            "geoId": "1",
            "name": country,
            "type": "COUNTRY",
            "code": country,
            "latitude": "48",
        }
        whole |= {"longitude": "68", "parent": continent}
        found = [whole] + [
            {"geoId": code, "name": name, "type": "ADM1", "latitude": "43.2", "longitude": "76.9", "parent": whole}
            for code, name in self.regions.get(country, [])
        ]
        limit, offset = int(request.params.get("limit", 100)), int(request.params.get("offset", 0))
        return {"success": True, "errors": [], "result": {"geolocations": found[offset : offset + limit]}}

    def answer(self, request: Request) -> Any:
        if (refusal := refused(request)) is not None:
            return refusal
        first, last = (moment(request.params[name]) for name in ("dateStart", "dateEnd"))
        finest = next(name for name, (_, _, longest) in INTERVALS.items() if last - first <= longest)
        step, name, longest = INTERVALS[request.params.get("aggInterval", finest)]
        if last - first > longest:
            return Answer(b'{"success":false,"errors":[{"message":"aggInterval is too fine"}],"result":{}}', 400)
        asked = request.params
        of = asked.get("geoId") or asked.get("asn") or asked.get("location", "")
        times = [at for at in range(-(-first // step) * step, last, step) if at not in self.missing]
        values = [self.value(of, at) / (2 if self._fails(at) else 1) for at in times]
        most = max(values, default=0) or 1
        serie = {"timestamps": [iso(at) for at in times], "values": [f"{value / most:.8f}" for value in values]}
        meta = {
            "dateRange": [{"startTime": iso(first), "endTime": iso(last)}],
            "confidenceInfo": {"level": 5, "annotations": self._annotations(first, last)},
            "normalization": "MIN0_MAX",
            "aggInterval": name,
            "lastUpdated": iso(last),
            "units": [{"name": "*", "value": "bytes"}],
        }
        return {"success": True, "errors": [], "result": {"main": serie, "meta": meta}}

    def _fails(self, at: int) -> bool:
        return any(from_s <= at and (until_s is None or at < until_s) for from_s, until_s in self.failures)

    def _annotations(self, first: int, last: int) -> list[dict[str, Any]]:
        """Notes on the asked time, as a recorded answer has them."""
        return [
            {"dataSource": "NET", "startDate": iso(from_s), "endDate": None if until_s is None else iso(until_s),
             "eventType": "PIPELINE", "description": "Configuration issue", "linkedUrl": None,
             "isInstantaneous": False, "tags": []}
            for from_s, until_s in self.failures
            if from_s < last and (until_s is None or until_s > first)
        ]  # fmt: skip
