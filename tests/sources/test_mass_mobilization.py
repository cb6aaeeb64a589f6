"""The Mass Mobilization Project's list as news."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from streams.sources import SourceError, mass_mobilization
from tests.sources.published import PROTEST_FILE, accepted, flags, published, reasons, rejected
from topics import NEWS, NewsItem, decode, encode

ROW = {
    "id": "5522019001",
    "country": "Zimbabwe",
    "location": "Harare; Bulawayo ; national",
    "participants_category": ">10000",
    "participants": "thousands",
    "protesteridentity": "trade  unions",
    "labor_wage_dispute": "0",
    "price increases_tax_policy": "1",
    "removal_of_politician": "1",
    "start_date": "2019-01-14",
    "end_date": "2019-01-16",
}


def write(tmp_path: Path, *rows: dict[str, str]) -> Path:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    path = tmp_path / "protests.csv"
    path.write_text(text.getvalue(), newline="")
    return path


def item(tmp_path: Path, **changed: str) -> NewsItem:
    (row,) = accepted(mass_mobilization.read(write(tmp_path, ROW | changed)))
    assert isinstance(row.record, NewsItem)
    assert row.flags == row.record.flags
    assert decode(NEWS, encode(row.record)) == row.record
    return row.record


def test_a_row(tmp_path: Path) -> None:
    found = item(tmp_path)
    assert found.id == "mass-mobilization/5522019001"
    assert (found.subject, found.country) == ("protest", "Zimbabwe")
    assert found.places == ("Harare", "Bulawayo", "national")
    assert (found.start, found.end) == ("2019-01-14", "2019-01-16")
    assert found.title == "protest by trade unions, about prices or taxes, removal of a politician"
    assert (found.participants, found.flags) == ("thousands", ())


def test_what_may_be_missing(tmp_path: Path) -> None:
    assert item(tmp_path, participants="").participants == ">10000"
    assert item(tmp_path, protesteridentity="", removal_of_politician="0").title == (
        "protest by protesters, about prices or taxes"
    )
    nowhere = item(tmp_path, location=" ; ")
    assert (nowhere.places, nowhere.flags) == ((), ("no-location",))
    endless = item(tmp_path, end_date="")
    assert (endless.end, endless.flags) == (None, ("end-unknown",))
    assert item(tmp_path, id="").id == item(tmp_path, id="").id != item(tmp_path, id="", location="Gweru").id


@pytest.mark.parametrize(("end", "long"), [("2019-04-16", False), ("2019-04-17", True)])
def test_long_protests_are_flagged(tmp_path: Path, end: str, long: bool) -> None:
    assert item(tmp_path, end_date=end).flags == (("long",) if long else ())


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"country": ""}, "no country"),
        ({"start_date": ""}, "no start date"),
        ({"start_date": "January"}, "start date can't be read (January)"),
        ({"start_date": "0019-01-14"}, "absurd date (0019-01-14 to 2019-01-16)"),
        ({"end_date": "2919-01-14"}, "absurd date (2019-01-14 to 2919-01-14)"),
    ],
)
def test_what_is_rejected(tmp_path: Path, changed: dict[str, str], words: str) -> None:
    (row,) = rejected(mass_mobilization.read(write(tmp_path, ROW | changed)))
    assert str(row) == words


def test_an_end_before_its_begin_is_flagged_and_left_out(tmp_path: Path) -> None:
    found = item(tmp_path, end_date="2019-01-13")
    assert (found.start, found.end, found.flags) == ("2019-01-14", None, ("ends-before-it-begins",))


def test_an_id_is_taken_once(tmp_path: Path) -> None:
    rows = list(mass_mobilization.read(write(tmp_path, ROW, ROW)))
    assert reasons(rows) == {"its id is another row's": 1}


def test_another_list_is_refused(tmp_path: Path) -> None:
    row = {name: cell for name, cell in ROW.items() if name != "location"}
    with pytest.raises(SourceError, match="Mass Mobilization Project's list: it has no column `location`"):
        list(mass_mobilization.read(write(tmp_path, row)))


@pytest.mark.data
def test_the_published_list() -> None:
    rows = list(mass_mobilization.read(published(PROTEST_FILE)))
    assert len(accepted(rows)) == len(rows) == 2483
    assert flags(rows) == {"long": 11}
    records = [row.record for row in accepted(rows)]
    assert len({one.id for one in records if isinstance(one, NewsItem)}) == 2483
    assert all(decode(NEWS, encode(one)) == one for one in records)
