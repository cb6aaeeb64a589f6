"""Taking reports and nothing else: the form and its JSON, without reading a topic. `shutdowns serve-reports`.

For a machine of its own before the world: it may write to `form-reports`, and has nothing that could be read from
it.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections import Counter
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from streams.api import pages, problems
from streams.api.figures import ServerHealth
from streams.api.guard import Guard, Limits
from streams.api.limits import Digests
from streams.api.posting import Posting, Publish
from streams.api.problems import Problem
from streams.api.publishing import Reports
from streams.api.server import Server, config
from streams.health import pages as pages_of
from streams.settings import Settings

log = logging.getLogger(__name__)


def create_receiver(
    publish: Publish, salt: bytes, limits: Limits | None = None, health: ServerHealth | None = None
) -> Starlette:
    """The ASGI application. `publish` puts a report on its topic and returns when it is safe there."""
    answers = health.answers if health else Counter[str]()
    digests = Digests()
    posting = Posting(publish, salt, digests)

    async def alive(_: Request) -> Response:
        return Response("ok\n", media_type="text/plain")

    return Starlette(
        routes=[
            Route("/report", posting.form),
            Route("/report", posting.post_form, methods=["POST"]),
            Route("/reports", posting.post_json, methods=["POST"]),
            Route("/static/{name}", pages.static),
            Route("/sw.js", pages.worker),
            Route("/healthz", alive),
        ],
        middleware=[Middleware(Guard, limits=limits or Limits(), digests=digests, answers=answers)],
        exception_handlers={
            Problem: problems.on_problem,
            HTTPException: problems.on_http,
            Exception: problems.on_fault,
        },
    )


def receive(
    settings: Settings,
    listener: socket.socket,
    *,
    salt: bytes,
    limits: Limits | None = None,
    proxies: str = "",
    started: Callable[[], None] = lambda: None,
) -> None:
    """Take reports until told to stop by SIGINT or SIGTERM.

    Raises:
        StreamsError: Kafka can't be reached.
    """
    reports, health = Reports(settings), ServerHealth()
    server = Server(config(create_receiver(reports.publish, salt, limits, health), proxies))
    with (
        pages_of(health, settings, log.info),
        asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner,
    ):
        runner.run(_receive(server, reports, health, listener, started))


async def _receive(
    server: Server, reports: Reports, health: ServerHealth, listener: socket.socket, started: Callable[[], None]
) -> None:
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, lambda: setattr(server, "should_exit", True))
    await reports.start()
    try:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not serving.done():
            await asyncio.sleep(0.01)
        beating = asyncio.create_task(health.beat(_nothing))
        started()
        await serving
        beating.cancel()
    finally:
        await reports.stop()


async def _nothing() -> list[str]:
    """What a server waits for that reads no topic."""
    return []
