"""What tests of scenarios share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streams.evaluation.scenarios import World, read_file
from tests.evaluation.worlds import BASE, write


@pytest.fixture
def world(tmp_path: Path) -> Callable[..., World]:
    def make(*expected: dict[str, Any], base: list[dict[str, Any]] = BASE) -> World:
        [found] = read_file(write(tmp_path / "world.jsonl", *base, *expected))
        return found

    return make
