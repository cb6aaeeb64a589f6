"""The published data sets beside the repository; tests that need them are skipped where they are absent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

DATA = Path(__file__).parents[2].parent / "shared" / "data"

F = TypeVar("F", bound=Callable[..., None])

_absent = pytest.mark.skipif(not DATA.is_dir(), reason=f"the published data sets are not at {DATA}")


def needs_data(function: F) -> F:
    """Mark a test as one that reads the data sets, and skip it without them."""
    marked: F = pytest.mark.data(_absent(function))
    return marked
