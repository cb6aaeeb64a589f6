"""Errors as RFC 9457 has them: `application/problem+json`, with what was wrong and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """Ends a request. `extra` are further members of the problem, `headers` go out with it."""

    def __init__(self, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.extra = extra

    @property
    def body(self) -> bytes:
        """The problem as JSON."""
        title = HTTPStatus(self.status).phrase
        return orjson.dumps(
            {"type": "about:blank", "title": title, "status": self.status, "detail": self.detail, **self.extra}
        )

    def response(self) -> Response:
        """The problem as an answer."""
        return Response(self.body, self.status, self.headers, MEDIA_TYPE)


async def on_problem(_: Request, error: Exception) -> Response:
    """For Starlette's table of handlers."""
    assert isinstance(error, Problem)
    return error.response()


async def on_http(request: Request, error: Exception) -> Response:
    """What Starlette itself refuses: no such path, no such method."""
    assert isinstance(error, HTTPException)
    words = {
        404: f"there is nothing at {request.url.path}; /openapi.json lists what there is",
        405: f"{request.method} is not allowed at {request.url.path}",
    }
    return Problem(
        error.status_code, words.get(error.status_code, str(error.detail)), headers=error.headers
    ).response()


async def on_fault(_: Request, __: Exception) -> Response:
    """A fault of ours: no detail goes out, the log has it."""
    return Problem(500, "something here is broken; it was logged").response()
