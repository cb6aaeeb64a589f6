"""A service on this machine that answers as a provider's does, and misbehaves when told to.

Routes are functions from a `Request` to a body, an `Answer`, or something that JSON can hold. Faults wait in a
queue; each spoils the next answer of a path that begins as it says.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from streams.sources.http import Manners
from streams.sources.polling import Live, Poller, poll
from streams.sources.state import STATUS, Status
from topics import Record, Topic, decode, encode

HTML = b"<!doctype html><html><body>Service unavailable</body></html>"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    form: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Route = Callable[[Request], Any]
Fault = str | Callable[[bytes], bytes]


def answered(routes: Mapping[str, Route], request: Request) -> Answer:
    """What the first of the routes whose path the request's begins with answers."""
    route = next((routes[path] for path in routes if request.path.startswith(path)), None)
    found = Answer(b"nothing here", 404) if route is None else route(request)
    if isinstance(found, Answer):
        return found
    return Answer(found if isinstance(found, bytes) else json.dumps(found).encode())


class Fake:
    """The service. `requests` are those that came; `faults` are (path's beginning, what goes wrong)."""

    def __init__(self, routes: Mapping[str, Route]) -> None:
        self.routes = dict(routes)
        self.requests: list[Request] = []
        self.faults: list[tuple[str, Fault]] = []
        self.sent = 0
        self._lock = threading.Lock()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                fake._serve(self, b"")

            def do_POST(self) -> None:
                fake._serve(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it that
                """Tests have their own words."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def misbehave(self, *faults: Fault, path: str = "/") -> None:
        """Spoil the next answers of paths that begin so, one fault each: `429`, `500`, a time in seconds to wait,
        `truncated`, `html`, `closed`, or a function that changes the body."""
        self.faults += [(path, fault) for fault in faults]

    def asked(self, path: str = "/") -> list[Request]:
        return [one for one in self.requests if one.path.startswith(path)]

    def _serve(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        parts = urlsplit(handler.path)
        params = {name: values[0] for name, values in parse_qs(parts.query).items()}
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        request = Request(handler.command, parts.path, params, dict(handler.headers), form)
        with self._lock:
            self.requests.append(request)
            at = next((at for at, (path, _) in enumerate(self.faults) if parts.path.startswith(path)), None)
            fault = None if at is None else self.faults.pop(at)[1]
            answer = answered(self.routes, request)
        self._send(handler, answer, fault)

    def _send(self, handler: BaseHTTPRequestHandler, answer: Answer, fault: Fault | None) -> None:
        body, status, headers = answer.body, answer.status, dict(answer.headers)
        if callable(fault):
            body = fault(body)
        elif fault == "html":
            body = HTML
        elif fault in ("429", "500", "503"):
            status, body = int(fault), b"busy"
            headers["Retry-After"] = "7" if fault == "429" else "0"
        elif fault == "closed":
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        elif fault is not None and fault != "truncated":
            threading.Event().wait(float(fault))
        try:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            if fault == "truncated":
                handler.wfile.write(body[: len(body) // 2])
                handler.close_connection = True
                handler.wfile.flush()
                handler.connection.shutdown(socket.SHUT_WR)
                return
            handler.wfile.write(body)
            self.sent += len(body)
        except OSError:
            handler.close_connection = True


@contextmanager
def serving(routes: Mapping[str, Route]) -> Iterator[Fake]:
    fake = Fake(routes)
    try:
        yield fake
    finally:
        fake.close()


HASTY = Manners(every_s=0.0, attempts=5, timeout_s=0.3, first_wait_s=0.01, longest_wait_s=0.02)


@dataclass
class Polled:
    """A poller's rounds against a fake, with a clock that the test sets; what was published, and its cursors.

    Records go through their bytes: what can't be read by a stage fails here.
    """

    make: Callable[[Live], Poller]
    live: Live
    cursors: dict[str, Any] = field(default_factory=dict)
    published: list[tuple[str, Any]] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    crash_after: int | None = None
    transport: httpx.BaseTransport | None = None

    def round(self, now_s: int, rounds: int = 1) -> Status:
        """One round at a moment (or several), from a poller made anew as after a restart."""
        poller = self.make(self.live)
        hasty: Any = poller
        hasty.manners = HASTY
        told: list[Status] = []
        poll(
            poller,
            self.cursors,
            self._publish,
            rounds=rounds,
            clock=lambda: float(now_s),
            sleep=self.slept.append,
            told=told.append,
            hidden=tuple(self.live.secrets.values()),
            transport=self.transport,
        )
        # What goes to Kafka comes back as JSON does.
        self.cursors = json.loads(json.dumps(self.cursors))
        return told[-1]

    def _publish(self, records: Sequence[tuple[Topic, Record]]) -> None:
        self.published += [(topic.name, decode(topic, encode(record))) for topic, record in records]
        if self.crash_after is not None:
            self.crash_after -= 1
            if self.crash_after < 0:
                raise KeyboardInterrupt

    def take(self) -> list[Any]:
        """What was published since this was last asked."""
        found = [record for _, record in self.published]
        self.published.clear()
        return found

    @property
    def largest_cursor(self) -> int:
        return max(len(json.dumps(one)) for part, one in self.cursors.items() if part != STATUS)
