"""`shutdowns rules` and `shutdowns candidates`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streams.cli.main import shutdowns
from streams.correlation import default_rules
from streams.correlation.rules import default_text
from streams.sources.lines import write_line
from tests.correlation.evidence import HOUR_S, START_S, claim, outage
from topics import EVIDENCE, encode


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(shutdowns, list(map(str, arguments)), catch_exceptions=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rules.toml"
    path.write_text(default_text())
    return path


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))


def test_show_tells_every_rule_with_its_reason() -> None:
    rows = [json.loads(line) for line in run("rules", "show", "--json").stdout.splitlines()]
    assert {row["id"] for row in rows} == {rule.id for rule in default_rules().all}
    assert all(row["why"] for row in rows)
    shown = run("rules", "show").stdout
    assert default_rules().hash in shown
    assert "2 h" in shown


def test_the_file_that_show_writes_can_be_used(file: Path) -> None:
    file.write_text(run("rules", "show", "--toml").stdout)
    assert "can be used" in run("rules", "check", file).stdout


def test_check_names_the_lines_of_a_window_beyond_the_lateness_bound(file: Path) -> None:
    edit(file, "[outage_gap_s]\nvalue = 3600", "[outage_gap_s]\nvalue = 2000000")
    lines = file.read_text().splitlines()
    window, bound = lines.index("value = 2000000") + 1, lines.index("[lateness_s]") + 2
    result = run("rules", "check", file)
    assert result.exit_code == 1
    assert f"lines {window} and {bound}: `outage_gap_s` is 2,000,000" in result.output


def test_check_names_the_lines_of_rules_that_conflict(file: Path) -> None:
    edit(file, "[weight_individuals]\nvalue = 0.8", "[weight_individuals]\nvalue = 3.0")
    result = run("rules", "check", file)
    assert result.exit_code == 1
    assert "`weight_individuals` is 3, more than `weight_organisation`" in result.output


def test_check_guesses_what_a_misspelt_rule_should_be(file: Path) -> None:
    edit(file, "[protest_km]", "[protest_kms]")
    assert "did you mean `[protest_km]`?" in run("rules", "check", file).output


def test_diff_shows_what_changed_and_check_asks_for_a_version(file: Path) -> None:
    assert "no rule changed" in run("rules", "diff", file).stdout
    edit(file, "value = 50", "value = 60")
    shown = run("rules", "diff", file).stdout
    assert "protest_km" in shown
    assert "60 km" in shown
    assert "1 rule changed" in shown
    assert "not a higher version" in run("rules", "check", file).output


def test_candidates_of_files(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    pieces = (outage("o"), claim("c", from_s=START_S + 6 * HOUR_S))
    path.write_bytes(b"".join(write_line(EVIDENCE, piece.country, encode(piece)) for piece in pieces))
    shown = run("candidates", path).stdout
    assert "1 candidate: 1 time" in shown
    assert "1 h beyond the window" in " ".join(shown.split())
    (row,) = map(json.loads, run("candidates", path, "--json").stdout.splitlines())
    assert (row["condition"], row["short_s"]) == ("time", HOUR_S)
    assert "0 candidates" in run("candidates", path, "--country", "TD").stdout
    assert "0 candidates" in run("candidates", path, "--condition", "depth").stdout
