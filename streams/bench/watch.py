"""Looks at a running system from outside: memory of its processes, state on disk, how far stages are behind."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streams.bench.verdict import Look
from streams.files import folder_bytes
from streams.lag import StageLag, lag_by_partition
from streams.memory import memory_bytes
from streams.settings import Settings
from streams.stage import SOURCES


@dataclass(frozen=True, slots=True)
class _Ends:
    """Where a stage's topic ended at some time."""

    at_s: float
    ends: Mapping[int, int]

    def reached(self, lag: StageLag) -> bool:
        return all(lag.committed[part] >= end for part, end in self.ends.items())


class Delay:
    """For how long the oldest record waits that a stage has not committed: as exact as one looks often."""

    def __init__(self) -> None:
        self._ends: deque[_Ends] = deque()

    def seen(self, lag: StageLag, at_s: float) -> float:
        """How long ago, seconds, the topic ended where the stage is now; since the first look if it never did."""
        ends = self._ends
        ends.append(_Ends(at_s, {part: lag.committed[part] + behind for part, behind in lag.behind.items()}))
        while len(ends) > 1 and ends[1].reached(lag):
            ends.popleft()
        return at_s - ends[0].at_s


class Watch:
    """Looks at a worker, its stages and what they read.

    Args:
        client: from `streams.admin.connected`.
        worker: process id of `shutdowns worker`; its children are the stages.
        others: further processes to watch, by name.
        datadir: the worker's folder.
    """

    def __init__(
        self, client: Any, settings: Settings, worker: int, others: Mapping[str, int], datadir: Path
    ) -> None:
        self._client, self._settings, self._datadir = client, settings, datadir
        self._worker, self._others = worker, others
        self._began = time.monotonic()
        self._known: dict[str, int] = {}
        self._delays = {stage: Delay() for stage in SOURCES}
        #: How often a stage's process was another than before.
        self.ended = 0

    def look(self, event_s: int) -> Look:
        """Look once. Raises what Kafka's client raises where it doesn't answer."""
        lags = lag_by_partition(self._client, self._settings, SOURCES)
        at_s = time.monotonic() - self._began
        stages = stages_of(self._worker)
        self.ended += sum(1 for name, pid in stages.items() if self._known.get(name, pid) != pid)
        self._known.update(stages)
        return Look(
            at_s=at_s,
            event_s=event_s,
            memory_mb={name: memory_mb(pid) for name, pid in {**stages, **self._others}.items()},
            state_mb={stage: folder_bytes(self._datadir / stage) / 2**20 for stage in SOURCES},
            lag={stage: one.total for stage, one in lags.items()},
            delay_s={stage: self._delays[stage].seen(one, at_s) for stage, one in lags.items()},
            load=os.getloadavg()[0],
        )


def stages_of(worker: int) -> dict[str, int]:
    """The stages that a worker runs now, and their process ids."""
    found = {}
    with suppress(OSError):
        for pid in Path(f"/proc/{worker}/task/{worker}/children").read_text().split():
            with suppress(OSError):
                command = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
                if "streams.agents.child" in command:
                    found[command[command.index("streams.agents.child") + 1]] = int(pid)
    return found


def memory_mb(pid: int) -> float:
    """Memory of a process as `streams.memory` counts it; 0 if it is gone."""
    return (memory_bytes(pid) or 0) / 2**20
