"""`shutdowns correlate`: files in, shutdowns out, and what could not be used counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streams import correlation
from streams.cli.main import shutdowns
from streams.pipeline import Offline
from streams.scenarios import scenario_named
from streams.sources.lines import write_line
from topics import EVIDENCE, REPORTS, encode

RULES_FILE = Path(correlation.__file__).parent / "rules.toml"
SCENARIO = scenario_named("kazakhstan-2021-02-28")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The seed case as a file, and two reports that can't be used."""
    path = tmp_path / "records.jsonl"
    lines = [write_line(topic, topic.key(record), encode(record)) for topic, record in SCENARIO.records()]
    lines += [write_line(REPORTS, "bad", b'{"schema":"report/1"}'), write_line(REPORTS, "bad", b"[]")]
    path.write_bytes(b"".join(lines))
    return path


def run(*arguments: str | Path, stdin: bytes | None = None) -> Result:
    return CliRunner(env={"COLUMNS": "160"}).invoke(shutdowns, ["correlate", *map(str, arguments)], input=stdin)


def test_it_prints_the_shutdowns_as_json_lines(file: Path) -> None:
    done = run(file)
    offline = Offline(2e9)
    for topic, record in SCENARIO.records():
        offline.add(topic.name, encode(record))
    assert done.exit_code == 0
    assert done.stdout_bytes == b"".join(encode(shutdown) + b"\n" for shutdown in offline.shutdowns())
    assert f"{len(SCENARIO.records())} records used, 2 not" in done.stderr
    assert "1 of reports: missing-field, e.g." in done.stderr
    assert "1 of reports: wrong-type, e.g." in done.stderr


def test_standard_input_and_a_country(file: Path) -> None:
    done = run("-", "--country", "TD", stdin=file.read_bytes())
    [line] = done.stdout.splitlines()
    assert (json.loads(line)["country"], json.loads(line)["level"]) == ("TD", "measured")


def test_evidence_is_input_as_well(file: Path, tmp_path: Path) -> None:
    """What `--evidence` prints, given back on the topic `evidence`, comes to the same shutdowns."""
    evidence = run(file, "--evidence").stdout_bytes.splitlines()
    again = tmp_path / "evidence.jsonl"
    again.write_bytes(b"".join(write_line(EVIDENCE, json.loads(line)["country"], line) for line in evidence))
    assert run(again).stdout_bytes == run(file).stdout_bytes


def test_the_table(file: Path) -> None:
    lines = run(file, "--table", "--country", "KZ").stdout.splitlines()
    assert len(lines) == 5
    [almaty] = [line for line in lines if "Almaty City" in line]
    assert "corroborated" in almaty
    assert "28 Feb 2021, 14:00 to 17:00 (UTC+06:00)" in almaty


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "records.jsonl, line 1: Input data was truncated"),
        ('{"topic":"rumours","value":{}}', "records.jsonl, line 1: "),
        ('{"topic":"shutdowns","value":{}}', "shutdowns is no input: it is what the stages make"),
    ],
)
def test_a_line_that_is_none(file: Path, text: str, words: str) -> None:
    file.write_text(text)
    done = run(file)
    assert done.exit_code == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_rules_of_ones_own_are_checked(file: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(
        RULES_FILE.read_text().replace("[incident_gap_s]\nvalue = 86400", "[incident_gap_s]\nvalue = -1")
    )
    done = run(file, "--rules", rules)
    assert done.exit_code == 1
    assert "incident_gap_s" in done.stderr
