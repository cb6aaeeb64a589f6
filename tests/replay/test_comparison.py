"""What differs between two runs, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from streams.cli.main import shutdowns as command
from streams.errors import StreamsError
from streams.replay.comparison import Comparison, Difference, compare
from streams.replay.inputs import FromArchive, FromMemory
from streams.replay.play import replay
from streams.replay.runs import Run
from streams.replay.selection import Selection
from streams.replay.whatif import rules_for
from streams.scenarios import scenario_named
from tests.replay.seed import REPORTED_S, archived

SEED = FromMemory(scenario_named("kazakhstan-2021-02-28").records())


@pytest.fixture(scope="module")
def run() -> Run:
    return replay(SEED)


def named(found: Comparison, place: str) -> Difference:
    [one] = [one for one in found.differences if one.place.name == place]
    return one


def test_a_run_and_itself(run: Run) -> None:
    found = compare(run, run)
    assert found.counts() == {"appears": 0, "vanishes": 0, "changes": 0, "same": len(run.shutdowns)}
    assert (found.rules, found.selection, found.code) == ({}, {}, None)


def test_what_measurements_are_worth(run: Run) -> None:
    found = compare(run, replay(SEED, Selection(without=frozenset({"ioda"}))))
    assert found.selection == {"without": (None, ["ioda"])}
    chad = named(found, "Chad")
    assert chad.kind == "vanishes"
    assert any("ioda is left out now" in reason for reason in chad.why)
    lost = [one for one in found.differences if one.level == "reported" and one.fields]
    assert {("corroborated", "reported")} <= {
        (c.before, c.after) for one in lost for c in one.fields if c.field == "level"
    }
    back = compare(replay(SEED, Selection(without=frozenset({"ioda"}))), run)
    assert named(back, "Chad").kind == "appears"
    assert any("ioda is left out before" in reason for reason in named(back, "Chad").why)
    assert back.counts()["same"] == found.counts()["same"]


def test_what_claims_are_worth(run: Run) -> None:
    found = compare(run, replay(SEED, Selection(without=frozenset({"access-now", "shutdown-stories"}))))
    almaty = named(found, "Almaty City")
    assert almaty.kind == "changes"
    assert [(one.before, one.after) for one in almaty.fields if one.field == "level"] == [
        ("corroborated", "measured")
    ]
    assert almaty.lost
    assert not almaty.gained


def test_another_rule_is_named(run: Run) -> None:
    other = replay(SEED, rules=rules_for(settings=["protest_km=0.001", "protest_s=0"]))
    found = compare(run, other)
    assert found.rules == {"protest_km": (50, 0.001), "protest_s": (86_400, 0)}
    assert found.records is not None
    assert found.records[0] == found.records[1]
    assert all("rule protest_km is 0.001 instead of 50" in one.why for one in found.differences)


def test_a_claim_that_meets_no_outage_any_more_goes_elsewhere(run: Run) -> None:
    """With claims an hour off and a window of 2 h they meet; with none they stand for themselves."""
    records: list[tuple[Any, Any]] = list(scenario_named("kazakhstan-2021-02-28").records())
    moved = [
        (
            topic,
            msgspec.structs.replace(record, start="2021-02-28T18:30", end="2021-02-28T19:00", approximate=False),
        )
        if topic.name == "reports" and record.origin.source == "access-now" and record.id.endswith("society")
        else (topic, record)
        for topic, record in records
        if topic.name == "measurements" or record.id.endswith("society")
    ]
    wide = replay(FromMemory(moved), Selection(country="KZ"))
    narrow = replay(FromMemory(moved), Selection(country="KZ"), rules_for(settings=["claim_outage_min=10"]))
    found = compare(wide, narrow)
    assert found.counts()["appears"] == 2, "the claims, alone now"
    almaty = named(found, "Almaty City")
    assert ("corroborated", "measured") in {(one.before, one.after) for one in almaty.fields}
    assert any("now part of" in reason for reason in almaty.why)
    assert any(reason.startswith("rule outage_claim_clock_s") for reason in almaty.why)


def test_what_was_not_known_yet(tmp_path: Path) -> None:
    source = FromArchive(archived(tmp_path))
    found = compare(replay(source, Selection(as_of_s=REPORTED_S - 1)), replay(source, Selection(country="KZ")))
    assert {one.kind for one in found.differences} == {"appears", "changes", "vanishes"}
    assert any("not known before, as of 2021-03-01T08:59:59Z" in reason for reason in named(found, "Atyrau").why)


def test_the_command(run: Run, tmp_path: Path) -> None:
    a, b = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    for path, one in ((a, run), (b, replay(SEED, Selection(without=frozenset({"ioda"}))))):
        with path.open("wb") as stream:
            one.write(stream)
    done = CliRunner().invoke(command, ["diff", str(a), str(b)])
    assert done.exit_code == 0, done.output
    assert "without: all → ioda" in done.output
    assert "vanish" in done.output
    document = json.loads(CliRunner().invoke(command, ["diff", "--json", str(a), str(b)]).output)
    assert document["counts"]["vanishes"] == len(
        [one for one in document["differences"] if one["kind"] == "vanishes"]
    )


def test_files_that_are_no_runs(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text('{"schema":"report/1"}\n')
    done = CliRunner().invoke(command, ["diff", str(path), str(path)])
    assert done.exit_code == 1
    assert "x, line 1" in done.output


def test_a_run_without_a_head_compares_too(run: Run) -> None:
    found = compare(Run(None, run.shutdowns), Run(None, run.shutdowns[:-1]))
    assert found.counts()["vanishes"] == 1
    assert found.records is None


def test_ids_may_be_short(run: Run) -> None:
    whole = run.shutdowns[0]
    assert run.shutdown(whole.id[:8]) is whole
    for given in ("KZ", "nothing", ""):
        with pytest.raises(StreamsError):
            run.shutdown(given)
