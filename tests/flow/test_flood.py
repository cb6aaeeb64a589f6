"""A source that floods: everything goes on, the flood counts for what it is, and what stands is what stood."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streams.scenarios import scenario_named
from tests.flow.system import Flow, Sent, offline
from tests.renaming import contents
from topics import REPORTS, Origin, Report, Reporter, encode

pytestmark = pytest.mark.kafka

SCENARIO = scenario_named("kazakhstan-2021-02-28")


def flood(number: int) -> Iterator[Sent]:
    """So many people who all say that it happened in Almaty on that day, at one of six hours."""
    for at in range(number):
        one = Report(
            id=f"flood/{at}",
            origin=Origin(source="form"),
            reporter=Reporter(kind="individual", digest=f"f100d{at:x}"),
            country="KZ",
            places=("Almaty",),
            start=f"2021-02-28T{at % 6 * 4:02}:00Z",
            extent="full",
        )
        yield REPORTS, REPORTS.key(one), encode(one)


def test_a_source_that_floods(flow: Flow) -> None:
    sent = [(topic, topic.key(record), encode(record)) for topic, record in SCENARIO.records()]
    reports = list(flood(900))
    flow.worker().ready()
    flow.publish([*reports[:450], *sent, *reports[450:]])
    flow.settle(timeout_s=300)
    found = contents(flow.shutdowns())
    assert found == contents(offline([*sent, *reports]))
    before = contents(offline(sent))
    assert {key: one.level for key, one in found.items() if key in before} == {
        key: one.level for key, one in before.items()
    }
    assert all(one.level == "reported" for key, one in found.items() if key not in before)
