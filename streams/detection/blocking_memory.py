"""The state of one entity's tests of one service: counts by day in the store, and the blocking that was given out.

Keys, all of one series `s`: `bd/s/<day>` the counts of a UTC day and what its judgement leaves to the next,
`bh/s` the head: which days there are, how far each count goes, and what was given out. As in
`streams.detection.memory`, the head is written before the days, and those from the newest to the oldest: whatever
prefix of the writes survives a crash, what came in is still new to the days that miss it.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field

import msgspec

from streams.detection.blocking import ANOMALIES, CONFIRMED, FAILURES, TESTS, Carry, Found, Totals
from streams.detection.memory import RECENT_KEPT
from streams.stage import Store, restoring

#: Values that a day may have of one count, one a minute.
MOST_SLOTS = 1_440


class Slot(msgspec.Struct, array_like=True):
    """A value with the record that it is from: of two for one time, that of the greater `known_s`, then the greater
    `record`, a number made from the record's id."""

    value: float
    known_s: int
    record: int

    @property
    def order(self) -> tuple[int, int]:
        return self.known_s, self.record


class CountedDay(msgspec.Struct, array_like=True):
    """The counts of a day, by role and then by step and second of the day: `3600/7200`."""

    slots: dict[str, dict[str, Slot]] = {}
    carry: Carry = Carry()

    def put(self, role: str, step_s: int, at_s: int, slot: Slot) -> bool:
        """Note a value; whether it changed anything."""
        own = self.slots.setdefault(role, {})
        key = f"{step_s}/{at_s}"
        old = own.get(key)
        if (old is None and len(own) >= MOST_SLOTS) or (old is not None and old.order >= slot.order):
            return False
        own[key] = slot
        return old is None or old.value != slot.value

    def totals(self) -> Totals | None:
        """The day's sums, of the step of which most tests are known; None where what is known doesn't tell the
        tests from those that failed as blocked ones do."""
        sums: dict[str, dict[str, float]] = {}
        for role, slots in self.slots.items():
            for key, slot in slots.items():
                by_role = sums.setdefault(key.partition("/")[0], {})
                by_role[role] = by_role.get(role, 0.0) + slot.value
        known = [one for one in sums.values() if TESTS in one and (ANOMALIES in one or CONFIRMED in one)]
        if not known:
            return None
        most = max(known, key=lambda one: (one[TESTS], sorted(one.items())))
        sure = most.get(CONFIRMED, 0.0)
        tests = round(most[TESTS] - most.get(FAILURES, 0.0))
        bad = min(round(most.get(ANOMALIES, 0.0) + sure), tests)
        return Totals(tests, bad, min(round(sure), bad)) if tests >= 1 else None


class BlockingMark(msgspec.Struct, array_like=True):
    """Blocking as it was last given out; its first day is its identity."""

    first: int
    revision: int
    withdrawn: bool
    until: int | None
    last: int
    tests: int
    bad: int
    usual: float
    confirmed: bool

    def says(self) -> tuple[object, ...]:
        """Everything but the revision."""
        return msgspec.structs.astuple(self)[2:]


class BlockingHead(msgspec.Struct, array_like=True):
    """The days that have counts, ascending; before which day a value is too late, whatever comes; what was given
    out; the newest day of each role's counts; and `recent`, of records of the last batch that would be too late by
    now, before which day their values were too late when they came: after a crash they come again.
    """

    days: list[int] = []
    floor: int = 0
    given: list[BlockingMark] = []
    newest: dict[str, int] = {}
    recent: dict[str, int] = {}


_ENCODER = msgspec.msgpack.Encoder()
_HEAD = msgspec.msgpack.Decoder(BlockingHead)
_DAY = msgspec.msgpack.Decoder(CountedDay)


def read_blocking_head(key: str, store: Store) -> BlockingHead:
    """The head of a series' state."""
    data = store.get(f"bh/{key}")
    with restoring(f"bh/{key}"):
        return BlockingHead() if data is None else _HEAD.decode(data)


def write_blocking_head(key: str, head: BlockingHead, store: Store) -> None:
    """Keep the head of a series' state."""
    store[f"bh/{key}"] = _ENCODER.encode(head)


def mark_of(found: Found) -> BlockingMark:
    """What is to be given out of blocking that was found, as its first revision."""
    run = found.run
    return BlockingMark(
        first=run.first,
        revision=0,
        withdrawn=False,
        until=found.until,
        last=run.last,
        tests=run.tests,
        bad=run.bad,
        usual=round(run.usual, 6),
        confirmed=run.confirmed,
    )


@dataclass(slots=True)
class BlockingMemory:
    """One series. `began` is the last of its days before this batch, 0 where there was none."""

    key: str
    head: BlockingHead
    began: int = 0
    days: dict[int, CountedDay] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    came: dict[str, tuple[str, int, int]] = field(default_factory=dict)

    @classmethod
    def load(cls, key: str, store: Store) -> BlockingMemory:
        head = read_blocking_head(key, store)
        return cls(key, head, head.days[-1] if head.days else 0)

    def floor(self, name: str, role: str, first: int, most_days: int) -> int:
        """Return before which day counts of a role are too late in a record that begins on day `first`.

        That is `most_days` before the newest of that role when the record came; of a role that falls silent or is
        new, twice that before the newest of all. Whatever came in the same batch after it makes no difference, nor
        does a crash.
        """
        key = f"{name}/{role}"
        bound = self.head.recent.get(key, self._bound(role, most_days))
        # of a record that came twice in a batch, the first time is the one that counted
        self.came.setdefault(key, (role, first, bound))
        return bound

    def _bound(self, role: str, most_days: int) -> int:
        newest = self.head.newest
        bounds = [newest[role] - most_days] if role in newest else []
        return max([self.head.floor, *bounds, *(day - 2 * most_days for day in newest.values())])

    def goes_to(self, role: str, day: int) -> None:
        """Note a day that has a count of a role."""
        self.head.newest[role] = max(day, self.head.newest.get(role, day))

    def day(self, number: int, store: Store) -> CountedDay:
        """The counts of a day; of a new one none."""
        if number not in self.days:
            data = store.get(f"bd/{self.key}/{number}")
            with restoring(f"bd/{self.key}/{number}"):
                self.days[number] = CountedDay() if data is None else _DAY.decode(data)
        return self.days[number]

    def add(self, number: int) -> None:
        """Note that a day has counts that are to be written."""
        at = bisect.bisect_left(self.head.days, number)
        if at == len(self.head.days) or self.head.days[at] != number:
            self.head.days.insert(at, number)
        self.touched.add(number)

    def arrived(self, number: int, store: Store) -> Carry:
        """What the last day before one leaves to it."""
        at = bisect.bisect_left(self.head.days, number)
        return self.day(self.head.days[at - 1], store).carry if at else Carry()

    def changed(self, found: list[Found], first: int, began: int | None) -> list[BlockingMark]:
        """Note what was found from a day on, and what went on then (`began`); returns what is to be given out."""
        now = {one.run.first: mark_of(one) for one in found}
        given = {mark.first: mark for mark in self.head.given}
        changed: list[BlockingMark] = []
        for number in sorted(now.keys() | {one for one in given if one >= first or one == began}):
            before, mark = given.get(number), now.get(number)
            if mark is None:
                assert before is not None
                if before.withdrawn:
                    continue
                mark = msgspec.structs.replace(before, withdrawn=True)
            if before is not None and before.says() == mark.says():
                continue
            mark.revision = 0 if before is None else before.revision + 1
            given[number] = mark
            changed.append(mark)
        self.head.given = [given[number] for number in sorted(given)]
        return changed

    def write(self, store: Store, most_days: int, *, resumed: bool) -> None:
        """Write what changed, and forget what no late value can touch any more.

        The floor moves to the bound as it was before this batch, and before any batch of which records may come
        again: one that does after a crash finds its values acceptable still. `resumed`: it may be one of several.
        """
        again = self._note_recent(most_days, resumed=resumed)
        if not self.touched:
            if again:
                write_blocking_head(self.key, self.head, store)
            return
        bound = min([self.began - 2 * most_days, *self.head.recent.values()])
        self.head.floor = max(self.head.floor, bound)
        gone = [day for day in self.head.days if day < self.head.floor][:-1]
        self.head.days = self.head.days[len(gone) :]
        if gone:
            going_on = self.day(self.head.days[0], store).carry.run
            self.head.given = [
                mark
                for mark in self.head.given
                if mark.until is None
                or mark.until >= self.head.floor - 1
                or (going_on is not None and mark.first == going_on.first)
            ]
        write_blocking_head(self.key, self.head, store)
        for day in sorted(self.touched.difference(gone), reverse=True):
            store[f"bd/{self.key}/{day}"] = _ENCODER.encode(self.days[day])
        for day in gone:
            store.pop(f"bd/{self.key}/{day}", None)
        self.touched = set()

    def _note_recent(self, most_days: int, *, resumed: bool) -> bool:
        """Note which records would be too late if they came again; whether that changed anything."""
        head = self.head
        recent = {
            key: bound for key, (role, first, bound) in self.came.items() if first < self._bound(role, most_days)
        }
        if resumed:
            others = [key for key in head.recent if key not in recent][-RECENT_KEPT:]
            recent = {key: head.recent[key] for key in others} | recent
        changed = recent != head.recent
        head.recent = recent
        self.came = {}
        return changed
