"""The application: paths, limits, errors."""

from __future__ import annotations

from collections import Counter

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from streams.api import openapi, pages, problems
from streams.api.answers import Answer, respond
from streams.api.feed import Feed
from streams.api.figures import ApiHealth
from streams.api.formats import JSON
from streams.api.guard import Guard, Limits
from streams.api.handlers import Handlers
from streams.api.limits import Digests
from streams.api.posting import Posting, Publish
from streams.api.problems import Problem
from streams.api.state import State


def create_app(
    state: State,
    feed: Feed | None = None,
    limits: Limits | None = None,
    *,
    publish: Publish | None = None,
    salt: bytes = b"",
    health: ApiHealth | None = None,
) -> Starlette:
    """The ASGI application over a state.

    `feed` fills the state and knows whether it has caught up; without it, it has. `publish` puts posted reports
    on their topic, `salt` is that of their digests; without them none are taken. `health` is told of all answers.
    """
    limits = limits or Limits()
    digests = Digests()
    handlers = Handlers(state, feed, limits, digests)
    posting = Posting(publish if salt else None, salt, digests)
    if health is not None:
        health.following = lambda: handlers.following
    document = Answer(orjson.dumps(openapi.document(), option=orjson.OPT_INDENT_2), JSON)

    async def described(request: Request) -> Response:
        return respond(request, document)

    return Starlette(
        routes=[
            Route("/shutdowns", handlers.shutdowns),
            Route("/shutdowns/{id}", handlers.shutdown),
            Route("/shutdowns/{id}/history", handlers.history),
            Route("/shutdowns/{id}/evidence", handlers.evidence),
            Route("/shutdowns/{id}/signals", handlers.signals),
            Route("/incidents", handlers.incidents),
            Route("/incidents/{id}", handlers.incident),
            Route("/candidates", handlers.candidates),
            Route("/places", handlers.places),
            Route("/stream", handlers.stream),
            Route("/feed.atom", handlers.atom),
            Route("/stats", handlers.stats),
            Route("/healthz", handlers.healthz),
            Route("/readyz", handlers.readyz),
            Route("/openapi.json", described),
            Route("/timeline", handlers.timeline),
            Route("/", pages.page),
            Route("/shutdown/{id}", pages.page),
            Route("/static/{name}", pages.static),
            Route("/sw.js", pages.worker),
            Route("/report", posting.form),
            Route("/report", posting.post_form, methods=["POST"]),
            Route("/reports", posting.post_json, methods=["POST"]),
            Route("/map/{country}.json", pages.regions),
        ],
        middleware=[
            # Whatever is read may be read from any page; no cookie and no token is ever looked at.
            Middleware(
                CORSMiddleware,
                allow_origins=["*"],
                allow_methods=["GET", "HEAD"],
                allow_headers=["Last-Event-ID", "If-None-Match"],
                expose_headers=["ETag", "Link", "Retry-After"],
                max_age=86_400,
            ),
            Middleware(Guard, limits=limits, digests=digests, answers=health.answers if health else Counter()),
        ],
        exception_handlers={
            Problem: problems.on_problem,
            HTTPException: problems.on_http,
            Exception: problems.on_fault,
        },
    )
