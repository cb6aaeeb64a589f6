"""A cluster of three brokers that loses one in the middle of the work."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from streams import admin
from streams.admin import TopicsError
from streams.checks import check
from streams.kafka.cluster import Cluster
from streams.settings import Settings
from tests.agents.harness import System, reconfigure, ticks, until
from tests.agents.test_faults import check as check_tallies
from topics import CATALOGUE, MEASUREMENTS

pytestmark = pytest.mark.kafka


def warned_of_single_copies(bootstrap: str, prefix: str, caplog: pytest.LogCaptureFixture) -> None:
    settings = Settings(bootstrap=bootstrap, prefix=prefix, replication=1)
    admin.create_topics(settings, {"detect": MEASUREMENTS})
    names = [f"{prefix}{topic.name}" for topic in CATALOGUE] + [settings.changelog("detect")]
    with admin.connected(settings) as client:
        until(lambda: len(admin.live(client, names)) == len(names), 60, "every broker to know the topics")
    # The cluster demands two copies in sync of every topic, and these have one.
    with pytest.raises(TopicsError, match=r"min\.insync\.replicas is 2 and copies are 1"):
        check(settings, {"detect": MEASUREMENTS})
    with admin.connected(settings) as client:
        reconfigure(client, names, min_insync_replicas="1")
    with caplog.at_level(logging.WARNING):
        check(settings, {"detect": MEASUREMENTS})
    assert "one copy in a cluster of 3" in caplog.text


def test_one_broker_of_three_is_lost_and_nothing_with_it(
    tmp_path: Path, topic_prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    with Cluster(tmp_path / "kafka") as cluster:
        system = System(cluster.bootstrap, topic_prefix, "counting", tmp_path / "workers")
        try:
            with admin.connected(system.settings) as client:
                (live,) = admin.live(client, [f"{topic_prefix}ticks"]).values()
            assert live.replication == 3
            warned_of_single_copies(cluster.bootstrap, f"{topic_prefix}single-", caplog)
            records = ticks(names=40, each=150)
            worker = system.worker().ready()
            system.publish_ticks(records[:3_000])
            until(system.tallies, 90, "the first tallies")
            cluster.brokers[0].kill()
            system.publish_ticks(records[3_000:])
            system.settle(timeout_s=120)
            check_tallies(system, records)
            cluster.brokers[0].start()
            more = ticks(names=40, each=5, first=151)
            system.publish_ticks(more)
            system.settle()
            check_tallies(system, records + more)
            assert worker.process.poll() is None
        finally:
            system.close()
