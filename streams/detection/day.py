"""What is known of one series on one UTC day: the unit in which state is stored."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace
from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.detection.arrays import (
    MISSING,
    NO_TIMES,
    NO_VALUES,
    NORMAL,
    Times,
    Values,
    Verdicts,
    alike,
    calm_verdict,
)
from streams.detection.pack import pack, unpack
from streams.detection.profile import check
from streams.detection.rules import DAY_S
from streams.detection.runs import START, Carry
from topics import RECORD_LIMIT_BYTES

_COMPRESS_ABOVE = 200

#: Slots that a day may have, one a minute: with a record of the longest id behind each it stays under 500 kB.
MOST_SLOTS = 1440


class Stamp(msgspec.Struct, frozen=True, array_like=True, order=True):
    """The record that a slot's value is from; of two, the greater one is newer."""

    known_s: int
    record: str
    step_s: int


@dataclass(slots=True)
class Day:
    """Slots in order of time: `values` as they came (NaN is missing), by which of `stamps`, and what they came to.

    `carry` is what the judgement of the next day starts from. The first `settled` slots are in the day's own key as
    they are here, those after them can be stored as its tail. Arrays are shared and never changed in place.
    """

    times: Times = field(default_factory=lambda: NO_TIMES)
    values: Values = field(default_factory=lambda: NO_VALUES)
    stamp: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))
    stamps: tuple[Stamp, ...] = ()
    verdict: Verdicts = field(default_factory=lambda: np.empty(0, np.uint8))
    carry: Carry = START
    settled: int = 0

    def tail(self) -> Day:
        """The slots that are not settled."""
        return self._cut(slice(self.settled, None))

    def joined(self, tail: Day) -> Day:
        """This day, as it was stored, with its stored tail; what the day has itself by now is not taken from it."""
        fresh = tail._cut(slice(int(np.searchsorted(tail.times, self.times[-1], side="right")), None))
        if not len(fresh.times):
            return self
        return Day(
            np.concatenate((self.times, fresh.times)),
            np.concatenate((self.values, fresh.values)),
            np.concatenate((self.stamp, fresh.stamp + len(self.stamps))),
            self.stamps + fresh.stamps,
            np.concatenate((self.verdict, fresh.verdict)),
            fresh.carry,
            self.settled,
        )

    def _cut(self, part: slice) -> Day:
        return Day(
            self.times[part], self.values[part], self.stamp[part], self.stamps, self.verdict[part], self.carry
        )

    def settled_in(self, other: Day) -> int:
        """How many of the slots that are settled in `other`, the same day before, are still so: all or none."""
        part = slice(other.settled)
        return other.settled if np.array_equal(self.verdict[part], other.verdict[part]) else 0

    def came_to(self, other: Day) -> bool:
        """Whether the judgement of the same slots is the same."""
        return self.carry == other.carry and np.array_equal(self.verdict, other.verdict)

    @property
    def steps(self) -> Times:
        """Seconds that each slot stands for."""
        if len(self.stamps) == 1:
            return alike(len(self.times), self.stamps[0].step_s)  # type: ignore[return-value]
        return np.array([stamp.step_s for stamp in self.stamps], np.int64)[self.stamp]


@dataclass(slots=True)
class Merge:
    """What a merge did: the day after it, the times whose values are new or changed, and how many were neither."""

    day: Day
    changed: Times = field(default_factory=lambda: NO_TIMES)
    touched: bool = False
    duplicates: int = 0
    contradictions: int = 0


def merge(day: Day, times: Times, values: Values, stamp: Stamp) -> Merge:
    """Add slots of one record to a day. A value beats missing; of two values that of the newer record.

    The result does not depend on the order of records. Slots that are new or changed are unjudged.
    """
    if not len(day.times):
        return Merge(_first(times, values, stamp), times, touched=True)
    if times[0] > day.times[-1]:
        return Merge(_insert(day, times, values, stamp, last=True), times, touched=True)
    at = np.minimum(np.searchsorted(day.times, times), len(day.times) - 1)
    known = day.times[at] == times
    done = Merge(day)
    if known.any():
        done = _replace(day, at[known], values[known], stamp)
        day = done.day
    if not known.all():
        fresh = ~known
        done.day = _insert(day, times[fresh], values[fresh], stamp, last=False)
        done.changed = np.concatenate((done.changed, times[fresh]))
        done.touched = True
    return done


def _first(times: Times, values: Values, stamp: Stamp) -> Day:
    """The first slots of a day, unjudged."""
    n = len(times)
    numbers: NDArray[np.intp] = alike(n, 0)  # type: ignore[assignment]
    return Day(times, values, numbers, (stamp,), alike(n, MISSING, "u1"))  # type: ignore[arg-type]


def _insert(day: Day, times: Times, values: Values, stamp: Stamp, *, last: bool) -> Day:
    stamps, index = _index(day.stamps, stamp)
    columns = (
        np.concatenate((day.times, times)),
        np.concatenate((day.values, values)),
        np.concatenate((day.stamp, np.full(len(times), index, np.intp))),
        np.concatenate((day.verdict, np.full(len(times), MISSING, np.uint8))),
    )
    settled = day.settled
    if not last:
        if np.searchsorted(day.times, times[0]) < settled:
            settled = 0
        order = np.argsort(columns[0])
        columns = tuple(column[order] for column in columns)  # type: ignore[assignment]
    at, merged, by, verdict = columns
    return Day(at, merged, by, stamps, verdict, day.carry, settled)


def _index(stamps: tuple[Stamp, ...], stamp: Stamp) -> tuple[tuple[Stamp, ...], int]:
    return (stamps, stamps.index(stamp)) if stamp in stamps else ((*stamps, stamp), len(stamps))


def _replace(day: Day, at: NDArray[np.intp], values: Values, stamp: Stamp) -> Merge:
    """Slots that the day has already."""
    before = day.values[at]
    newer = np.array([stamp > other for other in day.stamps], np.bool_)[day.stamp[at]]
    same_record = np.array([stamp == other for other in day.stamps], np.bool_)[day.stamp[at]]
    newer |= same_record & (values > before)
    there, was = ~np.isnan(values), ~np.isnan(before)
    differ = there & was & (values != before)
    take = there & (~was | newer)
    change = there & ~was | differ & newer
    result = Merge(day, duplicates=int((~there | was & ~differ).sum()), contradictions=int(differ.sum()))
    take &= change | ~same_record
    if not take.any():
        return result
    stamps, index = _index(day.stamps, stamp)
    merged, by = day.values.copy(), day.stamp.copy()
    merged[at[take]], by[at[take]] = values[take], index
    settled = day.settled if int(at[take].min()) >= day.settled else 0
    result.day = replace(day, values=merged, stamp=by, stamps=stamps, settled=settled)
    result.touched = True
    result.changed = day.times[at[change]]
    return result


class _Stored(msgspec.Struct, array_like=True):
    first_s: int
    times: int | bytes
    values: bytes
    verdict: bytes
    stamp: bytes
    stamps: list[Stamp]
    carry: Carry


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Stored)


def encode_day(day: Day) -> bytes:
    """A day that has slots, all judged, as bytes."""
    if len(day.stamps) == 1:
        used, stamp = [0], day.stamp
    else:
        numbers, stamp = np.unique(day.stamp, return_inverse=True)
        used = numbers.tolist()
    calm = day.verdict is calm_verdict(len(day.verdict))
    data = _ENCODER.encode(
        _Stored(
            first_s=int(day.times[0]),
            times=_packed_times(day.times.tobytes()),
            values=pack(day.values if calm else day.values[day.verdict != MISSING]),
            verdict=_packed(len(stamp), NORMAL) if calm else pack(day.verdict),
            stamp=_packed(len(stamp), 0) if len(used) == 1 else pack(stamp),
            stamps=[day.stamps[index] for index in used],
            carry=day.carry,
        )
    )
    return b"z" + zlib.compress(data, 1) if len(data) > _COMPRESS_ABOVE and len(used) > 1 else b"p" + data


@lru_cache(maxsize=4096)
def _packed(size: int, value: int) -> bytes:
    return pack(alike(size, value))


@lru_cache(maxsize=1024)
def _packed_times(content: bytes) -> int | bytes:
    """The step of regular times, or the times themselves from the first one on."""
    times = np.frombuffer(content, np.int64)
    steps = np.diff(times)
    if not len(steps):
        return 1
    return pack(times - times[0]) if (steps != steps[0]).any() else int(steps[0])


def decode_day(data: bytes, day: int) -> Day:
    """What `encode_day` was given, of that UTC day.

    Raises:
        ValueError: it is something else; or another of the errors that `streams.stage.restoring` knows.
    """
    stored = _DECODER.decode(_unpacked(data[1:]) if data[:1] == b"z" else data[1:])
    verdict = unpack(stored.verdict, MOST_SLOTS).astype(np.uint8)
    check(stored.carry.profile)
    if isinstance(stored.times, int):
        times = stored.first_s + stored.times * np.arange(len(verdict), dtype=np.int64)
    else:
        times = stored.first_s + unpack(stored.times, MOST_SLOTS).astype(np.int64)
    values = np.full(len(verdict), np.nan)
    values[verdict != MISSING] = unpack(stored.values, MOST_SLOTS)
    stamp = unpack(stored.stamp, MOST_SLOTS).astype(np.intp)
    if not len(times) or not len(verdict) == len(times) == len(stamp):
        raise ValueError("its columns have different lengths, or none")
    if times[0] < day * DAY_S or times[-1] >= (day + 1) * DAY_S or (len(times) > 1 and np.diff(times).min() <= 0):
        raise ValueError("its times are not in order, or of another day")
    if stamp.min() < 0 or stamp.max() >= len(stored.stamps):
        raise ValueError("a value has no record that it is from")
    return Day(
        times=times,
        values=values,
        stamp=stamp,
        stamps=tuple(stored.stamps),
        verdict=verdict,
        carry=stored.carry,
        settled=len(verdict),
    )


def _unpacked(data: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    content = unpacking.decompress(data, RECORD_LIMIT_BYTES)
    if not unpacking.eof:
        raise ValueError("it breaks off, or unpacks to more than a value may have")
    return content
