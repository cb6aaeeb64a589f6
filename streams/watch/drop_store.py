"""The state of the stage `watch`: drops by the hour of their begin, and the groups that were given out.

Keys:

    n                    how many changes were taken in: the revision of what comes of them
    g/ID                 a group as given out
    a/447889             the ids of the groups that begin in that hour (hours since 1970)
    d/447889             the drops that begin in it, withdrawn ones too
    i/ID                 the hour of a drop
    x                    the days that have any drops

Everything is found by key. What is written first guards against giving out one revision with two meanings: were `n`
or the groups older than the drops after a crash, what comes again would be taken for known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from streams.stage import Store, restoring
from streams.watch.grouping import Group
from streams.watch.rules import DAY_S, HOUR_S, WatchRules
from topics import RECORD_LIMIT_BYTES, Drop

COUNTER = "n"
DAYS = "x"

#: An hour takes no more drops than fit into this: about 2,000, some hundred times the usual.
HOUR_BYTES = RECORD_LIMIT_BYTES * 4 // 5

_DROPS = msgspec.msgpack.Decoder(list[Drop])
_GROUP = msgspec.msgpack.Decoder(Group)
_NAMES = msgspec.msgpack.Decoder(list[str])
_NUMBERS = msgspec.msgpack.Decoder(list[int])
_NUMBER = msgspec.msgpack.Decoder(int)
_encode = msgspec.msgpack.encode


class HourFull(Exception):
    """An hour has as many drops as are kept of it."""


class _Hour:
    """The drops of an hour by id, and how many bytes they are."""

    def __init__(self, drops: list[Drop], size: int) -> None:
        self.drops = {drop.id: drop for drop in drops}
        self.size = size


class DropStore:
    """The drops and groups of a store, changed in memory until `write`. To be made anew for each batch."""

    def __init__(self, store: Store, rules: WatchRules) -> None:
        self._store = store
        self._rules = rules
        self._hours: dict[int, _Hour] = {}
        self._changed: set[int] = set()
        self._moved: dict[str, int] = {}
        self._groups: dict[str, Group | None] = {}
        self._names: dict[int, list[str]] = {}
        self.count: int = self._read(COUNTER, _NUMBER, 0)
        self._days: list[int] = self._read(DAYS, _NUMBERS, [])
        self._newest_day = max(self._days, default=None)

    def _read(self, key: str, decoder: msgspec.msgpack.Decoder[Any], otherwise: Any) -> Any:
        value = self._store.get(key)
        if value is None:
            return otherwise
        with restoring(key):
            return decoder.decode(value)

    # ------------------------------------------------------------------ drops

    def take(self, drop: Drop) -> Drop | None:
        """Take a drop in, and give what is replaced by it: the drop itself where it is new, None where it is known.

        Raises:
            HourFull: the hour of its begin takes no more.
        """
        at = self._moved.get(drop.id, self._read(f"i/{drop.id}", _NUMBER, None))
        before = None if at is None else self._hour(at).drops.get(drop.id)
        if before is not None and (drop.revision < before.revision or drop == before):
            return None
        hour, own = drop.from_s // HOUR_S, self._hour(drop.from_s // HOUR_S)
        size = own.size + _size(drop) - (_size(own.drops[drop.id]) if drop.id in own.drops else 0)
        if size > HOUR_BYTES:
            raise HourFull(f"its hour has {len(own.drops):,} drops, as many as are kept")
        if before is not None and at is not None and at != hour:
            old = self._hour(at)
            del old.drops[drop.id]
            old.size -= _size(before)
            self._changed.add(at)
        own.drops[drop.id], own.size = drop, size
        self._changed.add(hour)
        self._moved[drop.id] = hour
        self.count += 1
        self._enter(hour * HOUR_S // DAY_S)
        return before or drop

    def too_old(self, from_s: int) -> bool:
        """Whether what begins then is older than what is kept."""
        return self._newest_day is not None and from_s // DAY_S < self._oldest_day(self._newest_day)

    def between(self, first_s: int, last_s: int) -> Iterator[Drop]:
        """The drops that begin in [first_s, last_s], in no order."""
        for hour in range(first_s // HOUR_S, last_s // HOUR_S + 1):
            yield from (drop for drop in self._hour(hour).drops.values() if first_s <= drop.from_s <= last_s)

    def _hour(self, hour: int) -> _Hour:
        if hour not in self._hours:
            key = f"d/{hour}"
            self._hours[hour] = _Hour(self._read(key, _DROPS, []), len(self._store.get(key, b"")))
        return self._hours[hour]

    def _enter(self, day: int) -> None:
        if day not in self._days:
            self._days = sorted({*self._days, day})
            self._newest_day = self._days[-1]

    # ------------------------------------------------------------------ groups

    def groups(self, first_s: int, last_s: int) -> dict[str, Group]:
        """The groups given out that begin in [first_s, last_s], by id."""
        found: dict[str, Group] = {}
        for hour in range(first_s // HOUR_S, last_s // HOUR_S + 1):
            for name in self._group_names(hour):
                group = self._groups.get(name) or self._read(f"g/{name}", _GROUP, None)
                if group is not None and first_s <= group.at_s <= last_s:
                    found[name] = group
        return found

    def replace(self, before: Group | None, now: Group | None) -> None:
        """Note that a group was given out, changed or taken back."""
        group = before or now
        assert group is not None
        hour = group.at_s // HOUR_S
        names = set(self._group_names(hour)) - {group.drop}
        self._names[hour] = sorted(names if now is None else {*names, group.drop})
        self._groups[group.drop] = now

    def _group_names(self, hour: int) -> list[str]:
        if hour in self._names:
            return self._names[hour]
        names: list[str] = self._read(f"a/{hour}", _NAMES, [])
        return names

    # ------------------------------------------------------------------ writing

    def write(self) -> None:
        """Write what changed, in the order that `streams.stage.Stage` asks for, and delete what has expired."""
        if not self._changed:
            return
        self._store[COUNTER] = _encode(self.count)
        for name, group in sorted(self._groups.items()):
            self._put(f"g/{name}", group)
        for hour, names in sorted(self._names.items()):
            self._put(f"a/{hour}", names or None)
        for hour in sorted(self._changed):
            self._put(f"d/{hour}", sorted(self._hours[hour].drops.values(), key=lambda drop: drop.id) or None)
        for name, hour in sorted(self._moved.items()):
            self._store[f"i/{name}"] = _encode(hour)
        kept = [day for day in self._days if day >= self._oldest_day(self._days[-1])]
        for day in self._days:
            if day < kept[0]:
                self._drop(day)
        self._put(DAYS, kept)

    def _put(self, key: str, value: Any) -> None:
        if value is None:
            self._store.pop(key, None)
            return
        encoded = _encode(value)
        if self._store.get(key) != encoded:
            self._store[key] = encoded

    def _oldest_day(self, newest_day: int) -> int:
        return newest_day - self._rules.expiry_s // DAY_S

    def _drop(self, day: int) -> None:
        for hour in range(day * DAY_S // HOUR_S, (day + 1) * DAY_S // HOUR_S):
            for name in self._read(f"a/{hour}", _NAMES, []):
                self._store.pop(f"g/{name}", None)
            for drop in self._read(f"d/{hour}", _DROPS, []):
                self._store.pop(f"i/{drop.id}", None)
            self._store.pop(f"a/{hour}", None)
            self._store.pop(f"d/{hour}", None)


def _size(drop: Drop) -> int:
    return len(_encode(drop))
