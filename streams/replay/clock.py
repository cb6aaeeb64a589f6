"""Watching the past unfold on a wall clock, so many times faster than it went."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from streams.correlation import Rules, default_rules
from streams.replay.inputs import Source
from streams.replay.play import Account, Told, Unfolding, in_time, known
from streams.replay.selection import Selection
from topics import ShutdownChange

#: What happens in less than this, in wall seconds, happens at once.
TICK_S = 0.05


def unfold(
    source: Source,
    selection: Selection,
    rules: Rules | None = None,
    *,
    speed: float = 60.0,
    most_s: float = 5.0,
    told: Told = lambda *_: None,
    ticked: Callable[[int], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[tuple[int | None, ShutdownChange]]:
    """Every change and when it was known, each at its time: `speed` seconds of the past go by in one.

    The clock begins at the selection's `since_s`; what was known before is taken in at once.

    Args:
        source: where the records are.
        selection: which of them; its clock is the one that is played.
        rules: the rules of correlation; None is the default ones.
        speed: how many times faster than it went.
        most_s: no quiet time is waited for longer than this, in wall seconds.
        told: called with records passed, of how many.
        ticked: called with the time that is played, Unix seconds, before it is waited for.
        sleep: waits so many seconds; for tests.
    """
    flow = Unfolding(rules or default_rules())
    before: int | None = None
    owed = 0.0
    for one in in_time(known(source, selection, Account(), told), selection):
        if one.known_s is not None and one.known_s >= (selection.since_s or 0):
            owed += 0.0 if before is None else max(0.0, (one.known_s - before) / speed)
            before = one.known_s if before is None else max(before, one.known_s)
        if owed > TICK_S and before is not None:
            ticked(before)
            sleep(min(owed, most_s))
            owed = 0.0
        for change in flow.take(one.topic, one.record):
            if selection.gives(change.shutdown):
                yield one.known_s, change
