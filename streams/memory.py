"""What memory a process takes, as Linux tells it."""

from __future__ import annotations

import os
from pathlib import Path

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def memory_bytes(pid: int) -> int | None:
    """Resident memory of a process, less the pages of files, which the system takes back; None if it is gone, or
    nobody tells."""
    try:
        _, resident, of_files, *_ = Path(f"/proc/{pid}/statm").read_text().split()
    except (OSError, ValueError):
        return None
    return (int(resident) - int(of_files)) * _PAGE_BYTES
