"""ACLED's exports of two years' forms, its API's answers, and its weekly aggregates, as news. All rows are made."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest

from streams.sources import Accepted, SourceError, acled, acled_weekly
from tests.sources.acled_fake import ROW
from tests.sources.published import accepted, reasons, records, rejected
from topics import NEWS, NewsItem, decode, encode

OLD = {
    "data_id": "1", "iso": "398", "event_id_cnty": "KAZ1001", "event_id_no_cnty": "1001",
    "event_date": "05 January 2022", "year": "2022", "time_precision": "1", "event_type": "Protests",
    "sub_event_type": "Peaceful protest", "actor1": "", "country": "Kazakhstan", "admin1": "Almaty City",
    "location": "Almaty", "latitude": "43.2567", "longitude": "76.9286", "geo_precision": "1", "source": "A Paper",
    "notes": "", "fatalities": "0", "timestamp": "1641900000", "iso3": "KAZ",
}  # fmt: skip


def write(tmp_path: Path, *rows: dict[str, str], name: str = "acled.csv") -> Path:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    path = tmp_path / name
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return path


def item(tmp_path: Path, **changed: str) -> NewsItem:
    (row,) = accepted(acled.read(write(tmp_path, ROW | changed)))
    assert isinstance(row.record, NewsItem)
    assert decode(NEWS, encode(row.record)) == row.record
    return row.record


def test_a_demonstration(tmp_path: Path) -> None:
    found = item(tmp_path)
    assert (found.id, found.country, found.places) == ("acled/KAZ1001", "KZ", ("Almaty",))
    assert (found.latitude, found.longitude, found.geo_precision) == (43.2567, 76.9286, "city")
    assert (found.start, found.end) == ("2022-01-05", None)
    assert (found.title, found.participants) == ("Peaceful protest", "at least 1,000")
    assert (found.revision, found.known_s, found.flags) == (1_641_900_000, 1_641_900_000, ())


def test_notes_stay_outside(tmp_path: Path) -> None:
    assert b"Doe" not in encode(item(tmp_path))


def test_the_columns_of_2020_say_the_same(tmp_path: Path) -> None:
    (row,) = accepted(acled.read(write(tmp_path, OLD)))
    assert isinstance(row.record, NewsItem)
    assert (row.record.id, row.record.start, row.record.country) == ("acled/KAZ1001", "2022-01-05", "KZ")


@pytest.mark.parametrize(
    ("kind", "sub", "wanted"),
    [
        ("Protests", "Peaceful protest", True),
        ("Protests", "Protest with intervention", True),
        ("Protests", "Excessive force against protesters", True),
        ("Riots", "Violent demonstration", True),
        ("Riots", "Mob violence", False),
        ("Riots/Protests", "", True),
        ("Battles", "Armed clash", False),
        ("Strategic developments", "Other", False),
        ("", "", False),
    ],
)
def test_what_a_demonstration_is(tmp_path: Path, kind: str, sub: str, wanted: bool) -> None:
    rows = list(acled.read(write(tmp_path, ROW | {"event_type": kind, "sub_event_type": sub})))
    assert [isinstance(row, Accepted) for row in rows] == [wanted]
    assert wanted or reasons(rows) == {"no demonstration": 1}


def test_how_well_the_day_is_known(tmp_path: Path) -> None:
    week, month = item(tmp_path, time_precision="2"), item(tmp_path, time_precision="3")
    assert (week.start, week.end, week.flags) == ("2022-01-02", "2022-01-08", ("day-known-to-7-days",))
    assert (month.start, month.end) == ("2021-12-21", "2022-01-20")


def test_how_well_the_place_is_known(tmp_path: Path) -> None:
    wide = item(tmp_path, geo_precision="3")
    assert (wide.geo_precision, wide.places) == ("region", ("Almaty City",))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"event_date": "soon"}, "date can't be read"),
        ({"event_date": ""}, "no date"),
        ({"event_date": "1822-01-05"}, "absurd date"),
        ({"event_id_cnty": ""}, "no event id"),
        ({"iso": "", "country": "Atlantis"}, "unknown country"),
    ],
)
def test_what_is_refused(tmp_path: Path, changed: dict[str, str], reason: str) -> None:
    (row,) = rejected(acled.read(write(tmp_path, ROW | changed)))
    assert row.reason == reason


def test_coordinates_in_another_country(tmp_path: Path) -> None:
    found = item(tmp_path, latitude="41.3", longitude="69.24")
    assert (found.flags, found.latitude, found.places) == (("coordinates-in-another-country",), None, ("Almaty",))


def test_a_workbook_says_the_same(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(ROW))
    sheet.append([float(cell) if name in ("latitude", "longitude") else cell for name, cell in ROW.items()])
    path = tmp_path / "acled.xlsx"
    book.save(path)
    (row,) = accepted(acled.read(path))
    assert row.record == item(tmp_path)


def test_the_apis_answers(tmp_path: Path) -> None:
    rows = [ROW | {"timestamp": 1641900000, "latitude": 43.2567}, ROW | {"event_id_cnty": "KAZ1002", "tags": None}]
    path = tmp_path / "answer.json"
    path.write_text(json.dumps({"status": 200, "success": True, "count": 2, "messages": [], "data": rows}))
    found = records(acled.read(path))
    assert [one.id for one in found] == ["acled/KAZ1001", "acled/KAZ1002"]
    assert found[0] == item(tmp_path)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"status":200,"success":false,"error":"quota","data":[]}', "reports an error: quota"),
        ('{"message":"Access denied"}', "reports an error"),
        ("<html>", "HTML or XML"),
        ('{"success":true,"data":[{"event_id_cnty":', "damaged JSON"),
        ('{"success":true,"data":{"event_id_cnty":"KAZ1"}}', "not of the form"),
    ],
)
def test_answers_that_are_errors(tmp_path: Path, body: str, words: str) -> None:
    path = tmp_path / "answer.json"
    path.write_text(body)
    with pytest.raises(SourceError, match=words):
        list(acled.read(path))


# ------------------------------------------------------------------ weekly aggregates

WEEK = {
    "WEEK": "2022-01-01", "REGION": "Caucasus and Central Asia", "COUNTRY": "Kazakhstan", "ADMIN1": "Almaty City",
    "EVENT_TYPE": "Riots", "SUB_EVENT_TYPE": "Violent demonstration", "EVENTS": "9", "FATALITIES": "3",
    "POPULATION_EXPOSURE": "", "DISORDER_TYPE": "Demonstrations; Political violence", "ID": "77",
    "CENTROID_LATITUDE": "43.2", "CENTROID_LONGITUDE": "76.9",
}  # fmt: skip


def test_a_week_begins_on_its_saturday(tmp_path: Path) -> None:
    (row,) = accepted(acled_weekly.read(write(tmp_path, WEEK)))
    assert isinstance(row.record, NewsItem)
    assert (row.record.start, row.record.end, row.flags) == ("2022-01-01", "2022-01-07", ())
    assert (row.record.country, row.record.places, row.record.title) == (
        "KZ",
        ("Almaty City",),
        "9 x Violent demonstration",
    )


def test_weeks_that_are_doubtful_or_none(tmp_path: Path) -> None:
    rows = list(
        acled_weekly.read(
            write(
                tmp_path,
                WEEK | {"WEEK": "2022-01-03"},
                WEEK | {"EVENTS": "0"},
                WEEK | {"EVENTS": "many"},
                WEEK | {"SUB_EVENT_TYPE": "Mob violence"},
                WEEK | {"COUNTRY": "Atlantis"},
                WEEK | {"WEEK": ""},
            )
        )
    )
    assert accepted(rows)[0].flags == ("week-begins-on-another-day",)
    assert reasons(rows) == {
        "no events": 1,
        "number of events can't be read": 1,
        "no demonstration": 1,
        "unknown country": 1,
        "no date": 1,
    }


def test_ids_of_weeks_are_made_from_what_they_are_of(tmp_path: Path) -> None:
    one, more, other = records(
        acled_weekly.read(write(tmp_path, WEEK, WEEK | {"EVENTS": "11"}, WEEK | {"ADMIN1": "Almaty"}))
    )
    assert one.id == more.id != other.id
