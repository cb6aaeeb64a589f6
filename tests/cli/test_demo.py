"""`shutdowns demo`: what one sees, and that it fails when a shutdown is missing."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from streams.cli import demo as demo_module
from streams.cli.main import shutdowns
from streams.kafka import Broker
from streams.scenarios import Scenario, scenario_named
from tests.agents.harness import REPOSITORY, until
from topics import MEASUREMENTS

pytestmark = pytest.mark.kafka

SCENARIO = scenario_named("kazakhstan-2021-02-28")


def test_it_shows_the_incident(kafka: Broker, topic_prefix: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "streams.cli", "demo", "--bootstrap", kafka.bootstrap, "--prefix", topic_prefix],
        cwd=REPOSITORY, env={"COLUMNS": "160", "PATH": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    shown, _, left_out = done.stdout.partition("Not part of it")
    assert "Kazakhstan: one incident, 3 shutdowns" in shown
    for level, place in (("CORROBORATED", "Almaty City"), ("CORROBORATED", "Nur-Sultan"), ("REPORTED", "Atyrau")):
        assert f"{level}   {place}" in shown or f"{level}  {place}" in shown
    assert "28 Feb 2021, 14:00 to 17:00 (UTC+06:00)" in shown
    assert "28 Feb 2021, 08:00 to 11:00 UTC, ±10 min" in shown
    assert "no measurements" in shown
    assert "after Internet Protection Society" in shown
    assert "MEASURED   Chad" in left_out or "MEASURED  Chad" in left_out
    assert "Shymkent" in left_out
    assert "See it on the map: http://127.0.0.1:" in left_out
    assert "Where to go next" in left_out


def test_the_page_shows_the_incident_until_one_leaves(kafka: Broker, topic_prefix: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    given = ["--stay", "--bootstrap", kafka.bootstrap, "--prefix", topic_prefix]
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "streams.cli", "demo", *given],
            cwd=REPOSITORY, env={"PATH": "", "PYTHONUNBUFFERED": "1"}, stdout=stream, stderr=stream,
        )  # fmt: skip
    try:
        until(lambda: "until you press Ctrl-C" in log.read_text(), 90, f"it stays: {log.read_text()}")
        address = re.search(r"page: (http://127\.0\.0\.1:\d+)", log.read_text())
        assert address is not None
        listed = httpx.get(f"{address[1]}/shutdowns?country=KZ&from=2021-02-28").json()["shutdowns"]
        assert {(one["place"]["name"], one["level"]) for one in listed} >= {
            ("Almaty City", "corroborated"), ("Nur-Sultan", "corroborated"), ("Atyrau", "reported"),
        }  # fmt: skip
        assert "<canvas" in httpx.get(f"{address[1]}/").text
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0, log.read_text()
    with pytest.raises(httpx.ConnectError):
        httpx.get(address[1])


def test_it_fails_when_a_shutdown_is_missing(
    kafka: Broker, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without measurements nothing can be corroborated."""

    def unmeasured(_: str) -> Scenario:
        return replace(SCENARIO, records=lambda: [one for one in SCENARIO.records() if one[0] is not MEASUREMENTS])

    monkeypatch.setattr(demo_module, "scenario_named", unmeasured)
    result = CliRunner().invoke(shutdowns, ["demo", "--bootstrap", kafka.bootstrap, "--prefix", topic_prefix])
    assert result.exit_code == 1
    assert "not as expected: Almaty is reported, not corroborated" in result.stderr
