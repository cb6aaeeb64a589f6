"""A double of Cloudflare Radar's annotations and anomalies, as strict as the service (docs/SERVICES.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from streams.sources.points import moment
from tests.sources.fake import Answer, Request, Route

TOKEN = "cf-hush"

#: Items of an answer unless asked otherwise.
LIMIT = 10


@dataclass
class Radar:
    """What its lists have, the newest first. An item is listed if it began within the dates that are asked for,
    both inclusive: the narrower of what is guessed of the service."""

    annotations: list[dict[str, Any]] = field(default_factory=list)
    anomalies: list[dict[str, Any]] = field(default_factory=list)

    def routes(self) -> dict[str, Route]:
        return {
            "/annotations/outages": lambda request: self.page(request, "annotations", self.annotations),
            "/traffic_anomalies": lambda request: self.page(request, "trafficAnomalies", self.anomalies),
        }

    def page(self, request: Request, name: str, items: list[dict[str, Any]]) -> Any:
        if (refusal := refused(request)) is not None:
            return refusal
        first, last = moment(request.params["dateStart"]), moment(request.params["dateEnd"])
        found = [one for one in items if first <= moment(one["startDate"]) <= last]
        if "status" in request.params:
            found = [one for one in found if one.get("status") == request.params["status"]]
        limit, offset = int(request.params.get("limit", LIMIT)), int(request.params.get("offset", 0))
        if limit <= 0:
            return Answer(b'{"success":false,"errors":[{"message":"limit must be above 0"}],"result":null}', 400)
        found.sort(key=lambda one: -moment(one["startDate"]))
        return {"success": True, "errors": [], "messages": [], "result": {name: found[offset : offset + limit]}}


def refused(request: Request) -> Answer | None:
    """The answer to who has no token, or another; None where it is good."""
    if request.headers.get("Authorization") == f"Bearer {TOKEN}":
        return None
    error = b'{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"result":null}'
    return Answer(error, 403)
