"""The thread that ends a process that makes no progress.

Faust can stop working and go on living: recovery ends silently when a step takes too long, the assignor
waits for ever, a callback blocks the loop, and heartbeats continue from a thread of their own. Nothing
takes over from a process like that. So a thread looks at three things, and exits where one stands still:
the event loop, a rebalance or recovery, and the batch in work.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import NoReturn

#: How long the event loop may be blocked. A batch computes for a second or two.
LOOP_LIMIT_S = 60.0


class Watchdog:
    """Call `beat` from the event loop several times a second; `waiting` says what is waited for.

    `waiting` gives None while all is well, else any value: as long as that value stays the same, there is no
    progress. After `limit_s` of it, or `loop_limit_s` without a beat, `fatal` is called from the thread.
    """

    def __init__(
        self,
        waiting: Callable[[], Hashable | None],
        fatal: Callable[[str], NoReturn],
        *,
        limit_s: float,
        loop_limit_s: float = LOOP_LIMIT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._waiting = waiting
        self._fatal = fatal
        self._limit_s = limit_s
        self._loop_limit_s = loop_limit_s
        self._clock = clock
        self._beat_at = clock()
        self._seen: Hashable | None = None
        self._seen_at = clock()

    def beat(self) -> None:
        """The event loop runs."""
        self._beat_at = self._clock()

    def silent_s(self) -> float:
        """Seconds since the last beat."""
        return self._clock() - self._beat_at

    def start(self, every_s: float = 0.5) -> None:
        """Look again and again, from a thread that ends with the process."""

        def watch() -> None:
            while True:
                time.sleep(every_s)
                self.look()

        threading.Thread(target=watch, name="watchdog", daemon=True).start()

    def look(self) -> None:
        """Look once."""
        now = self._clock()
        if now - self._beat_at > self._loop_limit_s:
            self._fatal(f"the event loop has not run for {now - self._beat_at:.0f} s")
        waiting = self._waiting()
        if waiting is None or waiting != self._seen:
            self._seen, self._seen_at = waiting, now
        elif now - self._seen_at > self._limit_s:
            self._fatal(f"no progress for {now - self._seen_at:.0f} s while waiting for {waiting}")
