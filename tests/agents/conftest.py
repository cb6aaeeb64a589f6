"""Systems of topics and workers, each test its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streams.kafka import Broker
from tests.agents.harness import System


@pytest.fixture
def system_of(kafka: Broker, topic_prefix: str, tmp_path: Path) -> Iterator[Callable[[str], System]]:
    """Makes the topics for a toy stage; kills its workers when the test is over."""
    made: list[System] = []

    def make(stage: str) -> System:
        made.append(System(kafka.bootstrap, topic_prefix, stage, tmp_path))
        return made[-1]

    yield make
    for system in made:
        system.close()


@pytest.fixture
def system(system_of: Callable[[str], System]) -> System:
    """A system of the stage that counts."""
    return system_of("counting")
