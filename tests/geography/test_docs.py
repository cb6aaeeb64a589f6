"""The examples in the documentation and in docstrings do what they show."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

MODULES = ("areas", "clocks", "codes", "countries", "fold", "polygons", "relations", "roman", "sounds", "spelling", "texts", "variants")  # fmt: skip  # noqa: E501


def test_the_document() -> None:
    file = Path(__file__).parents[2] / "docs" / "GEOGRAPHY.md"
    failed, tried = doctest.testfile(str(file), module_relative=False)
    assert tried > 20
    assert failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_docstrings(name: str) -> None:
    failed, tried = doctest.testmod(import_module(f"streams.geography.{name}"))
    assert tried > 0
    assert failed == 0
