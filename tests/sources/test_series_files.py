"""Series from files of every kind that people share."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from streams.scenarios import scenario_named
from streams.sources import SourceError
from streams.sources.lines import write_line
from streams.sources.series_files import read_series
from tests.sources.published import published
from topics import encode

MIDNIGHT = 1_614_470_400  # 28 February 2021, 00:00 UTC


def plain(tmp_path: Path, *rows: str, header: str = "time,series,value") -> Path:
    path = tmp_path / "values.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_a_plain_table_with_gaps_and_two_kinds_of_time(tmp_path: Path) -> None:
    path = plain(
        tmp_path,
        f"{MIDNIGHT},a,1", f"{MIDNIGHT + 600},a,2", "2021-02-28T06:20+06:00,a,", f"{MIDNIGHT + 2400},a,5",
        "2021-02-28T00:00:00,b,7",
    )  # fmt: skip
    a, b = read_series(path)
    assert (a.name, a.step_s, a.times.tolist()) == ("a", 600, [MIDNIGHT + 600 * at for at in range(5)])
    assert np.array_equal(a.values, [1, 2, np.nan, np.nan, 5], equal_nan=True)
    assert (b.name, b.times.tolist(), b.values.tolist()) == ("b", [MIDNIGHT], [7.0])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("yesterday,a,1", "row 2: 'yesterday' is no time"),
        ("1,a,1", "row 2: '1' is before 1990"),
        (f"{MIDNIGHT},a,-3", "row 2: '-3' is no value"),
        (f"{MIDNIGHT},a,inf", "row 2: 'inf' is no value"),
        (f"{MIDNIGHT},a,ten", "row 2: 'ten' is no value"),
        (f"{MIDNIGHT},a", "row 2: 2 cells, the header has 3"),
        (f'{MIDNIGHT},"a,1', "is no CSV"),
        (f"{MIDNIGHT},a,", "has no values|values"),
    ],
)
def test_what_is_wrong_is_said_with_its_row(row: str, words: str, tmp_path: Path) -> None:
    path = plain(tmp_path, row)
    if row.endswith("a,"):
        assert np.isnan(read_series(path)[0].values).all()
        return
    with pytest.raises(SourceError, match=words):
        read_series(path)


def test_a_file_of_no_kind(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        read_series(plain(tmp_path, "1,2", header="one,two"))


def test_an_answer_of_iodas_api(tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    series = {
        "entityType": "country", "entityCode": "TR", "entityName": "Turkey", "entityFqid": "geo.provider.EU.TR",
        "datasource": "bgp", "from": 1_706_745_600, "until": 1_706_746_800, "step": 300, "nativeStep": 300,
        "values": [62200, None, 62224, 62213],
    }  # fmt: skip
    answer = {
        "type": "signals",
        "metadata": {"requestTime": "2026-02-01T01:44:46+00:00", "responseTime": "2026-02-01T01:44:47+00:00"},
        "requestParameters": {},
        "error": None,
        "perf": None,
        "data": [[series]],
    }
    path.write_text(json.dumps(answer))
    [one] = read_series(path)
    assert (one.name, one.signal, one.step_s, one.time_zone) == ("ioda Turkey bgp", "bgp", 300, "Europe/Istanbul")
    assert np.array_equal(one.values, [62200, np.nan, 62224, 62213], equal_nan=True)


def test_an_export_of_iodas_dashboard(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    rows = [f"2026-01-08 {hour:02}:00:00,{100 - hour},50" for hour in range(3)]
    path.write_text("\n".join(["Time (UTC),BGP (# Visible /24s),Active Probing (# /24s Up)", *rows]) + "\n")
    found = {one.signal: one for one in read_series(path)}
    assert set(found) == {"bgp", "ping-slash24"}
    assert found["bgp"].values[0] == 100


def test_measurements_as_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    records = scenario_named("kazakhstan-2021-02-28").records()
    path.write_bytes(b"".join(write_line(topic, topic.key(one), encode(one)) for topic, one in records))
    series = read_series(path)
    assert len(series) == 9
    assert {len(one.times) for one in series} == {8 * 144}
    assert {one.time_zone for one in series} == {"Asia/Almaty", "Africa/Ndjamena"}


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "number", "zone"),
    [
        ("monash_venezuela_2019_07.csv", 13, "America/Caracas"),
        ("monash_hurricane_laura_2020_08.csv", 216, None),
    ],
)
def test_the_observatorys_indices(name: str, number: int, zone: str | None) -> None:
    series = read_series(published(name))
    assert len(series) == number
    assert {one.step_s for one in series} == {3600}
    assert all(((one.values >= 0) | np.isnan(one.values)).all() for one in series)
    if zone is not None:
        assert {one.time_zone for one in series} == {zone}
        assert series[0].times[0] == 1_563_580_800 + 4 * 3600, "local midnight is 4 hours later in UTC"
