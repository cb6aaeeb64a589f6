"""`shutdowns detect`: outages of a file as a table, JSON Lines and a picture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streams.cli.main import shutdowns
from streams.scenarios import scenario_named
from streams.sources.lines import write_line
from tests.sources.published import published
from topics import encode

CUT = (1_614_499_200, 1_614_510_000)  # 28 February 2021, 08:00 to 11:00 UTC


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The measurements of the seed case."""
    path = tmp_path / "records.jsonl"
    records = scenario_named("kazakhstan-2021-02-28").records()
    path.write_bytes(b"".join(write_line(topic, topic.key(one), encode(one)) for topic, one in records))
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "150"}).invoke(shutdowns, ["detect", *map(str, arguments)])


def test_the_table_in_local_time(file: Path) -> None:
    done = run(file, "--series", "almaty")
    assert done.exit_code == 0
    assert done.stdout.count("28 Feb 2021, 14:00 to 17:00 (UTC+06:00)") == 4, (
        "three signals, and what they agree on"
    )
    assert "bgp, merit-nt, ping-slash24 dropped" in done.stdout
    assert "3 outages in 3 of 3 series" in done.stdout
    assert "08:00 to 11:00 (UTC+00:00)" in run(file, "--time-zone", "UTC").stdout


def test_json_lines(file: Path) -> None:
    rows = [json.loads(line) for line in run(file, "--series", "Nur-Sultan", "--json").stdout.splitlines()]
    assert {row["signal"] for row in rows} == {"ping-slash24", "bgp", "merit-nt"}
    assert {(row["from_s"], row["until_s"]) for row in rows} == {CUT}
    assert {row["rule"] for row in rows} == {"probing", "routing", "telescope"}
    assert {len(row["agreeing"]) for row in rows} == {2}
    assert all(0 < row["ratio_min"] <= row["ratio_mean"] < 1 for row in rows)


@pytest.mark.parametrize(("suffix", "begin"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_the_picture(suffix: str, begin: bytes, file: Path, tmp_path: Path) -> None:
    picture = tmp_path / f"out.{suffix}"
    assert run(file, "--series", "almaty", "--plot", picture).exit_code == 0
    content = picture.read_bytes()
    assert content.startswith(begin)
    assert len(content) > 20_000


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--series", "Atlantis"], "no series with 'Atlantis' in its name"),
        (["--time-zone", "Mars/Olympus"], "no time zone is called 'Mars/Olympus'"),
        (["--rule", "guess"], "'guess' is not one of"),
        (["--series", "almaty", "--plot", "/nowhere/at/all.png"], "can't be written"),
    ],
)
def test_what_can_not_be_done_is_said(options: list[str], words: str, file: Path) -> None:
    done = run(file, *options)
    assert done.exit_code != 0
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_cuts_that_recur_and_every_kind_of_csv_column(tmp_path: Path) -> None:
    """Three mornings of exams, 04:00 to 06:00 in Damascus (UTC+3), two and three days apart."""
    path = tmp_path / "exams.csv"
    lines = ["time,series,value"]
    for hour in range(24 * 8):
        low = hour // 24 in (1, 3, 6) and hour % 24 in (1, 2)
        lines.append(f"2021-06-{1 + hour // 24:02}T{hour % 24:02}:00:00,a network,{30 if low else 500}")
    path.write_text("\n".join(lines))
    rows = [json.loads(line) for line in run(path, "--json", "--time-zone", "Asia/Damascus").stdout.splitlines()]
    assert [row["recurs"] for row in rows] == [0, 1, 2]
    assert "2 x" in run(path).stdout


def test_all_series_missing_at_once_is_said(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    times = [f"2021-06-01T{hour:02}:00:00" for hour in range(24)]
    lines = [f"{time},{name},{'' if 9 <= at < 12 else 500}" for at, time in enumerate(times) for name in "ab"]
    path.write_text("\n".join(["time,series,value", *lines]))
    assert "09:00 to 12:00 (UTC+00:00): all 2 series of the file missing at once" in run(path).stdout


@pytest.mark.data
def test_the_power_cut_of_july_2019_in_venezuela() -> None:
    """It began at 16:41 local time on 22 July, in most states."""
    rows = [
        json.loads(line) for line in run(published("monash_venezuela_2019_07.csv"), "--json").stdout.splitlines()
    ]
    begun = 1_563_828_060
    cut = {row["series"] for row in rows if begun - 7_200 <= row["from_s"] <= begun + 3_600}
    assert len(cut) >= 11
    assert [row for row in rows if row["from_s"] < begun - 7_200] == []
