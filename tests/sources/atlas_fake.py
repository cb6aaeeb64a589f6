"""A double of RIPE Atlas's API, as strict as the service (docs/SERVICES.md): probes, and their connections."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.sources.fake import Answer, Request, Route

STATUS = {0: "Never Connected", 1: "Connected", 2: "Disconnected", 3: "Abandoned", 4: "Written Off"}


@dataclass
class Atlas:
    """A world of probes: number -> country, network. `now_s` is the service's clock. What isn't in `events` stayed
    as it was; `late` are events that are not in the answers yet."""

    now_s: int
    probes: dict[int, tuple[str | None, int | None]] = field(default_factory=dict)
    given_up: set[int] = field(default_factory=set)
    events: list[tuple[int, int, str]] = field(default_factory=list)
    late: set[tuple[int, int, str]] = field(default_factory=set)
    #: So many rows are left out of pages, though they are counted.
    lost: int = 0

    def routes(self) -> dict[str, Route]:
        return {"/probes/": self._probes, "/measurements/7000/results/": self._results}

    def out(self, numbers: Any, from_s: int, until_s: int | None) -> None:
        """Take probes away for a time."""
        for number in numbers:
            self.events.append((from_s, number, "disconnect"))
            if until_s is not None:
                self.events.append((until_s, number, "connect"))

    def up(self, number: int, at_s: int) -> bool:
        """Whether a probe is connected at a time."""
        before = [one for one in sorted(self.events) if one[1] == number and one[0] <= at_s]
        return before[-1][2] == "connect" if before else True

    def _probes(self, request: Request) -> Any:
        wanted = {int(one) for one in request.params.get("status", "0,1,2,3,4").split(",")}
        size = int(request.params.get("page_size", 100))
        if size > 500:
            return Answer(b'{"error": {"detail": "page_size is at most 500"}}', 400)
        rows = []
        for number, (country, asn) in self.probes.items():
            status = 3 if number in self.given_up else 1 if self.up(number, self.now_s) else 2
            if status in wanted and request.params.get("country_code", country) == country:
                rows.append(
                    {"id": number, "type": "Probe", "country_code": country, "asn_v4": asn,
                     "status": {"id": status, "name": STATUS[status], "since": "2023-01-01T00:00:00Z"}}
                )  # fmt: skip
        page = int(request.params.get("page", 1))
        first = (page - 1) * size
        if first >= max(1, len(rows)):
            return Answer(b'{"error": {"detail": "Invalid page."}}', 404)
        following = f"…?page={page + 1}" if first + size < len(rows) else None
        shown = rows[: len(rows) - self.lost][first : first + size]
        return {"count": len(rows), "next": following, "previous": None, "results": shown}

    def _results(self, request: Request) -> Any:
        first = int(request.params.get("start", 0))
        # Without `stop` all until now; names that it doesn't know are passed over.
        last = int(request.params.get("stop", self.now_s))
        numbers = (
            {int(one) for one in request.params["probe_ids"].split(",")} if "probe_ids" in request.params else None
        )
        found = [
            {"fw": 0, "msm_id": 7000, "type": "connection", "prb_id": number, "timestamp": at, "event": what,
             "controller": "ctr-ams01", "asn": str(self.probes[number][1]), "prefix": "192.0.2.0/24"}
            for at, number, what in self.events
            if first <= at <= min(last, self.now_s) and (at, number, what) not in self.late
            and (numbers is None or number in numbers)
        ]  # fmt: skip
        found.sort(key=lambda one: (str(one["prb_id"]), one["timestamp"]))
        if request.params.get("format", "json") == "txt":
            import json

            return "\n".join(json.dumps(one) for one in found).encode()
        return found
