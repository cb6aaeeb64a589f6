"""All stages as workers on a broker, what was published to them, and the same without Kafka to compare with."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from streams import admin
from streams.lag import lag
from streams.pipeline import Offline
from streams.reading import read_shutdowns, read_topic, standing
from streams.settings import Settings
from streams.sources.publishing import Publisher
from streams.stage import SOURCES
from tests.agents.harness import REPOSITORY, WorkerProcess, until
from topics import SHUTDOWN_CHANGES, SHUTDOWNS, Shutdown, Topic

#: A record on its way to a topic: topic, key, bytes.
Sent = tuple[Topic, str, bytes]


class Flow:
    """The whole flow under a prefix of its own."""

    def __init__(self, bootstrap: str, prefix: str, folder: Path) -> None:
        self.settings = Settings(bootstrap=bootstrap, prefix=prefix, session_timeout_s=6)
        self.folder = folder
        self._workers: list[WorkerProcess] = []
        admin.create_topics(self.settings)

    def worker(
        self,
        name: str = "a",
        datadir: Path | None = None,
        tree: Path = REPOSITORY,
        environment: Mapping[str, str] | None = None,
    ) -> WorkerProcess:
        """Start a worker of all stages, of the program in `tree`; each name has its own folder for the state, or
        `datadir` is that."""
        worker = WorkerProcess(self.settings, (), datadir or self.folder / name, environment or {}, tree)
        self._workers.append(worker)
        return worker

    def publish(self, sent: Iterable[Sent]) -> None:
        """Write records and wait until Kafka has them."""
        with Publisher(self.settings) as publisher:
            for topic, key, value in sent:
                publisher.send(topic, key, value)

    def settle(self, timeout_s: float = 120) -> None:
        """Wait until everything published has been through: raw topics first, what they gave rise to then.

        What compares countries gives evidence again, of which no further drops come.
        """
        raw = {stage: topic for stage, topic in SOURCES.items() if stage not in ("correlate", "watch")}
        correlate = {"correlate": SOURCES["correlate"]}
        for stages in (raw, correlate, {"watch": SOURCES["watch"]}, correlate):
            until(partial(self._done, stages), timeout_s, f"{', '.join(stages)} not finished:\n{self.logs()}")

    def _done(self, stages: Mapping[str, Topic]) -> bool:
        with admin.connected(self.settings) as client:
            return not any(lag(client, self.settings, stages).values())

    def shutdowns(self) -> list[Shutdown]:
        """The shutdowns that stand, as a reader of the compacted topic sees them."""
        return standing(read_shutdowns(self.settings))

    def written(self) -> int:
        """How many records the output topics hold."""
        return sum(1 for topic in (SHUTDOWNS, SHUTDOWN_CHANGES) for _ in read_topic(self.settings, topic))

    def logs(self) -> str:
        return "\n".join(worker.log() for worker in self._workers)

    def close(self) -> None:
        for worker in self._workers:
            worker.kill()


def offline(sent: Iterable[Sent]) -> list[Shutdown]:
    """What the same records come to without Kafka."""
    run = Offline(time.time())
    for topic, _, value in sent:
        run.add(topic.name, value)
    return run.shutdowns()
