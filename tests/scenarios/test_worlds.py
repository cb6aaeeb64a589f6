"""The project's own worlds: each must come out as a careful analyst would say. docs/SCENARIOS.md has their form."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from streams.evaluation.scenarios import World, judge, read_folder

WORLDS = read_folder(Path(__file__).parent / "worlds")


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_world(world: World) -> None:
    verdict = judge(world)
    failed = [f"{world.file}:{failure.line}: {failure.fault}" for failure in verdict.failures]
    assert verdict.passed, "\n".join([world.head.words, *failed, "came out:", *verdict.came_out()])


def test_there_are_worlds_of_every_kind() -> None:
    groups = Counter(world.head.group for world in WORLDS)
    assert sum(groups.values()) >= 130
    assert min(groups.values()) >= 5
