"""The thread that ends a process that makes no progress, or slept while others took over its work.

Faust can stop working and go on living: recovery ends silently when a step takes too long, the assignor
waits for ever, a callback blocks the loop, and heartbeats continue from a thread of their own. Nothing
takes over from a process like that. So a thread looks at three things, and exits where one stands still:
the event loop, a rebalance or recovery, and the batch in work.

A process that was stopped for longer than its session and goes on (a suspended machine, SIGCONT) does not
know that its partitions are another's by now, and must not write. The thread sees it by its own pulse.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import NoReturn

#: How long the event loop may be blocked. Batches are computed beside it.
LOOP_LIMIT_S = 60.0


class Watchdog:
    """Call `beat` from the event loop several times a second; `waiting` says what is waited for.

    `waiting` gives None while all is well, else any value: as long as that value stays the same, there is no
    progress. `fatal` ends the process: after `limit_s` without progress, after `loop_limit_s` without a beat,
    and after a sleep of more than `sleep_limit_s`.
    """

    def __init__(
        self,
        waiting: Callable[[], Hashable | None],
        fatal: Callable[[str], NoReturn],
        *,
        limit_s: float,
        sleep_limit_s: float,
        loop_limit_s: float = LOOP_LIMIT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._waiting = waiting
        self._fatal = fatal
        self._limit_s = limit_s
        self._sleep_limit_s = sleep_limit_s
        self._loop_limit_s = loop_limit_s
        self._clock = clock
        self._beat_at = self._looked_at = self._seen_at = clock()
        self._seen: Hashable | None = None

    def beat(self) -> None:
        """The event loop runs."""
        self._beat_at = self._clock()

    def start(self, every_s: float = 0.5) -> None:
        """Look again and again, from a thread that ends with the process."""

        def watch() -> None:
            while True:
                time.sleep(every_s)
                self.look()

        self._looked_at = self._clock()
        threading.Thread(target=watch, name="watchdog", daemon=True).start()

    def look(self) -> None:
        """Look once."""
        self.demand_awake()
        now = self._looked_at = self._clock()
        if now - self._beat_at > self._loop_limit_s:
            self._fatal(f"the event loop has not run for {now - self._beat_at:.0f} s")
        waiting = self._waiting()
        if waiting is None or waiting != self._seen:
            self._seen, self._seen_at = waiting, now
        elif now - self._seen_at > self._limit_s:
            self._fatal(f"no progress for {now - self._seen_at:.0f} s while waiting for {waiting}")

    def demand_awake(self) -> None:
        """End the process if it slept. To be asked before anything is written."""
        slept_s = self._clock() - self._looked_at
        if slept_s > self._sleep_limit_s:
            self._fatal(f"this process slept for {slept_s:.0f} s, and others may have taken over")
