"""Ids over a rebuild in another order than that in which they were given out."""

from __future__ import annotations

import pytest

from streams.reading import read_shutdowns
from tests.correlation.evidence import ALMATY, ASTANA, HOUR_S, START_S, claim, coverage, outage
from tests.correlation.runs import Country
from tests.flow.system import Flow, Sent
from tests.rebuild.harness import rebuild, said
from tests.rebuild.test_rebuild import NOTHING, demand_each_revision_once
from topics import EVIDENCE, Evidence, encode

pytestmark = pytest.mark.kafka


def sent(*pieces: Evidence) -> list[Sent]:
    return [(EVIDENCE, EVIDENCE.key(piece), encode(piece)) for piece in pieces]


def test_ids_stay_and_live_records_go_on_under_them(flow: Flow) -> None:
    """Two people reported, then a measurement showed that it was one cut. That state is lost; what is left of
    `evidence` has the measurement first."""
    first = claim("first", ALMATY, START_S - 3 * HOUR_S, hours=1)
    second = claim("second", ALMATY, START_S + 3 * HOUR_S, hours=1)
    bridge = outage("bridge", from_s=START_S - 2 * HOUR_S, hours=5)
    calm = coverage("calm", "n" * 24, ASTANA)
    live = Country()
    live.take([first, second, bridge, calm])
    assert sorted(one.status for one in live.given_out.values()) == ["closed", "merged"]
    unaware = Country()
    unaware.take([bridge, second, first, calm])
    assert unaware.stands.keys() != live.stands.keys(), "this order gives other ids"
    flow.publish((topic, topic.key(record), encode(record)) for topic, record in live.out)
    flow.publish(sent(bridge, second, first, calm))

    spoken = said(flow.settings)
    for _ in range(2):
        assert rebuild(flow.settings, "correlate").counts["correlate"] == NOTHING
        assert said(flow.settings) == spoken
        assert read_shutdowns(flow.settings) == live.given_out
    demand_each_revision_once(flow.settings)

    worker = flow.worker().ready()
    flow.publish(sent(claim("third", ALMATY, lineage="third")))
    flow.settle()
    assert worker.stop() == 0
    [key] = live.stands
    now = read_shutdowns(flow.settings)
    assert now.keys() == live.given_out.keys()
    assert (now[key].revision, now[key].sources) == (live.given_out[key].revision + 1, 3)
    demand_each_revision_once(flow.settings)
