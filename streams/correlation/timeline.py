"""Spans by id, found again by time: what overlaps a stretch, without looking at the rest."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator

from streams.correlation.windows import Span

#: Spans longer than this are kept in a list of their own, so that one of them doesn't widen every search.
LONG_S = 12 * 86_400


class Timeline:
    """Spans by id. Adding, removing and finding cost the logarithm of what is there, and what is found.

    >>> line = Timeline()
    >>> line.add("a", Span(0, 10)); line.add("b", Span(20, 30))
    >>> list(line.during(Span(5, 20)))
    ['a', 'b']
    """

    def __init__(self) -> None:
        self._spans: dict[str, Span] = {}
        self._short: list[tuple[int, str]] = []
        self._long: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._spans

    def __len__(self) -> int:
        return len(self._spans)

    def ids(self) -> Iterable[str]:
        return self._spans.keys()

    def span(self, key: str) -> Span:
        return self._spans[key]

    def add(self, key: str, span: Span) -> None:
        """Put a span in, in place of any other of that id."""
        self.discard(key)
        self._spans[key] = span
        if span.until_s - span.from_s > LONG_S:
            self._long.add(key)
        else:
            insort(self._short, (span.from_s, key))

    def discard(self, key: str) -> None:
        span = self._spans.pop(key, None)
        if span is None:
            return
        if key in self._long:
            self._long.remove(key)
        else:
            del self._short[bisect_left(self._short, (span.from_s, key))]

    def during(self, span: Span) -> Iterator[str]:
        """The ids of all spans that share a moment with this one."""
        at = bisect_left(self._short, (span.from_s - LONG_S, ""))
        while at < len(self._short) and self._short[at][0] <= span.until_s:
            key = self._short[at][1]
            if self._spans[key].until_s >= span.from_s:
                yield key
            at += 1
        yield from sorted(key for key in self._long if self._spans[key].meets(span))
