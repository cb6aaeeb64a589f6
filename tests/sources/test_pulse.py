"""Pulse's tracker as reports: its page's cards, its API's answers, CSV."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from streams.sources import SourceError, pulse
from tests.sources.published import accepted, reasons, records
from topics import REPORTS, Report, decode, encode

CARD = {
    "detail_url": "/shutdowns/cut-in-somewhere",
    "status": "Completed",
    "shutdown_type": "Regional shutdown",
    "connection_type": "Mobile",
    "region": "Almaty",
    "summary": "The internet was cut",
    "country": "Kazakhstan",
    "country_code": "KZ",
    "start_datetime": "2022-01-05T10:30:00+00:00",
    "end_datetime": "2022-01-10T12:00:00+06:00",
    "duration": "5 days",
}


def test_an_entry_of_several_regions_is_a_report_for_each(tmp_path: Path) -> None:
    path = tmp_path / "pulse.json"
    path.write_text(json.dumps([CARD | {"region": name} for name in ("Almaty", "Atyrau", "Aktobe")]))
    found = records(pulse.read(path))
    assert [one.places for one in found] == [("Almaty",), ("Atyrau",), ("Aktobe",)]
    assert len({one.id for one in found}) == 3


@pytest.mark.parametrize("nested", [True, False])
def test_an_older_answer_with_its_meta(tmp_path: Path, nested: bool) -> None:
    code = {"countryAlpha2Code": "KZ"}
    meta = {
        "startDate": "05/01/2022",
        "endDate": "10/01/2022",
        "type": "national_shutdown",
        "affectedRegions": None,
    }
    entry = {"countryName": "Kazakhstan", "link": "https://example.org/a", "meta": meta | (code if nested else {})}
    (found,) = records(pulse.read(write(tmp_path, {"events": [entry | ({} if nested else code)]})))
    assert (found.country, found.start, found.end) == ("KZ", "2022-01-05", "2022-01-10")
    assert (found.scope, found.places, found.origin.reference) == ("national", (), "https://example.org/a")


def test_an_older_answer_of_blocked_services(tmp_path: Path) -> None:
    meta = {"startDate": "6/4/2023", "endDate": None, "type": "content_blocking", "cause": "Elections"}
    services = {"affectedServices": "Telegram, WhatsApp", "affectedRegions": "Kano"}
    entry = {"countryName": "Nigeria", "countryAlpha2Code": "NG", "meta": meta | services}
    (found,) = records(pulse.read(write(tmp_path, {"events": [entry]})))
    assert (found.start, found.end, found.extent, found.places) == ("2023-04-06", None, "service", ("Kano",))
    assert set(found.services) == {"telegram", "whatsapp"}


def test_an_answer_of_the_present_api(tmp_path: Path) -> None:
    entry = {
        "country": "Iran (Islamic Republic of)",
        "start_date": "2026-01-08T00:00:00.000Z",
        "end_date": None,
        "type": "Regional shutdown",
        "verification_level": "verified",
        "cause": "protests",
        "affected_regions": ["Tehran", {"name": "Fars"}],
    }
    answer = {"data": [entry, entry | {"affected_regions": "National", "type": "Shutdown"}], "total": 2}
    regional, national = records(pulse.read(write(tmp_path, answer)))
    assert (regional.country, regional.start, regional.places) == ("IR", "2026-01-08", ("Tehran", "Fars"))
    assert (national.scope, national.places) == ("national", ())
    assert regional.id != national.id


def test_whether_a_list_is_whole() -> None:
    entry = json.dumps(CARD)
    for said, whole in (
        ("", True),
        (', "total": 1', True),
        (', "meta": {"total": 9}', False),
        (', "count": 2', False),
    ):
        assert pulse.answered(f'{{"data": [{entry}]{said}}}'.encode(), "x").whole == whole


def write(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "pulse.json"
    path.write_text(json.dumps(content))
    return path


def report(tmp_path: Path, **changed: Any) -> Report:
    (row,) = accepted(pulse.read(write(tmp_path, [CARD | changed])))
    assert isinstance(row.record, Report)
    assert decode(REPORTS, encode(row.record)) == row.record
    return row.record


def test_a_card(tmp_path: Path) -> None:
    found = report(tmp_path)
    assert (found.country, found.places, found.scope, found.extent) == ("KZ", ("Almaty",), "regional", "full")
    assert (found.start, found.end, found.ongoing) == ("2022-01-05T10:30:00Z", "2022-01-10T06:00:00Z", False)
    assert (found.networks, found.flags, found.reporter.kind) == (("mobile",), (), "organisation")


def test_what_goes_on_and_is_over_later_is_one_report(tmp_path: Path) -> None:
    going_on = report(tmp_path, status="Ongoing", end_datetime=None, shutdown_type="National shutdown")
    assert (going_on.ongoing, going_on.end, going_on.scope, going_on.places) == (
        True,
        None,
        "national",
        ("Almaty",),
    )
    assert (going_on.id, going_on.revision < report(tmp_path).revision) == (report(tmp_path).id, True)


def test_services(tmp_path: Path) -> None:
    found = report(tmp_path, shutdown_type="Service blocking", summary="Telegram, WhatsApp blocked")
    assert (found.extent, set(found.services)) == ("service", {"telegram", "whatsapp"})


def test_a_single_shutdown(tmp_path: Path) -> None:
    for content in (CARD, {"data": CARD}):
        assert [one.country for one in records(pulse.read(write(tmp_path, content)))] == ["KZ"]


@pytest.mark.parametrize("wrap", ["data", "shutdowns", "results", None])
def test_forms_of_an_answer(tmp_path: Path, wrap: str | None) -> None:
    rows = [CARD, CARD | {"detail_url": "/other", "start_datetime": "2022-01-05", "end_datetime": "2022-01-06"}]
    first, second = records(pulse.read(write(tmp_path, {wrap: rows} if wrap else rows)))
    assert (first.start, second.start, second.end) == ("2022-01-05T10:30:00Z", "2022-01-05", "2022-01-06")


def test_csv_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "pulse.csv"
    path.write_text("\n".join([",".join(CARD), ",".join(CARD.values())]))
    (row,) = accepted(pulse.read(path))
    assert row.record == report(tmp_path)


def test_doubts_and_refusals(tmp_path: Path) -> None:
    changes: list[dict[str, Any]] = [
        {"end_datetime": "2022-01-04T00:00:00+00:00"},
        {"end_datetime": None},
        {"status": "Ongoing"},
        {"country": "Atlantis", "country_code": ""},
        {"start_datetime": ""},
        {"start_datetime": "soon"},
    ]
    rows = list(pulse.read(write(tmp_path, [CARD | change for change in changes])))
    assert [row.flags for row in accepted(rows)] == [
        ("ends-before-it-begins", "end-unknown"),
        ("end-unknown",),
        ("end-of-what-goes-on",),
    ]
    assert reasons(rows) == {"unknown country": 1, "no start": 1, "time can't be read": 1}


@pytest.mark.parametrize(
    ("content", "words"), [({"error": "Unauthorized"}, "Unauthorized"), ([1, 2], "no list of shutdowns")]
)
def test_answers_that_are_errors(tmp_path: Path, content: Any, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        list(pulse.read(write(tmp_path, content)))
