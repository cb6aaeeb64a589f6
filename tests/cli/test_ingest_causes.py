"""`shutdowns ingest causes`: files of every kind in one go, corrected lists, and records that correlation takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from streams.cli.main import shutdowns
from tests.sources.test_causes import BLACKOUT, text
from tests.sources.test_gdacs import CYCLONE, feed, item
from tests.sources.test_usgs import collection, feature
from topics import EVIDENCE, Cause, decode

CABLE = {"id": "8", "kind": "cable", "country": "CI", "place": "Abidjan"}
CABLE |= {"from": "2024-03-14", "until": "2024-03-18"}


def run(*arguments: str | Path) -> Result:
    done = CliRunner(env={"COLUMNS": "160"}).invoke(shutdowns, [*map(str, arguments)])
    assert "Traceback" not in done.output
    return done


def values(path: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        record = decode(EVIDENCE, json.dumps(line["value"]).encode())
        assert isinstance(record, Cause)
        assert (line["topic"], line["key"]) == ("evidence", record.country)
    return [line["value"] for line in lines]


def test_files_of_every_kind(tmp_path: Path) -> None:
    out = tmp_path / "causes.jsonl"
    (tmp_path / "power.csv").write_text(text(BLACKOUT, {"kind": "meteor"}))
    (tmp_path / "quakes.geojson").write_text(json.dumps(collection(feature())))
    (tmp_path / "gdacs.xml").write_bytes(feed(item(CYCLONE)))
    files = [tmp_path / name for name in ("power.csv", "quakes.geojson", "gdacs.xml")]
    done = run("ingest", "causes", *files, "--out", out)
    assert [one["country"] for one in values(out)] == ["VE", "SY", "TR", "MZ", "MW"]
    assert "`kind` is none of power" in done.stdout
    told = run("correlate", out)
    assert (told.exit_code, "5 records used, 0 not" in told.stderr) == (0, True)
    assert run("ingest", "causes", *files, "--country", "TR", "--out", out).exit_code == 0
    assert [one["country"] for one in values(out)] == ["TR"]


def test_a_newer_list_corrects_and_takes_back(tmp_path: Path) -> None:
    old, new, out = tmp_path / "old.csv", tmp_path / "new.csv", tmp_path / "out.jsonl"
    old.write_text(text(BLACKOUT, CABLE))
    new.write_text(text(BLACKOUT | {"until": "2019-03-12T08:00"}))
    done = run("ingest", "causes", new, "--replaces", old, "--out", out)
    power, cable = values(out)
    assert (power["withdrawn"], power["revision"] > 1) == (False, True)
    assert (cable["kind"], cable["withdrawn"], cable["revision"] > 1) == ("cable", True, True)
    assert "withdrawn: no more in the file" in done.stdout


def test_one_file_that_is_nothing_of_it_stops_everything(tmp_path: Path) -> None:
    good, bad, out = tmp_path / "good.csv", tmp_path / "bad.csv", tmp_path / "out.jsonl"
    good.write_text(text(BLACKOUT))
    bad.write_text("a,b\n1,2\n")
    done = run("ingest", "causes", good, bad, "--out", out)
    assert done.exit_code != 0
    assert "bad.csv is not a list of causes" in done.output + str(done.exception)
    assert not out.exists() or not out.read_text()


def test_feeds_of_the_newest_replace_nothing() -> None:
    for source in ("usgs", "gdacs"):
        told = run("ingest", source, "--help").stdout
        assert "--live" in told
        assert "--replaces" not in told
