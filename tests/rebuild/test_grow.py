"""More partitions under live stages: keys move, and every record counts once."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from kafka import KafkaProducer

from streams import admin, checks, lag
from streams.rebuild import RebuildError, Step
from streams.settings import Settings
from streams.stage import SOURCES
from tests.agents.harness import REPOSITORY, producing, until
from tests.flow.system import Flow, offline
from tests.rebuild.harness import rebuild, rebuild_that_dies, said, states
from tests.rebuild.test_rebuild import NOTHING, demand_each_revision_once, records
from tests.renaming import contents
from topics import CANDIDATES, DROPS, EVIDENCE, MEASUREMENTS, NEWS, REPORTS, SHUTDOWN_CHANGES, SHUTDOWNS, Topic

pytestmark = pytest.mark.kafka

#: What grows: drops have one key, and one partition.
RAW_AND_EVIDENCE = (MEASUREMENTS, REPORTS, NEWS, EVIDENCE)


def partitions(settings: Settings, *topics: Topic) -> set[int]:
    names = [settings.prefix + topic.name for topic in topics]
    with admin.connected(settings) as client:
        return {one.partitions for one in admin.live(client, names).values()}


@pytest.fixture
def small(flow: Flow) -> Flow:
    """A flow whose sources have two partitions."""
    names = [flow.settings.prefix + topic.name for topic in SOURCES.values()]
    names += [flow.settings.changelog(stage) for stage in SOURCES]
    with admin.connected(flow.settings) as client:
        wanted = [one for one in admin.wanted(flow.settings, SOURCES) if one.name in names]
        client.delete_topics(names)
        until(lambda: not admin.live(client, names), 60, "the topics to be gone")
        admin.apply(
            client,
            flow.settings,
            [admin.Step(replace(one, partitions=min(one.partitions, 2)), "create", "") for one in wanted],
        )
    return flow


def test_records_before_during_and_after_count_once_each(small: Flow) -> None:
    sent, settings = records(), small.settings
    worker = small.worker("a").ready()
    small.publish(sent[:10])
    small.settle()

    with producing(KafkaProducer(bootstrap_servers=settings.bootstrap)) as unaware:
        for topic in RAW_AND_EVIDENCE:
            assert len(unaware.partitions_for(settings.prefix + topic.name)) == 2
        told_of: set[Step] = set()

        def told(stage: str, step: Step, done: int, total: int | None) -> None:
            del stage, done, total
            if step == "wait" and step not in told_of:
                small.publish(sent[10:15])
                assert worker.stop() == 0
                small.publish(sent[15:20])
            if step == "catch-up" and step not in told_of:
                # Who knows only two partitions goes on to send to them; who comes anew knows all five.
                for topic, key, value in sent[20:25]:
                    unaware.send(settings.prefix + topic.name, key=key.encode(), value=value)
                unaware.flush(timeout=30)
                small.publish(sent[25:])
            told_of.add(step)

        rebuild(settings, partitions=5, told=told, wait_s=60.0)
    assert partitions(settings, *RAW_AND_EVIDENCE) == {5}
    assert partitions(settings, DROPS) == {1}
    assert partitions(settings, SHUTDOWNS, SHUTDOWN_CHANGES, CANDIDATES) == {4}
    assert contents(small.shutdowns()) == contents(offline(sent))
    demand_each_revision_once(settings)

    small.worker("a").ready()
    spoken = said(settings)
    small.publish(sent)
    small.settle()
    assert said(settings) == spoken, "what moved is known where it is now"
    with admin.connected(settings) as client:
        by_partition = lag.lag_by_partition(client, settings, SOURCES)["detect"].committed
    assert sum(1 for done in by_partition.values() if done) > 2, "keys are where five partitions put them"


def test_a_death_midway_is_mended_by_running_it_again(small: Flow) -> None:
    settings = small.settings
    small.publish(records())
    rebuild(settings)
    spoken = said(settings)
    rebuild_that_dies(settings, "make-anew", "claims", partitions=5)
    assert partitions(settings, *RAW_AND_EVIDENCE) == {5}
    with pytest.raises(admin.TopicsError, match=r"has 2 partitions, its source \S+ 5: run `shutdowns rebuild"):
        checks.check(settings, {"correlate": EVIDENCE})
    done = subprocess.run(
        [sys.executable, "-m", "streams.cli", "topics", "grow", "--partitions", "5", "--wait", "5"],
        cwd=REPOSITORY, env=settings.to_environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "0 published" in done.stdout
    checks.check(settings, SOURCES)
    assert said(settings) == spoken
    assert all(states(settings).values())
    assert rebuild(settings).counts == dict.fromkeys(SOURCES, NOTHING)
    with pytest.raises(RebuildError, match="topics never shrink"):
        rebuild(settings, partitions=3)
