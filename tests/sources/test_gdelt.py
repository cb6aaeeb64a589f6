"""GDELT's events as news: columns, codes, places, copies, damage; and the native file that was published."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from streams.sources import SourceError, gdelt
from streams.sources.gdelt_rows import EVENT_COLUMNS
from tests.sources.published import accepted, published, reasons, records, rejected
from topics import NEWS, NewsItem, decode, encode

NATIVE = "gdelt_20191024143000.export.CSV"

ROW = {
    0: "881000001",
    1: "20190820",
    6: "STUDENT",
    16: "POLICE",
    25: "1",
    26: "141",
    28: "14",
    31: "10",
    32: "2",
    33: "10",
    34: "-2.5",
    51: "4",
    52: "Minsk, Belarus (general), Belarus",
    53: "BO",
    54: "BO00",
    56: "53.9",
    57: "27.5667",
    58: "-1946324",
    59: "20190820143000",
    60: "https://example.org/a",
}


def line(**changed: str) -> str:
    """A row of an events file; `c25="0"` changes column 25."""
    cells = [""] * EVENT_COLUMNS
    for at, cell in (ROW | {int(name[1:]): cell for name, cell in changed.items()}).items():
        cells[at] = cell
    return "\t".join(cells)


def write(tmp_path: Path, *lines: str, name: str = "20190820143000.export.CSV") -> Path:
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def item(tmp_path: Path, **changed: str) -> NewsItem:
    (row,) = accepted(gdelt.read(write(tmp_path, line(**changed))))
    assert isinstance(row.record, NewsItem)
    assert decode(NEWS, encode(row.record)) == row.record
    return row.record


def refused(tmp_path: Path, **changed: str) -> str:
    (row,) = rejected(gdelt.read(write(tmp_path, line(**changed))))
    return row.reason


def test_a_protest(tmp_path: Path) -> None:
    found = item(tmp_path)
    assert found.id.startswith("gdelt/2019-08-20/")
    assert (found.country, found.places) == ("BY", ("Minsk",))
    assert (found.latitude, found.longitude, found.geo_precision) == (53.9, 27.5667, "city")
    assert (found.start, found.end, found.title) == ("2019-08-20", None, "demonstration or rally")
    assert found.known_s == 1_566_311_400
    assert found.origin.reference == "https://example.org/a"


def test_no_actor_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, line(c6="JANE ROE", c16="JOHN DOE"))
    (row,) = accepted(gdelt.read(path))
    assert b"ROE" not in encode(row.record)
    assert b"DOE" not in encode(row.record)


@pytest.mark.parametrize(
    ("fips", "point", "country"),
    [
        ("IZ", ("33.34", "44.4"), "IQ"),
        ("SU", ("15.58", "32.53"), "SD"),
        ("ZI", ("-17.83", "31.05"), "ZW"),
        ("UP", ("50.45", "30.52"), "UA"),
        ("KZ", ("43.25", "76.95"), "KZ"),
        ("GM", ("52.52", "13.4"), "DE"),
        ("CH", ("39.9", "116.4"), "CN"),
        ("SZ", ("46.95", "7.44"), "CH"),
        ("GZ", ("31.5", "34.45"), "PS"),
        ("RB", ("44.82", "20.46"), "RS"),
    ],
)
def test_fips_codes_are_not_iso_codes(tmp_path: Path, fips: str, point: tuple[str, str], country: str) -> None:
    found = item(tmp_path, c53=fips, c52="Somewhere, There", c56=point[0], c57=point[1])
    assert (found.country, found.flags) == (country, ())
    assert (found.latitude, found.longitude) == (float(point[0]), float(point[1]))


def test_a_countrys_centroid_locates_no_city(tmp_path: Path) -> None:
    found = item(tmp_path, c51="1", c52="Russia", c53="RS", c56="60", c57="100")
    assert (found.country, found.geo_precision, found.latitude, found.places) == ("RU", "country", None, ())


@pytest.mark.parametrize(
    ("geo_type", "precision"), [("2", "region"), ("3", "city"), ("4", "city"), ("5", "region")]
)
def test_what_coordinates_stand_for(tmp_path: Path, geo_type: str, precision: str) -> None:
    assert item(tmp_path, c51=geo_type).geo_precision == precision


def test_a_name_far_from_its_coordinates_is_another_place(tmp_path: Path) -> None:
    assert item(tmp_path, c52="Brest, Belarus").places == ()
    assert item(tmp_path, c52="Brest, Belarus", c56="52.1", c57="23.7").places == ("Brest",)


def test_coordinates_in_another_country_are_flagged_and_left_out(tmp_path: Path) -> None:
    found = item(tmp_path, c56="48.85", c57="2.35")
    assert "coordinates-in-another-country" in found.flags
    assert (found.latitude, found.places) == (None, ("Minsk",))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"c28": "19"}, "no protest (EventRootCode is not 14)"),
        ({"c28": ""}, "no protest (EventRootCode is not 14)"),
        ({"c51": "0", "c53": ""}, "no place"),
        ({"c51": "", "c53": ""}, "no place"),
        ({"c53": "QQ"}, "unknown country"),
        ({"c1": "20191345"}, "damaged: a number or date can't be read"),
        ({"c59": "soon"}, "damaged: a number or date can't be read"),
        ({"c31": ""}, "damaged: a number or date can't be read"),
    ],
)
def test_what_is_refused(tmp_path: Path, changed: dict[str, str], reason: str) -> None:
    assert refused(tmp_path, **changed) == reason


def test_one_article_one_place_one_day_is_one_item(tmp_path: Path) -> None:
    rows = list(
        gdelt.read(
            write(
                tmp_path,
                line(),
                line(c0="2", c26="145"),
                line(c0="3", c60="https://example.org/b"),
                line(c0="4", c1="20190819"),
            )
        )
    )
    assert len({one.id for one in records(rows)}) == 3
    assert reasons(rows) == {"told already: the same article, place and day": 1}


def test_zip_and_plain_give_the_same(tmp_path: Path) -> None:
    plain = write(tmp_path, line(), line(c0="2", c60="https://example.org/b"))
    packed = tmp_path / "20190820143000.export.CSV.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(plain, plain.name)
    assert list(gdelt.read(plain)) == list(gdelt.read(packed))


def test_damaged_rows_are_counted_and_the_rest_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, line(), line(c0="2")[:80], line(c0="3", c60="https://example.org/c"))
    path.write_bytes(path.read_bytes() + line(c60="https://example.org/\udc81").encode("utf-8", "surrogateescape"))
    rows = list(gdelt.read(path))
    assert len(accepted(rows)) == 2
    assert reasons(rows) == {"damaged: wrong number of columns": 1, "damaged: not UTF-8": 1}


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    for content, words in [
        ("a,b,c\n1,2,3\n", r"no file of GDELT 2.0's events .*: its rows have 1 columns by tabs, not 61"),
        ("a" + "\t" * 15 + "\n", "one of mentions .*: give it with --mentions"),
        ("1" + "\t" * 57 + "\n", r"GDELT 1\.0's, of a day"),
        ("1" + "\t" * 56 + "\n", r"GDELT 1\.0's, of a day of 1979 to 2013"),
        ("1" + "\t" * 26 + "\n", "Global Knowledge Graph"),
        ("1" + "," * 60 + "\n", "saved again with commas .* as downloaded"),
        ("1" + ";" * 60 + "\n", "saved again with semicolons"),
        ("1" + "\t" * 8 + "\n", "9 columns by tabs, not 61"),
        ("\n\n", "is empty"),
    ]:
        path = tmp_path / "x.CSV"
        path.write_text(content)
        with pytest.raises(SourceError, match=words):
            list(gdelt.read(path))


def test_a_damaged_zip(tmp_path: Path) -> None:
    path = tmp_path / "x.export.CSV.zip"
    path.write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(SourceError, match="packed and damaged"):
        list(gdelt.read(path))


def test_mentions_by_event(tmp_path: Path) -> None:
    cells = ["881000001", "20190820140000", "20190820143000", "1", "example.org", "https://example.org/a"]
    cells += ["1", "-1", "10", "20", "1", "70", "1000", "-2", "", ""]
    path = write(tmp_path, "\t".join(cells), "damaged", name="20190820143000.mentions.CSV")
    ((event, (mention,)),) = gdelt.read_mentions(path).items()
    assert (event, mention.source, mention.confidence, mention.in_raw_text) == (
        "881000001",
        "example.org",
        70,
        True,
    )
    assert len(accepted(gdelt.read(write(tmp_path, line()), path))) == 1
    with pytest.raises(SourceError, match="mentions"):
        gdelt.read_mentions(write(tmp_path, line()))


@pytest.mark.data
def test_the_native_file() -> None:
    rows = list(gdelt.read(published(NATIVE)))
    assert len(rows) == 2_111
    assert reasons(rows)["no protest (EventRootCode is not 14)"] == 2_080
    assert not [reason for reason in reasons(rows) if reason.startswith("damaged")]
    kept = {one.origin.reference: one for one in records(rows)}
    athens = kept[
        "https://abcnews.go.com/International/wireStory/greek-unions-rail-business-rules-overhaul-66495029"
    ]
    assert (athens.country, athens.places) == ("GR", ("Athens",))
    assert "10-years-of-belarus" not in "".join(map(str, kept))


@pytest.mark.data
@pytest.mark.parametrize("kept", [0.37, 0.81, 0.999])
def test_damaged_copies_of_the_native_file(tmp_path: Path, kept: float) -> None:
    whole = published(NATIVE).read_bytes()
    cut = tmp_path / "cut.export.CSV"
    cut.write_bytes(whole[: int(len(whole) * kept)])
    complete = {one.id for one in records(gdelt.read(published(NATIVE)))}
    rows = list(gdelt.read(cut))
    assert {one.id for one in records(rows)} <= complete
    assert sum(count for reason, count in reasons(rows).items() if reason.startswith("damaged")) <= 1
    overwritten = tmp_path / "overwritten.export.CSV"
    at = int(len(whole) * kept)
    overwritten.write_bytes(whole[: at - 3000] + b"\xff\x00" * 1500 + whole[at:])
    rows = list(gdelt.read(overwritten))
    assert {one.id for one in records(rows)} <= complete
    assert len(rows) > 2_000
