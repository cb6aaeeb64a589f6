"""A small world of IODA's: entities, values, events and alerts, answered in the forms of its API v2."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from streams.sources.ioda import step_s
from tests.sources.fake import Answer, Request, Route

#: Defaults of `/outages/*`: rows of a page, and how far around the asked time alerts are looked at, seconds.
LIMIT, EXTEND_S, ENTITIES = 500, 1_209_600, 2_000
#: Parameters that the API declares as integers; the others are echoed as the strings that came.
INTEGERS = ("limit", "page", "extendWindow")
DAY_S = 86_400

NAMES = {"KZ": "Kazakhstan", "TR": "Turkey", "TO": "Tonga"}
REGIONS = {"2088": ("KZ", "Almaty City"), "2077": ("KZ", "Atyrau"), "4107": ("TR", "Izmir")}


def iso(at: int) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).isoformat()


@dataclass
class World:
    """`now_s` is the service's clock; `value` what a series had at a time, None where it is missing (as yet)."""

    now_s: int
    value: Callable[[str, str, int], float | None] = lambda datasource, code, at: 100 + (at // 300 + len(code)) % 17
    #: Seconds after which a value is there.
    lag_s: int = 900
    skew_s: int = 0
    signals: tuple[str, ...] = ("bgp", "ping-slash24", "merit-nt", "gtr")
    events: list[dict[str, Any]] = field(default_factory=list)
    alerts: list[dict[str, Any]] = field(default_factory=list)
    #: Networks and parts of them by country: code, name, organisation, addresses, and for a part its region's name.
    networks: dict[str, list[tuple[str, str, str | None, int | None, str | None]]] = field(default_factory=dict)
    #: Regions beside those with a name.
    more_regions: int = 0
    #: What happens between two pages: called with the number of the page that was answered.
    between: Callable[[int], None] = lambda _: None

    def routes(self) -> dict[str, Route]:
        return {
            "/entities/query": self._entities,
            "/signals/raw/": self._signals,
            "/outages/events": lambda request: self._listed(request, "outages.events", self._open(request)),
            "/outages/alerts": lambda request: self._listed(request, "outages.alerts", self._alerts(request)),
        }

    def envelope(self, kind: str, request: Request, data: Any) -> dict[str, Any]:
        at = self.now_s + self.skew_s
        asked: dict[str, Any] = {
            name: int(value) if name in INTEGERS else value for name, value in request.params.items()
        }
        if kind.startswith("outages"):
            extend = EXTEND_S if kind == "outages.events" else 0
            asked = {"limit": LIMIT, "page": 0, "extendWindow": extend} | asked
        return {
            "type": kind,
            "metadata": {"requestTime": iso(at), "responseTime": iso(at)},
            "requestParameters": asked,
            "error": None,
            "perf": None,
            "data": data,
            "copyright": "made for a test",
        }

    def _entities(self, request: Request) -> dict[str, Any]:
        if request.params["entityType"] in ("asn", "geoasn"):
            found = self._related(request)
        elif request.params["entityType"] == "country":
            found = [
                {
                    "code": code,
                    "name": name,
                    "type": "country",
                    "subnames": [],
                    "attrs": {"fqid": f"geo.provider.EU.{code}"},
                }
                for code, name in NAMES.items()
            ]
        else:
            found = [
                {
                    "code": code,
                    "name": name,
                    "type": "region",
                    "subnames": [],
                    "attrs": {"fqid": f"geo.netacuity.AS.{country}.{code}", "country_code": country},
                }
                for code, (country, name) in {
                    **REGIONS,
                    **{str(10_000 + at): ("KZ", f"Region {at}") for at in range(self.more_regions)},
                }.items()
            ]
            found = found[: int(request.params.get("limit", ENTITIES))]
        return self.envelope("entities", request, found)

    def _related(self, request: Request) -> list[dict[str, Any]]:
        """Networks that are related to a country, in no order; 2,000 unless asked otherwise."""
        type_, country = request.params["entityType"], request.params["relatedTo"].removeprefix("country/")
        found = []
        for code, name, org, addresses, region in self.networks.get(country, []):
            if ("-" in code) == (type_ == "geoasn"):
                attrs = {"fqid": f"asn.{code}"} | ({"org": org} if org else {})
                # Numbers of the database are texts in the answer.
                attrs |= {} if addresses is None else {"ip_count": str(addresses)}
                subnames = {"asn": f"AS{code.split('-')[0]}"} | ({"region": region} if region else {})
                found.append({"code": code, "name": name, "type": type_, "subnames": subnames, "attrs": attrs})
        found.sort(key=lambda one: (zlib.crc32(str(one["code"]).encode()), str(one["code"])))
        return found[: int(request.params.get("limit", ENTITIES))]

    def _signals(self, request: Request) -> Any:
        _, _, _, type_, codes = request.path.split("/")
        from_s, until_s = int(request.params["from"]), int(request.params["until"])
        datasource = request.params["datasource"]
        step = step_s(datasource)
        if until_s - from_s > 100 * DAY_S:
            return Answer(b'{"error": "Provided time range exceeds limit of 100 days", "data": null}', 400)
        data: list[Any] = []
        for code in codes.split(","):
            if datasource not in self.signals or (datasource == "gtr" and type_ != "country"):
                data.append([])
                continue
            first = from_s // step * step
            values = [
                None if at > self.now_s - self.lag_s else self.value(datasource, code, at)
                for at in range(first, until_s, step)
            ]
            country, name = REGIONS.get(code, ("", f"AS{code}"))
            country, name = (code, NAMES[code]) if type_ == "country" else (country, name)
            fqid = f"geo.provider.AS.{code}" if type_ == "country" else f"geo.netacuity.AS.{country}.{code}"
            fqid = f"{type_}.{code}" if type_ in ("asn", "geoasn") else fqid
            data.append(
                [
                    {
                        "entityType": type_,
                        "entityCode": code,
                        "entityName": name,
                        "entityFqid": fqid,
                        "datasource": datasource,
                        "subtype": "WEB_SEARCH" if datasource == "gtr" else "",
                        "from": first,
                        "until": until_s,
                        "step": step,
                        "nativeStep": step,
                        "values": values,
                    }
                ]
            )
        return self.envelope("signals", request, data)

    def _open(self, request: Request) -> list[dict[str, Any]]:
        """Events as the API makes them of the alerts within its look-back: those that go on end where the question
        does, and one whose first alert is too old begins with the next one, or isn't there."""
        from_s, until_s = int(request.params["from"]), int(request.params["until"])
        oldest_s = from_s - int(request.params.get("extendWindow", EXTEND_S))
        found = []
        for one in self.events:
            end_s = one["end"] if one["end"] is not None else until_s
            begin_s = one["start"]
            if begin_s < oldest_s and (one["end"] is None or end_s > until_s):
                begin_s = next((at for at in sorted(one.get("alerts", ())) if oldest_s <= at <= until_s), None)
            if begin_s is not None and begin_s < until_s and end_s > from_s:
                found.append(
                    {
                        "location": one["location"],
                        "start": begin_s,
                        "duration": min(end_s, until_s) - begin_s,
                        "uncertainty": None,
                        "method": one.get("method", "median"),
                        "datasource": one.get("datasource", "bgp"),
                        "status": 0,
                        "fraction": None,
                        "score": one.get("score", 100.5),
                        "location_name": one["name"],
                        "overlaps_window": one["end"] is None or end_s > until_s or begin_s < from_s,
                    }
                )
        return found

    def _alerts(self, request: Request) -> list[dict[str, Any]]:
        from_s, until_s = int(request.params["from"]), int(request.params["until"])
        return sorted((one for one in self.alerts if from_s <= one["time"] < until_s), key=lambda one: -one["time"])

    def _listed(self, request: Request, kind: str, found: list[dict[str, Any]]) -> dict[str, Any]:
        if request.params.get("ignoreMethods") == "*.sarima":
            found = [one for one in found if one["method"] != "sarima"]
        limit, page = int(request.params.get("limit", LIMIT)), int(request.params.get("page", 0))
        answer = self.envelope(kind, request, found[page * limit : (page + 1) * limit])
        if kind == "outages.events":
            self.between(page)
        return answer


def alert(
    at: int, level: str, value: float, before: float = 520, code: str = "2088", **more: Any
) -> dict[str, Any]:
    country, name = REGIONS[code]
    return {
        "datasource": "ping-slash24",
        "entity": {
            "code": code,
            "name": name,
            "type": "region",
            "subnames": [],
            "attrs": {"fqid": f"geo.netacuity.AS.{country}.{code}", "country_code": country},
        },
        "time": at,
        "level": level,
        "condition": "normal" if level == "normal" else "< 0.8",
        "value": value,
        "historyValue": before,
        "method": "median",
        **more,
    }
