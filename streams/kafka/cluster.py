"""Several brokers on this machine that are one Kafka: to try what happens when one of them is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from streams.kafka import jars, probe
from streams.kafka.broker import Broker
from streams.kafka.storage import new_cluster_id


class Cluster:
    """`size` brokers, each of them a controller too, with every topic in as many copies.

    One of three may be lost: what is acknowledged is on two. They end with the process that made them.

    Args:
        folder: a folder for each broker is made in it.
        size: how many, an odd number.
        heap: Java's, of each.
    """

    def __init__(self, folder: Path, size: int = 3, *, heap: str = "384m") -> None:
        numbers = range(1, size + 1)
        ports: list[int] = []
        for _ in range(2 * size):
            ports.append(probe.free_port(*ports))
        controllers = dict(zip(numbers, ports[size:], strict=True))
        voters = ",".join(f"{node}@{probe.HOST}:{port}" for node, port in controllers.items())
        cluster_id = new_cluster_id()
        self.brokers = [
            Broker(
                folder / f"broker{node}",
                port=ports[node - 1],
                heap=heap,
                node=node,
                cluster_id=cluster_id,
                settings=_settings(node, size, ports[node - 1], controllers[node], voters),
            )
            for node in numbers
        ]
        # A broker lives as long as the thread that started it, and none is ready before most of them are.
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="kafka")

    @property
    def bootstrap(self) -> str:
        """Where clients connect: all of them, with commas between."""
        return ",".join(broker.bootstrap for broker in self.brokers)

    def start(self) -> Self:
        """Start all, and return when all answer.

        Raises:
            KafkaError: as `Broker.start`.
        """
        jars.ensure_jars()
        self._all(lambda broker: broker.start())
        return self

    def stop(self) -> None:
        """Stop those that run."""
        self._all(lambda broker: broker.stop())
        self._threads.shutdown()

    def _all(self, what: Callable[[Broker], object]) -> None:
        for one in [self._threads.submit(what, broker) for broker in self.brokers]:
            one.result()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _settings(node: int, size: int, port: int, controller: int, voters: str) -> dict[str, str]:
    copies, enough = str(size), str(size // 2 + 1)
    return {
        "node.id": str(node),
        "listeners": f"PLAINTEXT://{probe.HOST}:{port},CONTROLLER://{probe.HOST}:{controller}",
        "controller.quorum.voters": voters,
        "default.replication.factor": copies,
        "min.insync.replicas": enough,
        "offsets.topic.replication.factor": copies,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": enough,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": enough,
    }
