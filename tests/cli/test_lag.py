"""`shutdowns lag`: what waits in each partition, how fast it gets less, and when it is done."""

from __future__ import annotations

import doctest
import json
import re
import time
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from streams import admin
from streams.cli.lag import as_data, rows
from streams.cli.main import shutdowns
from streams.kafka import Broker
from streams.lag import Pace, StageLag, paces, together
from streams.settings import Settings
from streams.stage import RELEASE, SOURCES
from topics import MEASUREMENTS

#: Four partitions, looked at twice: a busy one, one that stands still, one that keeps up and one that is idle.
BEFORE = StageLag({0: 9_000, 1: 5, 2: 0, 3: 0}, {0: 1_000, 1: 7, 2: 40, 3: 0}, {0: 10_000, 1: 12, 2: 40, 3: 0})
AFTER = StageLag({0: 8_980, 1: 5, 2: 0, 3: 0}, {0: 1_020, 1: 7, 2: 140, 3: 0}, {0: 10_000, 1: 12, 2: 140, 3: 0})


def test_each_partition_has_a_pace_of_its_own() -> None:
    assert paces(BEFORE, AFTER, 10.0) == {
        0: Pace(2.0, 4_490.0),
        1: Pace(0.0, None),
        2: Pace(10.0, 0.0),
        3: Pace(0.0, 0.0),
    }


def test_a_stage_has_caught_up_when_its_slowest_partition_has() -> None:
    found = paces(BEFORE, AFTER, 10.0)
    assert together(found) == Pace(12.0, None), "one of them never will"
    del found[1]
    assert together(found) == Pace(12.0, 4_490.0), "not 8,980 / 12: no other worker can help the busy one"
    assert together({}) == Pace(0, 0.0)


def test_one_look_tells_no_pace() -> None:
    found = paces(BEFORE, BEFORE, 0.0)
    assert found == {0: Pace(None, None), 1: Pace(None, None), 2: Pace(None, 0.0), 3: Pace(None, 0.0)}
    assert together(found) == Pace(None, None)


@pytest.mark.parametrize(
    ("before", "after", "records_per_s"),
    [
        # Nothing was committed yet, and the topic begins at 500 by now: the first ten are ten.
        (StageLag({0: 100}, {0: 0}, {0: 600}), StageLag({0: 90}, {0: 510}, {0: 600}), 1.0),
        # Retention takes a hundred records that nobody read.
        (StageLag({0: 100}, {0: 0}, {0: 600}), StageLag({0: 0}, {0: 0}, {0: 600}), 0.0),
        # The group is set back, as a rebuild does.
        (StageLag({0: 0}, {0: 600}, {0: 600}), StageLag({0: 600}, {0: 0}, {0: 600}), 0.0),
        # The partition is new.
        (StageLag({}, {}, {}), StageLag({0: 5}, {0: 20}, {0: 25}), 2.0),
    ],
)
def test_only_what_was_committed_counts(before: StageLag, after: StageLag, records_per_s: float) -> None:
    assert paces(before, after, 10.0)[0].records_per_s == records_per_s


def test_json_has_each_partition_and_null_where_nothing_can_be_told() -> None:
    found = json.loads(json.dumps(as_data(AFTER, paces(BEFORE, AFTER, 10.0)), allow_nan=False))
    assert {name: found[name] for name in ("behind", "records_per_s", "catch_up_s")} == {
        "behind": 8_985, "records_per_s": 12.0, "catch_up_s": None
    }  # fmt: skip
    assert list(found["partitions"]) == ["0", "1", "2", "3"]
    assert found["partitions"]["0"] == {
        "end": 10_000, "committed": 1_020, "behind": 8_980, "records_per_s": 2.0, "catch_up_s": 4_490.0
    }  # fmt: skip
    assert found["partitions"]["1"]["catch_up_s"] is None


def test_the_table_has_what_waits_or_moves_and_the_slowest_first() -> None:
    assert list(rows("detect", AFTER, paces(BEFORE, AFTER, 10.0))) == [
        ("detect", "all", "8,985", "12", "a partition stands still"),
        ("", "1", "5", "0", "it stands still: see its log"),
        ("", "0", "8,980", "2", "1 h 15 min"),
        ("", "2", "0", "10", "caught up"),
    ]


def test_its_examples_are_right() -> None:
    failed, tried = doctest.testmod(import_module("streams.cli.lag"))
    assert tried
    assert failed == 0


@pytest.fixture
def busy(kafka: Broker, topic_prefix: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Topics of which one partition has nearly all, and a stage that takes twenty of it between two looks."""
    from kafka import KafkaProducer, TopicPartition
    from kafka.structs import OffsetAndMetadata

    settings = Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix)
    admin.create_topics(settings)
    topic = topic_prefix + MEASUREMENTS.name
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap)
    for number in range(505):
        producer.send(topic, value=b"{}", partition=2 if number < 500 else 0)
    producer.flush(timeout=30)
    producer.close(timeout=5)

    def work_and_sleep(seconds: float) -> None:
        if not seconds:
            return
        offsets = {TopicPartition(topic, 2): OffsetAndMetadata(20, "", -1)}
        with admin.connected(settings) as client:
            client.alter_group_offsets(settings.group("detect"), offsets)
        time.sleep(seconds)

    monkeypatch.setattr("streams.cli.lag.time", SimpleNamespace(monotonic=time.monotonic, sleep=work_and_sleep))
    return settings


def looked(settings: Settings, *arguments: str) -> str:
    where = ["--bootstrap", settings.bootstrap, "--prefix", settings.prefix]
    done = CliRunner().invoke(shutdowns, ["lag", *where, *arguments])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.kafka
def test_a_busy_partition_is_seen_on_a_real_topic(busy: Settings) -> None:
    once = json.loads(looked(busy, "--over", "0", "--json"))
    assert once.keys() == {RELEASE, *SOURCES}
    assert (once["detect"]["behind"], once["detect"]["catch_up_s"]) == (505, None)
    assert once["claims"]["catch_up_s"] == 0

    stage: dict[str, Any] = json.loads(looked(busy, "--over", "0.5", "--json"))["detect"]
    part, other = stage["partitions"]["2"], stage["partitions"]["0"]
    assert (part["end"], part["committed"], part["behind"]) == (500, 20, 480)
    assert 0 < part["records_per_s"] <= 40
    assert part["catch_up_s"] == pytest.approx(480 / part["records_per_s"])
    assert (other["behind"], other["records_per_s"], other["catch_up_s"]) == (5, 0, None)
    assert (stage["behind"], stage["records_per_s"], stage["catch_up_s"]) == (485, part["records_per_s"], None)

    shown = looked(busy, "--over", "0.1")
    assert re.search(r"^detect +all +485 +0 +it stands still", shown, re.M)
    assert re.search(r"^ +2 +480 +0 +it stands still", shown, re.M)
    assert re.search(r"^claims +all +0 +0 +caught up", shown, re.M)
