"""Receivers that answer a byte at a time: a try costs no more than its time-out, and a stop waits for none."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

import pytest

from streams.notify.notifier import Notifier, Receiver, _Stopped
from streams.notify.webhook import Sender
from streams.settings import Settings
from tests.notify.test_webhook import CHANGES, KEY

Answer = Callable[[socket.socket], None]


def drips_headers(one: socket.socket) -> None:
    one.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(1_000):
        one.sendall(b"X-%d: y\r\n" % number)
        time.sleep(0.1)


def drips_its_status(one: socket.socket) -> None:
    for letter in b"HTTP/1.1 200 OK\r\n" * 100:
        one.sendall(bytes([letter]))
        time.sleep(0.2)


def drips_its_body(one: socket.socket) -> None:
    one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    for _ in range(1_000):
        one.sendall(b"x")
        time.sleep(0.1)


def says_nothing(one: socket.socket) -> None:
    time.sleep(30)


@contextmanager
def receiving(answer: Answer) -> Iterator[str]:
    """A receiver of one connection after the other; its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    one, _ = server.accept()
                    threading.Thread(target=talk, args=(one,), daemon=True).start()

        def talk(one: socket.socket) -> None:
            with one, suppress(OSError):
                one.recv(1_000_000)
                answer(one)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/hook"


@pytest.mark.parametrize(
    ("answer", "result"),
    [(drips_headers, "again"), (drips_its_status, "again"), (says_nothing, "again"), (drips_its_body, "taken")],
)
def test_a_try_ends_with_its_time_out(answer: Answer, result: str) -> None:
    with receiving(answer) as url, closing(Sender(0.6)) as sender:
        began_s = time.monotonic()
        outcome = sender.post(url, b"{}", {})
        assert outcome.result == result, outcome.words
        assert time.monotonic() - began_s < 2


def test_who_is_told_to_stop_makes_no_other_try() -> None:
    told: list[int] = []
    threading.Timer(0.8, told.append, (1,)).start()
    with receiving(says_nothing) as url, closing(Sender(0.3)) as sender:
        notifier = Notifier(Settings(), Receiver(name="test", url=url, key=KEY, first_pause_s=60.0))
        began_s = time.monotonic()
        with pytest.raises(_Stopped):
            notifier._deliver(sender, CHANGES[0], lambda: bool(told))
        assert time.monotonic() - began_s < 5
