"""Taking the topics back in time: archives, replays, what-if, comparison, export.

One public surface; each name is imported on its first use.

>>> from streams.replay import Archive, FromArchive, Selection, replay
>>> run = replay(FromArchive(Archive("archive")), Selection(country="KZ"))          # doctest: +SKIP
>>> run.shutdowns                                                                   # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streams.replay.archive import Archive
    from streams.replay.clock import unfold
    from streams.replay.comparison import Comparison, compare
    from streams.replay.errors import ArchiveError, ReplayError
    from streams.replay.frames import (
        changes_frame,
        differences_frame,
        evidence_frame,
        series_frame,
        shutdowns_frame,
    )
    from streams.replay.holding import holdings
    from streams.replay.inputs import FromArchive, FromKafka, FromLines, FromMemory, Source
    from streams.replay.play import replay
    from streams.replay.recorder import Recorder
    from streams.replay.republishing import republish
    from streams.replay.runs import Head, Run, read_run
    from streams.replay.selection import Selection
    from streams.replay.series import series_around
    from streams.replay.whatif import rules_for

_HOMES = {
    "Archive": "archive",
    "ArchiveError": "errors",
    "Comparison": "comparison",
    "FromArchive": "inputs",
    "FromKafka": "inputs",
    "FromLines": "inputs",
    "FromMemory": "inputs",
    "Head": "runs",
    "Recorder": "recorder",
    "ReplayError": "errors",
    "Run": "runs",
    "Selection": "selection",
    "Source": "inputs",
    "changes_frame": "frames",
    "compare": "comparison",
    "differences_frame": "frames",
    "evidence_frame": "frames",
    "holdings": "holding",
    "read_run": "runs",
    "replay": "play",
    "republish": "republishing",
    "rules_for": "whatif",
    "series_around": "series",
    "series_frame": "frames",
    "shutdowns_frame": "frames",
    "unfold": "clock",
}

__all__ = [
    "Archive",
    "ArchiveError",
    "Comparison",
    "FromArchive",
    "FromKafka",
    "FromLines",
    "FromMemory",
    "Head",
    "Recorder",
    "ReplayError",
    "Run",
    "Selection",
    "Source",
    "changes_frame",
    "compare",
    "differences_frame",
    "evidence_frame",
    "holdings",
    "read_run",
    "replay",
    "republish",
    "rules_for",
    "series_around",
    "series_frame",
    "shutdowns_frame",
    "unfold",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
