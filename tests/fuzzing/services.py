"""Targets: the API and the form as ASGI sees them, and what other services answer by HTTP."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from itertools import count
from typing import Any

import httpx
from starlette.applications import Starlette

from streams.api.app import create_app
from streams.api.guard import Limits
from streams.api.state import State
from streams.api.store import Store
from streams.notify import webhook
from streams.sources.http import Fetcher, Manners
from tests.api.served import EXAMPLE, feed
from tests.fuzzing.judging import Target
from tests.played import played
from topics import Report

#: Every request is of somebody else, who hasn't asked too often yet.
_CLIENTS = count()

#: A follower of the stream is left after so many seconds: it would wait for the next change.
FOLLOWED_S = 0.05


async def _publish(report: Report) -> None:
    assert report.id


@cache
def _app() -> tuple[Starlette, asyncio.AbstractEventLoop]:
    state = State(Store())
    feed(state, played())
    limits = Limits(rate=0)
    return create_app(state, limits=limits, publish=_publish, salt=b"s" * 16), asyncio.new_event_loop()


def _scope(method: str, target: str, lines: list[str]) -> dict[str, Any]:
    path, _, query = target.partition("?")
    raw = path.encode("utf-8", "replace")
    headers = [_header(line.encode("latin-1", "replace")) for line in lines]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": raw,
        "query_string": query.encode("utf-8", "replace"),
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in headers if name],
        "client": (f"192.0.2.{next(_CLIENTS)}", 1),
        "server": ("api.example", 80),
    }


def _header(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name.strip(), value.strip()


async def _ask(app: Starlette, scope: dict[str, Any], body: bytes) -> int:
    """The status of the answer."""
    parts = iter(({"type": "http.request", "body": body, "more_body": False},))
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        if (part := next(parts, None)) is not None:
            return part
        await asyncio.sleep(FOLLOWED_S * 10)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    try:
        async with asyncio.timeout(FOLLOWED_S if scope["path"] == "/stream" else None):
            await app(scope, receive, send)
    except TimeoutError:
        pass
    return statuses[0] if statuses else 0


def _request(data: bytes) -> Iterator[str]:
    """A request: its line, its headers, an empty line, its body."""
    head, _, body = data.partition(b"\n\n")
    first, *lines = head.decode("utf-8", "replace").split("\n")
    method, _, target = first.partition(" ")
    method = method if method in ("GET", "HEAD", "POST", "OPTIONS") else "GET"
    app, loop = _app()
    status = loop.run_until_complete(_ask(app, _scope(method, target, lines), body))
    if status >= 500:
        raise AssertionError(f"HTTP {status}")
    yield f"{target.partition('?')[0].split('/')[1:2]} {status}"


_FORM = b"place=Almaty&country=KZ&start=2021-02-28T14:00&networks=mobile&networks=broadband&text=no+internet"
_PART = b'--b\r\nContent-Disposition: form-data; name="place"\r\n\r\nAlmaty\r\n--b--\r\n'


def _requests() -> list[bytes]:
    one = f"/shutdowns/{EXAMPLE.id}"
    asked = (
        "/shutdowns?country=KZ&place=Almaty&bbox=50,40,90,60&from=2021-02-01&until=2021-03-31T00:00Z",
        "/shutdowns?status=all&scope=regional&level=corroborated&cursor=Wy0xNjE0NDk5MjAwLCAiS1otMSJd&limit=3",
        f"{one}?as_of=2021-03-01", f"{one}/history", f"{one}/evidence?limit=5", f"{one}/signals",
        f"/incidents/{EXAMPLE.incident}", "/incidents?limit=2", "/candidates?country=KZ", "/places?q=Алматы",
        "/feed.atom?country=KZ", "/stats?country=KZ&by=month", "/timeline?country=KZ", "/static/page.js",
        "/map/KZ.json", "/report?lang=ru", "/readyz", "/openapi.json", "/stream?country=KZ&short=1",
    )  # fmt: skip
    form, parts = b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=b"
    return [
        *(f'GET {path}\nAccept: */*\nIf-None-Match: "x"\n\n'.encode() for path in asked),
        b"GET /stream?since=0:1,1:2\nLast-Event-ID: 0:12,1:5\n\n",
        b"POST /report?lang=en\nContent-Type: %b\n\n%b" % (form, _FORM),
        b"POST /report\nContent-Type: %b\n\n%b" % (parts, _PART),
        b'POST /reports\nContent-Type: application/json\n\n{"country":"KZ","place":"Almaty"}',
        b'POST /reports\nContent-Type: application/json\n\n{"withdrawn":true,"id":"form/KZ/x","receipt":"0"}',
    ]


def _answer(data: bytes) -> Iterator[str]:
    """An answer: its status, its headers, an empty line, its body; to a poller, and to a webhook."""
    head, _, body = data.partition(b"\n\n")
    first, *lines = head.split(b"\n")
    status = int(first) if first.isdigit() and 100 <= int(first[:6]) <= 599 else 429
    headers = [_header(line) for line in lines]
    headers = [(name, value) for name, value in headers if re.fullmatch(rb"[A-Za-z-]+", name)]

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers=headers, content=body)

    with closing(webhook.Sender(5.0, httpx.MockTransport(answer))) as sender:
        outcome = sender.post("https://hook.example", b"{}", {})
    yield f"{outcome.result} {outcome.after_s > 60}"
    manners = Manners(every_s=0.0, attempts=2, first_wait_s=0.0, longest_wait_s=0.0)
    with Fetcher(manners, sleep=lambda _: None, transport=httpx.MockTransport(answer)) as fetcher:
        fetcher.get("https://service.example/x?y=1", len, conditional=True)
    yield "taken"


def _answers() -> list[bytes]:
    return [
        b"200\nETag: \"x\"\nContent-Type: application/json\n\n{}", b"304\n\n", b"404\n\nnone",
        b"429\nRetry-After: 7\n\n", b"503\nRetry-After: Mon, 31 Dec 2035 23:59:59 GMT\n\n",
        b"301\nLocation: https://service.example/y\n\n", b"200\nContent-Encoding: gzip\n\nx",
    ]  # fmt: skip


def targets() -> Iterator[Target]:
    """All of them."""
    yield Target("api", "text", _request, _requests)
    yield Target("http-answers", "text", _answer, _answers)
