"""`shutdowns locate`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streams.cli.main import shutdowns


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(shutdowns, ["locate", *arguments], input=text)


def test_a_table() -> None:
    result = run("в Алматы и Нур-Султане нет интернета, кроме Атырау")
    assert result.exit_code == 0, result.output
    assert "KZ/@1526384" in result.output
    assert "not Атырау" in result.output
    assert "left out: Атырау" in result.output


def test_json_lines_one_a_text() -> None:
    result = run("Almaty", "nothing", "12 districts of Rajasthan", "--json")
    rows = [json.loads(line) for line in result.output.splitlines()]
    assert [[place["key"] for place in row["places"]] for row in rows] == [["KZ/@1526384"], [], ["IN/IND-3250"]]
    assert rows[0]["places"][0]["place"]["time_zone"] == "Asia/Almaty"
    assert (rows[2]["scope"], rows[2]["unspecified"]) == ("region", True)


def test_lines_of_standard_input() -> None:
    result = run("--json", text="北京没有互联网\n\nAtyrau\n")
    keys = [place["key"] for line in result.output.splitlines() for place in json.loads(line)["places"]]
    assert keys == ["CN/@1816670", "KZ/@610529"]


def test_a_country_decides_between_namesakes() -> None:
    assert "PK/@" in run("Outage in Hyderabad", "--country", "Pakistan").output
    assert "IN/@" in run("Outage in Hyderabad").output


def test_an_unknown_country_is_told() -> None:
    result = run("Almaty", "--country", "Atlantis")
    assert result.exit_code == 2
    assert "no country is called 'Atlantis'" in result.output


@pytest.mark.parametrize("name", ["map.png", "map.svg"])
def test_a_map(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    result = run("Sopore town, Jammu and Kashmir, India", "--map", str(file))
    assert result.exit_code == 0, result.output
    assert file.stat().st_size > 10_000
    assert file.read_bytes()[:5] in (b"\x89PNG\r", b"<?xml")


def test_a_map_of_nothing_is_refused(tmp_path: Path) -> None:
    result = run("nothing", "--map", str(tmp_path / "map.png"))
    assert result.exit_code == 1
    assert "nothing to draw" in result.output
