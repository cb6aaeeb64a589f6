"""Access Now's STOP list: its three schemas as small files, and the published files themselves."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from streams.sources import Accepted, SourceError, stop
from streams.sources.stop_schemas import EARLY, LATE, MIDDLE
from tests.sources.published import STOP_FILES, accepted, flags, published, reasons, rejected
from topics import REPORTS, Report, decode, encode

EARLY_ROW = {
    "id": "7", "year": "2018", "start_date": "2018-03-31", "end_date": "2018-04-01 00:00:00", "duration_days": "1",
    "country": "Sierra Leone", "geo_scope": "National", "area_name": "Nationwide", "actual_cause": "Elections",
    "ordered_by": "Executive Government", "shutdown_type_group": "Full network",
    "shutdown_type": "Broadband Internet, Mobile Internet, SMS", "service_details": "Internet and WhatsApp",
    "news_link": "http://example.org/2018/04/01/why", "an_link": "", "event": "Runoff  vote.",
    "latitude": "8.6", "longitude": "-11.7",
}  # fmt: skip
MIDDLE_ROW = {
    "ID": "14", "start_date": "2019-01-15", "end_date ": "2019-01-24 00:00:00", "duration": "9",
    "country ": "Zimbabwe ", "geo_scope": "Level 3", "area_name ": "National ",
    "ordered_by ": "Executive government", "decision_maker": "Vice President Office ",
    "shutdown_type_new": "Shutdown and throttle",
    "affected_network": "Mobile and broadband", "full or service-based": "Full and Service-based",
    "Facebook_affected": "1.0", "Twitter_affected": "0.0", "other_service_details (specify) ": "YouTube, Viber",
    "SMS_and_phone_call_affected": "SMS and Phone call", "gov_ack": "Yes ", "actual_cause": "Protest",
    "news_link ": "https://example.org/a\n\nhttps://example.org/b", "an_link ": "",
}  # fmt: skip
LATE_ROW = {
    "start_date_type": "Estimated", "start_date": "2022-01-02", "country": "Kazakhstan",
    "geo_scope": "It affected more than one city in the same state, province, or region",
    "area_name": "Almaty, Taldykorgan", "shutdown_type": "Shutdown, Throttle", "affected_network": "Mobile",
    "shutdown_extent": "Full network, Service-based", "ordered_by": "Unknown", "decision_maker": "",
    "actual_cause": "Protests", "info_source_link": "", "shutdown_status": "Ended", "end_date": "2022-01-10",
    "duration": "9", "gov_ack": "No", "telegram_affected": "Yes", "other_affected": "Signal, possibly",
    "sms_affected": "Unknown", "phonecall_affected": "Yes", "an_link": "", "event": "",
}  # fmt: skip


def write(tmp_path: Path, *rows: dict[str, str]) -> Path:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    path = tmp_path / "stop.csv"
    path.write_text(text.getvalue(), newline="")
    return path


def report(tmp_path: Path, row: dict[str, str], **changed: str) -> Report:
    """The one row's report, through its bytes."""
    assert changed.keys() <= row.keys()
    rows = list(stop.read(write(tmp_path, row | changed)))
    assert not rejected(rows), rows
    (one,) = accepted(rows)
    assert isinstance(one.record, Report)
    assert one.flags == one.record.flags
    assert (one.number, one.topic) == (2, REPORTS)
    read: Report = decode(REPORTS, encode(one.record))
    return read


def refusal(tmp_path: Path, row: dict[str, str], **changed: str) -> str:
    (one,) = rejected(stop.read(write(tmp_path, row | changed)))
    return str(one)


def test_the_early_schema(tmp_path: Path) -> None:
    found = report(tmp_path, EARLY_ROW)
    assert (found.country, found.places, found.scope) == ("Sierra Leone", ("Nationwide",), "national")
    assert (found.start, found.end, found.ongoing) == ("2018-03-31", "2018-04-01", False)
    assert (found.extent, found.networks) == ("full", ("broadband", "mobile"))
    assert set(found.services) == {"whatsapp", "sms"}
    assert (found.cause, found.ordered_by) == ("Elections", "Executive Government")
    assert (found.reporter.kind, found.reporter.name) == ("organisation", "Access Now")
    assert (found.latitude, found.longitude) == (None, None), "a country's middle locates nothing"
    assert (found.text, found.language) == ("Runoff vote.", "en")
    assert found.origin.reference == "http://example.org/2018/04/01/why"
    assert (found.flags, found.revision) == ((), 2018)


def test_the_middle_schema(tmp_path: Path) -> None:
    found = report(tmp_path, MIDDLE_ROW)
    assert (found.country, found.places, found.scope) == ("Zimbabwe", ("National",), "national")
    assert (found.start, found.end) == ("2019-01-15", "2019-01-24")
    assert (found.extent, found.networks) == ("full", ("broadband", "mobile"))
    assert set(found.services) == {"facebook", "youtube", "viber", "sms", "phone calls"}
    assert found.ordered_by == "Executive government, Vice President Office (acknowledged by the government)"
    assert found.origin.reference == "https://example.org/a https://example.org/b"
    assert (found.flags, found.revision) == ((), 2019)


def test_the_late_schema(tmp_path: Path) -> None:
    found = report(tmp_path, LATE_ROW)
    assert (found.country, found.places, found.scope) == ("Kazakhstan", ("Almaty, Taldykorgan",), "regional")
    assert (found.extent, found.networks) == ("full", ("mobile",))
    assert set(found.services) == {"telegram", "signal", "phone calls"}
    assert (found.ordered_by, found.approximate) == (None, True)
    assert (found.flags, found.revision) == (("start-estimated",), 2022)


@pytest.mark.parametrize(
    ("row", "column", "cell", "scope"),
    [
        (EARLY_ROW, "geo_scope", "Local", "local"),
        (EARLY_ROW, "geo_scope", "Regional", "regional"),
        (EARLY_ROW, "geo_scope", "Multi-regional", "regional"),
        (MIDDLE_ROW, "geo_scope", "Level 1", "local"),
        (MIDDLE_ROW, "geo_scope", "Level  2", "regional"),
        (MIDDLE_ROW, "geo_scope", "", None),
        (LATE_ROW, "geo_scope", "It only affected one city, county, or village", "local"),
        (LATE_ROW, "geo_scope", "It affected locations in more than one state, province, or region", "national"),
        (LATE_ROW, "geo_scope", "Not sure", None),
    ],
)
def test_scopes(tmp_path: Path, row: dict[str, str], column: str, cell: str, scope: str | None) -> None:
    assert report(tmp_path, row, **{column: cell}).scope == scope


@pytest.mark.parametrize(
    ("row", "changed", "extent"),
    [
        (EARLY_ROW, {"shutdown_type_group": "Mobile Internet"}, "full"),
        (EARLY_ROW, {"shutdown_type_group": "Service-based"}, "service"),
        (EARLY_ROW, {"shutdown_type_group": "Throttling"}, "throttling"),
        (EARLY_ROW, {"shutdown_type_group": ""}, None),
        (MIDDLE_ROW, {"full or service-based": "Full"}, "full"),
        (MIDDLE_ROW, {"full or service-based": "Service-based"}, "service"),
        (MIDDLE_ROW, {"shutdown_type_new": "Throttle"}, "throttling"),
        (LATE_ROW, {"shutdown_extent": "Service-based"}, "service"),
        (LATE_ROW, {"shutdown_extent": "Unknown"}, None),
        (LATE_ROW, {"shutdown_type": "Throttle"}, "throttling"),
    ],
)
def test_extents(tmp_path: Path, row: dict[str, str], changed: dict[str, str], extent: str | None) -> None:
    assert report(tmp_path, row, **changed).extent == extent


# ------------------------------------------------------------------ days


@pytest.mark.parametrize(
    ("changed", "end", "ongoing", "flagged"),
    [
        ({"end_date": "", "duration_days": ""}, None, False, "end-unknown"),
        ({"end_date": "Unknown"}, None, False, "end-unknown"),
        ({"end_date": "Ongoing"}, None, True, None),
        ({"end_date": "4/1/2018 upon CAF visit"}, "2018-04-01", False, "end-in-words"),
        ({"end_date": "April/2018 or so"}, None, False, "end-unreadable"),
        ({"end_date": "2018-03-31"}, "2018-03-31", False, None),
        ({"duration_days": "-363"}, "2018-04-01", False, "duration-disagrees"),
        ({"duration_days": "0"}, "2018-04-01", False, None),
        ({"year": "2016"}, "2018-04-01", False, "year-disagrees"),
        ({"news_link": "http://example.org/2018/05/01/why"}, "2018-04-01", False, "date-disagrees-with-link"),
        ({"an_link": "http://example.org/2018/05/01/why"}, "2018-04-01", False, None),
    ],
)
def test_ends_and_doubts(
    tmp_path: Path, changed: dict[str, str], end: str | None, ongoing: bool, flagged: str | None
) -> None:
    found = report(tmp_path, EARLY_ROW, **changed)
    assert (found.end, found.ongoing) == (end, ongoing)
    assert (flagged in found.flags) if flagged else not found.flags


def test_the_durations_of_the_late_schema_count_both_days(tmp_path: Path) -> None:
    assert "duration-disagrees" not in report(tmp_path, LATE_ROW, duration="9").flags
    assert "duration-disagrees" in report(tmp_path, LATE_ROW, duration="12").flags


def test_a_status_of_ongoing_beats_a_last_day(tmp_path: Path) -> None:
    found = report(tmp_path, LATE_ROW, shutdown_status="Ongoing")
    assert (found.end, found.ongoing) == (None, True)
    assert "end-of-what-goes-on" in found.flags
    assert report(tmp_path, LATE_ROW, shutdown_status="Ongoing", end_date="").ongoing


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"start_date": ""}, "no start date"),
        ({"start_date": "spring"}, "start date can't be read (spring)"),
        ({"start_date": "1018-03-31"}, "absurd date (1018-03-31 to 2018-04-01)"),
        ({"end_date": "3018-03-31"}, "absurd date (2018-03-31 to 3018-03-31)"),
        ({"country": " "}, "no country"),
    ],
)
def test_what_can_be_no_report_is_rejected(tmp_path: Path, changed: dict[str, str], words: str) -> None:
    assert refusal(tmp_path, EARLY_ROW, **changed) == words


def test_an_end_before_its_begin_is_flagged_and_left_out(tmp_path: Path) -> None:
    found = report(tmp_path, EARLY_ROW, end_date="2018-03-30")
    assert (found.start, found.end, found.ongoing) == ("2018-03-31", None, False)
    assert found.flags == ("ends-before-it-begins", "end-unknown")


@pytest.mark.parametrize(
    ("end", "year", "long"),
    [
        ("2019-04-01", "2018", False),
        ("2019-04-02", "2018", True),
        ("Ongoing", "2018", False),
        ("Ongoing", "2019", True),
    ],
)
def test_what_lasts_for_years_is_flagged(tmp_path: Path, end: str, year: str, long: bool) -> None:
    found = report(tmp_path, EARLY_ROW, end_date=end, year=year, duration_days="")
    assert ("lasts-for-years" in found.flags) is long


@pytest.mark.parametrize(
    ("latitude", "longitude", "flagged"),
    [("8.48", "-13.23", False), ("6.30", "-10.79", True), ("0", "-30", False)],
)
def test_coordinates_in_another_country_are_flagged_and_kept(
    tmp_path: Path, latitude: str, longitude: str, flagged: bool
) -> None:
    """Freetown is in Sierra Leone, Monrovia is not; the open sea is in no country."""
    found = report(
        tmp_path, EARLY_ROW, geo_scope="Local", area_name="Freetown", latitude=latitude, longitude=longitude
    )
    assert (found.latitude, found.longitude) == (float(latitude), float(longitude))
    assert ("coordinates-in-another-country" in found.flags) is flagged


def test_a_row_repeated_under_another_year_is_a_revision_of_the_same_report(tmp_path: Path) -> None:
    goes_on = EARLY_ROW | {"end_date": "Ongoing", "duration_days": ""}
    rows = accepted(stop.read(write(tmp_path, goes_on, goes_on | {"year": "2019"})))
    first, second = (row.record for row in rows)
    assert isinstance(first, Report)
    assert isinstance(second, Report)
    assert first.id == second.id
    assert (first.revision, second.revision) == (2018, 2019)
    assert "repeated-in-another-year" in second.flags
    assert "repeated-in-another-year" not in first.flags


# ------------------------------------------------------------------ who says it, who ordered it


@pytest.mark.parametrize(
    ("ordered_by", "maker", "acknowledged", "words"),
    [
        ("Unknown", "", "No", None),
        ("Uknown ", "", "", None),
        ("Uknown ", "", "Yes ", "the government (acknowledged)"),
        ("Executive government", "", "No", "Executive government"),
        ("State government", "", "No", None),
        ("State government", "State Government", "Yes", "State government (acknowledged by the government)"),
        ("Non-government", "Unknown ", "Unknown", None),
    ],
)
def test_ordered_by(tmp_path: Path, ordered_by: str, maker: str, acknowledged: str, words: str | None) -> None:
    changed = {"ordered_by ": ordered_by, "decision_maker": maker, "gov_ack": acknowledged}
    assert report(tmp_path, MIDDLE_ROW, **changed).ordered_by == words


@pytest.mark.parametrize(
    ("cell", "cites"),
    [
        ("https://ioda.caida.org/ioda/dashboard#x https://twitter.com/gatech_ioda/status/1", ("IODA",)),
        ("https://netblocks.org/reports/x", ("NetBlocks",)),
        ("https://www.twitter.com/NetBlocks/status/1, https://ioda.live/x", ("NetBlocks", "IODA")),
        ("https://ioda.live/x https://example.org/a", ()),
        ("https://twitter.com/somebody/status/1", ()),
        ("Facebook Transparency Report", ()),
        ("", ()),
    ],
)
def test_a_row_that_links_to_measurements_only_repeats_them(
    tmp_path: Path, cell: str, cites: tuple[str, ...]
) -> None:
    assert report(tmp_path, MIDDLE_ROW, **{"news_link ": cell}).cites == cites


@pytest.mark.parametrize(
    ("latitude", "longitude", "point", "flagged"),
    [
        ("34.02", "77.30", (34.02, 77.3), False),
        ("", "", (None, None), False),
        ("34.02", "", (None, None), True),
        ("34.02 N", "77", (None, None), True),
        ("134", "77", (None, None), True),
        ("nan", "77", (None, None), True),
    ],
)
def test_coordinates(tmp_path: Path, latitude: str, longitude: str, point: Any, flagged: bool) -> None:
    found = report(tmp_path, EARLY_ROW, geo_scope="Local", area_name="Shey", latitude=latitude, longitude=longitude)
    assert (found.latitude, found.longitude) == point
    assert ("coordinates-unreadable" in found.flags) == flagged


# ------------------------------------------------------------------ ids


def test_ids_do_not_depend_on_the_list(tmp_path: Path) -> None:
    """The Congo's shutdown of New Year 2019 is in two lists, whose spellings differ: one report."""
    early = report(
        tmp_path, EARLY_ROW, start_date="2018-12-31", end_date="2019-01-20", duration_days="20",
        country="Democratic Republic of the Congo", id="376",
    )  # fmt: skip
    middle = report(
        tmp_path, MIDDLE_ROW,
        **{"start_date": "2018-12-31", "end_date ": "2019-01-20", "duration": "20", "ID": "5",
           "country ": "DemocraticRepublicCongo"},
    )  # fmt: skip
    assert early.id == middle.id
    assert early.revision < middle.revision, "the later list counts"


@pytest.mark.parametrize(
    "changed",
    [
        {"start_date": "2018-03-30"},
        {"country": "Sudan"},
        {"shutdown_type_group": "Throttling"},
        {"geo_scope": "Local", "area_name": "Bo"},
        {"area_name": "Freetown"},
    ],
)
def test_ids_tell_shutdowns_apart(tmp_path: Path, changed: dict[str, str]) -> None:
    assert report(tmp_path, EARLY_ROW).id != report(tmp_path, EARLY_ROW, **changed).id


@pytest.mark.parametrize("changed", [{"end_date": "2018-04-02"}, {"area_name": ""}, {"event": "x"}, {"id": "8"}])
def test_ids_survive_corrections(tmp_path: Path, changed: dict[str, str]) -> None:
    assert report(tmp_path, EARLY_ROW).id == report(tmp_path, EARLY_ROW, **changed).id


def test_rows_alike_in_one_file_get_the_lists_number(tmp_path: Path) -> None:
    rows = [EARLY_ROW, EARLY_ROW | {"id": "8", "event": "another"}, EARLY_ROW]
    first, second, third = (row.record for row in accepted(stop.read(write(tmp_path, *rows))))
    assert isinstance(first, Report)
    assert isinstance(second, Report)
    assert second.id == f"{first.id}/8"
    assert third == first, "a row that is there twice is one report"


def test_rows_alike_without_a_number_get_one_of_their_own(tmp_path: Path) -> None:
    rows = [LATE_ROW, LATE_ROW | {"event": "another"}]
    ids = [row.record.id for row in accepted(stop.read(write(tmp_path, *rows)))]  # type: ignore[attr-defined]
    assert ids[1].startswith(f"{ids[0]}/")


# ------------------------------------------------------------------ the published files


def test_another_list_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    row = {name: cell for name, cell in LATE_ROW.items() if name not in ("shutdown_extent", "shutdown_status")}
    with pytest.raises(SourceError, match="2021 and later: it has no column `shutdown_extent`, `shutdown_status`"):
        list(stop.read(write(tmp_path, row)))
    with pytest.raises(SourceError, match="STOP list"):
        list(stop.read(write(tmp_path, {"a": "1", "b": "2"})))
    assert len({schema.name for schema in (EARLY, MIDDLE, LATE)}) == 3


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "rows", "doubts"),
    [
        (
            "stop_2016_2018.csv",
            377,
            {
                "end-unknown": 142, "date-disagrees-with-link": 5, "duration-disagrees": 1, "end-in-words": 1,
                "end-unreadable": 1, "coordinates-unreadable": 1, "coordinates-in-another-country": 5,
                "lasts-for-years": 3,
            },
        ),
        (
                "stop_2019.csv",
                210,
                {"end-unknown": 74, "date-disagrees-with-link": 4, "duration-disagrees": 1, "lasts-for-years": 1},
            ),
        ("stop_2022.csv", 169, {"start-estimated": 16, "end-unknown": 6, "date-disagrees-with-link": 1}),
        ("stop_2021_kazakhstan.csv", 2, {"date-disagrees-with-link": 1}),
    ],
)  # fmt: skip
def test_published_rows_are_all_accepted(name: str, rows: int, doubts: dict[str, int]) -> None:
    found = list(stop.read(published(name)))
    assert len(accepted(found)) == rows
    assert reasons(found) == {}
    assert flags(found) == doubts
    records = [row.record for row in accepted(found)]
    assert all(decode(REPORTS, encode(record)) == record for record in records)


@pytest.mark.data
def test_published_ids_are_unique_in_a_file_and_shared_only_by_the_same_shutdown() -> None:
    by_id: dict[str, list[Report]] = {}
    for name in STOP_FILES:
        records = [row.record for row in accepted(stop.read(published(name)))]
        assert len({record.id for record in records}) == len(records)  # type: ignore[attr-defined]
        for record in records:
            assert isinstance(record, Report)
            by_id.setdefault(record.id, []).append(record)
    shared = [reports for reports in by_id.values() if len(reports) > 1]
    assert sorted(reports[0].start for reports in shared) == ["2018-12-21", "2018-12-31"]
    assert all(len({one.start for one in reports}) == 1 for reports in shared)


@pytest.mark.data
def test_reading_again_gives_the_same() -> None:
    assert list(stop.read(published("stop_2019.csv"))) == list(stop.read(published("stop_2019.csv")))


@pytest.mark.data
def test_the_seed_case_is_a_month_late_in_the_list_and_flagged() -> None:
    rows = accepted(stop.read(published("stop_2021_kazakhstan.csv")))
    flagged = [row.record for row in rows if "date-disagrees-with-link" in row.flags]
    assert [(one.start, one.places) for one in flagged] == [  # type: ignore[attr-defined]
        ("2021-03-28", ("Cities of Almaty and Nur-Sultan",))
    ]


@pytest.mark.data
@pytest.mark.parametrize("share", [0.03, 0.31, 0.62, 0.985])
def test_truncated_copies_lose_the_end_and_nothing_else(tmp_path: Path, share: float) -> None:
    whole = published("stop_2019.csv")
    raw = whole.read_bytes()
    cut = raw[: int(len(raw) * share)].decode(errors="ignore").encode()
    path = tmp_path / "cut.csv"
    path.write_bytes(cut)
    rows, wanted = list(stop.read(path)), list(stop.read(whole))
    assert 0 < len(rows) < len(wanted)
    assert rows[:-1] == wanted[: len(rows) - 1]


@pytest.mark.data
def test_damaged_copies(tmp_path: Path) -> None:
    raw = published("stop_2019.csv").read_bytes()
    path = tmp_path / "damaged.csv"
    path.write_bytes(raw.decode().encode("latin-1", errors="replace"))
    with pytest.raises(SourceError, match="not UTF-8"):
        list(stop.read(path))
    path.write_bytes(raw.replace(b"full or service-based", b"extent", 1))
    with pytest.raises(SourceError, match="`full_or_service_based`"):
        list(stop.read(path))
    path.write_bytes(raw.replace(b"Hodeidah", b"Hode\0idah", 1))
    assert reasons(stop.read(path)) == {"damaged: holds NUL bytes": 1}
    path.write_bytes(raw.replace(b"Hodeidah", b"H" * 5_000_000, 1))
    found = list(stop.read(path))
    assert reasons(found) == {"damaged: a cell of more than 20,000 characters": 1}
    assert len(found) == 210


@pytest.mark.parametrize(
    ("country", "area", "found"),
    [
        ("Togo; Tanzania, United Republic of", "Nationwide", {"Togo": "Nationwide", "Tanzania": "Nationwide"}),
        ("Guinea / Senegal", "", {"Guinea": "", "Senegal": ""}),
        ("Chad, Niger and Mali", "Nationwide", {"Chad": "Nationwide", "Niger": "Nationwide", "Mali": "Nationwide"}),
        ("Thailand; Myanmar", "Myawaddy, Kayin State", {"Thailand": "", "Myanmar": "Myawaddy, Kayin State"}),
        ("Iraq; Syria", "Nineveh, Al-Hasakah", {"Iraq": "Nineveh, Al-Hasakah", "Syria": "Nineveh, Al-Hasakah"}),
        ("Bosnia and Herzegovina", "Tuzla", {"Bosnia and Herzegovina": "Tuzla"}),
        ("Korea, Republic of", "Seoul", {"Korea, Republic of": "Seoul"}),
        ("Chad and Atlantis", "Nationwide", {"Chad and Atlantis": "Nationwide"}),
    ],
)  # fmt: skip
def test_a_row_of_several_countries_is_a_report_for_each(
    tmp_path: Path, country: str, area: str, found: dict[str, str]
) -> None:
    path = tmp_path / "stop.csv"
    columns = dict.fromkeys(LATE.columns, "") | {
        "start_date": "2024-06-25", "end_date": "2024-06-26", "country": country, "area_name": area,
        "geo_scope": "It only affected one city, county, or village",
    }  # fmt: skip
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, columns)
        writer.writeheader()
        writer.writerow(columns)
    records = [row.record for row in stop.read(path) if isinstance(row, Accepted)]
    reports = [one for one in records if isinstance(one, Report)]
    assert {one.country: " ".join(one.places) for one in reports} == found
    assert len({one.id for one in reports}) == len(found)
