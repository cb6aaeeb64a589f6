"""The country's newest evidence by event time, and what has been silent for long by it. No clock but this."""

from __future__ import annotations

import heapq
from collections.abc import Mapping

from streams.correlation.crowd import of_individual
from topics import Claim, Coverage, Evidence

#: So many entries that count no longer may stay among a country's.
_SPARE = 64


def moment_s(piece: Evidence) -> int:
    """Up to when a piece shows that time has gone on: of coverage its end; of what may lie ahead, its begin; of
    what is only announced, when that was said. An individual's report shows nothing of that kind: nobody may learn
    by what closes that somebody reported."""
    if of_individual(piece):
        return 0
    if isinstance(piece, Coverage) and piece.until_s is not None:
        return piece.until_s
    if isinstance(piece, Claim) and piece.known_s is not None:
        return min(piece.from_s, piece.known_s)
    return piece.from_s


class Watermark:
    """The latest moment of the pieces that stand, in seconds (0: none), and the shutdowns to look at when it moves.

    It depends on the set of pieces alone. `pieces` is the country's own, looked through only when the newest of
    them moves back or goes.
    """

    def __init__(self, pieces: Mapping[str, Evidence]) -> None:
        self.s = 0
        self._pieces = pieces
        self._holder: str | None = None
        self._due: dict[str, int] = {}
        self._open: list[tuple[int, str]] = []
        self._silent: list[tuple[int, str]] = []

    def put(self, piece: Evidence) -> None:
        """Note a piece that was taken in."""
        if not piece.withdrawn and moment_s(piece) >= self.s:
            self.s, self._holder = moment_s(piece), piece.id
        elif piece.id == self._holder:
            self.look()

    def look(self) -> None:
        """Look through all pieces."""
        standing = ((moment_s(piece), key) for key, piece in self._pieces.items() if not piece.withdrawn)
        self.s, self._holder = max(standing, default=(0, None))

    def watch(self, shutdown: str, silent_after_s: int, *, silent: bool) -> None:
        """Remember from when on a shutdown is silent, once the newest evidence is later than that, and whether it
        was given out as silent: after a crash half-way that may be what it no longer is."""
        self._due[shutdown] = silent_after_s
        if len(self._open) + len(self._silent) > 2 * len(self._due) + _SPARE:
            self._drop_old()
        if silent:
            heapq.heappush(self._silent, (-silent_after_s, shutdown))
        else:
            heapq.heappush(self._open, (silent_after_s, shutdown))

    def _drop_old(self) -> None:
        """Keep of both heaps what still counts, once: each change of a shutdown leaves an entry that doesn't."""
        for heap, sign in ((self._open, 1), (self._silent, -1)):
            heap[:] = {one for one in heap if self._due.get(one[1]) == sign * one[0]}
            heapq.heapify(heap)

    def forget(self, shutdown: str) -> None:
        """Watch a shutdown no longer."""
        self._due.pop(shutdown, None)

    def crossed(self) -> list[str]:
        """The shutdowns that have become silent, or are silent no longer, against what was given out."""
        found = []
        while self._open and self._open[0][0] < self.s:
            due, key = heapq.heappop(self._open)
            if self._due.get(key) == due:
                found.append(key)
        while self._silent and -self._silent[0][0] >= self.s:
            due, key = heapq.heappop(self._silent)
            if self._due.get(key) == -due:
                found.append(key)
        return found
