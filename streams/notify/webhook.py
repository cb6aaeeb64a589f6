"""One change as an HTTP request that its receiver can trust, and what an answer means.

The body is the change as it lies on the topic; its CloudEvents attributes are headers `ce-…` (HTTP binding, binary
mode); id, time and signature are those of Standard Webhooks <https://www.standardwebhooks.com>, for which there
are libraries in every language.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import Literal

import httpx

from streams.errors import StreamsError
from topics import ShutdownChange, encode
from topics.cloudevents import attributes

#: Answers after which another try makes sense, besides 5xx: too slow, too early, too many.
AGAIN = frozenset({408, 425, 429})


class SecretError(StreamsError):
    """The secret that requests are signed with can't be used."""


def read_secret(text: str) -> bytes:
    """The key of a secret: `whsec_` and base64, as Standard Webhooks writes it, or any other text as it is.

    Raises:
        SecretError: it is shorter than 16 bytes, or no base64 after `whsec_`.
    """
    try:
        key = base64.b64decode(text[6:], validate=True) if text.startswith("whsec_") else text.encode()
    except binascii.Error:
        raise SecretError("the secret begins with whsec_, but what follows is no base64") from None
    if len(key) < 16:
        raise SecretError(f"the secret has {len(key)} bytes; at least 16 are needed to be safe")
    return key


def sign(key: bytes, message_id: str, sent_s: int, body: bytes) -> str:
    """The value of `webhook-signature`: HMAC-SHA256 over id, time and body.

    >>> sign(b"0123456789abcdef", "a/1", 1614499200, b"{}")
    'v1,KiTt2qKckIJFSe8Bd6PuWPyHQkF1fyjkJk7JK4QNDAY='
    """
    signed = f"{message_id}.{sent_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def request(change: ShutdownChange, key: bytes, sent_s: int) -> tuple[bytes, dict[str, str]]:
    """Body and headers of the request that tells of a change. `sent_s` is now: receivers refuse old requests."""
    body = encode(change)
    headers = {f"ce-{name}": value for name, value in attributes(change).items()}
    headers |= {
        "content-type": "application/json",
        "user-agent": "shutdown-streams",
        "webhook-id": change.id,
        "webhook-timestamp": str(sent_s),
        "webhook-signature": sign(key, change.id, sent_s, body),
    }
    return body, headers


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a try came to, in words too. `after_s`: how long the receiver asked to be left alone."""

    result: Literal["taken", "again", "refused"]
    words: str
    after_s: float = 0.0


class Sender:
    """Sends requests one after the other, over connections that stay open. To be closed in the end.

    A try takes no longer than `timeout_s` from its begin to the status of the answer, however slowly the receiver
    lets its answer drip. `transport` stands for the network.
    """

    def __init__(self, timeout_s: float, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._timeout_s = timeout_s
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(timeout=timeout_s, transport=transport)

    def close(self) -> None:
        """Close the connections."""
        self._runner.run(self._client.aclose())
        self._runner.close()

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> Outcome:
        """Send a request once. Redirects aren't followed: a signed body goes where it was meant to go.

        What the receiver answers beside the status is not read.
        """
        try:
            answer = self._runner.run(self._post(url, body, headers))
        except TimeoutError:
            return Outcome("again", f"no answer within {self._timeout_s:g} s")
        except (httpx.RequestError, httpx.InvalidURL) as error:
            return Outcome("again", f"{type(error).__name__}: {error}"[:300])
        words = f"HTTP {answer.status_code}"
        if answer.is_success:
            return Outcome("taken", words)
        if answer.is_server_error or answer.status_code in AGAIN:
            after = answer.headers.get("retry-after", "")
            return Outcome("again", words, float(after) if after.isascii() and after.isdigit() else 0.0)
        return Outcome("refused", words)

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
        async with (
            asyncio.timeout(self._timeout_s),
            self._client.stream("POST", url, content=body, headers=headers) as answer,
        ):
            return answer
