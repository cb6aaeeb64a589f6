"""`shutdowns api`, or `shutdowns serve-reports`, in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from streams.settings import Settings
from tests.agents.harness import REPOSITORY, until


@contextmanager
def serving(
    settings: Settings, log: Path, arguments: Sequence[str] = (), *, command: str = "api", ready: str = "/readyz"
) -> Iterator[str]:
    """Start it, wait until it answers at `ready`, give its address; stop it in order at the end."""
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "streams.cli", command, "--port", "0", *arguments],
            cwd=REPOSITORY,
            env={**os.environ, **settings.to_environment(), "PYTHONUNBUFFERED": "1"},
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:
        until(lambda: "stop with Ctrl-C" in log.read_text(), 30, f"it serves: {log.read_text()}")
        (address,) = re.findall(r"^.* at (http://\S+)", log.read_text(), re.M)
        address = address.removesuffix("/report")
        until(lambda: httpx.get(f"{address}{ready}", timeout=30).status_code == 200, 30, "it is ready")
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            assert process.wait(30) == 0, log.read_text()
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
