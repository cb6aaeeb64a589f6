"""Before every handler: limits of rate and size; and headers that tell browsers to be careful."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from time import thread_time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streams.api.limits import Buckets, Digests
from streams.api.problems import MEDIA_TYPE, Problem

#: The longest path with query that is looked at, bytes.
LONGEST_URL = 4096

#: A request that takes the processor for longer than so many seconds counts as so many times one.
COST_S = 0.01

#: The page may load what this server serves, and nothing else from anywhere.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(), camera=(), microphone=()"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one client, and all together, may ask. Zero switches a limit of rate off."""

    rate: float = 30.0
    burst: int = 120
    body_bytes: int = 64_000
    streams: int = 5_000
    streams_per_client: int = 100


@dataclass(slots=True)
class Guard:
    """ASGI middleware."""

    app: ASGIApp
    limits: Limits
    digests: Digests
    #: Answers by the class of their status, for figures.
    answers: Counter[str] = field(default_factory=Counter)
    _buckets: Buckets = field(init=False)

    def __post_init__(self) -> None:
        self._buckets = Buckets(self.limits.rate or 1.0, self.limits.burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
                self.answers[f"{message['status'] // 100}xx"] += 1
            await send(message)

        client = self.digests.of(scope["client"][0]) if self.limits.rate and scope["client"] else None
        problem = self._refusal(scope, client)
        if problem is not None:
            await _tell(problem, sending)
            return
        began_s = thread_time()
        await self.app(scope, _limited(receive, self.limits.body_bytes), sending)
        if client is not None and scope["path"] != "/stream":
            # What costs more than others' requests counts as so many of them.
            self._buckets.charge(client, max(0.0, (thread_time() - began_s) / COST_S - 1))

    def _refusal(self, scope: Scope, client: bytes | None) -> Problem | None:
        if len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_URL:
            return Problem(414, f"the address is longer than {LONGEST_URL} bytes")
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not length.isdigit() or int(length) > self.limits.body_bytes:
            return Problem(413, f"a body may have {self.limits.body_bytes} bytes at most")
        if client is not None:
            wait_s = self._buckets.take(client)
            if wait_s:
                words = f"too many requests: {self.limits.rate:g} a second are fine; wait {wait_s:.1f} s"
                return Problem(429, words, headers={"retry-after": str(math.ceil(wait_s))})
        return None


def _limited(receive: Receive, most: int) -> Receive:
    """A body without `content-length` is counted as it comes."""
    seen = 0

    async def receiving() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise Problem(413, f"a body may have {most} bytes at most")
        return message

    return receiving


async def _tell(problem: Problem, send: Send) -> None:
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(problem.body)).encode())]
    headers += [(name.encode(), value.encode()) for name, value in problem.headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": problem.body})
