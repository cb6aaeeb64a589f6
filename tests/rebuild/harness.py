"""A flow whose state is made anew: what its changelogs hold, and rebuilds that end at any step."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streams.reading import read_topic
from streams.rebuild import Outcome, Rebuild
from streams.settings import Settings
from streams.stage import OURS, SOURCES
from tests.agents.harness import REPOSITORY
from topics import CANDIDATES, DROPS, EVIDENCE, INVALID, SHUTDOWN_CHANGES, SHUTDOWNS, Topic

OUTPUTS = (EVIDENCE, DROPS, SHUTDOWNS, SHUTDOWN_CHANGES, CANDIDATES, INVALID)


def rebuild(settings: Settings, *stages: str, dry: bool = False, **how: Any) -> Outcome:
    """Make the state of stages anew, of all if none are named."""
    with tempfile.TemporaryDirectory() as folder:
        return Rebuild(settings, stages or tuple(SOURCES), Path(folder), **{"wait_s": 5.0, **how}).run(dry=dry)


def rebuild_that_dies(
    settings: Settings, step: str, stage: str, *stages: str, partitions: int | None = None
) -> None:
    """A rebuild of stages, in a process of its own that is gone when that step of that stage begins."""
    program = (
        "import os, sys\n"
        "from streams.settings import Settings\n"
        "from tests.rebuild.harness import rebuild\n"
        "def told(stage, step, done, total):\n"
        f"    if step == {step!r} and {stage!r} in stage: os._exit(9)\n"
        f"rebuild(Settings.from_environment(), *{stages}, told=told, partitions={partitions})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        env={**os.environ, **settings.to_environment(), "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 9, done.stderr.decode()


def state(settings: Settings, stage: str) -> dict[tuple[int, bytes], bytes]:
    """What a stage's changelog amounts to, by partition and key."""
    name = settings.changelog(stage).removeprefix(settings.prefix)
    found: dict[tuple[int, bytes], bytes] = {}
    for row in read_topic(settings, Topic(name, (), "", "", str, "")):
        at = row.partition, row.key
        if row.value is None:
            found.pop(at, None)
        elif not row.key.startswith(OURS):
            found[at] = row.value
    return found


def states(settings: Settings) -> Mapping[str, dict[tuple[int, bytes], bytes]]:
    """The same of every stage."""
    return {stage: state(settings, stage) for stage in SOURCES}


def said(settings: Settings) -> Mapping[str, int]:
    """How many records each output topic holds."""
    return {topic.name: sum(1 for _ in read_topic(settings, topic)) for topic in OUTPUTS}
