"""`shutdowns kafka` as a person uses it."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from streams import admin
from streams.settings import Settings
from tests.agents.harness import REPOSITORY

pytestmark = pytest.mark.kafka


@contextmanager
def kafka(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "streams.cli", "kafka", "--folder", str(folder), "--heap", "256m", *options],
        cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_it_says_when_it_is_ready_and_stops_cleanly(stop: signal.Signals, tmp_path: Path) -> None:
    with kafka(tmp_path / "data", "--port", "0") as process:
        assert process.stdout is not None
        assert re.match(r"(Starting|Fetching \d+ jars of) Kafka \d", process.stdout.readline())
        line = process.stdout.readline()
        ready = re.fullmatch(
            rf"Kafka is ready at (127\.0\.0\.1:\d+) \(data in {tmp_path}/data\)\. Stop with .*\n", line
        )
        assert ready is not None, line
        with admin.connected(Settings(bootstrap=ready[1])) as client:
            assert admin.live(client, ["nothing"]) == {}
        process.send_signal(stop)
        out, errors = process.communicate(timeout=40)
        assert process.returncode == 0
        assert out.splitlines() == ["Stopping Kafka …", "Kafka is stopped."]
        assert errors == ""


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with kafka(tmp_path, "--port", str(port)) as process:
            _, errors = process.communicate(timeout=40)
    assert process.returncode == 1
    assert str(port) in errors
    assert "--port" in errors
    assert "Traceback" not in errors


def test_jars_that_can_not_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        monkeypatch.setenv("SHUTDOWNS_MAVEN_REPOSITORY", f"http://127.0.0.1:{closed.getsockname()[1]}/")
    with kafka(tmp_path, "--port", "0", "--cache", str(tmp_path / "cache")) as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "--bootstrap" in errors
    assert "Traceback" not in errors
