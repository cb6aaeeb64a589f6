"""A stage that reads much of its state before its first record is done is at work, not stuck."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from streams.agents.table import PartitionStore
from streams.agents.watchdog import Watchdog
from streams.app import StageApp, create_app
from streams.settings import Settings
from tests.agents.toys import Counting


class Ended(Exception):
    """The process would have ended here."""


def never(words: str) -> None:
    raise Ended(words)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("reads", [True, False])
def test_reading_the_state_counts_as_progress_and_standing_still_does_not(tmp_path: Path, *, reads: bool) -> None:
    async def run() -> None:
        clock = Clock()

        def waiting() -> str:
            return f"a batch ({app.table.reads} values read)"

        watchdog = Watchdog(waiting, never, limit_s=150, sleep_limit_s=1e9, clock=clock)  # type: ignore[arg-type]
        app: StageApp = create_app(
            Counting(),
            Settings(),
            tmp_path,
            fatal=never,  # type: ignore[arg-type]
            never=never,  # type: ignore[arg-type]
            beat=watchdog.beat,
        )
        app.table.write(0, [(b"n1", b"1 1 1")], known=0)
        store = PartitionStore(app.table, 0, watchdog.beat)
        # Ten minutes in which the event loop is not free once.
        for _ in range(60):
            clock.now += 10
            if reads:
                assert store["n1"] == b"1 1 1"
            watchdog.look()

    if reads:
        asyncio.run(run())
    else:
        with pytest.raises(Ended, match="the event loop has not run for 70 s"):
            asyncio.run(run())
