"""State made anew beside live workers, which stop, must not start meanwhile, and go on from it."""

from __future__ import annotations

import pytest

from streams import admin, checks
from streams.rebuild import Step
from streams.stage import SOURCES
from tests.flow.system import Flow, offline
from tests.rebuild.harness import rebuild, said
from tests.rebuild.test_rebuild import NOTHING, demand_each_revision_once, records
from tests.renaming import contents

pytestmark = pytest.mark.kafka


def test_workers_stop_for_the_switch_and_go_on_from_it(flow: Flow) -> None:
    sent = records()
    first = flow.worker("a").ready()
    flow.publish(sent[::2])
    flow.settle()
    seen: list[Step] = []

    def told(stage: str, step: Step, done: int, total: int | None) -> None:
        del stage, done, total
        if step == "wait" and "wait" not in seen:
            assert seen[-1] == "compare", "all of it was read beside the workers"
            assert first.stop() == 0
        if step == "fill" and "fill" not in seen:
            meanwhile = flow.worker("b")
            assert meanwhile.process.wait(60) == 1
            assert "is being made anew, or was and is not whole: run `shutdowns rebuild" in meanwhile.log()
        seen.append(step)

    spoken = said(flow.settings)
    outcome = rebuild(flow.settings, told=told, wait_s=60.0)
    assert outcome.counts == dict.fromkeys(SOURCES, NOTHING)
    assert said(flow.settings) == spoken

    again = flow.worker("a").ready()
    flow.publish(sent[1::2])
    flow.publish(sent)
    flow.settle()
    assert contents(flow.shutdowns()) == contents(offline(sent))
    demand_each_revision_once(flow.settings)
    assert again.stop() == 0

    _lose_state(flow, "claims")
    lost = flow.worker("a")
    assert lost.process.wait(60) == 1
    assert "the state of claims is gone: its changelog" in lost.log()
    assert rebuild(flow.settings, "claims").counts == {"claims": NOTHING}
    checks.check(flow.settings, SOURCES)


def _lose_state(flow: Flow, stage: str) -> None:
    """The changelog is deleted, and `topics create` makes an empty one, as it makes whatever is missing."""
    with admin.connected(flow.settings) as client:
        client.delete_topics([flow.settings.changelog(stage)])
    assert {one.action for one in admin.create_topics(flow.settings)} == {"keep", "create"}
