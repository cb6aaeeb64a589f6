"""The folder of a worker's state: each worker has its own, and it fits the changelog that there is."""

from __future__ import annotations

import fcntl
import shutil
import time
from pathlib import Path
from typing import IO

from streams.errors import StreamsError

#: In a stage's folder: the file with the id of the changelog that its copy of the state is of.
MARK = "changelog"


class DatadirError(StreamsError):
    """The folder can't be a worker's. The message says why, and what to do."""


def claim_datadir(
    chosen: Path | None, root: Path = Path(".shutdowns"), *, wait_s: float = 5.0
) -> tuple[Path, IO[str]]:
    """A folder for this worker's state, and the lock that says so; hold it as long as the folder is used.

    Without a `chosen` one, it is the first `worker-<n>` under `root` that nobody uses.

    Raises:
        DatadirError: the chosen folder is in use or can't be written.
    """
    if chosen is not None:
        lock = _lock(chosen, wait_s)
        if lock is None:
            raise DatadirError(f"{chosen} is another worker's: give each worker a --datadir of its own")
        return chosen, lock
    number = 1
    while (lock := _lock(root / f"worker-{number}", 0)) is None:
        number += 1
    return root / f"worker-{number}", lock


def _lock(folder: Path, wait_s: float) -> IO[str] | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a")
    except OSError as error:
        raise DatadirError(
            f"can't write to {folder}: {error.strerror}. Give another folder with --datadir"
        ) from error
    until = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= until:
                lock.close()
                return None
            time.sleep(0.1)
        else:
            return lock


def keep_matching_state(folder: Path, changelog: str) -> None:
    """Throw away a stage's copy of the state if it is of another changelog: a Kafka set up anew, say.

    Offsets in it would fit the new changelog only by chance, and nobody would notice.
    """
    mark = folder / MARK
    if folder.exists() and (not mark.exists() or mark.read_text() != changelog):
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text(changelog)
