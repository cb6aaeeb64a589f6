"""What a stage's process counts, for those who watch it: records in, out and refused, and how late they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from topics import Measurement

#: As the reason of a refusal: the stage failed on the record, see `streams.agents.batching`.
STAGE_FAILED = "stage-failed"


@dataclass(slots=True)
class Figures:
    """Counts since the process began; `delay_s` is of the newest batch, None before there was one with times."""

    taken: int = 0
    given: Counter[str] = field(default_factory=Counter)
    #: Counted from zero, so that an alert sees the first one.
    refused: Counter[str] = field(default_factory=lambda: Counter({STAGE_FAILED: 0}))
    delay_s: float | None = None
    newest: dict[str, float] = field(default_factory=dict)

    def count(
        self,
        taken: int,
        given: Iterable[str],
        refused: Iterable[str],
        delay_s: float | None,
        newest: Mapping[str, float],
    ) -> None:
        """A batch is done: how many records it had, the topics of what it gave, the reasons of what it refused,
        how late it was, and until when each source's measurements in it reach."""
        self.taken += taken
        self.given.update(given)
        self.refused.update(refused)
        if delay_s is not None:
            self.delay_s = delay_s
        for source, moment_s in newest.items():
            self.newest[source] = max(moment_s, self.newest.get(source, moment_s))

    def snapshot(self) -> dict[str, Any]:
        """All of it, as JSON can hold it."""
        return {
            "taken": self.taken,
            "given": dict(self.given),
            "refused": dict(self.refused),
            "delay_s": self.delay_s,
            "newest": self.newest,
        }


def event_time_s(record: Any) -> float | None:
    """When what a record tells of ended, or began: Unix seconds, None where it says no clock time."""
    if isinstance(record, Measurement):
        columns = len(record.values[0]) if record.values else 0
        return record.from_s + columns * record.step_s
    last = getattr(record, "until_s", None) or getattr(record, "from_s", None)
    return None if last is None else float(last)


def delay_s(records: Iterable[Any], arrived_s: float) -> float | None:
    """Seconds from the newest event of a batch to its arrival in Kafka; None where no record says a clock time."""
    newest = max((at for record in records if (at := event_time_s(record)) is not None), default=None)
    return None if newest is None else arrived_s - newest


def newest_by_source(records: Iterable[Any]) -> dict[str, float]:
    """Until when the measurements of each source reach, Unix seconds."""
    found: dict[str, float] = {}
    for record in records:
        if isinstance(record, Measurement):
            source, until_s = record.origin.source, float(record.until_s)
            found[source] = max(until_s, found.get(source, until_s))
    return found
