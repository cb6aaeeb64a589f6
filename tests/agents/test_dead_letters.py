"""Refused records: looked at, put back once after a fix, dropped; none of them lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streams.cli.main import shutdowns
from streams.dead_letters import decisions, unfit
from tests.agents.harness import System
from tests.agents.toys import TICKS, Tick
from topics import Invalid, encode

pytestmark = pytest.mark.kafka


def run(system: System, *arguments: str) -> Result:
    done = CliRunner(env=system.settings.to_environment()).invoke(shutdowns, ["invalid", *arguments])
    assert done.exit_code == 0, done.output
    return done


def test_a_refused_record_is_put_back_once_after_a_fix(system_of: Callable[[str], System], tmp_path: Path) -> None:
    fix = tmp_path / "fix"
    system = system_of("locating")
    lost = Tick(id="nowhere/1", name="nowhere", number=1)
    system.worker(TOY_FIX=str(fix)).ready()
    system.publish(TICKS, [(b"a", encode(lost)), (None, b"\xff\x00 no json"), (b"c", None)])
    system.settle()
    assert "3 invalid records" in run(system).output
    assert "1 invalid record: 1 unknown-place" in run(system, "--reason", "unknown-place").output
    (one,) = [one for one in system.invalid() if one.reason == "unknown-place"]
    assert '"number":1' in run(system, "show", one.id).output

    fix.touch()
    assert run(system, "retry", "--reason", "unknown-place").output == "1 retried\n"
    assert run(system, "retry", "--reason", "unknown-place").output == "no open record is meant\n"
    system.settle()
    assert [tally.id for tally in system.tallies()] == ["nowhere/1"]
    rows = [row for row in system.read(TICKS) if row.key == b"a"]
    assert [row.value for row in rows] == [encode(lost)] * 2

    # What is still bad is refused again, as a new record; its bytes and its missing key come back as they were.
    assert run(system, "retry", "ticks/*", "*").output == "2 retried\n"
    system.settle()
    assert {(one.key, one.value) for one in system.invalid()} == {
        (b"a", encode(lost)),
        (None, b"\xff\x00 no json"),
        (b"c", None),
    }
    assert run(system, "drop", "*").output == "2 dropped\n"
    assert run(system).output == "0 invalid records\n"
    assert "5 invalid records" in run(system, "list", "--all").output
    assert sorted(decisions(system.settings).values()) == ["dropped"] * 2 + ["retried"] * 3


def test_which_records_are_meant_must_be_said(system: System) -> None:
    done = CliRunner(env=system.settings.to_environment()).invoke(shutdowns, ["invalid", "retry"])
    assert done.exit_code == 2
    assert "Say which" in done.output
    done = CliRunner(env=system.settings.to_environment()).invoke(shutdowns, ["invalid", "show", "reports/0/1"])
    assert done.exit_code == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"partition": None}, "it was on no topic"),
        ({"cut": True}, "longer than what could be kept"),
        ({"reason": "oversized"}, "above the limit"),
        ({}, None),
    ],
)
def test_what_can_not_be_put_back_says_why(change: dict[str, object], words: str | None) -> None:
    fields = {"id": "a", "topic": "news", "partition": 0, "offset": 1, "key": None, "value": b"x", "detail": "d"}
    one = Invalid(**{**fields, "reason": "not-json", **change})  # type: ignore[arg-type]
    why = unfit(one)
    assert why == words if words is None else words in (why or "")
