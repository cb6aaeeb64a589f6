"""JavaScript in tests: a program run by node with packages from npm, or the test skips and says why."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

#: Where packages are kept between runs, beside what other caches there are.
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "shutdown-streams" / "npm"


@cache
def node_packages(packages: tuple[str, ...]) -> Path:
    """The folder in which these packages (`name@version`) are installed."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("needs node and npm, which this machine does not have")
    folder = CACHE / "-".join(sorted(one.strip("@").replace("/", "-") for one in packages))
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), *packages],
            capture_output=True, text=True, check=False, timeout=180,
        )  # fmt: skip
        if done.returncode != 0:
            pytest.skip(f"npm could not install {', '.join(packages)}: {done.stderr[-300:]}")
        (folder / "installed").touch()
    return folder


def run_node(program: str, arguments: Sequence[str], packages: Sequence[str], *, name: str = "program.js") -> str:
    """What a program prints."""
    folder = node_packages(tuple(packages))
    file = folder / f"{os.getpid()}-{name}"
    file.write_text(program)
    try:
        done = subprocess.run(
            ["node", str(file), *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=90
        )
    finally:
        file.unlink()
    assert done.returncode == 0, done.stderr
    return done.stdout
