"""Serving: one process, one event loop, one consumer; ends when the feed does."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from streams.api.app import create_app
from streams.api.connections import CONNECTIONS, bounded
from streams.api.feed import Feed
from streams.api.figures import ApiHealth
from streams.api.guard import Limits
from streams.api.publishing import Reports
from streams.api.state import State
from streams.api.store import Store
from streams.errors import StreamsError
from streams.health import pages
from streams.settings import Settings

log = logging.getLogger(__name__)

#: How long requests in work may take when the server is told to stop; streams never end by themselves.
STOP_S = 2


class ServeError(StreamsError):
    """The server can't listen, or can't go on."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one.

    Raises:
        ServeError: the port is taken, or the host is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise ServeError(f"can't listen at {host} port {port}: {error.strerror}; give another --port") from error
    return listener


def config(app: Starlette, proxies: str = "") -> uvicorn.Config:
    """Uvicorn's settings: no access log, so that no client's address is ever written anywhere."""
    return uvicorn.Config(
        app,
        # Of whom a proxy brings, the proxy bounds the connections: to this server all have its address.
        http=bounded(per_client=0 if proxies else CONNECTIONS),
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
        timeout_graceful_shutdown=STOP_S,
        timeout_keep_alive=30,
        lifespan="off",
    )


class Server(uvicorn.Server):
    """Leaves signals to us: uvicorn would raise them again after it stopped, and an orderly stop is no error."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(
    settings: Settings,
    listener: socket.socket,
    *,
    limits: Limits | None = None,
    proxies: str = "",
    salt: bytes = b"",
    started: Callable[[], None] = lambda: None,
) -> None:
    """Serve until told to stop by SIGINT or SIGTERM.

    Raises:
        StreamsError: Kafka can't be reached, or a topic is missing.
    """
    store = Store()
    state = State(store)
    feed = Feed(settings, state)
    reports = Reports(settings)
    health = ApiHealth(state, feed)
    app = create_app(state, feed, limits, publish=reports.publish, salt=salt, health=health)
    server = Server(config(app, proxies))
    try:
        with (
            pages(health, settings, log.info),
            asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner,
        ):
            runner.run(_serve(server, feed, reports, health, listener, started))
    finally:
        store.close()


async def _serve(
    server: uvicorn.Server,
    feed: Feed,
    reports: Reports,
    health: ApiHealth,
    listener: socket.socket,
    started: Callable[[], None],
) -> None:
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, lambda: setattr(server, "should_exit", True))
    await feed.start()
    await reports.start()
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    reading = asyncio.create_task(feed.run())
    beating = asyncio.create_task(health.beat(feed.waiting))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    started()
    done, _ = await asyncio.wait({serving, reading}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    reading.cancel()
    beating.cancel()
    await asyncio.gather(serving, reading, beating, return_exceptions=True)
    await reports.stop()
    for task in done:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            raise ServeError(f"stopped, since its reading of Kafka or its serving failed: {error!r}") from error
