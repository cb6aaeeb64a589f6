"""A rolling upgrade: workers of the commit before make way for those of now, one by one, while records come in."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.agents.harness import REPOSITORY, WorkerProcess
from tests.flow.system import Flow, contents, offline
from tests.rebuild.test_rebuild import demand_each_revision_once, records

pytestmark = pytest.mark.kafka

#: What to upgrade from; a release, to try more than one step.
BEFORE = os.environ.get("SHUTDOWNS_UPGRADE_FROM", "HEAD^")


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The program as it was, in a folder of its own."""
    found = subprocess.run(
        ["git", "archive", "--format=tar", BEFORE, "streams", "topics"],
        cwd=REPOSITORY, capture_output=True, check=False,
    )  # fmt: skip
    if found.returncode != 0:
        pytest.skip(f"there is no {BEFORE} here to upgrade from: {found.stderr.decode().strip()}")
    tree = tmp_path / "before"
    with tarfile.open(fileobj=io.BytesIO(found.stdout)) as archive:
        archive.extractall(tree, filter="data")
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
