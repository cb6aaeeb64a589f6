"""Lists of causes, and files of causes told apart by their content."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from streams.sources import SourceError, causes
from streams.sources.cause_lists import COLUMNS, SCHEMA
from streams.sources.cause_rules import DAY_S, EVENTS, USUAL_LENGTHS
from streams.sources.rows import Row
from tests.fuzzing.files import workbook
from tests.sources.published import accepted, reasons, records
from tests.sources.test_gdacs import FLOOD, feed, item
from tests.sources.test_usgs import collection, feature
from topics import EVIDENCE, Cause, decode, encode

DOCS = Path(__file__).parents[2] / "docs" / "SOURCES.md"
BLACKOUT = {
    "kind": "power",
    "country": "Venezuela",
    "place": "",
    "from": "2019-03-07T16:54",
    "until": "2019-03-11T14:00",
    "title": "The Guri plant fails",
    "magnitude": "20,000,000",
    "source": "Corpoelec",
    "reference": "https://example.org/guri",
    "id": "7",
}


def text(*rows: dict[str, str], columns: tuple[str, ...] = tuple(BLACKOUT)) -> str:
    written = io.StringIO()
    writer = csv.DictWriter(written, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(BLACKOUT | {"id": ""} | row for row in rows)
    return written.getvalue()


def read(tmp_path: Path, *rows: dict[str, str], columns: tuple[str, ...] = tuple(BLACKOUT)) -> list[Row]:
    path = tmp_path / "causes.csv"
    path.write_text(text(*rows, columns=columns), encoding="utf-8")
    return list(causes.read(path))


def listed(tmp_path: Path, *rows: dict[str, str]) -> list[Cause]:
    found = records(read(tmp_path, *rows))
    assert all(decode(EVIDENCE, encode(one)) == one for one in found)
    return found


def test_a_row(tmp_path: Path) -> None:
    (found,) = listed(tmp_path, BLACKOUT)
    assert (found.id, found.kind, found.country, found.place.kind) == (
        "causes/corpoelec/7/VE",
        "power",
        "VE",
        "country",
    )
    # Caracas is four hours behind UTC.
    assert (found.from_s, found.until_s) == (1_551_992_040, 1_552_327_200)
    assert (found.magnitude, found.title) == (20_000_000.0, "The Guri plant fails")
    assert (found.lineage, found.origin.source) == ("corpoelec", "corpoelec")
    assert (found.origin.reference, found.precision, found.revision) == ("https://example.org/guri", "minute", 1)


def test_only_some_columns_must_be_there(tmp_path: Path) -> None:
    (row,) = accepted(read(tmp_path, BLACKOUT, columns=SCHEMA.columns))
    found = row.record
    assert isinstance(found, Cause)
    assert (found.title, found.magnitude, found.lineage) == (None, None, "causes-list")
    assert (found.origin.reference or "").startswith("causes.csv")


@pytest.mark.parametrize(
    ("written", "from_s"),
    [
        ("2021-02-28T14:00", 1_614_499_200),
        ("2021-02-28 14:00", 1_614_499_200),
        ("2021-02-28T08:00Z", 1_614_499_200),
        ("2021-02-28T11:00+03:00", 1_614_499_200),
        ("2021-02-28", 1_614_448_800),
    ],
)
def test_times_are_local_or_have_an_offset(tmp_path: Path, written: str, from_s: int) -> None:
    row = {"country": "KZ", "place": "Almaty", "from": written, "until": "2021-03-01T10:00"}
    (found,) = listed(tmp_path, row)
    assert (found.from_s, found.place.kind) == (from_s, "city")
    assert found.precision == ("day" if len(written) == 10 else "minute")


def test_days_count_wholly_and_in_all_zones_of_a_country(tmp_path: Path) -> None:
    (city,) = listed(tmp_path, {"country": "KZ", "place": "Almaty", "from": "2021-02-28", "until": "2021-03-01"})
    assert ((city.until_s or 0) - city.from_s, city.precision) == (2 * DAY_S, "day")
    (country,) = listed(tmp_path, {"country": "RU", "from": "2021-02-28", "until": "2021-02-28"})
    assert (country.until_s or 0) - country.from_s == 34 * 3_600


def test_an_end_of_a_day_is_unsure_by_a_day(tmp_path: Path) -> None:
    (found,) = listed(tmp_path, BLACKOUT | {"until": "2019-03-11"})
    assert (found.precision, found.until_uncertainty_s) == ("minute", DAY_S)


@pytest.mark.parametrize("kind", sorted(USUAL_LENGTHS))
def test_an_end_that_is_not_known_is_guessed_with_a_flag(tmp_path: Path, kind: str) -> None:
    (row,) = accepted(read(tmp_path, BLACKOUT | {"kind": kind, "until": ""}))
    found = row.record
    assert isinstance(found, Cause)
    usual = next(one for name, one in USUAL_LENGTHS.items() if name == kind)
    assert (row.flags, (found.until_s or 0) - found.from_s) == (("end-unknown",), usual.lasts_s)
    assert (found.until_uncertainty_s, bool(usual.reason)) == (usual.lasts_s, True)


def test_what_goes_on_has_no_end_and_gets_one_by_a_revision(tmp_path: Path) -> None:
    (going_on,) = listed(tmp_path, BLACKOUT | {"id": "7", "until": "ongoing"})
    (over,) = listed(tmp_path, BLACKOUT)
    assert (going_on.until_s, going_on.id) == (None, over.id)
    assert going_on.revision < over.revision


def test_an_end_before_the_begin_is_flagged(tmp_path: Path) -> None:
    (row,) = accepted(read(tmp_path, BLACKOUT | {"until": "2019-03-01"}))
    assert row.flags == ("ends-before-it-begins",)


def test_several_places_are_several_causes(tmp_path: Path) -> None:
    found = listed(tmp_path, {"country": "PK", "place": "Lahore, Karachi"})
    assert [one.place.name for one in found] == ["Lahore", "Karachi"]
    assert len({one.id for one in found}) == 2


def test_a_network_is_a_place(tmp_path: Path) -> None:
    (found,) = listed(tmp_path, {"kind": "maintenance", "country": "KZ", "place": "AS9198"})
    assert (found.place.key, found.kind) == ("KZ/AS9198", "maintenance")


@pytest.mark.parametrize("written", ["War damage", "war-damage", "WAR DAMAGE"])
def test_kinds_as_people_write_them(tmp_path: Path, written: str) -> None:
    assert listed(tmp_path, {"kind": written})[0].kind == "war-damage"


def test_sources_of_other_scripts_stay_apart(tmp_path: Path) -> None:
    rows = [BLACKOUT | {"id": "", "source": name} for name in ("Энергосбыт", "Водоканал", "National Grid", "")]
    lineages = [one.lineage for one in listed(tmp_path, *rows)]
    assert len(set(lineages)) == 4
    assert lineages[2:] == ["national-grid", "causes-list"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"kind": "meteor"}, "`kind` is none of power, cable"),
        ({"kind": ""}, "`kind` is none of"),
        ({"country": "Atlantis"}, "`country` is none: give its ISO code or name"),
        ({"country": ""}, "`country` is none"),
        ({"place": "Xyzzyville"}, "`place` is not on the map: give the nearest city, or the region"),
        ({"from": ""}, "`from` can't be read: write 2021-02-28T14:00"),
        ({"from": "soon"}, "`from` can't be read"),
        ({"from": "2019-02-30"}, "`from` can't be read"),
        ({"from": "1919-02-03"}, "`from` is absurd: a time between 1990 and 2100"),
        ({"until": "later"}, "`until` can't be read"),
        ({"until": "9999-12-31"}, "`until`"),
        ({"magnitude": "-3"}, "`magnitude` is no number of at least 0"),
        ({"magnitude": "nan"}, "`magnitude` is no number"),
        ({"magnitude": "many"}, "`magnitude` is no number"),
    ],
)
def test_rows_that_are_refused_say_why_and_the_rest_goes_on(
    tmp_path: Path, changed: dict[str, str], words: str
) -> None:
    rows = read(tmp_path, BLACKOUT | {"id": "8"} | changed, BLACKOUT)
    (reason,) = reasons(rows)
    assert words in reason
    assert [row.number for row in accepted(rows)] == [3]


def test_two_rows_of_one_id_are_not_told_apart(tmp_path: Path) -> None:
    rows = read(tmp_path, BLACKOUT, BLACKOUT | {"until": "2019-03-12"})
    assert reasons(rows) == {"another row is the same cause: give each an `id` of its own": 1}


def test_a_row_that_moves_in_the_list_is_the_same(tmp_path: Path) -> None:
    other = {"country": "KZ", "place": "Almaty"}
    row = BLACKOUT | {"id": "", "reference": ""}
    assert listed(tmp_path, row)[0] == listed(tmp_path, other, row)[1]


# ------------------------------------------------------------------ told apart by content


def test_a_file_is_what_its_content_is(tmp_path: Path) -> None:
    files = {
        "a.csv": text(BLACKOUT).encode(),
        "b.json": json.dumps(collection(feature())).encode(),
        "c.txt": json.dumps(collection(feature())).encode(),
        "d.xml": b"\xef\xbb\xbf\n" + feed(item(FLOOD)).replace(b'<?xml version="1.0" encoding="utf-8"?>', b""),
        "e.csv": feed(item(FLOOD)),
        "f.xlsx": workbook([list(BLACKOUT), list(BLACKOUT.values())]),
    }
    found = {}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        found[name] = sorted({one.id.split("/")[0] for one in records(causes.read(tmp_path / name))})
    assert found == {
        "a.csv": ["causes"], "b.json": ["usgs"], "c.txt": ["usgs"], "d.xml": ["gdacs"], "e.csv": ["gdacs"],
        "f.xlsx": ["causes"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("a,b,c\n1,2,3\n", "is not a list of causes"),
        ("kind,country,from,until\npower,VE,2019-03-07,\n", "no column `place`"),
        ("\x00\x01\x02", "is not a list of causes"),
    ],
)
def test_files_that_are_nothing_of_it(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(content)
    with pytest.raises(SourceError, match=words):
        list(causes.read(path))


def test_the_rules_are_documented() -> None:
    written = DOCS.read_text(encoding="utf-8")
    for code, rule in EVENTS.items():
        levels = ", ".join(sorted(rule.levels)) or "none"
        assert f"| {code}, {rule.name} | {levels} | " in written
        assert f" | {rule.reason} |" in written


def test_the_columns_are_documented() -> None:
    written = DOCS.read_text(encoding="utf-8")
    assert set(SCHEMA.columns) <= set(COLUMNS)
    for name, words in COLUMNS.items():
        assert f"| `{name}` | {words} |" in written
