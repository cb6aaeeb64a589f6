"""Archiving a real Kafka: every offset once, over kills and restarts, and what compaction or retention took."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from streams import admin
from streams.kafka import Broker
from streams.replay.archive import Archive
from streams.replay.errors import ArchiveError
from streams.replay.recorder import Recorder
from streams.replay.records import Arrived
from streams.settings import Settings
from tests.agents.harness import REPOSITORY, until
from topics import CATALOGUE, NEWS, REPORTS, SHUTDOWNS, Topic

pytestmark = pytest.mark.kafka

BEGIN_MS = 1_614_470_400_000


@pytest.fixture
def settings(kafka: Broker, topic_prefix: str) -> Settings:
    made = Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix)
    admin.create_topics(made)
    return made


@pytest.fixture
def producer(kafka: Broker) -> Iterator[Any]:
    from kafka import KafkaProducer

    with closing(KafkaProducer(bootstrap_servers=kafka.bootstrap, linger_ms=5)) as made:
        yield made


def publish(
    producer: Any, settings: Settings, topic: Topic, numbers: Iterable[int], partition: int | None = None
) -> None:
    for number in numbers:
        producer.send(
            settings.prefix + topic.name,
            key=b"key %d" % (number % 7),
            value=None if number % 11 == 0 else b"value %d" % number,
            headers=[("number", b"%d" % number), ("empty", b"")],
            timestamp_ms=BEGIN_MS + number * 3_600_000,
            partition=partition,
        )
    producer.flush(timeout=30)


def record(settings: Settings, folder: Path, *topics: Topic, **more: Any) -> None:
    Recorder(settings, Archive(folder), topics, **more).run(follow=False)


def rows(folder: Path, topic: Topic) -> list[Arrived]:
    found = [one for some in Archive(folder).rows([topic.name])[topic.name] for one in some]
    return sorted(found, key=lambda one: (one.partition, one.offset))


def held(settings: Settings, topic: Topic) -> list[tuple[int, int, bytes | None, bytes | None, int]]:
    """What Kafka has, by kafka-python alone."""
    from kafka import KafkaConsumer, TopicPartition

    with closing(KafkaConsumer(bootstrap_servers=settings.bootstrap, enable_auto_commit=False)) as consumer:
        name = settings.prefix + topic.name
        parts = [TopicPartition(name, one) for one in consumer.partitions_for_topic(name)]
        consumer.assign(parts)
        consumer.seek_to_beginning()
        ends, found = consumer.end_offsets(parts), []
        while any(consumer.position(part) < ends[part] for part in parts):
            for some in consumer.poll(timeout_ms=500).values():
                found += [(one.partition, one.offset, one.key, one.value, one.timestamp) for one in some]
    return sorted(found)


def test_records_come_as_they_are_and_only_once(settings: Settings, producer: Any, tmp_path: Path) -> None:
    publish(producer, settings, REPORTS, range(40))
    publish(producer, settings, NEWS, range(5))
    record(settings, tmp_path, *CATALOGUE)
    record(settings, tmp_path, *CATALOGUE)
    publish(producer, settings, REPORTS, range(40, 60))
    record(settings, tmp_path, *CATALOGUE)
    found = rows(tmp_path, REPORTS)
    assert [(one.partition, one.offset, one.key, one.value, one.timestamp_ms) for one in found] == held(
        settings, REPORTS
    )
    for one in found:
        number = int(dict(one.headers)["number"] or b"")
        assert one.headers == (("number", b"%d" % number), ("empty", b""))
        assert one.timestamp_ms == BEGIN_MS + number * 3_600_000
    assert len(rows(tmp_path, NEWS)) == 5
    assert Archive(tmp_path).contents().faults == []
    assert Archive(tmp_path).positions()["reports"].batch == 2


def more_files(folder: Path, before: int) -> bool:
    return len(list(folder.rglob("*.parquet"))) > before


def test_killed_at_random_every_offset_is_there_once(settings: Settings, producer: Any, tmp_path: Path) -> None:
    """SIGKILL while it writes, again and again; the last run ends by SIGINT, in order."""
    moments = random.Random(8)
    command = [sys.executable, "-m", "streams.cli", "archive", str(tmp_path), "--every", "1", "--topic", "reports"]
    sent = 0
    for last in (False, False, True):
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env=settings.to_environment() | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            publish(producer, settings, REPORTS, range(sent, sent + 300))
            sent += 300
            until(partial(more_files, tmp_path, len(list(tmp_path.rglob("*.parquet")))), 30, "a batch is written")
            publish(producer, settings, REPORTS, range(sent, sent + 50))
            sent += 50
            time.sleep(moments.uniform(0.2, 1.2))
            process.send_signal(signal.SIGINT if last else signal.SIGKILL)
            _, errors = process.communicate(timeout=30)
            assert process.returncode == (0 if last else -signal.SIGKILL), errors
        finally:
            process.kill()
            process.communicate()
    assert not list(tmp_path.rglob("*.unfinished"))
    record(settings, tmp_path, REPORTS)
    found = rows(tmp_path, REPORTS)
    assert [(one.partition, one.offset, one.key, one.value, one.timestamp_ms) for one in found] == held(
        settings, REPORTS
    )
    assert Archive(tmp_path).contents().faults == []


def test_compaction_takes_nothing_from_an_archive(settings: Settings, producer: Any, tmp_path: Path) -> None:
    """What was archived before stays, what was compacted away before it could be archived is a gap that says so."""
    from kafka.admin import ConfigResource, ConfigResourceType

    name = settings.prefix + SHUTDOWNS.name
    tight = {
        "segment.ms": "100",
        "min.cleanable.dirty.ratio": "0.01",
        "max.compaction.lag.ms": "100",
        "retention.ms": "-1",
    }

    def churn(begin: int) -> None:
        for number in range(begin, begin + 10):
            producer.send(name, key=b"the same", value=b"%d" % number, partition=0)
            producer.flush(timeout=30)
            time.sleep(0.03)

    churn(0)
    record(settings, tmp_path / "early", SHUTDOWNS)
    with admin.connected(settings) as client:
        client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs=tight)])
        # The cleaner looks for work every 15 s; every 0.2 s is quicker to test with.
        client.alter_configs(
            [ConfigResource(ConfigResourceType.BROKER, "1", configs={"log.cleaner.backoff.ms": "200"})]
        )

    def compacted() -> bool:
        churn(100)
        return len(held(settings, SHUTDOWNS)) < offset_end(settings) - 10

    until(compacted, 60, "Kafka compacts the topic")
    record(settings, tmp_path / "early", SHUTDOWNS)
    record(settings, tmp_path / "late", SHUTDOWNS)
    assert [one.value for one in rows(tmp_path / "early", SHUTDOWNS)][:10] == [
        b"%d" % number for number in range(10)
    ]
    late = Archive(tmp_path / "late").contents()
    assert late.faults == []
    gone = sum(gap.ends - gap.begins for file in late.files["shutdowns"] for gap in file.mark.gaps)
    assert gone > 0
    assert {gap.why for file in late.files["shutdowns"] for gap in file.mark.gaps} == {"compacted"}
    assert (
        len(rows(tmp_path / "late", SHUTDOWNS)) + gone
        == Archive(tmp_path / "late").positions()["shutdowns"].offsets[0]
    )


def offset_end(settings: Settings) -> int:
    with admin.connected(settings) as client:
        return admin.live(client, [settings.prefix + SHUTDOWNS.name], count=True)[
            settings.prefix + SHUTDOWNS.name
        ].records


def test_what_retention_removed_first_is_a_gap(settings: Settings, producer: Any, tmp_path: Path) -> None:
    from kafka import TopicPartition

    publish(producer, settings, REPORTS, range(1, 9), partition=0)
    with admin.connected(settings) as client:
        client.delete_records({TopicPartition(settings.prefix + REPORTS.name, 0): 5})
    recorder = Recorder(settings, Archive(tmp_path), [REPORTS])
    assert recorder.run(follow=False).lost == 5
    assert [one.offset for one in rows(tmp_path, REPORTS)] == [5, 6, 7]
    [gap] = {gap for file in Archive(tmp_path).contents().files["reports"] for gap in file.mark.gaps}
    assert (gap.begins, gap.ends, gap.why) == (0, 5, "expired")


def test_a_topic_made_anew_is_refused(settings: Settings, producer: Any, tmp_path: Path) -> None:
    publish(producer, settings, REPORTS, range(5))
    record(settings, tmp_path, REPORTS)
    with admin.connected(settings) as client:
        client.delete_topics([settings.prefix + REPORTS.name])
        until(lambda: not admin.live(client, [settings.prefix + REPORTS.name]), 30, "the topic is gone")
    admin.create_topics(settings)
    with pytest.raises(ArchiveError, match="made anew"):
        record(settings, tmp_path, REPORTS)


def test_two_do_not_write_into_one_archive(settings: Settings, tmp_path: Path) -> None:
    with Archive(tmp_path).folder.alone(), pytest.raises(ArchiveError, match="another"):
        record(settings, tmp_path, REPORTS)
