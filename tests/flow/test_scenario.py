"""The seed case through Kafka: what it must come to, and the same without Kafka, event by event."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from streams.reading import read_topic
from streams.release.releasing import Releaser
from streams.scenarios import scenario_named
from tests.agents.harness import until
from tests.flow.system import Flow, Sent, offline
from tests.release.posted import post
from tests.renaming import contents
from topics import (
    CANDIDATES,
    DROPS,
    EVIDENCE,
    FORM_REPORTS,
    SHUTDOWN_CHANGES,
    SHUTDOWNS,
    ShutdownChange,
    Topic,
    decode,
    encode,
)
from topics.cloudevents import headers

pytestmark = pytest.mark.kafka

PUBLIC = (SHUTDOWNS, SHUTDOWN_CHANGES, CANDIDATES, DROPS)
SCENARIO = scenario_named("kazakhstan-2021-02-28")
REPOSITORY = Path(__file__).resolve().parents[2]


def records() -> list[Sent]:
    return [(topic, topic.key(record), encode(record)) for topic, record in SCENARIO.records()]


def demand_cloud_events(flow: Flow) -> None:
    """The workers' records carry the headers that the contract promises."""
    for topic in (SHUTDOWNS, SHUTDOWN_CHANGES):
        for row in read_topic(flow.settings, topic):
            assert tuple(row.headers) == headers(topic, decode(topic, row.value))


def demand_that_two_people_move_nothing(flow: Flow) -> None:
    """What two people of a small town post at the form becomes evidence, and no other topic has a record more."""
    before = {topic: given_out(flow, topic) for topic in (*PUBLIC, EVIDENCE)}
    flow.publish((FORM_REPORTS, one.id, encode(one)) for one in (post(1, place="Риддер"), post(2, place="Риддер")))
    releaser = Releaser(replace(flow.settings, release_every_s=0.0))
    releaser.run(lambda: releaser.health.rounds > 0)
    flow.settle()
    assert {topic: given_out(flow, topic) for topic in PUBLIC} == {topic: before[topic] for topic in PUBLIC}
    assert len(given_out(flow, EVIDENCE)) == len(before[EVIDENCE]) + 2


def given_out(flow: Flow, topic: Topic) -> list[tuple[int, int, int, bytes | None]]:
    """What a reader of a topic has: where each record lies, when Kafka got it, and its bytes."""
    rows = read_topic(flow.settings, topic)
    return sorted((row.partition, row.offset, row.timestamp, row.value) for row in rows)


def changes(flow: Flow) -> list[ShutdownChange]:
    return [decode(SHUTDOWN_CHANGES, row.value) for row in read_topic(flow.settings, SHUTDOWN_CHANGES)]


def test_the_seed_case_through_kafka_is_the_offline_run(flow: Flow) -> None:
    sent = records()
    flow.worker().ready()
    flow.publish(sent)
    flow.settle()
    found = flow.shutdowns()
    assert SCENARIO.check(found) == []
    assert contents(found) == contents(offline(sent))
    demand_cloud_events(flow)
    demand_that_two_people_move_nothing(flow)
    steps = changes(flow)
    assert len({(step.shutdown.id, step.shutdown.revision) for step in steps}) == len(steps)
    for one in found:
        own = [step for step in steps if step.shutdown.id == one.id]
        assert [step.shutdown.revision for step in own] == list(range(1, one.revision + 1))
        assert own[0].change == "opened"
        assert own[-1].shutdown == one


def test_in_any_order_and_twice_it_comes_to_the_same(flow: Flow) -> None:
    sent = records()
    mixed = sent * 2
    Random(7).shuffle(mixed)
    flow.worker().ready()
    flow.publish(mixed)
    flow.settle()
    assert contents(flow.shutdowns()) == contents(offline(sent))


def test_the_readmes_consumer_reads_the_events(flow: Flow) -> None:
    flow.worker().ready()
    flow.publish(records())
    flow.settle()
    [program] = re.findall(r"```python\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.DOTALL)
    assert len(program.splitlines()) <= 12
    for here, there in (
        ('"127.0.0.1:9092"', repr(flow.settings.bootstrap)),
        ("SHUTDOWNS.name", repr(flow.settings.prefix + SHUTDOWNS.name)),
    ):
        assert here in program
        program = program.replace(here, there)
    # Only what a consumer installs: nothing of the engine may be needed.
    program = (
        f"import sys\nsys.modules['streams'] = sys.modules['faust'] = sys.modules['shapely'] = None\n{program}"
    )
    expected = {f"{one.level} {one.country} {one.place.name}" for one in flow.shutdowns()}
    output = flow.folder / "consumer"
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", program],
            cwd=REPOSITORY,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:
        until(
            lambda: expected <= {line.rsplit(" ", 3)[0] for line in output.read_text().splitlines()},
            30,
            f"the consumer prints {expected}",
        )
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
