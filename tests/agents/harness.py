"""Workers as processes, and Kafka seen from outside: what the tests of faults are made of."""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from typing import Any, Self

from streams import admin
from streams.lag import lag, lag_by_partition
from streams.settings import Settings
from tests.agents.toys import TALLIES, TICKS, Tally, Tick
from topics import INVALID, Invalid, Topic, decode, encode

REPOSITORY = Path(__file__).resolve().parents[2]


def until(holds: Callable[[], object], timeout_s: float, what: str) -> None:
    """Wait until something holds; fail with words if it does not in time."""
    end = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < end, f"not within {timeout_s} s: {what}"
        time.sleep(0.1)


def reconfigure(client: Any, topics: Sequence[str], **config: str) -> None:
    """Give topics other settings, named with `_` for `.`, and wait until they count."""
    from kafka.admin import ConfigResource, ConfigResourceType

    values = {name.replace("_", "."): value for name, value in config.items()}
    client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=values) for topic in topics])

    def counts() -> bool:
        return all(values.items() <= one.config.items() for one in admin.live(client, topics).values())

    # The broker hears of it from the controller, a moment later.
    until(counts, 30, f"{values} of {topics}")


@dataclass(frozen=True)
class Row:
    """A record as it lies in a topic."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    at_ms: int


class System:
    """Topics under a prefix of their own, for one stage of `tests.agents.toys`."""

    def __init__(self, bootstrap: str, prefix: str, stage: str, folder: Path) -> None:
        self.settings = Settings(bootstrap=bootstrap, prefix=prefix, session_timeout_s=6)
        self.stage = stage
        self.stages = (f"tests.agents.toys:{stage}",)
        self.sources: dict[str, Topic] = {stage: TICKS}
        self.folder = folder
        self._workers: list[WorkerProcess] = []
        # As the source of a stage that never runs, the outputs get created too.
        admin.create_topics(self.settings, {**self.sources, "none": TALLIES})

    def worker(self, name: str = "a", **environment: str) -> WorkerProcess:
        """Start a worker; each name has its own folder for the state."""
        worker = WorkerProcess(self.settings, self.stages, self.folder / name, environment)
        self._workers.append(worker)
        return worker

    def publish(
        self, topic: Topic, rows: Iterable[tuple[bytes | None, bytes | None]], partition: int | None = None
    ) -> None:
        """Write records and wait until Kafka has them."""
        from kafka import KafkaProducer

        with producing(KafkaProducer(bootstrap_servers=self.settings.bootstrap, linger_ms=5)) as producer:
            for key, value in rows:
                producer.send(self.settings.prefix + topic.name, key=key, value=value, partition=partition)
            producer.flush(timeout=30)

    def publish_ticks(self, ticks: Iterable[Tick]) -> None:
        self.publish(TICKS, ((tick.name.encode(), encode(tick)) for tick in ticks))

    def read(self, topic: Topic) -> list[Row]:
        """Everything that is in a topic now."""
        from kafka import KafkaConsumer, TopicPartition

        consumer = KafkaConsumer(bootstrap_servers=self.settings.bootstrap)
        try:
            name = self.settings.prefix + topic.name
            parts = [TopicPartition(name, one) for one in consumer.partitions_for_topic(name) or ()]
            consumer.assign(parts)
            ends = consumer.end_offsets(parts)
            consumer.seek_to_beginning()
            rows = []
            while any(consumer.position(part) < ends[part] for part in parts):
                for records in consumer.poll(timeout_ms=500).values():
                    rows += [Row(one.partition, one.offset, one.key, one.value, one.timestamp) for one in records]
            return rows
        finally:
            consumer.close()

    def tallies(self) -> list[Tally]:
        return [decode(TALLIES, row.value, 10**7) for row in self.read(TALLIES)]

    def invalid(self) -> list[Invalid]:
        return [decode(INVALID, row.value, 10**8) for row in self.read(INVALID)]

    def behind(self) -> int:
        """Records that the stage has not committed."""
        with admin.connected(self.settings) as client:
            return lag(client, self.settings, self.sources)[self.stage]

    def committed(self) -> Mapping[int, int]:
        """The offset that the stage reads next, by partition of its source."""
        with admin.connected(self.settings) as client:
            return lag_by_partition(client, self.settings, self.sources)[self.stage].committed

    def settle(self, timeout_s: float = 150) -> None:
        """Wait until everything published is committed."""
        until(lambda: self.behind() == 0, timeout_s, f"{self.stage} has not finished:\n{self.logs()}")

    def owners(self) -> dict[str, set[int]]:
        """Which member of the group has which partitions of the source, as Kafka knows it."""
        group = self.settings.group(self.stage)
        # It would log at length that it can't read what Faust's assignor tells its like.
        logging.getLogger("kafka.admin").setLevel(logging.ERROR)
        with admin.connected(self.settings) as client:
            members = client.describe_groups([group])[group]["members"]
        owned: dict[str, set[int]] = {}
        for member in members:
            assigned = (member["member_assignment"] or {}).get("assigned_partitions", [])
            of_source = [one for one in assigned if one["topic"] == self.settings.prefix + TICKS.name]
            owned[member["member_id"]] = {number for one in of_source for number in one["partitions"]}
        return owned

    def logs(self) -> str:
        return "\n".join(worker.log() for worker in self._workers)

    def close(self) -> None:
        for worker in self._workers:
            worker.kill()


class producing:  # noqa: N801 - reads like a function
    """Closes a producer whatever happens."""

    def __init__(self, producer: Any) -> None:
        self._producer = producer

    def __enter__(self) -> Any:
        return self._producer

    def __exit__(self, *_: object) -> None:
        self._producer.close(timeout=5)


class WorkerProcess:
    """`shutdowns worker` in a process of its own; without `stages`, all of them. `tree` is the program's folder."""

    def __init__(
        self,
        settings: Settings,
        stages: Iterable[str],
        folder: Path,
        environment: Mapping[str, str],
        tree: Path = REPOSITORY,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / "log"
        self._lines: Queue[str] = Queue()
        given = [f"--stage={stage}" for stage in stages]
        with self._log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streams.cli", "worker", *given, "--datadir", str(folder)],
                cwd=tree,
                env={**os.environ, **settings.to_environment(), **environment},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stdout:
            for line in stdout:
                self._lines.put(line)

    def ready(self, timeout_s: float = 120) -> Self:
        """Wait for the line that says that all stages work."""
        try:
            line = self._lines.get(timeout=timeout_s)
        except Empty:
            raise AssertionError(f"the worker is not ready:\n{self.log()}") from None
        assert line.startswith("Ready: "), line
        return self

    def log(self) -> str:
        return self._log.read_text()

    def children(self) -> list[int]:
        """Process ids of the stages that run now."""
        try:
            listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        except FileNotFoundError:
            return []
        return [int(pid) for pid in listed.split()]

    def kill_children(self) -> None:
        """SIGKILL the stages; the supervisor starts them again."""
        for pid in self.children():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def kill(self) -> None:
        """SIGKILL all of it: stages and supervisor."""
        children = self.children()
        self.process.kill()
        self.process.wait(30)
        self._reader.join(10)
        for pid in children:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def pause(self) -> None:
        for pid in self.children():
            os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        for pid in self.children():
            os.kill(pid, signal.SIGCONT)

    def stop(self, timeout_s: float = 40) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout_s)

    def exits(self) -> list[str]:
        """How stages ended, of those that were started again."""
        return re.findall(r"ended with (.+?); starting", self.log())


def listening(pid: int) -> set[int]:
    """The TCP ports at which a process listens, by its own sockets; on Linux."""
    opened = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            opened.add(str(descriptor.readlink()))
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
    ]
    # Columns: the address and port that are ours, the state (0A is LISTEN), and the socket's number.
    return {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in opened}


def ticks(names: int, each: int, first: int = 1) -> list[Tick]:
    """Ticks of many names, interleaved: `each` of every name, numbered from `first`."""
    return [
        Tick(id=f"n{name}/{number}", name=f"n{name}", number=number)
        for number in range(first, first + each)
        for name in range(names)
    ]
