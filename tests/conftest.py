"""What all tests share: a profile of hypothesis, one real broker a session, and names of their own in it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from hypothesis import settings

from streams.kafka import Broker

# Machines are shared and noisy: how long an example takes says nothing.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """The session's broker. A test that stops, kills or pauses it leaves it running."""
    with Broker(tmp_path_factory.mktemp("kafka"), heap="512m") as broker:
        yield broker


@pytest.fixture
def topic_prefix() -> str:
    """Begin the names of topics and groups with it, and no other test sees them."""
    return f"t{uuid.uuid4().hex[:8]}-"
