"""The notebook runs from its first cell to its last, in a kernel of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.agents.harness import REPOSITORY

NOTEBOOK = REPOSITORY / "docs" / "notebooks" / "kazakhstan.ipynb"
LISTS = REPOSITORY.parent / "shared" / "data"


def outputs(notebook: Any) -> str:
    """What its cells showed, as text."""
    shown = (output for cell in notebook.cells for output in cell.get("outputs", ()))
    return "\n".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in shown)


def test_it_is_kept_without_outputs() -> None:
    """They would be of an older code than what stands beside them."""
    notebook = nbformat.read(NOTEBOOK, 4)
    assert not [cell for cell in notebook.cells if cell.get("outputs") or cell.get("execution_count")]


def test_it_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHUTDOWNS_LISTS", str(LISTS))
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    notebook = nbformat.read(NOTEBOOK, 4)
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources).execute()
    told = outputs(notebook)
    assert "corroborated" in told
    assert "escalated" in told
    assert any(
        "image/png" in output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", ())
    )
    if LISTS.exists():
        assert "Zimbabwe" in told
        assert "{'appears'" in told
    else:
        assert "skipped" in told
