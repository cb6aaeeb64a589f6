"""The program as it was before."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

#: What a worker runs; commits that change nothing of it leave the version as it is.
PROGRAM = ("streams", "topics")


def version_before(repository: Path) -> str | None:
    """The newest commit whose program is another than HEAD's; None where the history here has none."""
    changed = _git(repository, "rev-list", "-1", "HEAD", "--", *PROGRAM).stdout.decode().strip()
    if not changed:
        return None
    found = _git(repository, "rev-parse", "--verify", "--quiet", f"{changed}^")
    return found.stdout.decode().strip() or None


def unpack(repository: Path, version: str, folder: Path) -> None:
    """Put the program of a version into a folder of its own.

    Raises:
        ValueError: there is no such version here.
    """
    found = _git(repository, "archive", "--format=tar", version, *PROGRAM)
    if found.returncode != 0:
        raise ValueError(f"there is no {version} here to upgrade from: {found.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(found.stdout)) as archive:
        archive.extractall(folder, filter="data")


def _git(repository: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *arguments], cwd=repository, capture_output=True, check=False)
