"""A double of IODA's API v2, as strict as the service (docs/SERVICES.md): entities, values, events and alerts.

Events are made of alerts by the API's own steps: alerts within reach, without methods that are left out, squashed
to changes of level, then joined from the first that isn't normal to the next that is.
"""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from streams.sources.ioda import step_s
from tests.sources.fake import Answer, Request, Route

#: Defaults of `/outages/*`: rows of a page, and how far around the asked time alerts are looked at, seconds.
LIMIT, EXTEND_S, ENTITIES = 500, 1_209_600, 2_000

#: Parameters that the API declares as integers; the others are echoed as the strings that came.
INTEGERS = {
    "signals": ("from", "until", "maxPoints"),
    "entities.lookup": ("limit", "page"),
    "outages.events": ("limit", "page", "extendWindow"),
    "outages.alerts": ("limit", "page", "extendWindow"),
}

#: What is echoed for parameters that nobody sent.
DEFAULTS: dict[str, dict[str, Any]] = {
    "signals": {"datasource": None, "sourceParams": None, "maxPoints": None},
    "entities.lookup": {"relatedTo": None, "search": None, "limit": None, "page": None, "entityType": None},
    "outages.events": {
        "datasource": None,
        "format": "codf",
        "limit": LIMIT,
        "page": None,
        "extendWindow": EXTEND_S,
    },
    "outages.alerts": {"datasource": None, "limit": LIMIT, "page": None, "extendWindow": 0},
}

#: Datasources that may be asked for; the telescope of UCSD is retired.
DATASOURCES = ("bgp", "ping-slash24", "merit-nt", "gtr", "gtr-norm", "gtr-sarima", "mozilla", "ucsd-nt")

#: How late alerts of a datasource come, seconds.
LATE_S = {"gtr": 4_500}
DAY_S = 86_400

NAMES = {"KZ": "Kazakhstan", "TR": "Turkey", "TO": "Tonga"}
REGIONS = {"2088": ("KZ", "Almaty City"), "2077": ("KZ", "Atyrau"), "4107": ("TR", "Izmir")}

Found = dict[str, Any]


def iso(at: int) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).isoformat()


@dataclass
class World:
    """`now_s` is the service's clock; `value` what a series had at a time, None where it is missing (as yet).

    `events` are begun and ended by alerts of their own; `alerts` are further ones.
    """

    now_s: int
    value: Callable[[str, str, int], float | None] = lambda datasource, code, at: 100 + (at // 300 + len(code)) % 17
    #: Seconds after which a value is there.
    lag_s: int = 900
    #: Seconds after which the alerts of a datasource are there.
    late_s: dict[str, int] = field(default_factory=LATE_S.copy)
    skew_s: int = 0
    signals: tuple[str, ...] = ("bgp", "ping-slash24", "merit-nt", "gtr")
    events: list[Found] = field(default_factory=list)
    alerts: list[Found] = field(default_factory=list)
    #: Networks and parts of them by country: code, name, organisation, addresses, and for a part its region's name.
    networks: dict[str, list[tuple[str, str, str | None, int | None, str | None]]] = field(default_factory=dict)
    #: Regions beside those with a name.
    more_regions: int = 0
    #: The store of values does not answer: the API then says so nowhere.
    store_fails: bool = False
    #: What happens between two pages: called with the number of the page that was answered.
    between: Callable[[int], None] = lambda _: None

    def routes(self) -> dict[str, Route]:
        return {
            "/entities/query": self._entities,
            "/signals/raw/": self._signals,
            "/outages/events": self._outages("outages.events", EXTEND_S, self._events),
            "/outages/alerts": self._outages("outages.alerts", 0, self._alerts),
        }

    def envelope(self, kind: str, request: Request, data: Any, error: str | None = None) -> Found:
        at = self.now_s + self.skew_s
        asked = {name: int(value) if name in INTEGERS[kind] else value for name, value in request.params.items()}
        return {
            "type": kind,
            "metadata": {"requestTime": iso(at), "responseTime": iso(at)},
            "requestParameters": DEFAULTS[kind] | asked,
            "error": error,
            "perf": None,
            "data": data,
            "copyright": "made for a test",
        }

    def _refused(self, kind: str, request: Request, why: str) -> Answer:
        return Answer(json.dumps(self.envelope(kind, request, None, why)).encode(), 400)

    # -------------------------------------------------------------- entities

    def _entities(self, request: Request) -> Found:
        """Entities in no order. Without a type those of all but counties and networks by place."""
        more = {str(10_000 + at): ("KZ", f"Region {at}") for at in range(self.more_regions)}
        known = {
            "country": [_entity("country", code, name, code) for code, name in NAMES.items()],
            "region": [_entity("region", code, name, home) for code, (home, name) in {**REGIONS, **more}.items()],
            "county": [_entity("county", "3103", "A county", "US")],
            "asn": self._networks("asn"),
            "geoasn": self._networks("geoasn"),
        }
        if "relatedTo" in request.params:
            country = request.params["relatedTo"].removeprefix("country/")
            known = {type_: self._networks(type_, country) for type_ in ("asn", "geoasn")}
        asked = request.params.get("entityType")
        found = [
            one
            for type_, entities in known.items()
            if type_ == asked or (asked is None and type_ not in ("county", "geoasn"))
            for one in entities
        ]
        found.sort(key=lambda one: (zlib.crc32(str(one["code"]).encode()), str(one["code"])))
        return self.envelope("entities.lookup", request, found[: int(request.params.get("limit", ENTITIES))])

    def _networks(self, type_: str, related: str | None = None) -> list[Found]:
        """Networks or parts of them, of a country or of all."""
        found = []
        for country in [related] if related is not None else self.networks:
            for code, name, org, addresses, region in self.networks.get(country, []):
                if ("-" in code) != (type_ == "geoasn"):
                    continue
                attrs = {"fqid": f"asn.{code}"} | ({"org": org} if org else {})
                # Numbers of the database are texts in the answer.
                attrs |= {} if addresses is None else {"ip_count": str(addresses)}
                subnames = {"asn": f"AS{code.split('-')[0]}"} | ({"region": region} if region else {})
                found.append({"code": code, "name": name, "type": type_, "subnames": subnames, "attrs": attrs})
        return found

    # -------------------------------------------------------------- signals

    def _signals(self, request: Request) -> Any:
        _, _, _, type_, codes = request.path.split("/")
        from_s, until_s = int(request.params["from"]), int(request.params["until"])
        datasource = request.params["datasource"]
        if from_s > until_s:
            return self._refused("signals", request, f"from ({from_s}) must be earlier than until ({until_s})")
        if until_s - from_s > 100 * DAY_S:
            return self._refused("signals", request, "Time range for a single query must be less than 100 days")
        if datasource not in DATASOURCES:
            return self._refused("signals", request, f"invalid datasource {datasource}")
        if self.store_fails:
            return self.envelope("signals", request, [])
        sets = [self._series(datasource, type_, code, from_s, until_s) for code in codes.split(",")]
        return self.envelope("signals", request, sets)

    def _series(self, datasource: str, type_: str, code: str, from_s: int, until_s: int) -> list[Found]:
        """The series of an entity: none where there is no such signal of it."""
        if datasource not in self.signals or (datasource == "gtr" and type_ != "country"):
            return []
        step = step_s(datasource)
        first = from_s // step * step
        if type_ == "country":
            name, fqid = NAMES[code], f"geo.provider.AS.{code}"
        elif type_ in ("asn", "geoasn"):
            name, fqid = f"AS{code}", f"{type_}.{code}"
        else:
            name, fqid = REGIONS[code][1], f"geo.netacuity.AS.{REGIONS[code][0]}.{code}"
        values = [
            None if at > self.now_s - self.lag_s else self.value(datasource, code, at)
            for at in range(first, until_s, step)
        ]
        series = {
            "entityType": type_,
            "entityCode": code,
            "entityName": name,
            "entityFqid": fqid,
            "datasource": datasource,
            "subtype": "WEB_SEARCH" if datasource == "gtr" else "",
            "from": first,
            "until": first + len(values) * step,
            "step": step,
            "nativeStep": step,
            "values": values if any(value is not None for value in values) else None,
        }
        return [series]

    # -------------------------------------------------------------- outages

    def _outages(self, kind: str, extend_s: int, rows: Callable[[Request, int], list[Found]]) -> Route:
        """A route of events or alerts. A time that isn't one counts as not given, and is demanded."""

        def route(request: Request) -> Any:
            for name in ("from", "until"):
                if not request.params.get(name, "").isdigit():
                    return self._refused(kind, request, f"'{name}' timestamp must be set")
            found = rows(request, int(request.params.get("extendWindow", extend_s)))
            limit, page = int(request.params.get("limit", LIMIT)), int(request.params.get("page", 0))
            answer = self.envelope(kind, request, found[page * limit : (page + 1) * limit])
            if kind == "outages.events":
                self.between(page)
            return answer

        return route

    def _alerts(self, request: Request, extend_s: int) -> list[Found]:
        """The alerts that the API works with: by time, and of each series only those that change its level (from
        critical only to normal). The first within reach counts as a change."""
        first = int(request.params["from"]) - extend_s
        last = int(request.params["until"]) + extend_s
        ignored = request.params.get("ignoreMethods", "").split(",")
        kept: list[Found] = []
        levels: dict[tuple[str, str, str], str] = {}
        for one in sorted([*self.alerts, *self._raised()], key=lambda each: int(each["time"])):
            known_s = one["time"] + self.late_s.get(one["datasource"], 0)
            if not first <= one["time"] <= last or known_s > self.now_s or _ignored(one, ignored):
                continue
            before, level = levels.get(_series_of(one)), one["level"]
            if before is None or (before != level and (before != "critical" or level == "normal")):
                levels[_series_of(one)] = level
                kept.append(one)
        return kept

    def _raised(self) -> Iterator[Found]:
        """The alerts of `events`: critical where one begins and at its `alerts`, normal where it ends."""
        for one in self.events:
            type_, code = one["location"].split("/")
            country = code if type_ == "country" else REGIONS.get(code, ("KZ", ""))[0]
            series = {
                "entity": _entity(type_, code, one["name"], country),
                "datasource": one.get("datasource", "bgp"),
                "method": one.get("method", "median"),
            }
            low = {"level": "critical", "condition": "< 0.8", "value": 100, "historyValue": 500}
            for at in (one["start"], *one.get("alerts", ())):
                yield {**series, **low, "time": at}
            if one["end"] is not None:
                high = {"level": "normal", "condition": "normal", "value": 500, "historyValue": 500}
                yield {**series, **high, "time": one["end"]}

    def _events(self, request: Request, extend_s: int) -> list[Found]:
        """Events as the API makes them of alerts. One that goes on ends where the question does. An alert that says
        normal makes none by itself, so that one whose others are out of reach isn't there."""
        from_s, until_s = int(request.params["from"]), int(request.params["until"])
        going_on: dict[tuple[str, str, str], Found] = {}
        found = []
        for one in self._alerts(request, extend_s):
            series, at = _series_of(one), one["time"]
            known = going_on.get(series)
            if known is None and one["level"] != "normal" and at <= until_s:
                going_on[series] = one
            elif known is not None and one["level"] == "normal":
                del going_on[series]
                if at >= from_s:
                    found.append(_event(known, at, overlaps=known["time"] < from_s))
        found += [_event(one, until_s, overlaps=True) for one in going_on.values()]
        return sorted(found, key=lambda event: int(event["start"]))


def _entity(type_: str, code: str, name: str, country: str) -> Found:
    if type_ in ("asn", "geoasn"):
        # A network is of no country.
        return {"code": code, "name": name, "type": type_, "subnames": [], "attrs": {"fqid": f"asn.{code}"}}
    fqid = f"geo.provider.EU.{code}" if type_ == "country" else f"geo.netacuity.AS.{country}.{code}"
    attrs = {"fqid": fqid} if type_ == "country" else {"fqid": fqid, "country_code": country}
    return {"code": code, "name": name, "type": type_, "subnames": [], "attrs": attrs}


def _series_of(one: Found) -> tuple[str, str, str]:
    return one["datasource"], one["entity"]["type"], str(one["entity"]["code"])


def _ignored(one: Found, patterns: list[str]) -> bool:
    datasource, method = one["datasource"], one["method"]
    return any(name in patterns for name in (f"{datasource}.{method}", f"{datasource}.*", f"*.{method}"))


def _event(first: Found, end_s: int, *, overlaps: bool) -> Found:
    entity = first["entity"]
    return {
        "location": f"{entity['type']}/{entity['code']}",
        "start": first["time"],
        "duration": end_s - first["time"],
        "uncertainty": None,
        "method": first["method"],
        "datasource": first["datasource"],
        "status": 0,
        "fraction": None,
        # How far it fell times how long: of one that goes on it grows with each question.
        "score": 80 * (end_s - first["time"]) / 60,
        "location_name": entity["name"],
        "overlaps_window": overlaps,
    }


def alert(at: int, level: str, value: float, before: float = 520, code: str = "2088", **more: Any) -> Found:
    country, name = REGIONS[code]
    return {
        "datasource": "ping-slash24",
        "entity": _entity("region", code, name, country),
        "time": at,
        "level": level,
        "condition": "normal" if level == "normal" else "< 0.8",
        "value": value,
        "historyValue": before,
        "method": "median",
        **more,
    }
