"""`shutdowns demo`: what one sees, and that it fails when a shutdown is missing."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from click.testing import CliRunner

from streams.cli import demo as demo_module
from streams.cli.main import shutdowns
from streams.kafka import Broker
from streams.scenarios import Scenario, scenario_named
from tests.agents.harness import REPOSITORY
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
    assert "Where to go next" in left_out


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
