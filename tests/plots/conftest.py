"""The seed case's run, shared with the tests of replay."""

from __future__ import annotations

from tests.replay.conftest import seed_file, seed_run

__all__ = ["seed_file", "seed_run"]
