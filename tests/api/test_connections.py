"""What one client can cost the others: heads without end, requests that never end, streams, other sites' forms."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from streams.api import connections
from streams.api.connections import HEAD_BYTES
from streams.api.guard import COST_S, Guard, Limits
from streams.api.limits import Digests
from streams.api.receiving import create_receiver
from streams.api.server import Server, config, listen
from streams.memory import memory_bytes
from tests.api.served import client, filled
from topics import Report

#: What a form needs at least.
FORM = {"country": "KZ", "place": "Almaty", "start": "2021-02-28T14:00"}


async def hello(_: Request) -> Response:
    return PlainTextResponse("hello")


@contextmanager
def serving() -> Iterator[int]:
    """A server in a thread; its port."""
    listener = listen("127.0.0.1", 0)
    server = Server(config(Starlette(routes=[Route("/", hello)])))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(20)


def ask(port: int, timeout_s: float = 5) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout_s) as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: one.recv(65_536), b""))


def is_closed(one: socket.socket, within_s: float) -> bool:
    """Whether the other side closes a connection in time, whatever it says before."""
    one.settimeout(within_s)
    try:
        while one.recv(65_536):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


@pytest.mark.parametrize("piece", [b"X-More: " + b"x" * 1_000 + b"\r\n", b"x" * 65_536])
def test_a_head_without_end_is_refused_and_costs_nothing(piece: bytes) -> None:
    with serving() as port:
        before = memory_bytes(os.getpid()) or 0
        with socket.create_connection(("127.0.0.1", port), 5) as one:
            one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ")
            sent = 0
            try:
                while sent < 20_000_000:
                    one.sendall(piece)
                    sent += len(piece)
            except OSError:
                pass
            assert sent < 10_000_000 or is_closed(one, 5)
        assert (memory_bytes(os.getpid()) or 0) - before < 20_000_000
        assert ask(port).endswith(b"hello")


def test_a_head_of_usual_size_is_taken() -> None:
    with serving() as port, socket.create_connection(("127.0.0.1", port), 5) as one:
        filler = b"X-More: " + b"x" * (HEAD_BYTES - 200) + b"\r\n"
        one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + filler + b"\r\n")
        assert b"hello" in b"".join(iter(lambda: one.recv(65_536), b""))


def test_requests_that_never_end_are_closed_and_keep_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "REQUEST_S", 0.5)
    with serving() as port, ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 5)) for _ in range(30)]
        for number, one in enumerate(slow):
            one.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab"[: 1 + number * 2])
        assert ask(port).endswith(b"hello")
        assert all(is_closed(one, 5) for one in slow)
        assert ask(port).endswith(b"hello")


def test_one_client_has_no_more_connections_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.api.server.CONNECTIONS", 5)
    with serving() as port, ExitStack() as stack:
        many = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 5)) for _ in range(12)]
        assert sum(is_closed(one, 0.3) for one in many) == 7
        stack.close()
        time.sleep(0.3)
        assert ask(port).endswith(b"hello")


def test_who_asks_for_what_is_dear_waits_sooner() -> None:
    async def dear(_: Request) -> Response:
        end_s = time.thread_time() + 10 * COST_S
        while time.thread_time() < end_s:
            pass
        return PlainTextResponse("done")

    app = Starlette(routes=[Route("/dear", dear), Route("/", hello)])
    limits = Limits(rate=1, burst=40)
    api = TestClient(Guard(app, limits, Digests()))
    assert [api.get("/").status_code for _ in range(30)] == [200] * 30
    api = TestClient(Guard(app, limits, Digests()))
    statuses = [api.get("/dear").status_code for _ in range(10)]
    assert 3 <= statuses.count(200) <= 5
    assert api.get("/").status_code == 429


def test_one_client_takes_not_all_streams() -> None:
    with filled() as state:
        api = client(state, Limits(rate=0, streams_per_client=0))
        answer = api.get("/stream")
        assert (answer.status_code, "0 times already" in answer.text) == (429, True)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"origin": "http://testserver"}, 201),
        ({"origin": "null"}, 201),
        ({"sec-fetch-site": "same-origin"}, 201),
        ({"origin": "https://evil.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": ""}, 415),
    ],
)
def test_another_sites_page_reports_nothing(headers: dict[str, str], status: int) -> None:
    taken: list[Report] = []

    async def publish(report: Report) -> None:
        taken.append(report)

    api = TestClient(create_receiver(publish, b"s" * 16, Limits(rate=0)))
    assert api.post("/reports", json=FORM, headers=headers).status_code == status
    assert len(taken) == (status == 201)
    if status == 403:
        assert api.post("/report", data=FORM, headers=headers).status_code == 403
