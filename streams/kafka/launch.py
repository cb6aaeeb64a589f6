"""Become the command given, in such a way that it can't outlive the process that started it.

Run as a file, by path: `python -I -S launch.py PARENT COMMAND…`. It asks the kernel for the signal at the end of
the parent (Linux), then turns into the command: same process id, so the parent's child is Java itself. Doing this
here and not between fork and exec in the parent keeps it safe in programs with threads.

Where the kernel has no such signal (macOS), a broker whose parent was killed with SIGKILL goes on; it holds the
lock on its folder, and the next start says so and names its process.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
CANNOT_RUN = 126


def main(parent: int, command: list[str]) -> None:
    """Replace this process by `command`; exit with `CANNOT_RUN` if that can't be run."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)
    try:
        os.execv(command[0], command)  # noqa: S606 - that is the point
    except OSError as error:
        sys.stderr.write(f"{command[0]} can't be run: {error.strerror}\n")
        sys.exit(CANNOT_RUN)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
