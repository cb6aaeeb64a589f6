"""What a worker looks at before it starts: each fault is caused, on a real Kafka where it is one of Kafka's."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import faust
import pytest

from streams import admin, checks
from streams.admin import Live, TopicsError
from streams.app import faust_settings
from streams.checks import ClockError, DiskError, check, check_clock, check_disk, clock_ahead_s, kind_of_disk
from streams.correlation.rules import default_text
from streams.datadir import DatadirError, claim_datadir
from streams.kafka import Broker
from streams.settings import SEND_LIMIT_BYTES, Settings
from streams.stage import SOURCES
from tests.agents.harness import REPOSITORY, reconfigure
from topics import CATALOGUE, INVALID, MEASUREMENTS, RECORD_LIMIT_BYTES

DETECT = {"detect": MEASUREMENTS}


@pytest.fixture
def settings(kafka: Broker, topic_prefix: str) -> Settings:
    return Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix)


@pytest.fixture
def client(settings: Settings) -> Iterator[Any]:
    """Of a Kafka that has the topics as they should be."""
    with admin.connected(settings) as client:
        admin.apply(client, settings, admin.plan(client, settings, DETECT))
        yield client


@pytest.mark.kafka
def test_all_is_well(settings: Settings, client: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert list(check(settings, DETECT)) == ["detect"]
    # Kafka's client warns of a machine that is slow.
    assert not [one for one in caplog.records if one.name.startswith("streams")]


@pytest.mark.kafka
def test_topics_that_are_missing_are_named_with_what_to_do(settings: Settings) -> None:
    with pytest.raises(TopicsError) as found:
        check(settings, SOURCES)
    assert f"topics are missing: {settings.prefix}measurements, " in str(found.value)
    assert f"Run `shutdowns topics create --prefix {settings.prefix}` first" in str(found.value)


@pytest.mark.kafka
def test_a_changelog_with_other_partitions_than_its_source(settings: Settings) -> None:
    name = settings.changelog("detect")
    with admin.connected(settings) as client:
        client.create_topics({name: {"num_partitions": 3, "replication_factor": 1}}, wait_for_metadata=True)
    admin.create_topics(settings, DETECT)
    with pytest.raises(TopicsError) as found:
        check(settings, DETECT)
    assert f"{name} has 3 partitions, its source {settings.prefix}measurements 4" in str(found.value)


@pytest.mark.kafka
@pytest.mark.parametrize(
    ("topic", "config", "words"),
    [
        ("changelog", {"cleanup_policy": "compact,delete"}, "must be compacted only"),
        ("measurements", {"max_message_bytes": str(RECORD_LIMIT_BYTES)}, "takes records up to 500000 bytes"),
        ("invalid", {"max_message_bytes": str(SEND_LIMIT_BYTES)}, f"not {SEND_LIMIT_BYTES}"),
        (
            "evidence",
            {"min_insync_replicas": "2"},
            "min.insync.replicas is 2 and copies are 1: Kafka takes no record",
        ),
    ],
)
def test_a_topic_set_up_otherwise(
    settings: Settings, client: Any, topic: str, config: dict[str, str], words: str
) -> None:
    name = settings.changelog("detect") if topic == "changelog" else settings.prefix + topic
    reconfigure(client, [name], **config)
    with pytest.raises(TopicsError) as found:
        check(settings, DETECT)
    assert name in str(found.value)
    assert words in str(found.value)


def live(copies: int, in_sync: int, **config: str) -> dict[str, Live]:
    found = {"max.message.bytes": "1048588", "min.insync.replicas": str(in_sync), **config}
    return {"evidence": Live("evidence", 4, copies, found, "id")}


@pytest.mark.parametrize(
    ("copies", "in_sync", "brokers", "words"),
    [
        (1, 1, 1, ""),
        (3, 2, 3, ""),
        (1, 1, 3, "one copy in a cluster of 3"),
        (3, 1, 3, "one copy in sync is enough"),
        (3, 3, 3, "all 3 copies must be in sync"),
    ],
)
def test_copies_that_a_lost_broker_would_hurt_are_warned_of(
    copies: int, in_sync: int, brokers: int, words: str
) -> None:
    found = checks.look_at_copies(live(copies, in_sync), brokers)
    assert not found.faults
    assert len(found.warnings) == bool(words)
    assert words in "".join(found.warnings)


def test_more_copies_in_sync_than_there_are_is_a_fault() -> None:
    assert "Kafka takes no record" in "".join(checks.look_at_copies(live(2, 3), 3).faults)


@pytest.mark.kafka
def test_brokers_tell_what_they_take(client: Any) -> None:
    brokers = checks.broker_settings(client)
    assert list(brokers) == ["1"]
    assert brokers["1"]["socket.request.max.bytes"] == "104857600"
    assert checks.look_at_limits(brokers) == []


def test_a_broker_that_takes_less_than_we_send_is_a_fault() -> None:
    (words,) = checks.look_at_limits({"7": {"socket.request.max.bytes": "4194304"}, "8": {}})
    assert words.startswith("broker 7 takes requests of up to 4194304 bytes")


def test_what_is_sent_fits_what_is_taken() -> None:
    given = faust_settings(Settings(), Path("state"))
    assert given["producer_max_request_size"] == SEND_LIMIT_BYTES < INVALID.max_message_bytes
    # A batch is one record at least, and as large as this at most.
    assert given["producer_max_batch_size"] < RECORD_LIMIT_BYTES
    others = [topic.max_message_bytes for topic in CATALOGUE if topic is not INVALID]
    assert all(RECORD_LIMIT_BYTES < most < given["consumer_max_fetch_size"] for most in others)
    assert int(admin.CHANGELOG_CONFIG["max.message.bytes"]) > RECORD_LIMIT_BYTES


def test_fausts_own_web_is_off(tmp_path: Path) -> None:
    app = faust.App("off", **faust_settings(Settings(), tmp_path))
    assert not app.conf.web_enabled
    assert not app.conf.web_tables_enabled


@pytest.mark.kafka
def test_kafka_tells_its_time(client: Any) -> None:
    ahead_s = clock_ahead_s(client)
    assert ahead_s is not None
    assert abs(ahead_s) < 5
    late = clock_ahead_s(client, lambda: time.time() - 90)
    assert late == pytest.approx(-90, abs=5)


@pytest.mark.kafka
def test_a_clock_far_ahead_is_a_fault_by_what_kafka_takes(
    settings: Settings, client: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(checks, "clock_ahead_s", lambda client: clock_ahead_s(client, lambda: time.time() + 1_900))
    with pytest.raises(ClockError, match=r"1,[89]\d\d s ahead of Kafka's, and Kafka refuses .* more than 3,600 s"):
        check(settings, DETECT)
    names = [*(settings.prefix + topic.name for topic in CATALOGUE), settings.changelog("detect")]
    reconfigure(client, names, message_timestamp_after_max_ms=str(86_400_000))
    with caplog.at_level(logging.WARNING):
        check(settings, DETECT)
    assert "ahead of Kafka's: set one of them right" in caplog.text


@pytest.mark.parametrize(
    ("ahead_s", "words"), [(59, ""), (-59, ""), (61, "61 s ahead of"), (-86_400, "86,400 s behind")]
)
def test_a_clock_that_differs_is_warned_of(ahead_s: float, words: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        check_clock(ahead_s, live(1, 1))
    assert bool(caplog.records) == bool(words)
    assert words in caplog.text


@pytest.mark.parametrize(("ahead_s", "fault"), [(1_799, False), (1_801, True), (-1_000_000, False)])
def test_the_bound_of_clocks_is_half_of_what_kafka_takes(ahead_s: float, fault: bool) -> None:
    if fault:
        with pytest.raises(ClockError):
            check_clock(ahead_s, live(1, 1))
    else:
        check_clock(ahead_s, live(1, 1))


def test_a_disk_that_is_nearly_full(tiny_disk: Callable[[str], Path], caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(DiskError, match=r"has \d+ MB of space left, and a worker needs 32"):
        check_disk(tiny_disk("16m"))
    with caplog.at_level(logging.WARNING):
        check_disk(tiny_disk("100m"))
    assert "MB of space left" in caplog.text


def test_a_disk_that_cannot_be_written(tiny_disk: Callable[[str], Path]) -> None:
    with pytest.raises(DatadirError, match="Read-only file system"):
        claim_datadir(tiny_disk("2m,ro") / "state")


def test_a_folder_that_another_worker_has(tmp_path: Path) -> None:
    _, lock = claim_datadir(tmp_path / "state")
    with lock, pytest.raises(DatadirError, match="give each worker a --datadir of its own"):
        claim_datadir(tmp_path / "state", wait_s=0)


def test_a_disk_of_the_network_is_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/a / ext4 rw 0 0\nserver:/x {tmp_path}/a\\040b nfs4 rw 0 0\n")
    folder = tmp_path / "a b" / "state"
    folder.mkdir(parents=True)
    assert kind_of_disk(folder, mounts) == "nfs4"
    assert kind_of_disk(tmp_path, mounts) == "ext4"
    assert kind_of_disk(tmp_path, tmp_path / "none") == ""
    monkeypatch.setattr(checks, "kind_of_disk", lambda folder: "nfs4")
    with caplog.at_level(logging.WARNING):
        check_disk(folder)
    assert "on a disk of the network (nfs4)" in caplog.text


@pytest.mark.kafka
def test_a_worker_does_not_start_with_a_window_beyond_the_lateness_bound(
    settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(default_text().replace("[protest_s]\nvalue = ", "[protest_s]\nvalue = 99"))
    admin.create_topics(settings, {"correlate": SOURCES["correlate"]})
    given = ["worker", "--stage=correlate", "--rules", str(path), "--datadir", str(tmp_path / "state")]
    done = subprocess.run(
        [sys.executable, "-m", "streams.cli", *given],
        cwd=REPOSITORY, env=settings.to_environment(), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "more than `lateness_s`" in done.stderr
    assert f"{path}, lines" in done.stderr
