"""What the stage keeps of the parts of each whole: their outages, by the day on which they begin, and their sizes.

A group is all parts of one kind of one whole, by one signal of one source. It is kept like a series, under a name
of its own: `h/g` the days on which outages of parts begin, `e/g/<day>` the outages of the whole given out.
Its own keys are `p/g/<day>` the outages of its parts that begin on a day, `l/g` those that last long, and
`z/g/<series>` how large a network is, `z/g/` how large the whole is.
"""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass, field

import msgspec

from streams.detection.memory import Evidence, Head, read_evidence, read_head, write_evidence, write_head
from streams.detection.rules import DAY_S
from streams.stage import Store, restoring

#: An outage that lasts longer is found apart from the days around its begin, seconds.
LONG_S = 7 * DAY_S

#: So many outages of parts are kept of one day of a group: a day must stay small, whatever comes.
MOST_DROPS = 4_000

#: Sizes are kept as powers of this: what grows by a little changes nothing.
_STEP = 2 ** (1 / 8)


class PartDrop(msgspec.Struct, frozen=True, array_like=True):
    """An outage of a part, as it counts for the whole. `share` is the part's share of the whole's people, None
    where its size decides.
    """

    series: str
    part: str
    share: float | None
    from_s: int
    from_uncertainty_s: int
    until_s: int | None
    until_uncertainty_s: int
    ratio: float

    def meets(self, first_s: int, last_s: int | None) -> bool:
        """Whether it overlaps a stretch, or touches it."""
        begun = last_s is None or self.from_s <= last_s
        return begun and (self.until_s is None or self.until_s >= first_s)

    @property
    def is_long(self) -> bool:
        """Whether it must be found apart from its day."""
        return self.until_s is None or self.until_s - self.from_s > LONG_S


_ENCODER = msgspec.msgpack.Encoder()
_DROPS = msgspec.msgpack.Decoder(list[PartDrop])
_SIZE = msgspec.msgpack.Decoder(int)


def size_step(value: float) -> int:
    """A size as it is kept.

    >>> size_step(1_000.0) == size_step(990.0) != size_step(1_100.0)
    True
    """
    return math.ceil(math.log(value) / math.log(_STEP) - 1e-9)


def size_of(step: int) -> float:
    """The largest size that is kept as a step."""
    return float(_STEP**step)


@dataclass(slots=True)
class PartStore:
    """One group: what was read of it, and what is to be written."""

    key: str
    store: Store
    head: Head
    grew: bool = False
    days: dict[int, list[PartDrop]] = field(default_factory=dict)
    long: list[PartDrop] | None = None
    evidence: dict[int, Evidence] = field(default_factory=dict)
    said: set[int] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    sizes: dict[str, int] = field(default_factory=dict)

    @classmethod
    def load(cls, key: str, store: Store) -> PartStore:
        return cls(key, store, read_head(key, store))

    def replace(self, series: str, from_s: int, drop: PartDrop | None) -> PartDrop | None:
        """Take an outage of a part for the one of that series and begin so far, or take that away; what it was."""
        day = from_s // DAY_S
        its = self._day(day)
        at = next((n for n, one in enumerate(its) if (one.series, one.from_s) == (series, from_s)), None)
        before = None if at is None else its[at]
        if before == drop or (before is None and len(its) >= MOST_DROPS):
            return drop
        kept = [one for one in its if one is not before]
        self.days[day] = kept if drop is None else [*kept, drop]
        self.touched.add(f"p/{self.key}/{day}")
        self._note(day)
        longer = [one for one in self._long() if (one.series, one.from_s) != (series, from_s)]
        if drop is not None and drop.is_long:
            longer.append(drop)
        if longer != self._long():
            self.long = longer
            self.touched.add(f"l/{self.key}")
        return before

    def _note(self, day: int) -> None:
        at = bisect.bisect_left(self.head.days, day)
        if at == len(self.head.days) or self.head.days[at] != day:
            self.head.days.insert(at, day)
            self.grew = True

    def between(self, first_s: int, last_s: int | None) -> list[PartDrop]:
        """The outages of parts that overlap a stretch, or touch it; `last_s` None is all that come after."""
        found = {(one.series, one.from_s): one for one in self._long() if one.meets(first_s, last_s)}
        for day in self.days_between(first_s - LONG_S, last_s):
            found |= {(one.series, one.from_s): one for one in self._day(day) if one.meets(first_s, last_s)}
        return [found[key] for key in sorted(found)]

    def days_between(self, first_s: int, last_s: int | None) -> list[int]:
        """The days of a stretch on which outages of parts begin."""
        days = self.head.days
        end = len(days) if last_s is None else bisect.bisect_right(days, last_s // DAY_S)
        return days[bisect.bisect_left(days, first_s // DAY_S) : end]

    def given(self, day: int) -> Evidence:
        """The outages of the whole that were given out and begin on a day."""
        found = self.evidence.get(day)
        if found is None:
            found = self.evidence[day] = read_evidence(self.key, day, self.store) or Evidence()
        return found

    def size(self, series: str) -> float | None:
        """How large a part is, or the whole (`""`); None where that isn't known."""
        step = self._size(series)
        return None if step is None else size_of(step)

    def grow(self, series: str, step: int) -> bool:
        """Note how large a part is, or the whole; whether it was thought smaller."""
        known = self._size(series)
        if known is not None and known >= step:
            return False
        self.sizes[series] = step
        return True

    def _size(self, series: str) -> int | None:
        if series in self.sizes:
            return self.sizes[series]
        data = self.store.get(f"z/{self.key}/{series}")
        with restoring(f"z/{self.key}/{series}"):
            return None if data is None else _SIZE.decode(data)

    def write(self) -> None:
        """Write what changed: first what was given out, so that whatever of it survives a crash, an outage of a
        part that comes again is new until all of it was written.
        """
        for day in sorted(self.said):
            write_evidence(self.key, day, self.evidence[day], self.store)
        if self.grew:
            write_head(self.key, self.head, self.store)
        if f"l/{self.key}" in self.touched:
            self.store[f"l/{self.key}"] = _ENCODER.encode(self._long())
        for day in sorted(self.days):
            if f"p/{self.key}/{day}" in self.touched:
                self.store[f"p/{self.key}/{day}"] = _ENCODER.encode(self.days[day])
        for series in sorted(self.sizes):
            self.store[f"z/{self.key}/{series}"] = _ENCODER.encode(self.sizes[series])

    def _day(self, day: int) -> list[PartDrop]:
        if day not in self.days:
            self.days[day] = self._read(f"p/{self.key}/{day}")
        return self.days[day]

    def _long(self) -> list[PartDrop]:
        if self.long is None:
            self.long = self._read(f"l/{self.key}")
        return self.long

    def _read(self, key: str) -> list[PartDrop]:
        data = self.store.get(key)
        with restoring(key):
            return [] if data is None else _DROPS.decode(data)
