"""Incidents: the shutdowns of a country that overlap, or follow each other within a day, under one name."""

from __future__ import annotations

from bisect import bisect_left, insort

from streams.correlation.timeline import Timeline
from streams.correlation.windows import Span
from topics import digest


class Incidents:
    """The shutdowns that stand by their spans, and the name of the incident that each is part of.

    An incident is a chain: ordered by begin, each shutdown begins at most `gap_s` after the latest end before it.
    Its name is made from its first. Where something changes, names are worked out again from there on, until they
    are what they were: what is further away is not looked at, however long its chain.
    """

    def __init__(self, gap_s: int) -> None:
        self._gap_s = gap_s
        self._line = Timeline()
        self._order: list[tuple[int, str]] = []
        self._names: dict[str, str] = {}
        self._moved: list[Span] = []

    def name(self, key: str) -> str:
        """The incident of a shutdown, as last worked out by `rename`."""
        return self._names[key]

    def load(self, key: str, span: Span, name: str) -> None:
        """Take a shutdown in as it was given out.

        A crash may have come between the new names of one chain, so the next `rename` looks at all that was loaded.
        """
        self.add(key, span)
        self._names[key] = name

    def add(self, key: str, span: Span) -> None:
        """Let a shutdown stand, in place of any other of that id."""
        if key in self._line:
            if self._line.span(key) == span:
                return
            self.discard(key)
        self._line.add(key, span)
        insort(self._order, (span.from_s, key))
        self._moved.append(span)

    def discard(self, key: str) -> None:
        """Let a shutdown stand no longer."""
        span = self._line.span(key)
        self._line.discard(key)
        del self._order[bisect_left(self._order, (span.from_s, key))]
        self._names.pop(key, None)
        self._moved.append(span)

    def rename(self) -> dict[str, str]:
        """The shutdowns whose incident is another since the last call, and its name."""
        changed: dict[str, str] = {}
        for region in self._regions():
            self._sweep(region, changed)
        self._moved.clear()
        return changed

    def _regions(self) -> list[Span]:
        """The stretches where something changed, apart from each other."""
        found: list[Span] = []
        for span in sorted(self._moved):
            if found and span.from_s <= found[-1].until_s + self._gap_s:
                found[-1] = Span(found[-1].from_s, max(found[-1].until_s, span.until_s))
            else:
                found.append(span)
        return found

    def _sweep(self, region: Span, changed: dict[str, str]) -> None:
        name, reach_s = self._before(region.from_s)
        for at in range(bisect_left(self._order, (region.from_s, "")), len(self._order)):
            begin_s, key = self._order[at]
            if begin_s > reach_s + self._gap_s:
                name = f"incident-{digest(key)[:16]}"
            reach_s = max(reach_s, self._line.span(key).until_s)
            if self._names.get(key) != name:
                self._names[key] = changed[key] = name
            elif begin_s > region.until_s + self._gap_s:
                return

    def _before(self, moment_s: int) -> tuple[str, int]:
        """The chain that reaches a moment from before: its name, and until when. All that reach it are of one."""
        near = self._line.during(Span(moment_s - self._gap_s, moment_s))
        before = [key for key in near if self._line.span(key).from_s < moment_s]
        if not before:
            return "", moment_s - self._gap_s - 1
        return self._names[before[0]], max(self._line.span(key).until_s for key in before)
