"""All stages' state made anew, beside the live workers, and the switch to it while they stand still."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from streams import admin
from streams.rebuild.changelogs import Changelog
from streams.rebuild.errors import RebuildError
from streams.rebuild.work import Counts, StageWork, sender
from streams.replay.archive import Archive
from streams.settings import Settings
from streams.sources.publishing import Publisher
from streams.stage import SOURCES

#: What is done, in this order; each is told before it begins.
Step = Literal["read", "compare", "wait", "close", "grow", "catch-up", "correct", "make-anew", "fill", "switch"]

#: Told of a step of a stage, and of records passed and how many there are, where that is known.
Told = Callable[[str, Step, int, int | None], None]


@dataclass(slots=True)
class Outcome:
    """What a rebuild came to, by stage: records read, and what became of what stands; rows of state written (None
    where nothing was switched)."""

    records: dict[str, int] = field(default_factory=dict)
    counts: dict[str, Counts] = field(default_factory=dict)
    state: dict[str, int | None] = field(default_factory=dict)
    pause_s: float = 0.0


class Rebuild:
    """The rebuild of some stages, in the order of the flow.

    Args:
        settings: the Kafka, the prefix and the rules.
        stages: their names.
        folder: where to keep everything meanwhile: as much as the state and what stands on the output topics.
        archive: has the records that Kafka has no more; None: there is none.
        what_is_there: go on where records are missed.
        partitions: so many the stages' sources are to have from here on; None: as many as they have.
        wait_s: how long to wait for the workers to stop.
        told: called with every step.
    """

    def __init__(
        self,
        settings: Settings,
        stages: Sequence[str],
        folder: Path,
        *,
        archive: Archive | None = None,
        what_is_there: bool = False,
        partitions: int | None = None,
        wait_s: float = 600.0,
        told: Told = lambda *_: None,
    ) -> None:
        self._settings, self._told = settings, told
        self._names = [name for name in SOURCES if name in stages]
        self._folder, self._archive, self._what_is_there = folder, archive, what_is_there
        self._partitions, self._wait_s = partitions, wait_s
        self._works: list[StageWork] = []

    def run(self, *, dry: bool = False) -> Outcome:
        """Do all of it; with `dry`, say only what would be published.

        Raises:
            RebuildError: something stands in the way, or the workers didn't stop in time.
            StreamsError: Kafka doesn't answer or refuses something.
        """
        outcome = Outcome()
        try:
            with admin.connected(self._settings) as client:
                self._prepare(client)
                if dry:
                    self._compare(outcome)
                else:
                    self._switch(client, outcome)
            for work in self._works:
                outcome.records[work.name] = work.records
        finally:
            for work in self._works:
                work.close()
        return outcome

    def _prepare(self, client: Any) -> None:
        """Beside the workers: the state up to now, and what stands."""
        for name in self._names:
            many = self._count(client, name)
            work = StageWork(client, self._settings, name, many, self._folder / name, self._archive)
            self._works.append(work)
            work.begin()
            if work.inputs.missed and not self._what_is_there:
                raise RebuildError(_missed(work))
        for work in self._works:
            self._tell(work.name, "read")
            work.take(self._progress(work.name, "read"))
            self._tell(work.name, "compare")
            work.look(self._progress(work.name, "compare"))

    def _count(self, client: Any, stage: str) -> int:
        name = self._settings.prefix + SOURCES[stage].name
        there = admin.live(client, [name]).get(name)
        if there is None:
            raise RebuildError(f"there is no topic {name}: `shutdowns topics create` makes it")
        asked = self._asked(stage)
        if asked is not None and there.partitions > asked:
            raise RebuildError(
                f"{name} has {there.partitions} partitions, and topics never shrink: give as many or more"
            )
        return max(there.partitions, asked or 0)

    def _asked(self, stage: str) -> int | None:
        """How many partitions the topic of a stage is to have; one that the catalogue gives one never grows."""
        return None if SOURCES[stage].partitions == 1 else self._partitions

    def _compare(self, outcome: Outcome) -> None:
        for work in self._works:
            outcome.counts[work.name] = work.correct(lambda *_: None)
            outcome.state[work.name] = None

    # ------------------------------------------------------------------ the pause

    def _switch(self, client: Any, outcome: Outcome) -> None:
        logs = {name: Changelog(client, self._settings, name) for name in self._names}
        self._stand_still(list(logs.values()))
        began = time.monotonic()
        try:
            self._grow(client)
            for work in self._works:
                self._replace(work, logs[work.name], outcome)
        except BaseException as error:
            closed = [name for name in self._names if outcome.state.get(name) is None]
            raise RebuildError(
                f"not finished: {str(error) or type(error).__name__}. The workers of {', '.join(closed)} don't "
                "start until it is: run it again"
            ) from error
        outcome.pause_s = time.monotonic() - began

    def _stand_still(self, logs: Sequence[Changelog]) -> None:
        """Wait until no worker runs, and see to it that none starts.

        Raises:
            RebuildError: workers run on; nothing was changed.
        """
        until = time.monotonic() + self._wait_s
        while True:
            running = {log.stage: members for log in logs if (members := log.members())}
            if not running:
                self._tell(", ".join(self._names), "close")
                closed = [log for log in logs if log.close()]
                if not any(log.members() for log in logs):
                    return
                for log in closed:
                    log.open()
            elif time.monotonic() > until:
                words = ", ".join(f"{stage} ({members})" for stage, members in running.items())
                raise RebuildError(
                    f"workers still run after {self._wait_s:.0f} s: {words}. Nothing was changed. Stop them "
                    "(Ctrl-C, SIGTERM, scale to 0), and run it again"
                )
            for stage, members in running.items():
                self._told(stage, "wait", members, None)
            time.sleep(0.5)

    def _grow(self, client: Any) -> None:
        if self._partitions is None:
            return
        sources = {self._settings.prefix + SOURCES[name].name for name in self._names if self._asked(name)}
        there = admin.live(client, sorted(sources))
        smaller = [name for name, one in there.items() if one.partitions < self._partitions]
        if smaller:
            self._tell(", ".join(self._names), "grow")
            client.create_partitions(dict.fromkeys(smaller, self._partitions))
            admin.until_led(client, dict.fromkeys(smaller, self._partitions))

    def _replace(self, work: StageWork, log: Changelog, outcome: Outcome) -> None:
        self._tell(work.name, "catch-up")
        work.look(self._progress(work.name, "catch-up"))
        work.take(self._progress(work.name, "catch-up"))
        self._tell(work.name, "correct")
        with Publisher(self._settings) as publisher:
            outcome.counts[work.name] = work.correct(sender(self._settings, publisher))
        self._tell(work.name, "make-anew")
        log.make_anew(work.partitions)
        self._tell(work.name, "fill")
        rows = log.fill(work.rows())
        self._tell(work.name, "switch")
        log.finish(rows, work.inputs.name, work.inputs.at)
        outcome.state[work.name] = rows

    def _tell(self, stage: str, step: Step) -> None:
        self._told(stage, step, 0, None)

    def _progress(self, stage: str, step: Step) -> Callable[[int, int | None], None]:
        return lambda done, total: self._told(stage, step, done, total)


def _missed(work: StageWork) -> str:
    first = "; ".join(
        f"partition {one.partition} offsets {one.begins:,} to {one.ends - 1:,}" for one in work.inputs.missed[:5]
    )
    more = f", and {len(work.inputs.missed) - 5} stretches more" if len(work.inputs.missed) > 5 else ""
    count = sum(one.ends - one.begins for one in work.inputs.missed)
    return (
        f"{work.inputs.name} no longer has {count:,} records that {work.name} once read ({first}{more}). Give an "
        "archive that has them (--archive), or say --from-what-is-there: what was concluded from them then stays "
        "as it stands, and is corrected no more. Nothing was changed"
    )
