"""The seed case as a run with everything in it, once a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.replay.inputs import FromArchive
from streams.replay.play import replay
from streams.replay.runs import Run
from tests.replay.seed import archived


@pytest.fixture(scope="session")
def seed_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return replay(FromArchive(archived(tmp_path_factory.mktemp("seed"))), history=True, evidence=True)


@pytest.fixture(scope="session")
def seed_file(tmp_path_factory: pytest.TempPathFactory, seed_run: Run) -> Path:
    path = tmp_path_factory.mktemp("run") / "seed.jsonl"
    with path.open("wb") as stream:
        seed_run.write(stream)
    return path
