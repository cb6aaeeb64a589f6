"""A double of the Internet Society's Pulse, as strict as the service (docs/SERVICES.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.sources.fake import Answer, Request, Route

TOKEN = "isoc-hush"

#: What stands before a page that only browsers get past.
CHALLENGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>"


@dataclass
class Pulse:
    """Its whole list, at one of the paths that clients have; at the others a challenge to browsers, or nothing."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    path: str = "/shutdowns"
    challenged: tuple[str, ...] = ()
    #: How many it says that there are; None: it says nothing of it.
    total: int | None = None

    def routes(self) -> dict[str, Route]:
        return {"/": self.answer}

    def answer(self, request: Request) -> Any:
        if request.path in self.challenged:
            return Answer(CHALLENGE, 403, {"Content-Type": "text/html"})
        if request.path != self.path:
            return Answer(b'{"message":"Not Found"}', 404)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return Answer(b'{"message":"Unauthenticated."}', 401)
        said = {} if self.total is None else {"total": self.total}
        body = json.dumps({"data": self.entries, **said}).encode()
        tag = f'"{hash(body)}"'
        return Answer(b"", 304) if request.headers.get("If-None-Match") == tag else Answer(body, 200, {"ETag": tag})
