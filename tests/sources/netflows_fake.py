"""A double of Cloudflare Radar's /netflows/timeseries and /geolocations, as strict as the service
(docs/SERVICES.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from streams.sources.points import iso, moment
from tests.sources.fake import Answer, Request, Route

DAY_S = 86_400

#: Steps by name, and the longest range that each is given for, seconds.
INTERVALS = {"15m": (900, DAY_S), "1h": (3600, 9 * DAY_S), "1d": (DAY_S, 366 * DAY_S)}


def flow(at: int) -> float:
    return 50 + 40 * ((at // 3600) % 24) / 24


@dataclass
class Netflows:
    """Values as shares of the largest of each answer."""

    missing: set[int] = field(default_factory=set)
    #: Id and name of the regions of countries.
    regions: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def routes(self) -> dict[str, Route]:
        return {"/netflows/timeseries": self.answer, "/geolocations": self._geolocations}

    def _geolocations(self, request: Request) -> Any:
        """A country and its regions, each with its parents; pages of a hundred unless asked otherwise."""
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
        return {"success": True, "result": {"geolocations": found[offset : offset + limit]}}

    def answer(self, request: Request) -> Any:
        first, last = (moment(request.params[name]) for name in ("dateStart", "dateEnd"))
        step, longest = INTERVALS[request.params["aggInterval"]]
        if last - first > longest:
            return Answer(b'{"success": false, "errors": [{"message": "aggInterval is too fine"}]}', 400)
        times = [at for at in range(-(-first // step) * step, last, step) if at not in self.missing]
        most = max(map(flow, times))
        serie = {"timestamps": [iso(at) for at in times], "values": [f"{flow(at) / most:.8f}" for at in times]}
        return {"success": True, "result": {"main": serie, "meta": {"lastUpdated": iso(last)}}}
