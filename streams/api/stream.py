"""Server-sent events: every change once, in order, from where the client says it stands.

The id of an event is a position on the topic (see `state.position_text`), so a client that comes back gets what
it missed, also from another server or after a restart. A slow client falls back to the store; nothing waits for
it and nothing is kept for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice

from streams.api.queries import Filter
from streams.api.state import Event, State, position_text, read_position

#: A comment is sent so often where nothing happens, seconds: proxies close what is silent.
HEARTBEAT_S = 15.0

#: A client that lost its connection waits so long before it comes back, ms.
RETRY_MS = 2000

#: Changes read from the store at a time.
_CHUNK = 200


class Follower:
    """One client's way along the changes."""

    def __init__(self, state: State, wanted: Filter, since: str | None, *, short: bool) -> None:
        """`since` is the position after which to begin: "" for the very first change, None for the next one.

        Raises:
            ValueError: it is no position.
        """
        self._state = state
        self._wanted = wanted
        self._short = short
        self._at = dict(state.offsets) if since is None else self._known(read_position(since))
        self._seq = state.store.newest if since is None else state.store.number_before(self._at)

    def _known(self, position: dict[int, int]) -> dict[int, int]:
        """A position beyond the end was made by another topic of that name: begin anew there, lose nothing."""
        ends = self._state.offsets
        return {part: offset for part, offset in position.items() if offset <= ends.get(part, 0)}

    async def run(self) -> AsyncIterator[bytes]:
        """The bytes to send, for ever."""
        yield b"retry: %d\n: every change of every shutdown\n\n" % RETRY_MS
        while True:
            while self._seq < self._state.store.newest:
                if chunk := b"".join(self._next()):
                    yield chunk
                await asyncio.sleep(0)
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    await self._state.changed()
            except TimeoutError:
                yield b": \n\n"

    def _next(self) -> Iterator[bytes]:
        """The events that follow: from the head in memory where it reaches back far enough, else from the store."""
        head = self._state.events
        if head and head[0].seq <= self._seq + 1:
            events: Iterable[Event] = islice(head, self._seq + 1 - head[0].seq, None)
        else:
            rows = self._state.store.changes_after(self._seq, _CHUNK)
            events = (Event(row.seq, row.part, row.at, row.body) for row in rows)
        for event in events:
            self._seq = event.seq
            if event.at < self._at.get(event.part, 0):
                continue
            self._at[event.part] = event.at + 1
            if self._wanted.takes(event.change.shutdown):
                yield b"id: %b\n%b" % (position_text(self._at).encode(), event.short if self._short else event.full)
