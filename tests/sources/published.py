"""The published lists beside the repository; tests that need one skip where it is absent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from streams.sources import Accepted, Rejected, Row

DATA = Path(__file__).parents[2].parent / "shared" / "data"

STOP_FILES = ("stop_2016_2018.csv", "stop_2019.csv", "stop_2022.csv", "stop_2021_kazakhstan.csv")
IODA_FILE = "ioda_investigated_2018_2019.csv"
PROTEST_FILE = "mass_mobilization_2016_2019_09.csv"


def published(name: str) -> Path:
    """The path of a published list."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the published list {name} is not beside the repository (../shared/data)")
    return path


def accepted(rows: Iterable[Row]) -> list[Accepted]:
    return [row for row in rows if isinstance(row, Accepted)]


def records(rows: Iterable[Row]) -> list[Any]:
    """The records of the accepted rows, of whatever kind."""
    return [row.record for row in accepted(rows)]


def rejected(rows: Iterable[Row]) -> list[Rejected]:
    return [row for row in rows if isinstance(row, Rejected)]


def reasons(rows: Iterable[Row]) -> dict[str, int]:
    """How many rows were rejected for each reason."""
    return dict(Counter(row.reason for row in rejected(rows)))


def flags(rows: Iterable[Row]) -> dict[str, int]:
    """How many rows have each flag."""
    return dict(Counter(flag for row in accepted(rows) for flag in row.flags))
