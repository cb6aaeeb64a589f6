"""All targets by name."""

from __future__ import annotations

from functools import cache

from tests.fuzzing import files, live, services, stored, words
from tests.fuzzing.judging import Target


@cache
def targets() -> dict[str, Target]:
    """Every reader of bytes from outside, by name."""
    found = [one for module in (files, live, words, services, stored) for one in module.targets()]
    return {one.name: one for one in found}
