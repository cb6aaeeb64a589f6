"""A cluster of three brokers that loses one in the middle of the work."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams import admin
from streams.kafka.cluster import Cluster
from tests.agents.harness import System, ticks, until
from tests.agents.test_faults import check

pytestmark = pytest.mark.kafka


def test_one_broker_of_three_is_lost_and_nothing_with_it(tmp_path: Path, topic_prefix: str) -> None:
    with Cluster(tmp_path / "kafka") as cluster:
        system = System(cluster.bootstrap, topic_prefix, "counting", tmp_path / "workers")
        try:
            with admin.connected(system.settings) as client:
                (live,) = admin.live(client, [f"{topic_prefix}ticks"]).values()
            assert live.replication == 3
            records = ticks(names=40, each=150)
            worker = system.worker().ready()
            system.publish_ticks(records[:3_000])
            until(system.tallies, 30, "the first tallies")
            cluster.brokers[0].kill()
            system.publish_ticks(records[3_000:])
            system.settle(timeout_s=120)
            check(system, records)
            cluster.brokers[0].start()
            more = ticks(names=40, each=5, first=151)
            system.publish_ticks(more)
            system.settle()
            check(system, records + more)
            assert worker.process.poll() is None
        finally:
            system.close()
