"""Limits for each client, without knowing who it is: its address becomes a digest with a salt that is thrown away.

The digest is kept in memory only, its salt changes every day; neither is ever written, logged or sent. What is
left the next day can't be traced to an address, nor can a client be followed from one day to the next.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

#: Clients that are remembered at once; beyond, those who were silent longest are forgotten.
MOST_CLIENTS = 50_000

DAY_S = 86_400.0

#: Posts of one client that are of one country within so many seconds weigh as one person's. Behind one address of
#: Tor or of a mobile operator are many: a longer time would make one of them all.
BURST_S = 900.0


@dataclass(slots=True)
class Digests:
    """Clients' addresses as digests that mean something for a day only."""

    clock: Callable[[], float] = monotonic
    _salt: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _since: float | None = None

    def of(self, address: str) -> bytes:
        """The digest of an address today."""
        now = self.clock()
        if self._since is None:
            self._since = now
        elif now - self._since >= DAY_S:
            self._salt, self._since = secrets.token_bytes(32), now
        return hashlib.blake2b(_network(address).encode(), key=self._salt, digest_size=16).digest()


def _network(address: str) -> str:
    """An IPv6 client has all of its /64: it counts as one.

    >>> _network("2001:db8:1:2:3::4"), _network("192.0.2.1")
    ('2001:db8:1:2', '192.0.2.1')
    """
    if ":" not in address:
        return address
    from ipaddress import IPv6Address

    try:
        parsed = IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return ":".join(part.lstrip("0") or "0" for part in parsed.exploded.split(":")[:4])


@dataclass(slots=True)
class Buckets:
    """A bucket of tokens for each client: `burst` at first, and `rate` more a second up to that.

    >>> now = 0.0
    >>> buckets = Buckets(rate=1.0, burst=2, clock=lambda: now)
    >>> [buckets.take(b"x") for _ in range(3)]
    [0.0, 0.0, 1.0]
    """

    rate: float
    burst: int
    clock: Callable[[], float] = monotonic
    _full: OrderedDict[bytes, tuple[float, float]] = field(default_factory=OrderedDict)

    def take(self, client: bytes) -> float:
        """Take a token and give 0; or how many seconds the client has to wait for one."""
        now = self.clock()
        tokens, then = self._full.pop(client, (float(self.burst), now))
        tokens = min(float(self.burst), tokens + (now - then) * self.rate)
        wait_s = 0.0 if tokens >= 1 else (1 - tokens) / self.rate
        self._full[client] = (tokens - 1 if not wait_s else tokens, now)
        if len(self._full) > MOST_CLIENTS:
            self._full.popitem(last=False)
        return wait_s

    def charge(self, client: bytes, tokens: float) -> None:
        """Take more tokens after the fact; the client may have to wait for them."""
        if client in self._full:
            left, then = self._full[client]
            self._full[client] = (left - tokens, then)

    def __len__(self) -> int:
        return len(self._full)


@dataclass(slots=True)
class Bursts:
    """Whose the posts of one client are: those within `BURST_S` of the first of them are that one's author's.

    >>> now = 0.0
    >>> bursts = Bursts(clock=lambda: now)
    >>> bursts.hand(b"x", "a"), bursts.hand(b"x", "b"), bursts.hand(b"y", "b")
    ('a', 'a', 'b')
    >>> now = BURST_S
    >>> bursts.hand(b"x", "b")
    'b'
    """

    clock: Callable[[], float] = monotonic
    _first: OrderedDict[bytes, tuple[str, float]] = field(default_factory=OrderedDict)

    def hand(self, client: bytes, author: str) -> str:
        """The digest of the author as whose a post counts; `client` is a digest of the client and the country."""
        now = self.clock()
        first, since = self._first.pop(client, (author, now))
        if now - since >= BURST_S:
            first, since = author, now
        self._first[client] = (first, since)
        if len(self._first) > MOST_CLIENTS:
            self._first.popitem(last=False)
        return first
