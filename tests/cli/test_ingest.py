"""`shutdowns ingest`: into JSON Lines and onto a real broker, every row counted, what can't be read said."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streams import admin
from streams.cli.main import shutdowns
from streams.kafka import Broker
from streams.reading import read_topic
from streams.settings import Settings
from topics import NEWS, REPORTS, decode

STOP = """\
start_date_type,start_date,country,geo_scope,area_name,shutdown_type,affected_network,shutdown_extent,ordered_by,\
actual_cause,info_source_link,shutdown_status,end_date,an_link
Actual,2021-03-28,Kazakhstan,,Almaty and Nur-Sultan,Shutdown,Mobile,Full network,,Protests,\
https://example.org/2021/02/28/internet,Ended,2021-03-28,
Actual,2019-01-15,Zimbabwe,,Nationwide,Shutdown,Mobile,Full network,,Protests,,Ended,2019-01-14,
Actual,2019-01-07,Gabon,,Nationwide,Shutdown,Mobile,Full network,,Coup,,Ended,2019-01-08,
Actual,soon,Chad,,Nationwide,Shutdown,Mobile,Full network,,,,Ended,,
Actual,later,Chad,,Nationwide,Shutdown,Mobile,Full network,,,,Ended,,
Actual,2019-02-01,,,Nationwide,Shutdown,Mobile,Full network,,,,Ended,,
"""
PROTESTS = """\
id,country,location,participants_category,protesteridentity,start_date,end_date
1,Zimbabwe,Harare; Bulawayo,1000-1999,workers,2019-01-14,2019-01-16
"""


@pytest.fixture
def stop(tmp_path: Path) -> Path:
    path = tmp_path / "stop.csv"
    path.write_text(STOP)
    return path


def run(*arguments: str | Path) -> Result:
    done = CliRunner(env={"COLUMNS": "160"}).invoke(shutdowns, ["ingest", *map(str, arguments)])
    assert "Traceback" not in done.output
    return done


def written(path: Path) -> list[str]:
    """The countries of the records in a file of lines."""
    return [json.loads(line)["value"]["country"] for line in path.read_text().splitlines()]


def outcomes(output: str) -> dict[str, tuple[int, str]]:
    """The table's rows: outcome -> how many, and which."""
    rows = re.findall(r"^(\S.*?) {2,}(\d+) *(.*?)\s*$", output, re.MULTILINE)
    return {words: (int(count), which) for words, count, which in rows}


def test_lines_that_correlate_reads(stop: Path, tmp_path: Path) -> None:
    out = tmp_path / "reports.jsonl"
    assert run("stop", stop, "--out", out).exit_code == 0
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [set(line) for line in lines] == [{"topic", "key", "value"}] * 3
    for line in lines:
        assert line["topic"] == "reports"
        assert line["key"] == decode(REPORTS, json.dumps(line["value"]).encode()).id
    done = CliRunner().invoke(shutdowns, ["correlate", str(out)])
    assert done.exit_code == 0
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(one["place"]["name"] for one in found) == ["Almaty", "Gabon", "Nur-Sultan", "Zimbabwe"]
    assert "3 records used, 0 not" in done.stderr


def test_every_row_is_counted_with_its_reason_or_flag(stop: Path, tmp_path: Path) -> None:
    done = run("stop", stop, "--out", tmp_path / "out")
    assert outcomes(done.stdout) == {
        "accepted": (3, ""),
        "rejected: start date can't be read": (2, "row 5, 6"),
        "rejected: no country": (1, "row 7"),
        "flagged: date-disagrees-with-link": (1, "row 2"),
        "flagged: end-unknown": (1, "row 3"),
        "flagged: ends-before-it-begins": (1, "row 3"),
    }


def test_rows_of_several_files_are_told_apart(stop: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text(STOP)
    found = outcomes(run("stop", stop, other, "--out", tmp_path / "out").stdout)
    assert found["accepted"][0] == 6
    assert found["rejected: no country"] == (2, "row stop.csv:7, other.csv:7")


def test_no_more_rows_are_named_than_can_be_read(tmp_path: Path, stop: Path) -> None:
    header, row, *_ = STOP.splitlines()
    stop.write_text("\n".join([header, *["Actual,,Chad" + "," * 11] * 9, row]))
    found = outcomes(run("stop", stop, "--out", tmp_path / "out").stdout)
    assert found["rejected: no start date"] == (9, "row 2, 3, 4, 5, 6, 7, …")


@pytest.mark.parametrize(
    ("given", "countries"),
    [
        (["--country", "ZW"], ["Zimbabwe"]),
        (["--country", "zimbabwe"], ["Zimbabwe"]),
        (["--country", "zw"], ["Zimbabwe"]),
        (["--since", "2019-01-15"], ["Kazakhstan", "Zimbabwe"]),
        (["--since", "2019-01-16"], ["Kazakhstan"]),
        (["--until", "2019-01-15"], ["Zimbabwe", "Gabon"]),
        (["--until", "2019-01-14"], ["Gabon"]),
        (["--since", "2019-01-08", "--until", "2019-02-01"], ["Zimbabwe"]),
    ],
)
def test_only_what_is_wanted(stop: Path, tmp_path: Path, given: list[str], countries: list[str]) -> None:
    out = tmp_path / "out.jsonl"
    done = run("stop", stop, "--out", out, *given)
    assert written(out) == countries
    found = outcomes(done.stdout)
    assert found["accepted"][0] == len(countries)
    assert found["left out by --country, --since, --until"][0] == 3 - len(countries)
    assert found["rejected: no country"][0] == 1


def test_standard_output_holds_lines_alone(stop: Path) -> None:
    done = run("stop", stop, "--out", "-")
    assert len([json.loads(line) for line in done.stdout.splitlines()]) == 3
    assert outcomes(done.stderr)["accepted"][0] == 3


# ------------------------------------------------------------------ what can't be done


def test_a_country_that_is_none(stop: Path) -> None:
    done = run("stop", stop, "--country", "Atlantis")
    assert done.exit_code == 2
    assert "no country is called 'Atlantis'" in done.stderr


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    done = run("stop", tmp_path / "none.csv")
    assert done.exit_code == 2
    assert "none.csv' does not exist" in done.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (PROTESTS.encode(), "stop.csv is not Access Now's STOP list"),
        (b"", "stop.csv is empty"),
        ("é".encode("latin-1"), "stop.csv is not UTF-8"),
    ],
)
def test_a_file_of_another_kind_stops_all_before_anything_is_written(
    stop: Path, tmp_path: Path, content: bytes, words: str
) -> None:
    good, out = tmp_path / "good.csv", tmp_path / "out.jsonl"
    good.write_text(STOP)
    stop.write_bytes(content)
    done = run("stop", good, stop, "--out", out)
    assert done.exit_code == 1
    assert words in done.stderr
    assert not out.exists()


def test_a_file_that_cant_be_written(stop: Path, tmp_path: Path) -> None:
    done = run("stop", stop, "--out", tmp_path / "no" / "folder")
    assert done.exit_code == 1
    assert "can't be written: No such file or directory" in done.stderr


# ------------------------------------------------------------------ onto the topics


@pytest.mark.kafka
def test_records_are_published_under_their_keys(
    kafka: Broker, topic_prefix: str, stop: Path, tmp_path: Path
) -> None:
    settings = Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix)
    admin.create_topics(settings)
    to = ["--bootstrap", kafka.bootstrap, "--prefix", topic_prefix]
    protests = tmp_path / "protests.csv"
    protests.write_text(PROTESTS)
    done = run("stop", stop, *to)
    assert (done.exit_code, outcomes(done.stdout)["accepted"][0]) == (0, 3)
    assert run("mass-mobilization", protests, *to).exit_code == 0
    reports = list(read_topic(settings, REPORTS))
    assert {one.key.decode() for one in reports} == {decode(REPORTS, one.value).id for one in reports}
    assert sorted(decode(REPORTS, one.value).country for one in reports) == ["Gabon", "Kazakhstan", "Zimbabwe"]
    [item] = [decode(NEWS, one.value) for one in read_topic(settings, NEWS)]
    assert item.places == ("Harare", "Bulawayo")


@pytest.mark.kafka
def test_topics_that_are_not_there(kafka: Broker, topic_prefix: str, stop: Path) -> None:
    done = run("stop", stop, "--bootstrap", kafka.bootstrap, "--prefix", topic_prefix)
    assert done.exit_code == 1
    assert f"shutdowns topics create --prefix {topic_prefix}" in done.stderr
