"""What a command started for itself ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from streams import admin
from streams.kafka import Broker
from streams.settings import Settings
from tests.agents.harness import until

_PROGRAM = """
import sys, time
from pathlib import Path
from rich.console import Console
from streams.cli.running import running
from streams.settings import Settings

settings = Settings(bootstrap=sys.argv[1], prefix=sys.argv[2], session_timeout_s=6)
given = ["--stage", "claims", "--datadir", sys.argv[3] + "/state"]
with running("worker", "Ready", given, settings, Path(sys.argv[3]), Console(stderr=True)) as worker:
    print(worker.pid, flush=True)
    time.sleep(60)
"""


@pytest.mark.kafka
def test_sigterm_stops_it_too(kafka: Broker, topic_prefix: str, tmp_path: Path) -> None:
    admin.create_topics(Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix))
    arguments = [sys.executable, "-c", _PROGRAM, kafka.bootstrap, topic_prefix, str(tmp_path)]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process:
        worker = int(process.stdout.readline())
        process.terminate()
        assert process.wait(40) == 128 + signal.SIGTERM
    until(lambda: not _runs(worker), 30, "the worker to be gone")


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
