"""A rolling upgrade: workers of the version before make way for those of now, one by one, while records come in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.agents.harness import REPOSITORY, WorkerProcess
from tests.flow.system import Flow, offline
from tests.flow.versions import unpack, version_before
from tests.rebuild.test_rebuild import demand_each_revision_once, records
from tests.renaming import contents

pytestmark = pytest.mark.kafka

#: What to upgrade from instead; a release, to try more than one step.
GIVEN = os.environ.get("SHUTDOWNS_UPGRADE_FROM")


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The program as it was, in a folder of its own."""
    version = GIVEN or version_before(REPOSITORY)
    if version is None:
        pytest.skip("there is no history here, or none that reaches back to another version of the program")
    tree = tmp_path / "before"
    unpack(REPOSITORY, version, tree)
    return tree


def test_workers_of_two_versions_share_the_state(flow: Flow, before: Path) -> None:
    sent = records()
    quarter = len(sent) // 4
    imported = subprocess.run(
        [sys.executable, "-c", "import streams; print(streams.__file__)"],
        cwd=before, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert imported.stdout.startswith(str(before)), "it runs from there, not from what is installed"
    first, second = flow.worker("a", tree=before), flow.worker("b", tree=before)
    _both_ready(first, second)
    flow.publish(sent[: 2 * quarter])
    flow.settle()

    assert first.stop() == 0
    first = flow.worker("a").ready()
    flow.publish(sent[2 * quarter : 3 * quarter])
    assert second.stop() == 0
    flow.publish(sent[3 * quarter :])
    second = flow.worker("b").ready()
    flow.publish(sent)
    flow.settle()
    assert contents(flow.shutdowns()) == contents(offline(sent))
    demand_each_revision_once(flow.settings)
    assert first.exits() == second.exits() == []


def _both_ready(*workers: WorkerProcess) -> None:
    for worker in workers:
        worker.ready()
