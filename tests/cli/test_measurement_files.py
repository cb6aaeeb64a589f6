"""Files of measurements are told apart by what is in them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from streams.cli.measurement_files import read_measurements
from streams.errors import StreamsError

HOUR = 3_600
BEGIN = 1_609_459_200  # 1 January 2021

HOURS = [f"2021-01-01T{hour:02d}:00:00Z" for hour in range(6)]

FILES = {
    "netflows.json": (
        json.dumps({"success": True, "result": {"main": {"timestamps": HOURS, "values": [0.5] * 6}}}),
        "netflows",
        HOUR,
    ),
    "google.txt": (
        ")]}'\n" + json.dumps([["x", [[(BEGIN + 1_800 * at) * 1000, [["", 0.5]]] for at in range(6)]]]),
        "traffic",
        1_800,
    ),
    "google.csv": (
        "date and time,value\n" + "\n".join(f"2021-01-01 {2 * at:02d}:00:00.000,0.5" for at in range(6)),
        "traffic",
        2 * HOUR,
    ),
    "ooni.csv": (
        "measurement_count,measurement_start_day,probe_cc,anomaly_count,confirmed_count,failure_count,ok_count\n"
        + "\n".join(f"9,2021-01-0{day},IR,0,0,0,9" for day in range(1, 7)),
        "ooni-measurements",
        24 * HOUR,
    ),
    "plain.csv": (
        "time,series,value\n" + "\n".join(f"{BEGIN + HOUR * at},one,0.5" for at in range(6)),
        "",
        HOUR,
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_as_what_it_is(name: str, tmp_path: Path) -> None:
    content, signal, step_s = FILES[name]
    path = tmp_path / name
    path.write_text(content)
    found = {one.signal: one for one in read_measurements(path)}
    one = found[signal]
    assert (one.times[0], one.step_s, len(one.values)) == (BEGIN, step_s, 6)
    assert np.isfinite(one.values).all()


def test_a_column_for_each_series(tmp_path: Path) -> None:
    path = tmp_path / "share.csv"
    path.write_text("time_utc,US,IN\n" + "\n".join(f"{at},18.5,7.5" for at in HOURS))
    found = read_measurements(path, signal="traffic")
    assert [(one.name, one.signal, one.values[0]) for one in found] == [
        ("US", "traffic", 18.5),
        ("IN", "traffic", 7.5),
    ]


def test_the_entity_gives_local_time(tmp_path: Path) -> None:
    path = tmp_path / "netflows.json"
    path.write_text(FILES["netflows.json"][0])
    [one] = read_measurements(path, entity="country/IR")
    assert one.time_zone == "Asia/Tehran"


@pytest.mark.parametrize("content", ["time_utc,US\n2021-01-01,1,2\n", "time_utc,US\nnever,1\n", "time_utc,US\n"])
def test_what_is_damaged_is_an_error_that_says_where(content: str, tmp_path: Path) -> None:
    path = tmp_path / "share.csv"
    path.write_text(content)
    with pytest.raises(StreamsError, match=r"share\.csv"):
        read_measurements(path)
