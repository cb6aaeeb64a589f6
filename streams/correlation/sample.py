"""Of very many pieces that say the same, a sample: what floods in costs no more than what counts.

A hundred individuals weigh all that individuals can, and one source counts once however often it says a thing. So
of each group only so many pieces take part in correlation, drawn by a digest of their ids: which ones depends on
the set of the group's pieces alone, never on the order in which they came (a bottom-k sketch; Cohen and Kaplan,
"Summarizing data using bottom-k sketches", PODC 2007). The nth piece displaces another with a chance of k/n, so
that of n pieces some k (1 + ln n/k) ever take part.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Hashable

from topics import digest


class Sample:
    """Ids by group; at most `most` of a group take part."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._groups: dict[Hashable, list[tuple[str, str]]] = {}

    def add(self, group: Hashable, key: str) -> tuple[bool, str | None]:
        """Put an id into a group: whether it takes part, and which one doesn't any more for it."""
        ranked = self._groups.setdefault(group, [])
        rank = (digest(key), key)
        insort(ranked, rank)
        if len(ranked) <= self._most:
            return True, None
        displaced = ranked[self._most][1]
        return (False, None) if rank >= ranked[self._most] else (True, displaced)

    def discard(self, group: Hashable, key: str) -> tuple[bool, str | None]:
        """Take an id out of its group: whether it took part, and which one does instead."""
        ranked = self._groups[group]
        at = bisect_left(ranked, (digest(key), key))
        del ranked[at]
        if not ranked:
            del self._groups[group]
        if at >= self._most:
            return False, None
        return True, ranked[self._most - 1][1] if len(ranked) >= self._most else None
