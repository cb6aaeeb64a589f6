"""HTTP connections within bounds: how large a request's head may be, how long it may take, how many a client has.

Without them a client that sends headers for ever takes memory, and one that never ends its requests takes every
connection that the process may have.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from streams.api.limits import Digests

#: The names and values of a request's headers, with its address: browsers send two kilobytes.
HEAD_BYTES = 16_384

#: From its first byte, or from the connection's begin, a request must be here whole within so many seconds.
REQUEST_S = 20.0

#: Connections that one client may have at once. Behind one address of Tor or of a mobile operator are many.
CONNECTIONS = 200


def bounded(*, per_client: int = CONNECTIONS) -> type[HttpToolsProtocol]:
    """Return a protocol for one server. `per_client` of 0 bounds no client: behind a proxy all have its address."""

    class Bounded(BoundedProtocol):
        most = per_client
        clients: ClassVar[Counter[bytes]] = Counter()
        digests = Digests()

    return Bounded


class BoundedProtocol(HttpToolsProtocol):
    """Uvicorn's protocol; what is beyond the bounds is closed. `clients` counts the connections of each."""

    most: ClassVar[int]
    clients: ClassVar[Counter[bytes]]
    digests: ClassVar[Digests]
    _client_key: bytes | None = None
    _head: int = 0
    _in_head: bool = True
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count the connection, and close it if its client has too many."""
        super().connection_made(transport)
        self._begin()
        if self.most and self.client is not None:
            self._client_key = self.digests.of(self.client[0])
            self.clients[self._client_key] += 1
            if self.clients[self._client_key] > self.most:
                transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._end()
        if self._client_key is not None:
            self.clients[self._client_key] -= 1
            if not self.clients[self._client_key]:
                del self.clients[self._client_key]
            self._client_key = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read; a head that goes on and on is refused before it is whole."""
        before = self._head
        super().data_received(data)
        if self._in_head and self.parser is not None:
            self._head = max(self._head, before + len(data))
            if self._head > HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        """Begin to count."""
        super().on_message_begin()
        self._head, self._in_head = 0, True
        self._begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header; an error here is answered with 400."""
        self._head += len(name) + len(value) + 4
        if self._head > HEAD_BYTES:
            raise ValueError("the head is too large")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Count no more: how large a body may be is the guard's to say."""
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is here; its answer may take as long as it takes."""
        self._end()
        super().on_message_complete()

    def _begin(self) -> None:
        self._end()
        self._deadline = self.loop.call_later(REQUEST_S, self._late)

    def _end(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()
