"""Blocked services through Kafka, from counts and evidence: the same as without it, after a kill and rebuilt."""

from __future__ import annotations

from random import Random

import pytest

from streams.stage import SOURCES
from tests.correlation.evidence import COUNTRY, blocking
from tests.detection.test_blocking import BLOCKED, USUAL, frames
from tests.flow.system import Flow, Sent, offline
from tests.rebuild.harness import rebuild
from tests.rebuild.test_rebuild import NOTHING
from tests.renaming import contents
from topics import EVIDENCE, MEASUREMENTS, REPORTS, Origin, Record, Report, Reporter, Topic, encode

pytestmark = pytest.mark.kafka


def report(name: str, country: str, start: str, end: str | None = None) -> Report:
    return Report(
        id=name,
        origin=Origin(source="constructed"),
        reporter=Reporter(kind="organisation", name=name),
        country=country,
        start=start,
        scope="national",
        extent="service",
        services=("whatsapp",),
        end=end,
    )


def world() -> list[Sent]:
    """A service that counts show to be blocked and two organisations claim; one that came as evidence."""
    # no longer than a record may be late
    days = [*USUAL[:7], *BLOCKED[:3], *USUAL[:4]]
    records: list[tuple[Topic, Record]] = [
        *((MEASUREMENTS, frame) for frame in frames(days)),
        *((MEASUREMENTS, frame) for frame in frames(days, product="whatsapp")),
        (REPORTS, report("a", "UG", "2021-01-09", end="2021-01-10")),
        (REPORTS, report("b", "UG", "2021-01-10")),
        (REPORTS, report("c", "KZ", "2021-02-28")),
        (EVIDENCE, blocking("ooni-changepoint/1", COUNTRY)),
    ]
    return [(topic, topic.key(record), encode(record)) for topic, record in records]


def test_through_kafka_it_is_the_offline_run_and_a_rebuild_agrees(flow: Flow) -> None:
    sent = world() * 2
    Random(5).shuffle(sent)
    worker = flow.worker().ready()
    flow.publish(sent[: len(sent) // 2])
    worker.kill()
    flow.publish(sent[len(sent) // 2 :])
    second = flow.worker("b").ready()
    flow.settle()
    found = flow.shutdowns()
    assert {(one.country, one.level, one.blocked) for one in found} == {
        ("UG", "corroborated", ("whatsapp",)),
        ("KZ", "corroborated", ("whatsapp",)),
    }
    assert contents(found) == contents(offline(sent))
    assert second.stop() == 0
    assert rebuild(flow.settings).counts == dict.fromkeys(SOURCES, NOTHING)
