"""Measurements of OONI, RIPEstat, Google and the Monash IP Observatory, from files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from streams.pipeline import measured_place
from streams.sources import SourceError, google_traffic, monash, ooni, ripestat
from tests.sources.published import published, reasons, records
from topics import MEASUREMENTS, Measurement, decode, encode

NOV_15 = 1_573_776_000


def write(tmp_path: Path, content: Any, name: str = "answer.json") -> Path:
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def checked(found: list[Any]) -> list[Measurement]:
    assert all(decode(MEASUREMENTS, encode(one)) == one for one in found)
    return found


# ------------------------------------------------------------------ OONI


def day(number: int, count: int, **more: Any) -> dict[str, Any]:
    counts = {"anomaly_count": 2, "confirmed_count": 1, "failure_count": 0, "ok_count": count - 3}
    return {**counts, "measurement_count": count, "measurement_start_day": f"2019-11-{number:02}", **more}


def signals(frames: list[Measurement]) -> dict[str, Any]:
    return {series.signal: row for one in frames for series, row in zip(one.series, one.values, strict=True)}


def test_counts_by_day(tmp_path: Path) -> None:
    path = write(tmp_path, {"v": 0, "dimension_count": 1, "result": [day(15, 1094), day(16, 1)]})
    frames = checked(records(ooni.read(path, entity="country/IR")))
    assert {(one.country, one.from_s, one.step_s) for one in frames} == {("IR", NOV_15, 86_400)}
    assert signals(frames) == {
        "ooni-measurements": (1094, 1),
        "ooni-anomalies": (2, 2),
        "ooni-confirmed": (1, 1),
        "ooni-failures": (0, 0),
    }


def test_a_day_without_a_row_had_no_measurement(tmp_path: Path) -> None:
    path = write(tmp_path, {"result": [day(15, 1094), day(18, 900)]})
    found = signals(records(ooni.read(path, entity="country/IR")))
    assert found["ooni-measurements"] == (1094, 0, 0, 900)
    assert found["ooni-anomalies"] == (2, None, None, 2)


def test_weeks_are_weeks_and_months_are_refused(tmp_path: Path) -> None:
    weeks = [day(3, 70), day(10, 80), day(24, 60)]
    (frame,) = checked(records(ooni.read(write(tmp_path, {"result": weeks}), entity="country/IR")))
    assert (frame.step_s, signals([frame])["ooni-measurements"]) == (7 * 86_400, (70, 80, 0, 60))
    months = [day(1, 300) | {"measurement_start_day": f"2019-{month:02}-01"} for month in (9, 10, 11)]
    found = ooni.read(write(tmp_path, {"result": months}), entity="country/IR")
    assert reasons(found) == {"counts by month or year: ask again with time_grain=day": 1}


def test_a_network_with_a_row_at_midnight_alone_has_hours_where_others_have(tmp_path: Path) -> None:
    at = [("AS1", "2019-11-15T00:00:00Z"), ("AS2", "2019-11-15T01:00:00Z")]
    rows = [day(15, 9) | {"measurement_start_day": time, "probe_cc": "IR", "probe_asn": asn} for asn, time in at]
    assert {one.step_s for one in records(ooni.read(write(tmp_path, {"result": rows})))} == {3600}


def test_countries_networks_and_hours_in_the_rows(tmp_path: Path) -> None:
    hour = {"measurement_start_day": "2019-11-15T03:00:00Z", "probe_cc": "IR", "probe_asn": "AS44244"}
    path = write(tmp_path, {"result": [day(15, 10) | hour, day(15, 7) | hour | {"probe_cc": "IQ"}]})
    frames = checked(records(ooni.read(path)))
    assert {(one.country, one.from_s, one.step_s) for one in frames} == {
        ("IR", NOV_15 + 10_800, 3600),
        ("IQ", NOV_15 + 10_800, 3600),
    }
    assert {series.entity.code for one in frames for series in one.series} == {"44244"}


def test_rows_of_other_axes_are_summed(tmp_path: Path) -> None:
    rows = [day(15, 10, test_name="web_connectivity"), day(15, 5, test_name="tor")]
    assert signals(records(ooni.read(write(tmp_path, {"result": rows}), entity="country/IR")))[
        "ooni-measurements"
    ] == (15,)


def test_csv_says_the_same(tmp_path: Path) -> None:
    rows = [day(15, 1094), day(16, 1)]
    text = "\n".join([",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)])
    csv, answer = write(tmp_path, text, "ooni.csv"), write(tmp_path, {"result": rows})
    values = [signals(records(ooni.read(path, entity="country/IR"))) for path in (csv, answer)]
    assert values[0] == values[1]


@pytest.mark.parametrize(
    ("content", "entity", "words"),
    [
        ({"result": {"measurement_count": 3}}, "country/IR", "axis_x=measurement_start_day"),
        ({"error": "bad probe_cc"}, "country/IR", "reports an error: bad probe_cc"),
        ({"msg": "Invalid axis name", "v": 0}, "country/IR", "reports an error: Invalid axis name"),
        ({"result": [day(15, 4)]}, None, "give --entity"),
        ("<html>", "country/IR", "HTML"),
    ],
)
def test_what_ooni_is_not(tmp_path: Path, content: Any, entity: str | None, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        list(ooni.read(write(tmp_path, content), entity=entity))


def test_rows_that_cant_be_read_are_counted(tmp_path: Path) -> None:
    rows = [day(15, 4), day(16, 4) | {"measurement_start_day": "soon"}, day(16, -5)]
    assert reasons(ooni.read(write(tmp_path, {"result": rows}), entity="country/IR")) == {
        "time can't be read": 1,
        "a value is no number of at least 0": 1,
    }


# ------------------------------------------------------------------ RIPEstat

ACTIVITY = {
    "status": "ok",
    "data": {
        "resource": "9198",
        "resource_type": "asn",
        "sampling_period": 3600,
        "updates": [
            {"starttime": "2022-01-05T10:00:00", "announcements": 412, "withdrawals": 3},
            {"starttime": "2022-01-05T11:00:00", "announcements": 15, "withdrawals": None},
        ],
    },
}


def test_activity_in_naive_utc(tmp_path: Path) -> None:
    frames = checked(records(ripestat.read(write(tmp_path, ACTIVITY), place="KZ")))
    assert {(one.country, one.from_s, one.step_s) for one in frames} == {("KZ", 1_641_376_800, 3600)}
    assert signals(frames) == {"bgp-announcements": (412, 15), "bgp-withdrawals": (3, None)}
    place = measured_place(frames[0].series[0].entity, "KZ")
    assert place is not None
    assert place.key == "KZ/AS9198"


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        (ACTIVITY, None, "give --place"),
        (ACTIVITY, "Atlantis", "give --place"),
        ({"status": "error", "messages": [["error", "no such resource"]]}, "KZ", "no such resource"),
        ({"status": "ok", "data": {"resource": "9198"}}, "KZ", "missing required field `updates`"),
    ],
)
def test_what_ripestat_is_not(tmp_path: Path, content: Any, place: str | None, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        list(ripestat.read(write(tmp_path, content), place=place))


# ------------------------------------------------------------------ Google

ENTRIES = [[1_641_376_800_000 + at * 1_800_000, [[0, value]]] for at, value in enumerate((60.5, 58, 2.25))]


def test_the_reports_answer_and_its_guard(tmp_path: Path) -> None:
    path = write(tmp_path, ")]}'\n\n" + json.dumps([["tr", ENTRIES]]))
    (frame,) = checked(records(google_traffic.read(path, entity="country/KZ")))
    assert (frame.country, frame.from_s, frame.step_s) == ("KZ", 1_641_376_800, 1800)
    assert (frame.values, frame.series[0].lineage) == (((60.5, 58, 2.25),), "google")


def test_google_as_csv(tmp_path: Path) -> None:
    lines = ["timestamp,traffic", "2022-01-05 10:00:00,60.5", "2022-01-05 10:30:00,58", "2022-01-05 11:00:00,x"]
    rows = list(google_traffic.read(write(tmp_path, "\n".join(lines), "19.csv"), entity="country/KZ"))
    (frame,) = checked(records(rows))
    assert (frame.from_s, frame.values) == (1_641_376_800, ((60.5, 58),))
    assert reasons(rows) == {"a value is no number of at least 0": 1}


@pytest.mark.parametrize("content", ["[]", '[["tr", [[1]]]]', '[["tr", [["x", [[0, 1]]]]]]'])
def test_what_google_is_not(tmp_path: Path, content: str) -> None:
    with pytest.raises(SourceError, match="entries of time and value are missing"):
        list(google_traffic.read(write(tmp_path, content), entity="country/KZ"))


# ------------------------------------------------------------------ Monash


def test_local_clocks_become_utc(tmp_path: Path) -> None:
    text = "iso,id_1,name_1,time_e,connectivity\nVEN,2,Zulia,1563753600,97\nVEN,2,Zulia,1563757200,-1\n"
    (frame,) = checked(records(monash.read(write(tmp_path, text, "x.csv"))))
    # 22 July 2019, midnight in Caracas (UTC-4).
    assert (frame.country, frame.from_s, frame.values) == ("VE", 1_563_753_600 + 4 * 3600, ((97, None),))


def test_counties_and_rows_that_cant_be_read(tmp_path: Path) -> None:
    head = "time_e_utc,connectivity,iso,name_1,name_2\n"
    text = (
        head + "1598227200,7,USA,Arkansas,Ashley\n1598227200,x,USA,Arkansas,Ashley\n1598227200,7,,Arkansas,Ashley\n"
    )
    rows = list(monash.read(write(tmp_path, text, "x.csv")))
    (frame,) = checked(records(rows))
    assert frame.series[0].entity.type == "county"
    place = measured_place(frame.series[0].entity, "US")
    assert place is not None
    assert place.name == "Ashley County"
    assert reasons(rows) == {"a value is no number of at least 0": 1, "unknown country": 1}


@pytest.mark.data
def test_the_published_indices() -> None:
    (venezuela,) = records(monash.read(published("monash_venezuela_2019_07.csv")))
    assert len(venezuela.series) == 13
    counties = records(monash.read(published("monash_hurricane_laura_2020_08.csv")))
    assert sum(len(frame.series) for frame in counties) == 216
    placed = [
        [measured_place(series.entity, frame.country) is not None for series in frame.series]
        for frame in (venezuela, *counties)
    ]
    assert sum(map(sum, placed)) >= 228
    assert all(len(set(row)) == 1 for row in placed), "what is on no map takes nothing with it"
