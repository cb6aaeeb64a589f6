"""`shutdowns bench soak`: a few seconds of it, on a real Kafka."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from streams.kafka import Broker
from tests.agents.harness import REPOSITORY

pytestmark = pytest.mark.kafka


def test_a_short_soak_feeds_looks_and_judges(kafka: Broker, topic_prefix: str, tmp_path: Path) -> None:
    given = ["--minutes", "0.2", "--speed", "30000", "--look-every", "1", "--folder", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "streams.cli", "bench", "soak", *given, "--bootstrap", kafka.bootstrap,
         "--prefix", topic_prefix],
        cwd=REPOSITORY, env={"COLUMNS": "200", "PATH": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    shown = done.stdout + done.stderr
    assert done.returncode == 0, shown
    assert "514 values a second (10 times the world's)" in shown
    assert "0 refused, 0 ends of stages" in shown
    assert "too short to say what stays flat" in shown
    looks = [json.loads(line) for line in (tmp_path / "looks.jsonl").read_text().splitlines()]
    assert len(looks) >= 4
    last = looks[-1]
    assert 12 <= last["at_s"] < 60
    assert last["memory_mb"].keys() == {"detect", "claims", "protests", "correlate", "watch"}
    assert all(value > 20 for value in last["memory_mb"].values())
    assert last["state_mb"]["detect"] > looks[0]["state_mb"]["detect"]
    assert last["event_s"] - looks[0]["event_s"] > 2 * 86_400
