"""A double of the USGS's feed and catalogue of earthquakes, as strict as they are documented (docs/SERVICES.md)."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from tests.sources.fake import Answer, Fake, Request
from tests.sources.test_usgs import AT_MS, collection, feature

NOW = AT_MS // 1000 + 3_600
FEED, CATALOGUE = "/earthquakes/feed/v1.0/summary/4.5_week.geojson", "/fdsnws/event/1/query"
INLAND = [70.0, 46.0, 10]


def seconds(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp())


class Usgs:
    """The feed and the catalogue, as strict about their parameters as USGS's are documented."""

    KNOWN = frozenset({"format", "starttime", "endtime", "minmagnitude", "limit", "updatedafter", "includedeleted"})

    def __init__(self, fake: Fake) -> None:
        self.events: dict[str, dict[str, Any]] = {}
        self.deleted: dict[str, dict[str, Any]] = {}
        self.now_s = NOW
        fake.routes |= {FEED: self.feed, CATALOGUE: self.query}

    def put(self, **changed: Any) -> None:
        given: dict[str, Any] = {"mag": 6.5, "point": INLAND} | changed
        one = feature(**given)
        self.events[one["id"]] = one

    def delete(self, number: str, updated_s: int, **changed: Any) -> None:
        one = self.events.pop(number)
        one["properties"] |= {"status": "deleted", "updated": updated_s * 1000}
        self.deleted[number] = one | changed

    def feed(self, request: Request) -> Any:
        assert not request.params
        week = [one for one in self.events.values() if one["properties"]["time"] // 1000 > self.now_s - 7 * 86_400]
        body = repr(week).encode()
        tag = f'"{hash(body)}"'
        if request.headers.get("If-None-Match") == tag:
            return Answer(b"", 304)
        return Answer(json.dumps(collection(*week)).encode(), 200, {"ETag": tag})

    def query(self, request: Request) -> Any:
        params = request.params
        if set(params) - self.KNOWN or params["format"] != "geojson" or int(params["limit"]) > 20_000:
            return Answer(b"Bad Request", 400)
        found = list(self.events.values())
        found += self.deleted.values() if params.get("includedeleted") == "true" else ()
        return collection(*[one for one in found if self.wanted(one["properties"], params)])

    def wanted(self, said: dict[str, Any], params: Any) -> bool:
        time_s, updated_s = said["time"] // 1000, said["updated"] // 1000
        return (
            seconds(params["starttime"]) <= time_s < seconds(params.get("endtime", "2100-01-01T00:00:00Z"))
            and updated_s >= seconds(params.get("updatedafter", "1990-01-01T00:00:00Z"))
            and (said["mag"] or 0) >= float(params.get("minmagnitude", -9))
        )
