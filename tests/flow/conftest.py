"""A flow of its own for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streams.kafka import Broker
from tests.flow.system import Flow


@pytest.fixture
def flow_of(kafka: Broker, topic_prefix: str, tmp_path: Path) -> Iterator[Callable[[str], Flow]]:
    """Makes the topics of a named flow; kills its workers when the test is over."""
    made: list[Flow] = []

    def make(name: str) -> Flow:
        made.append(Flow(kafka.bootstrap, f"{topic_prefix}{name}-", tmp_path / name))
        return made[-1]

    yield make
    for flow in made:
        flow.close()


@pytest.fixture
def flow(flow_of: Callable[[str], Flow]) -> Flow:
    return flow_of("flow")
