"""On which days each place dropped, and at what local time: what long claims and campaigns are judged by."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from typing import NamedTuple

from streams.scoring.recurrence import local_s
from topics import Outage

DAY_S = 86_400


class Begin(NamedTuple):
    """When an outage began by the local clock, in seconds as if that were UTC, and its id."""

    local_s: int
    key: str

    @property
    def day(self) -> int:
        """The local day, counted from 1970."""
        return self.local_s // DAY_S


class Patterns:
    """The outages of a country by place and local time of their begin.

    Looking up costs the outages of one place in the days asked for, and a logarithm.
    """

    def __init__(self) -> None:
        self._begins: dict[int, list[Begin]] = defaultdict(list)
        self._of: dict[str, tuple[int, Begin]] = {}

    def add(self, outage: Outage, place: int) -> None:
        """Take an outage in; `place` is the number of its place."""
        begin = Begin(local_s(outage.from_s, outage.place.time_zone), outage.id)
        self._of[outage.id] = (place, begin)
        insort(self._begins[place], begin)

    def discard(self, key: str) -> None:
        """Forget an outage, if it is known."""
        known = self._of.pop(key, None)
        if known is not None:
            place, begin = known
            begins = self._begins[place]
            del begins[bisect_left(begins, begin)]

    def days(self, place: int, from_day: int, until_day: int) -> set[int]:
        """The local days from one to another, the latter left out, on which outages of a place began."""
        return {begin.day for begin in self._between(place, from_day * DAY_S, until_day * DAY_S - 1)}

    def alone_on_its_day(self, key: str) -> bool:
        """Whether no other outage of the place began on the local day of one.

        Raises:
            KeyError: it is not known.
        """
        place, own = self._of[key]
        return len(self._between(place, own.day * DAY_S, (own.day + 1) * DAY_S - 1)) == 1

    def begin(self, key: str) -> tuple[int, Begin]:
        """The place and the begin of an outage.

        Raises:
            KeyError: it is not known.
        """
        return self._of[key]

    def around(self, key: str, reach_s: int) -> list[Begin]:
        """The begins of a place's outages at most so many seconds from one of them, itself left out; by time."""
        place, own = self._of[key]
        found = self._between(place, own.local_s - reach_s, own.local_s + reach_s)
        return [begin for begin in found if begin.key != key]

    def _between(self, place: int, from_s: int, until_s: int) -> list[Begin]:
        begins = self._begins.get(place, [])
        low = bisect_left(begins, Begin(from_s, ""))
        return begins[low : bisect_right(begins, Begin(until_s, "\U0010ffff"))]


def apart_s(one: Begin, other: Begin) -> int:
    """How far apart two begins are by the clock alone, seconds: at most half a day."""
    apart = abs(one.local_s - other.local_s) % DAY_S
    return min(apart, DAY_S - apart)
