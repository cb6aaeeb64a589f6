"""The corroborated shutdowns of a country by the place that was measured: how often chance would make the like of
them depends on the rates of that place, see `streams.scoring.chance`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from streams.correlation.rules import Rules
from streams.correlation.windows import claimed_days
from streams.scoring import Chances
from topics import Claim, Evidence, Outage, Shutdown


class FalseAlarmIndex:
    """Shutdowns in which claims met outages. `pieces` and `chances` are the country's own."""

    def __init__(self, pieces: Mapping[str, Evidence], chances: Chances, rules: Rules) -> None:
        self._rules = rules
        self._pieces = pieces
        self._chances = chances
        self._uses: dict[str, tuple[str, ...]] = {}
        self._at: dict[str, str] = {}
        self._by_place: dict[str, set[str]] = defaultdict(set)
        #: Put here before all of the country's pieces are: places are looked up when they are asked for.
        self._new: set[str] = set()

    def put(self, shutdown: Shutdown, uses: tuple[str, ...]) -> None:
        """Note a shutdown that stands, with the ids of what it is made of."""
        self.forget(shutdown.id)
        if shutdown.level == "corroborated":
            self._uses[shutdown.id] = uses
            self._new.add(shutdown.id)

    def forget(self, key: str) -> None:
        """Note that a shutdown stands no longer, or as another."""
        self._uses.pop(key, None)
        self._new.discard(key)
        place = self._at.pop(key, None)
        if place is not None:
            self._by_place[place].discard(key)
            if not self._by_place[place]:
                del self._by_place[place]

    def again(self) -> set[str]:
        """The ids of the shutdowns whose false alarms may have become others since this was last asked."""
        for key in self._new:
            outages = self._outages(key)
            if outages:
                self._at[key] = outages[0].place.key
                self._by_place[self._at[key]].add(key)
        self._new.clear()
        return {key for place in self._chances.changed_places() for key in self._by_place.get(place, ())}

    def false_alarms(self, shutdown: Shutdown) -> float | None:
        """How often a year chance would make the like of a shutdown; None where no claim met an outage."""
        outages = self._outages(shutdown.id)
        if not outages:
            return None
        used = map(self._pieces.get, self._uses.get(shutdown.id, ()))
        own = _days([claimed_days(one, self._rules) for one in used if isinstance(one, Claim)])
        return self._chances.false_alarms(outages[0].place, outages, max(1, shutdown.sources), own)

    def _outages(self, key: str) -> list[Outage]:
        """The outages that a shutdown stands on, those of its own place first in what it is made of."""
        used: Iterable[Evidence | None] = map(self._pieces.get, self._uses.get(key, ()))
        outages = [piece for piece in used if isinstance(piece, Outage)]
        return [one for one in outages if one.place.key == outages[0].place.key]


def _days(stretches: list[range]) -> int:
    """How many days some stretches have together. They may be years long, and overlap."""
    found, last = 0, None
    for days in sorted(stretches, key=lambda days: days.start):
        begin = days.start if last is None else max(days.start, last)
        if days.stop > begin:
            found += days.stop - begin
            last = days.stop
    return found
