"""Services that tell of the same events again and again: what is new, what has changed, what they take back.

An event that is told no more stays as it was: feeds list the newest. It is withdrawn by a word alone: that it was
deleted, or that it is too weak after all. So is its evidence in countries that it turned out not to reach. What was
published of each is remembered for so long as its service may still change it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from streams.sources.cause_rules import DAY_S
from streams.sources.listing import BUCKETS
from streams.sources.polling import Batch
from topics import EVIDENCE, Cause, Record, Topic


class Remembered(msgspec.Struct, array_like=True):
    """An event: the causes published of it that stand, and the day (of Unix time) on which it was last told of."""

    causes: list[Cause]
    day: int


def changes(
    name: str,
    told: Mapping[str, Sequence[Cause]],
    cursors: Mapping[str, Any],
    now_s: int,
    *,
    forget_s: int,
    wanted: Callable[[Cause], bool],
) -> Iterator[Batch]:
    """Batches of what events say anew, one a bucket of events. `told` are the causes of each that was told of, none
    where it is taken back; `forget_s` is how long after it was last told of an event is remembered.
    """
    buckets: dict[int, dict[str, Sequence[Cause]]] = {number: {} for number in range(BUCKETS)}
    for event, causes in told.items():
        buckets[zlib.crc32(event.encode()) % BUCKETS][event] = [
            cause for cause in causes if wanted(cause) and not cause.withdrawn
        ]
    for number, events in buckets.items():
        part = f"{name}/{number:02}"
        known = msgspec.convert(cursors.get(part) or {}, dict[str, Remembered])
        records: list[tuple[Topic, Record]] = []
        for event, causes in events.items():
            before = known.pop(event, None)
            after, changed = _revised(causes, before.causes if before else [], now_s)
            records += [(EVIDENCE, cause) for cause in changed]
            if after:
                known[event] = Remembered(after, now_s // DAY_S)
        kept = {event: one for event, one in known.items() if (one.day + 1) * DAY_S > now_s - forget_s}
        yield Batch(part, msgspec.to_builtins(kept), records)


def _revised(causes: Sequence[Cause], before: Sequence[Cause], now_s: int) -> tuple[list[Cause], list[Cause]]:
    """The causes that stand now, and those to publish: new, changed or withdrawn."""
    standing, changed = list[Cause](), list[Cause]()
    known = {cause.id: cause for cause in before}
    for cause in causes:
        old = known.pop(cause.id, None)
        if old is None:
            new = replace(cause, known_s=now_s)
        elif replace(cause, revision=old.revision, known_s=old.known_s) == old:
            standing.append(old)
            continue
        else:
            new = replace(cause, known_s=old.known_s, revision=max(cause.revision, old.revision + 1))
        standing.append(new)
        changed.append(new)
    changed += [replace(old, withdrawn=True, revision=max(now_s, old.revision + 1)) for old in known.values()]
    return standing, changed
