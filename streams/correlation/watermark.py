"""The country's newest evidence by event time, and what has been silent for long by it. No clock but this."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from streams.correlation.crowd import of_individual
from topics import Claim, Coverage, Evidence

#: So many entries that count no longer may stay among a country's.
_SPARE = 64


class Turn(NamedTuple):
    """A moment, Unix seconds, at which a conclusion turns: it is another once the country's newest evidence is
    later; and whether that was so when it was given out."""

    after_s: int
    passed: bool


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
        self._turns: dict[str, Sequence[Turn]] = {}
        #: Turns that lie ahead, the next one first, and that have passed, the last one (negated) first.
        self._ahead: list[tuple[int, str]] = []
        self._passed: list[tuple[int, str]] = []

    def put(self, piece: Evidence) -> None:
        """Note a piece that was taken in."""
        moment = moment_s(piece)
        if moment >= self.s and not piece.withdrawn:
            self.s, self._holder = moment, piece.id
        elif piece.id == self._holder:
            self.look()

    def drop(self, key: str) -> None:
        """Note that a piece was forgotten."""
        if key == self._holder:
            self.look()

    def look(self) -> None:
        """Look through all pieces."""
        standing = ((moment_s(piece), key) for key, piece in self._pieces.items() if not piece.withdrawn)
        self.s, self._holder = max(standing, default=(0, None))

    def watch(self, shutdown: str, turns: Sequence[Turn]) -> None:
        """Remember at which moments a shutdown turns. After a crash half-way, what was given out may have turned by
        evidence that is not there (again): so what has passed is watched as well."""
        self._turns[shutdown] = turns
        if len(self._ahead) + len(self._passed) > 2 * sum(map(len, self._turns.values())) + _SPARE:
            self._drop_old()
        for turn in turns:
            if turn.passed:
                heapq.heappush(self._passed, (-turn.after_s, shutdown))
            else:
                heapq.heappush(self._ahead, (turn.after_s, shutdown))

    def _drop_old(self) -> None:
        """Keep of both heaps what still counts, once: each change of a shutdown leaves an entry that doesn't."""
        for heap, sign, passed in ((self._ahead, 1, False), (self._passed, -1, True)):
            heap[:] = {one for one in heap if self._counts(one[1], Turn(sign * one[0], passed))}
            heapq.heapify(heap)

    def _counts(self, shutdown: str, turn: Turn) -> bool:
        return turn in self._turns.get(shutdown, ())

    def forget(self, shutdown: str) -> None:
        """Watch a shutdown no longer."""
        self._turns.pop(shutdown, None)

    def crossed(self) -> list[str]:
        """The shutdowns that have turned, or turned back, against what was given out."""
        found = []
        while self._ahead and self._ahead[0][0] < self.s:
            after_s, key = heapq.heappop(self._ahead)
            if self._counts(key, Turn(after_s, passed=False)):
                found.append(key)
        while self._passed and -self._passed[0][0] >= self.s:
            after_s, key = heapq.heappop(self._passed)
            if self._counts(key, Turn(-after_s, passed=True)):
                found.append(key)
        return found
