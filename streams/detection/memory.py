"""The state of one series: its days in the store, the newest of them decoded, and what was said of it.

Keys, all of one series `s`: `d/s/<day>` its slots of a UTC day, `t/s/<day>` those after them that have come
one by one, `e/s/<day>` the evidence given out that begins on that day, `h/s` the head: which days there are
and how late a value may be. Nothing is ever searched for in the store. The order of writes is evidence, head,
days from the newest to the oldest: whatever prefix of them survives a crash, what came in is still new to the
days that miss it, and is judged again from there.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from itertools import pairwise

import msgspec

from streams.detection.day import Day, decode_day, encode_day
from streams.detection.rules import DAY_S, DetectionRules
from streams.detection.runs import Carry
from streams.stage import Store, restoring


class OutageMark(msgspec.Struct, array_like=True):
    """An outage as it was last given out; its beginning is its identity."""

    from_s: int
    revision: int
    withdrawn: bool
    from_uncertainty_s: int
    until_s: int | None
    until_uncertainty_s: int
    critical: bool
    ratio_min: float
    ratio_mean: float
    area: float
    parts: tuple[str, ...] = ()

    def says(self) -> tuple[object, ...]:
        """Everything but the revision."""
        return msgspec.structs.astuple(self)[2:]

    def after(self, before: OutageMark | None) -> OutageMark:
        """This mark under the revision that follows on the one given out before; that one if it says the same."""
        if before is None:
            return self
        if before.says() == self.says():
            return before
        self.revision = before.revision + 1
        return self

    def taken_back(self) -> OutageMark:
        """The mark that withdraws it."""
        return msgspec.structs.replace(self, revision=self.revision + 1, withdrawn=True)


class CoverageMark(msgspec.Struct, array_like=True):
    """Coverage of a day as it was last given out."""

    revision: int
    from_s: int
    hours: str
    step_s: int | None = None
    spread: float | None = None

    def says(self) -> tuple[object, ...]:
        """Everything but the revision."""
        return msgspec.structs.astuple(self)[1:]


class Evidence(msgspec.Struct, array_like=True):
    """What was given out of one series and day."""

    coverage: CoverageMark | None = None
    outages: list[OutageMark] = []


class Head(msgspec.Struct, array_like=True):
    """Which days have slots, ascending; before when a value is too late, whatever comes; days whose evidence is
    kept longer; and `recent`, of records of the last batch that would be too late by now, how far the series went
    when they came, by `Frame.name`: after a crash they come again, maybe in several batches.
    """

    days: list[int] = []
    floor_s: int = 0
    kept: list[int] = []
    recent: dict[str, int] = {}


#: A series first met within so many batches of a start may be one whose records of before a crash come again.
RESUMED_WITHIN = 64

#: Of such a series `Head.recent` is kept for so many batches: those of before the crash may come in smaller ones.
_RESUMED_BATCHES = 8

#: So many records of `Head.recent` are kept beside those of the batch itself, the newest: a bound for its size.
RECENT_KEPT = 500

#: So many slots are stored as the tail of a day before the day itself is written again.
_TAIL_SLOTS = 16

_ENCODER = msgspec.msgpack.Encoder()
_HEAD = msgspec.msgpack.Decoder(Head)
_EVIDENCE = msgspec.msgpack.Decoder(Evidence)


def read_head(key: str, store: Store) -> Head:
    """The head of a series' state."""
    data = store.get(f"h/{key}")
    with restoring(f"h/{key}"):
        return Head() if data is None else _head(data)


def write_head(key: str, head: Head, store: Store) -> None:
    """Keep the head of a series' state."""
    store[f"h/{key}"] = _ENCODER.encode(head)


def read_evidence(key: str, day: int, store: Store) -> Evidence | None:
    """What was given out of a series that begins on a day; None where nothing is kept of that day."""
    data = store.get(f"e/{key}/{day}")
    with restoring(f"e/{key}/{day}"):
        return None if data is None else _EVIDENCE.decode(data)


def write_evidence(key: str, day: int, given: Evidence, store: Store) -> None:
    """Keep what was given out of a series that begins on a day."""
    store[f"e/{key}/{day}"] = _ENCODER.encode(given)


@dataclass(slots=True)
class Memory:
    """One series: `end_s` is the time of the last slot judged, `began_s` the same before this batch."""

    key: str
    head: Head
    end_s: int | None = None
    began_s: int | None = None
    days: dict[int, Day] = field(default_factory=dict)
    evidence: dict[int, Evidence] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    said: set[int] = field(default_factory=set)
    fresh: set[int] = field(default_factory=set)
    grew: bool = False
    came: dict[str, tuple[int, int]] = field(default_factory=dict)
    resumed: int = 0
    arrival: dict[int, tuple[int, Carry] | None] = field(default_factory=dict)

    @classmethod
    def load(cls, key: str, store: Store, *, resumed: bool) -> Memory:
        """Read a series from the store; `resumed`: its records of before a crash may come again."""
        memory = cls(key, read_head(key, store))
        memory.resumed = _RESUMED_BATCHES if resumed else 0
        last = memory.before(1 << 40, store)
        memory.began_s = memory.end_s = None if last is None else int(last[1].times[-1])
        return memory

    def day(self, day: int, store: Store) -> Day | None:
        """The slots of a UTC day, None where there are none."""
        found = self.days.get(day)
        # days are written after the head, so what the head doesn't know isn't there
        if found is None and self._has(day) and (data := store.get(f"d/{self.key}/{day}")) is not None:
            tail = store.get(f"t/{self.key}/{day}")
            with restoring(f"d/{self.key}/{day}"):
                found = decode_day(data, day)
            if tail is not None:
                with restoring(f"t/{self.key}/{day}"):
                    found = found.joined(decode_day(tail, day))
            self.days[day] = found
        return found

    def _has(self, day: int) -> bool:
        days = self.head.days
        at = bisect.bisect_left(days, day)
        return at < len(days) and days[at] == day

    def put(self, day: int, content: Day) -> None:
        if day not in self.days:
            self.fresh.add(day)
        self.arrival = {later: carry for later, carry in self.arrival.items() if later <= day}
        self.days[day] = content
        self.touched.add(day)
        at = bisect.bisect_left(self.head.days, day)
        if at == len(self.head.days) or self.head.days[at] != day:
            self.head.days.insert(at, day)
            self.grew = True

    def before(self, day: int, store: Store) -> tuple[int, Day] | None:
        """The last day before `day` that has slots, and its slots."""
        for other in reversed(self.head.days[: bisect.bisect_left(self.head.days, day)]):
            if (found := self.day(other, store)) is not None:
                return other, found
        return None

    def arrived(self, day: int, store: Store) -> tuple[int, Carry] | None:
        """The last day with slots before `day`, and what was carried over from it."""
        if day not in self.arrival:
            before = self.before(day, store)
            self.arrival[day] = None if before is None else (before[0], before[1].carry)
        return self.arrival[day]

    def after(self, day: int, store: Store) -> int | None:
        """The first day after `day` that has slots."""
        for other in self.head.days[bisect.bisect_right(self.head.days, day) :]:
            if self.day(other, store) is not None:
                return other
        return None

    def given(self, day: int, store: Store) -> Evidence:
        """The evidence given out that begins on a day."""
        found = self.evidence.get(day)
        if found is None:
            found = self.evidence[day] = read_evidence(self.key, day, store) or Evidence()
        return found

    def floor_s(self, name: str, first_s: int, lateness_s: int) -> int:
        """Return before when values of a record are too late: `lateness_s` before the newest when it came.

        Whatever came in the same batch after it makes no difference, nor does a crash. So the same records are too
        late whatever the batches are.
        """
        # nothing is too late for the first record of a series; it is noted too, as it comes again after a crash
        newest_s = self.head.recent.get(name, first_s if self.end_s is None else self.end_s)
        # of a record that came twice in a batch, the first time is the one that counted
        self.came.setdefault(name, (newest_s, first_s))
        return max(self.head.floor_s, newest_s - lateness_s)

    def settle(self, last: int) -> None:
        """All slots are judged; `last` is the last day that has any."""
        self.end_s = int(self.days[last].times[-1])
        self.fresh.clear()

    def write(self, store: Store, rules: DetectionRules) -> None:
        """Write what changed, and delete what no late value can touch any more."""
        again = self._note_recent(rules)
        expired = self._expire(store, rules) if self.grew else []
        for day in sorted(self.said):
            write_evidence(self.key, day, self.evidence[day], store)
        if self.grew or again:
            write_head(self.key, self.head, store)
        for day in sorted(self.touched, reverse=True):
            self._write_day(day, store)
        for key in expired:
            store.pop(key, None)
        self._shrink()

    def _note_recent(self, rules: DetectionRules) -> bool:
        """Note which records would be too late if they came again; whether that changed anything."""
        latest_s = 0 if self.end_s is None else self.end_s - rules.lateness_s
        recent = {name: newest_s for name, (newest_s, first_s) in self.came.items() if first_s < latest_s}
        if self.resumed:
            self.resumed -= 1
            others = [name for name in self.head.recent if name not in recent][-RECENT_KEPT:]
            recent = {name: self.head.recent[name] for name in others} | recent
        changed = recent != self.head.recent
        self.head.recent = recent
        return changed

    def _write_day(self, number: int, store: Store) -> None:
        day = self.days[number]
        if day.settled and 0 < len(day.times) - day.settled <= _TAIL_SLOTS:
            store[f"t/{self.key}/{number}"] = encode_day(day.tail())
        else:
            store[f"d/{self.key}/{number}"] = encode_day(day)
            day.settled = len(day.times)

    def _shrink(self) -> None:
        """Keep decoded only what the next value in order needs."""
        last = None if self.end_s is None else self.end_s // DAY_S
        self.days = {day: content for day, content in self.days.items() if day == last}
        run = self.days[last].carry.run if last is not None and last in self.days else None
        keep = {last, None if run is None else run.from_s // DAY_S}
        self.evidence = {day: given for day, given in self.evidence.items() if day in keep}
        self.arrival = {day: carry for day, carry in self.arrival.items() if day == last}
        self.touched, self.said, self.grew = set(), set(), False
        self.came = {}

    def _expire(self, store: Store, rules: DetectionRules) -> list[str]:
        """Drop days older than any late value can depend on; the last of them stays, as what others follow on.

        The floor moves to the lateness bound as it was before this batch, and before any batch of which records
        may come again: so a batch that comes again after a crash finds every one of its values acceptable still.
        """
        head = self.head
        if self.began_s is not None:
            head.floor_s = max(head.floor_s, min([self.began_s, *head.recent.values()]) - rules.lateness_s)
        oldest = (head.floor_s - rules.keep_s) // DAY_S
        gone = self._gone(oldest)
        if not gone and not head.kept:
            return []
        head.days = head.days[len(gone) :]
        self.touched.difference_update(gone)
        silent = {day + gap for day in gone for gap in range(rules.gap_days + 1) if day + gap < head.days[0]}
        silent |= set(head.kept)
        head.kept = [day for day in sorted(silent) if self._may_change(day, rules, store)]
        return [f"{kind}/{self.key}/{day}" for day in gone for kind in "dt"] + [
            f"e/{self.key}/{day}" for day in sorted(silent.difference(head.kept))
        ]

    def _gone(self, oldest: int) -> list[int]:
        """The days before `oldest` that nothing follows on: all but the last of them.

        If the day after that one is missing, its coverage may yet change, as a later day can come that ends the
        gap. What it says depends on the day before it, so that one stays as well.
        """
        days = self.head.days
        last = bisect.bisect_left(days, oldest) - 1
        complete = last + 1 < len(days) and days[last + 1] == days[last] + 1
        return days[: max(last if complete else last - 1, 0)]

    def _may_change(self, day: int, rules: DetectionRules, store: Store) -> bool:
        """Whether a value that is not too late can still change an outage that began on a day."""
        given = self.evidence.get(day) or read_evidence(self.key, day, store)
        if given is None:
            return False
        floor_s = self.head.floor_s
        return any(
            mark.from_s > floor_s - rules.learn_s if mark.until_s is None and mark.withdrawn
            else mark.until_s is None or mark.until_s + mark.until_uncertainty_s >= floor_s
            for mark in given.outages
        )  # fmt: skip


def _head(data: bytes) -> Head:
    head = _HEAD.decode(data)
    if any(day >= after for day, after in pairwise(head.days)):
        raise ValueError("its days are not in order")
    return head
