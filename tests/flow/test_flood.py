"""A source that floods: everything goes on, the flood counts for what it is, and what stands is what stood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from streams.scenarios import scenario_named
from tests.flow.system import Flow, Sent, offline
from tests.renaming import contents
from topics import REPORTS, Origin, Report, Reporter, Shutdown, encode

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


def measured(shutdown: Shutdown) -> frozenset[str]:
    """The outages that a shutdown is made of."""
    return frozenset(row.id for row in shutdown.evidence if row.kind == "outage" and row.role == "supports")


def test_a_source_that_floods(flow: Flow) -> None:
    sent = [(topic, topic.key(record), encode(record)) for topic, record in SCENARIO.records()]
    reports = list(flood(500))
    flow.worker().ready()
    flow.publish([*reports[:250], *sent, *reports[250:]])
    flow.settle(timeout_s=300)
    found = flow.shutdowns()
    assert contents(found) == contents(offline([*sent, *reports]))
    before = {measured(one): one.level for one in offline(sent) if measured(one)}
    assert {measured(one): one.level for one in found if measured(one) in before} == before
    known = Counter(one.level for one in offline(sent) if not measured(one))
    new = Counter(one.level for one in found if measured(one) not in before)
    assert set(new - known) <= {"reported"}
