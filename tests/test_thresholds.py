"""Bounds of the probabilities: how they are read, and which shutdowns are within them."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from streams.thresholds import EVERY, Bounds, Thresholds, read_bounds
from tests.api.served import EXAMPLE


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("0.8", (0.8, 1.0)),
        ("0.8..", (0.8, 1.0)),
        ("..0.3", (0.0, 0.3)),
        (" 0.2..0.5 ", (0.2, 0.5)),
        ("1", (1.0, 1.0)),
        ("..", (0.0, 1.0)),
    ],
)
def test_bounds_are_read(text: str, bounds: tuple[float, float]) -> None:
    assert read_bounds(text) == Bounds(*bounds)


@pytest.mark.parametrize("text", ["", "high", "1.1", "-0.1", "0.5..0.4", "nan", "..nan", "inf", "0.1..0.2..0.3"])
def test_what_bounds_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_bounds(text)


@pytest.mark.parametrize(
    ("bounds", "taken"),
    [
        (EVERY, True),
        (Thresholds(happened=Bounds(0.9)), True),
        (Thresholds(happened=Bounds(0.91)), False),
        (Thresholds(happened=Bounds(0.5), on_purpose=Bounds(most=0.4)), True),
        (Thresholds(happened=Bounds(0.5), on_purpose=Bounds(most=0.39)), False),
        (Thresholds(probability=Bounds(0.36, 0.36)), True),
    ],
)
def test_both_ends_are_within(bounds: Thresholds, taken: bool) -> None:
    shutdown = replace(EXAMPLE, happened=0.9, on_purpose=0.4, probability=0.36)
    assert bounds.takes(shutdown) == taken


def test_what_ended_is_taken_and_what_is_not_known_is_not() -> None:
    unknown: dict[str, Any] = {"happened": None, "on_purpose": None, "probability": None}
    wanted = Thresholds(happened=Bounds(0.9))
    assert all(wanted.takes(replace(EXAMPLE, status=status, **unknown)) for status in ("merged", "retracted"))
    assert not wanted.takes(replace(EXAMPLE, status="open", **unknown))
    assert EVERY.takes(replace(EXAMPLE, status="open", **unknown))
