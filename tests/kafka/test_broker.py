"""The broker as a program uses it: its data over crashes, and every way in which it can't start."""

from __future__ import annotations

import gc
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from streams.kafka import Broker
from streams.kafka.errors import BrokerFailed, DiskFull, FolderError, FolderInUse, KafkaError, PortTaken
from tests.agents.harness import REPOSITORY, until

pytestmark = pytest.mark.kafka


def write(broker: Broker, value: bytes) -> None:
    from kafka import KafkaProducer

    producer = KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
    try:
        producer.send("kept", value).get(timeout=20)
    finally:
        producer.close(timeout=5)


def read(broker: Broker) -> list[bytes]:
    from kafka import KafkaConsumer, TopicPartition

    consumer = KafkaConsumer(bootstrap_servers=broker.bootstrap)
    try:
        part = TopicPartition("kept", 0)
        consumer.assign([part])
        end = consumer.end_offsets([part])[part]
        consumer.seek_to_beginning()
        found: list[bytes] = []
        while consumer.position(part) < end:
            found += [one.value for records in consumer.poll(timeout_ms=500).values() for one in records]
        return found
    finally:
        consumer.close()


def test_what_is_acknowledged_survives_a_stop_and_a_kill(tmp_path: Path) -> None:
    from kafka.admin import KafkaAdminClient, NewTopic

    broker = Broker(tmp_path / "kafka", heap="256m")
    with broker:
        bootstrap, cluster = broker.bootstrap, broker.cluster_id
        client = KafkaAdminClient(bootstrap_servers=bootstrap)
        client.create_topics([NewTopic(name="kept", num_partitions=1, replication_factor=1)])
        client.close()
        write(broker, b"one")
        assert broker.stop()
        broker.start()
        write(broker, b"two")
        broker.kill()
        assert not broker.running
        broker.start()
        write(broker, b"three")
        assert read(broker) == [b"one", b"two", b"three"]
        assert (broker.bootstrap, broker.cluster_id) == (bootstrap, cluster)
        with pytest.raises(FolderInUse, match=r"process \d+, at 127\.0\.0\.1:\d+"):
            Broker(tmp_path / "kafka").start()
    assert not broker.running


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"{port}.*--port"):
            Broker(tmp_path, port=port).start()
    assert not list(tmp_path.iterdir()), "nothing was begun"


def test_a_disk_that_is_nearly_full(tmp_path: Path, tiny_disk: Callable[[str], Path]) -> None:
    with pytest.raises(DiskFull, match="MB"):
        Broker(tiny_disk("8m")).start()


def fill(path: Path) -> None:
    """Write until the disk is full."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(65_536)):
            pass


# kafka-python's producer raises when it is collected, its broker being gone.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_disk_that_fills_up_at_work(tiny_disk: Callable[[str], Path]) -> None:
    """It is let start on a small disk; then somebody else takes the rest."""
    disk = tiny_disk("60m")
    broker = Broker(disk / "kafka", heap="256m", min_free_mb=1, settings={"log.segment.bytes": "1048576"})
    from kafka.admin import KafkaAdminClient, NewTopic
    from kafka.errors import KafkaError as ClientError

    with broker:
        client = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
        client.create_topics([NewTopic(name="kept", num_partitions=1, replication_factor=1)])
        client.close()
        fill(disk / "ballast")
        for _ in range(20):
            if not broker.running:
                break
            try:
                write(broker, b"x" * 900_000)
            except ClientError:
                break
        assert broker.wait(60) is not None
        failure = broker.failure()
    assert isinstance(failure, DiskFull)
    assert "--folder" in str(failure)
    gc.collect()


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("")
    with pytest.raises(FolderError, match=str(path)):
        Broker(path).start()


def test_data_of_something_else(tmp_path: Path) -> None:
    broker = Broker(tmp_path / "kafka", heap="256m")
    with broker:
        pass
    [properties] = (tmp_path / "kafka").rglob("meta.properties")
    properties.write_text(properties.read_text().replace("node.id=", "node.id=9"))
    with pytest.raises(FolderError, match="--folder"):
        broker.start()
    assert not broker.running


@pytest.mark.parametrize("heap", ["lots", "512", "-1m"])
def test_a_heap_that_is_none(heap: str, tmp_path: Path) -> None:
    with pytest.raises(KafkaError, match="512m"):
        Broker(tmp_path, heap=heap)


def test_a_heap_that_is_too_small(tmp_path: Path) -> None:
    with pytest.raises(BrokerFailed, match="--heap"):
        Broker(tmp_path, heap="2m").start()


def test_it_ends_with_a_process_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom streams.kafka import Broker\n"
        "print(Broker(Path(sys.argv[1]), heap='256m').start().pid, flush=True)\ntime.sleep(100)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "kafka")], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as stdout:
        pid = int(stdout.readline())
    process.kill()
    process.wait(30)
    if sys.platform == "linux":
        until(lambda: not Path(f"/proc/{pid}").exists(), 30, "Java has ended as well")
    started = time.monotonic()
    with Broker(tmp_path / "kafka", heap="256m") as broker:
        assert broker.running
    assert time.monotonic() - started < 60
