"""Replays from archives: the same bytes every time, what was known when, other rules, less evidence."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from streams.cli.main import shutdowns as command
from streams.correlation.lifecycle import over
from streams.errors import StreamsError
from streams.files import written_whole
from streams.pipeline import Offline
from streams.replay.archive import Archive, Position
from streams.replay.clock import unfold
from streams.replay.errors import ReplayError
from streams.replay.inputs import FromArchive, FromMemory
from streams.replay.play import replay
from streams.replay.records import Arrived
from streams.replay.runs import Run, read_run
from streams.replay.selection import Selection
from streams.replay.whatif import rules_for
from streams.sources.lines import write_line
from tests.agents.harness import REPOSITORY
from tests.renaming import contents
from tests.replay.seed import CUT_S, DELAY_S, REPORTED_S, SCENARIO, archived, rows
from topics import Shutdown, encode

NOON_S = 1_614_513_600  # 2021-02-28T12:00Z


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    archived(folder)
    return folder


@pytest.fixture(scope="module")
def source(archive: Path) -> FromArchive:
    return FromArchive(archived(archive.parent / "again"))


def bytes_of(run: Run) -> bytes:
    sink = BytesIO()
    run.write(sink)
    return sink.getvalue()


def told(shutdowns: list[Shutdown]) -> set[tuple[str, str]]:
    return {(one.place.name, one.level) for one in shutdowns}


def test_it_comes_to_what_the_scenario_must_come_to(source: FromArchive) -> None:
    run = replay(source)
    assert SCENARIO.check(run.shutdowns) == []
    offline = Offline(float("inf"))
    for topic, record in SCENARIO.records():
        offline.add(topic.name, encode(record))
    assert contents(run.shutdowns) == contents(offline.shutdowns())


def test_the_same_input_and_rules_are_the_same_bytes(source: FromArchive, tmp_path: Path) -> None:
    once = replay(source, history=True, evidence=True)
    other_batches = FromArchive(archived(tmp_path, batch=7))
    again = replay(other_batches, history=True, evidence=True)
    assert bytes_of(once) == bytes_of(again)
    assert once.head is not None
    assert once.head.rules == rules_for().hash
    assert once.head.code.startswith("0.1.0+")
    (tmp_path / "run").write_bytes(bytes_of(once))
    assert bytes_of(read_run(tmp_path / "run")) == bytes_of(once)


def test_in_other_processes_too(archive: Path) -> None:
    """No order of hashing, no clock and no time zone of the machine is in the output."""
    outputs = []
    for seed, zone in (("1", "UTC"), ("2", "Asia/Almaty")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        done = subprocess.run(
            [sys.executable, "-m", "streams.cli", "replay", str(archive), "--history", "--evidence"],
            cwd=REPOSITORY, env=environment, capture_output=True, check=True,
        )  # fmt: skip
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1]
    assert json.loads(outputs[0].splitlines()[0])["schema"] == "replay/1"


def test_one_after_the_other_ends_as_all_at_once(source: FromArchive) -> None:
    fast, history = replay(source), replay(source, history=True)
    assert contents(fast.shutdowns) == contents(history.shutdowns)
    newest = {change.shutdown.id: change.shutdown for change in history.changes}
    assert contents(one for one in newest.values() if not over(one)) == contents(fast.shutdowns)
    assert all(len({c.shutdown.revision for c in history.changes if c.shutdown.id == key}) for key in newest)


@pytest.mark.parametrize("hour", [0, 8, 9, 11, 12, 24, 26, 48])
def test_as_of_a_time_is_what_had_been_concluded_then(source: FromArchive, hour: int) -> None:
    as_of_s = CUT_S - 8 * 3600 + hour * 3600
    run = replay(source, Selection(as_of_s=as_of_s))
    unfolded: dict[str, Shutdown] = {}
    for known_s, change in unfold(source, Selection(), speed=1e12):
        if known_s is not None and known_s <= as_of_s:
            unfolded[change.shutdown.id] = change.shutdown
    assert contents(run.shutdowns) == contents(one for one in unfolded.values() if not over(one))


def test_as_of_by_arrival_has_both_sides_of_the_boundary(source: FromArchive) -> None:
    levels = {}
    for at_s in (REPORTED_S - 1, REPORTED_S, REPORTED_S + 12 * DELAY_S):
        levels[at_s] = {one.level for one in replay(source, Selection(country="KZ", as_of_s=at_s)).shutdowns}
    assert levels[REPORTED_S - 1] == {"measured"}
    assert "corroborated" in levels[REPORTED_S + 12 * DELAY_S]
    before = replay(source, Selection(as_of_s=CUT_S + 1800)).shutdowns
    assert before == [], "the first hour of the cut had not arrived"
    open_then = replay(source, Selection(as_of_s=CUT_S + 3600 + DELAY_S, country="KZ")).shutdowns
    assert {one.status for one in open_then} == {"open"}


def test_as_of_by_publication_cuts_frames_and_claims_no_knowledge() -> None:
    source = FromMemory(SCENARIO.records())
    run = replay(source, Selection(as_of_s=NOON_S, clock="publication"))
    assert told(run.shutdowns) == {("Almaty City", "measured"), ("Nur-Sultan", "measured"), ("Chad", "measured")}
    assert {one.country: one.status for one in run.shutdowns} == {"KZ": "closed", "TD": "open"}
    assert run.head is not None
    undated = sum(topic.name in ("reports", "news") for topic, _ in SCENARIO.records())
    assert run.head.left_out == {"nobody says when it was published": undated}
    dated = [
        (topic, msgspec.structs.replace(record, known_s=NOON_S - 60) if topic.name == "reports" else record)
        for topic, record in SCENARIO.records()
    ]
    run = replay(FromMemory(dated), Selection(as_of_s=NOON_S, clock="publication", country="KZ"))
    assert ("Almaty City", "corroborated") in told(run.shutdowns)


def test_what_never_arrived_has_no_arrival() -> None:
    with pytest.raises(ReplayError, match="--by publication"):
        replay(FromMemory(SCENARIO.records()), Selection(as_of_s=NOON_S))


def test_what_a_source_is_worth(source: FromArchive) -> None:
    run = replay(source, Selection(without=frozenset({"ioda"})))
    assert {one.level for one in run.shutdowns} == {"reported"}
    assert run.head is not None
    assert run.head.selection["without"] == ["ioda"]


def test_countries_and_stretches_of_time(source: FromArchive) -> None:
    whole = replay(source)
    assert {one.country for one in whole.shutdowns} == {"KZ", "TD"}
    for country in ("KZ", "TD"):
        mine = replay(source, Selection(country=country))
        assert contents(mine.shutdowns) == contents(one for one in whole.shutdowns if one.country == country)
    late = replay(source, Selection(since_s=CUT_S, until_s=CUT_S + 1))
    assert contents(late.shutdowns) == contents(
        one for one in whole.shutdowns if one.from_s <= CUT_S and (one.until_s is None or one.until_s > CUT_S)
    )
    assert late.shutdowns


def test_offsets_and_times_in_kafka(source: FromArchive) -> None:
    reports = rows()["reports"]
    chosen = reports[3]
    ranges = {("reports", part): (0, 0) for part in range(4)}
    ranges["reports", chosen.partition] = (chosen.offset, chosen.offset + 1)
    ranges |= {("measurements", part): (0, 0) for part in range(4)} | {("news", part): (0, 0) for part in range(4)}
    run = replay(source, Selection(offsets=ranges))
    assert run.head is not None
    assert run.head.records == 1
    at_s = (chosen.timestamp_ms or 0) // 1000
    run = replay(source, Selection(arrived_from_s=at_s, arrived_until_s=at_s + 1))
    assert run.head is not None
    assert run.head.records == 1


@pytest.mark.parametrize(
    ("given", "rule", "value"),
    [
        ("outage_claim_clock_s=14400", "outage_claim_clock_s", 14_400),
        ("outage_claim_clock_h=4", "outage_claim_clock_s", 14_400),
        ("windows.claim_outage_h=4", "outage_claim_clock_s", 14_400),
        ("windows.incident_gap_d=2", "incident_gap_s", 172_800),
        ("protest_km=80.5", "protest_km", 80.5),
    ],
)
def test_a_rule_set_by_hand(given: str, rule: str, value: float) -> None:
    rules = rules_for(settings=[given])
    assert rules.number(rule) == value
    assert rules.hash != rules_for().hash


@pytest.mark.parametrize(
    "given",
    [
        "claim_outag_h=4",
        "protest_km=far",
        "protest_km=nan",
        "protest_km=inf",
        "outage_claim_clock_d=30",
        "outage_gap_s",
    ],
)
def test_a_rule_that_can_not_be(given: str) -> None:
    with pytest.raises(StreamsError):
        rules_for(settings=[given])


def test_another_rule_gives_other_shutdowns(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "b.jsonl"
    arguments = ["replay", str(archive), "--country", "KZ", "--set", "incident_gap_h=0", "--out", str(out)]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 0, done.output
    run = read_run(out)
    assert run.head is not None
    assert run.head.rules == rules_for(settings=["incident_gap_s=0"]).hash != rules_for().hash
    assert all(one.rules == run.head.rules for one in run.shutdowns)


def test_it_unfolds_at_the_speed_asked_for(source: FromArchive) -> None:
    slept: list[float] = []
    selection = Selection(country="KZ", since_s=CUT_S)
    changes = list(unfold(source, selection, speed=60.0, most_s=1e9, sleep=slept.append))
    times = [at_s for at_s, _ in changes if at_s is not None]
    assert times == sorted(times)
    last = max(
        (one.timestamp_ms or 0) // 1000 for some in rows().values() for one in some if one.topic != "measurements"
    )
    assert sum(slept) == pytest.approx((last - (CUT_S + DELAY_S)) / 60, rel=0.05)
    assert changes[0][1].change == "opened"
    assert {change.change for _, change in changes} >= {"opened", "closed", "escalated"}


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text("before")

    def interrupted() -> None:
        with written_whole(path) as stream:
            stream.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [one.name for one in tmp_path.iterdir()] == ["run.jsonl"]
    assert path.read_text() == "before"
    with pytest.raises(StreamsError, match="can't be written"), written_whole(tmp_path / "no" / "run.jsonl"):
        pass


def test_ctrl_c_leaves_no_file(tmp_path: Path) -> None:
    """Interrupted while it waits for more input."""
    arguments = [sys.executable, "-m", "streams.cli", "replay", "-", "--out", str(tmp_path / "run.jsonl")]
    with subprocess.Popen(
        arguments, cwd=REPOSITORY, stdin=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdin is not None
        for topic, record in SCENARIO.records() * 40:
            process.stdin.write(write_line(topic, topic.key(record), encode(record)))
        process.stdin.flush()  # more than a pipe holds: it is reading
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        errors = process.stderr.read().decode()
    assert process.returncode == 1, errors
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


def test_records_of_another_schema_are_counted_and_stop_nothing(tmp_path: Path) -> None:
    position = Position(topic_id="T")
    bad = [b'{"schema":"report/2","id":"x"}', None, b"{"]
    some = [Arrived("reports", 0, number, REPORTED_S * 1000, b"x", value) for number, value in enumerate(bad)]
    Archive(tmp_path).append("reports", some, position, {0: len(bad)})
    head = replay(FromArchive(Archive(tmp_path))).head
    assert head is not None
    assert (head.records, head.refused) == (0, {"not-json": 2, "unknown-schema": 1})


def test_faults_of_an_archive_stop_it_unless_asked(tmp_path: Path) -> None:
    archived(tmp_path)
    victim = sorted((tmp_path / "topic=measurements").rglob("*.parquet"))[1]
    victim.write_bytes(victim.read_bytes()[:100])
    runner = CliRunner()
    done = runner.invoke(command, ["replay", str(tmp_path)])
    assert done.exit_code == 1
    assert victim.name in done.output
    assert "--what-is-left" in done.output
    done = runner.invoke(command, ["replay", str(tmp_path), "--what-is-left", "--table"])
    assert done.exit_code == 0, done.output
