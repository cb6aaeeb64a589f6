"""Replays from a real Kafka and into one."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from streams import admin
from streams.kafka import Broker
from streams.reading import read_topic
from streams.replay.archive import Archive
from streams.replay.errors import ReplayError
from streams.replay.inputs import FromArchive, FromKafka
from streams.replay.play import replay
from streams.replay.recorder import Recorder
from streams.replay.republishing import republish
from streams.replay.runs import Run
from streams.replay.selection import Selection
from streams.settings import Settings
from tests.agents.harness import REPOSITORY
from tests.flow.system import Flow
from tests.renaming import contents
from tests.replay.seed import CUT_S, REPORTED_S, archived, rows
from topics import CATALOGUE, topic_named

pytestmark = pytest.mark.kafka


@pytest.fixture
def settings(kafka: Broker, topic_prefix: str) -> Settings:
    """A Kafka that the seed case arrived in, each record at its own time."""
    from kafka import KafkaProducer

    made = Settings(bootstrap=kafka.bootstrap, prefix=f"{topic_prefix}live-")
    admin.create_topics(made)
    with closing(KafkaProducer(bootstrap_servers=kafka.bootstrap, linger_ms=5)) as producer:
        for name, some in rows().items():
            for one in some:
                producer.send(
                    made.prefix + name,
                    key=one.key,
                    value=one.value,
                    partition=one.partition,
                    timestamp_ms=one.timestamp_ms,
                )
        producer.flush(timeout=30)
    return made


def lines(run: Run) -> list[bytes]:
    return list(run.lines())


def test_from_kafka_and_from_archives_the_same_bytes(settings: Settings, tmp_path: Path) -> None:
    from_kafka = lines(replay(FromKafka(settings), history=True, evidence=True))
    Recorder(settings, Archive(tmp_path / "recorded"), CATALOGUE).run(follow=False)
    from_recorded = lines(replay(FromArchive(Archive(tmp_path / "recorded")), history=True, evidence=True))
    assert from_kafka == from_recorded
    assert from_kafka == lines(replay(FromArchive(archived(tmp_path / "made")), history=True, evidence=True))


@pytest.mark.parametrize(
    "selection",
    [
        Selection(as_of_s=CUT_S + 2 * 3600, country="KZ"),
        Selection(as_of_s=REPORTED_S + 1200),
        Selection(arrived_from_s=REPORTED_S),
        Selection(arrived_from_s=4_000_000_000),
        Selection(offsets={("reports", part): (1, 3) for part in range(4)}),
        Selection(without=frozenset({"ioda"}), since_s=CUT_S),
        Selection(inputs="evidence"),
    ],
    ids=lambda selection: str(selection.told()),
)
def test_every_selection_from_both(settings: Settings, tmp_path: Path, selection: Selection) -> None:
    store = archived(tmp_path)
    assert lines(replay(FromKafka(settings), selection)) == lines(replay(FromArchive(store), selection))


def test_into_topics_of_its_own(settings: Settings, tmp_path: Path) -> None:
    """Workers on the copy come to what a replay comes to, and the live topics and groups don't notice."""
    before = ends(settings)
    copy = replace(settings, prefix=settings.prefix.replace("live-", "copy-"))
    selection = Selection(country="KZ")
    command = [
        sys.executable,
        "-m",
        "streams.cli",
        "replay",
        "--country",
        "Kazakhstan",
        "--into-kafka",
        copy.prefix,
    ]
    done = subprocess.run(
        command, cwd=REPOSITORY, env=settings.to_environment(), capture_output=True, text=True, check=True
    )
    assert f"shutdowns worker --prefix {copy.prefix}" in done.stdout
    times = {(one.key, one.timestamp) for one in read_topic(copy, topic_named("measurements"))}
    assert times == {(one.key, one.timestamp_ms) for one in rows()["measurements"] if one.key == b"ioda/KZ"}
    flow = Flow(settings.bootstrap, copy.prefix, tmp_path)
    try:
        flow.worker().ready()
        flow.settle()
        assert contents(flow.shutdowns()) == contents(replay(FromKafka(settings), selection).shutdowns)
    finally:
        flow.close()
    assert ends(settings) == before
    with admin.connected(settings) as client:
        groups = {group["group_id"] for group in client.list_groups()}
    assert not {group for group in groups if group.startswith(settings.prefix)}


def ends(settings: Settings) -> dict[str, int]:
    with admin.connected(settings) as client:
        names = [settings.prefix + topic.name for topic in CATALOGUE]
        return {name: one.records for name, one in admin.live(client, names, count=True).items()}


def test_never_onto_the_live_topics(settings: Settings) -> None:
    for prefix in ("", settings.prefix):
        with pytest.raises(ReplayError, match="prefix of its own"):
            republish(FromKafka(settings), Selection(), replace(settings, prefix=prefix), settings)
    # Also where they are called by a prefix that this replay did not read from: they hold records.
    other = replace(settings, prefix="something-else-")
    with pytest.raises(ReplayError, match="hold records already"):
        republish(FromKafka(settings), Selection(), settings, other)


def test_there_is_no_such_topic(kafka: Broker, topic_prefix: str) -> None:
    settings = Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix)
    done = subprocess.run(
        [sys.executable, "-m", "streams.cli", "replay"],
        cwd=REPOSITORY, env=settings.to_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "there is no topic" in done.stderr
