"""A rehearsal of a live source: each of its requests once against the service, its answers compared with what
readers expect, and nothing published.

It is a round of the source's own poller, so that what is asked is what will be asked. A second request of the same
kind (another page, other entities, another quarter of an hour) is not made.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import httpx

from streams.sources import expected_forms
from streams.sources.catalogue import Source
from streams.sources.files import SourceError
from streams.sources.http import Fetcher, FetchError
from streams.sources.polling import Batch, Live, Notice, Trouble
from streams.sources.recordings import Exchange, exchange, without

T = TypeVar("T")

#: Sources that don't speak HTTP.
NOT_HTTP = frozenset({"ioda-alerts"})

#: What is asked of sources that want to be told what, where nobody says.
ENTITIES: Mapping[str, str] = {"cloudflare-netflows": "country/IR", "ripestat": "asn/KZ/9198"}

#: Parameters whose values are one of many of a kind: which service OONI is asked about.
CHOICES = frozenset({"domain", "test_name"})

#: Reasons for refusing an item that are said, at most.
MOST_REASONS = 5


class AskedAlready(FetchError):
    """A request of this kind was made, and is not made again."""

    def __init__(self) -> None:
        super().__init__("a request of this kind was made already", "other")


@dataclass(slots=True)
class Once(Fetcher):
    """Makes a request of each kind once, and is not patient."""

    asked: set[str] = field(default_factory=set)

    def get(
        self,
        url: str,
        reader: Callable[[bytes], T],
        params: Mapping[str, str | int] | None = None,
        *,
        conditional: bool = False,
    ) -> T | None:
        """See `Fetcher.get`.

        Raises:
            AskedAlready: a request of this kind was made.
        """
        kind = _kind(url, params or {})
        if kind in self.asked:
            raise AskedAlready
        self.asked.add(kind)
        return Fetcher.get(self, url, reader, params, conditional=conditional)


def _kind(url: str, params: Mapping[str, str | int]) -> str:
    """What sort of request it is: its path and parameters without numbers, times and lists of codes."""
    path = "/".join("*" if "," in part else part for part in httpx.URL(url).path.split("/"))
    named = sorted(
        name if name in CHOICES else f"{name}={value}"
        for name, value in params.items()
        if name in CHOICES or not re.search(r"\d", str(value))
    )
    return re.sub(r"\d+", "0", path) + "?" + "&".join(named)


@dataclass(frozen=True, slots=True)
class Answered:
    """A request, its answer, and what of that is other than expected; `unread` are fields that nobody reads."""

    exchange: Exchange
    took_s: float
    differs: tuple[str, ...]
    unread: tuple[str, ...]


@dataclass(slots=True)
class Rehearsal:
    """What came of it: the requests, what the poller made of their answers, and what it could not."""

    answered: list[Answered] = field(default_factory=list)
    records: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    notices: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def as_expected(self) -> bool:
        """Whether nothing is other than expected."""
        return not self.errors and bool(self.answered) and not any(one.differs for one in self.answered)

    def words(self) -> Iterator[str]:
        """All of it in lines that can be pasted into a report."""
        for number, one in enumerate(self.answered, 1):
            told = one.exchange
            size = f"{len(told.content):,} bytes of {told.headers.get('content-type', 'no type')}"
            yield f"{number}. {told.method} {told.url}"
            yield f"   HTTP {told.status}, {size}, {one.took_s:.1f} s"
            yield from (f"   DIFFERS: {words}" for words in one.differs)
            if one.unread:
                yield f"   not read: {', '.join(one.unread)}"
        yield f"records: {self.records:,}; items that no record was made of: {self.refused.total():,}"
        yield from (f"   {count:,} x {reason}" for reason, count in self.refused.most_common(MOST_REASONS))
        yield from (f"the service says: {words}" for words in self.notices)
        yield from (f"ERROR: {words}" for words in self.errors)
        yield "as expected" if self.as_expected else "NOT as expected"


def rehearse(
    source: Source,
    live: Live,
    *,
    now_s: int,
    hidden: Sequence[str] = (),
    transport: httpx.BaseTransport | None = None,
    kept: Callable[[Exchange], None] = lambda _: None,
) -> Rehearsal:
    """Rehearse a source as of `now_s`. `kept` is given each exchange, `transport` answers in place of the network.

    Raises:
        SourceError: the source can't be rehearsed, or lacks something that it wants.
    """
    if source.name in NOT_HTTP:
        raise SourceError(f"{source.name} is no service that answers over HTTP: it can't be checked this way")
    poller, found = source.live()(live), Rehearsal()
    began = [time.monotonic()]

    def observe(answer: httpx.Response, content: bytes) -> None:
        took_s, began[0] = time.monotonic() - began[0], time.monotonic()
        one = exchange(answer, content, (*hidden, *fetcher.secrets))
        kept(one)
        path = httpx.URL(one.url).path
        differs = expected_forms.differences(path, content) if answer.is_success else ()
        unread = expected_forms.unread(path, content) if answer.is_success else ()
        found.answered.append(Answered(one, took_s, tuple(differs), tuple(unread)))

    manners = replace(poller.manners, attempts=1)
    fetcher = Once(manners, poller.headers, secrets=hidden, observer=observe, transport=transport)
    cursors: dict[str, Any] = {}
    with fetcher:
        try:
            for step in poller.round(fetcher, cursors, now_s):
                if isinstance(step, Batch):
                    cursors[step.part] = step.cursor
                    found.records += len(step.records)
                    found.refused.update(step.refused)
                elif isinstance(step, Notice):
                    found.notices.append(step.words)
                elif isinstance(step, Trouble) and not isinstance(step.error, AskedAlready):
                    found.errors.append(without(f"{step.part}: {step.error}", hidden))
        except AskedAlready:
            pass
        except SourceError as error:
            found.errors.append(without(str(error), hidden))
    found.notices = list(dict.fromkeys(found.notices))
    return found
