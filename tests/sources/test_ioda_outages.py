"""IODA's list of investigated outages as evidence."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import pytest

from streams.sources import SourceError, ioda_outages
from tests.sources.published import IODA_FILE, accepted, flags, published, reasons, rejected
from topics import EVIDENCE, Outage, decode, encode

SCOPE = "Scope (based on granularity at which the outage appears in IODA)"
ROW = {
    "ID": "0B5D56D9",
    "Begin time": "Tuesday, January 15, 2019, 7:09:00 AM",
    "End time": "Thursday, January 17, 2019, 8:58:00 AM",
    "Country": "Zimbabwe",
    "IODA BGP visible by human": "True ",
    "IODA AP visible by human ": "TRUE",
    " IODA IBR visible by human": "FALSE ",
    SCOPE: "Country",
    "Region": "",
    "AS": "",
    "Cause": "Government-Ordered",
    "Confirmation Status": "Confirmed",
    "Manually verified": "Yes ",
    "Notes": "ordered by the president",
}


def write(tmp_path: Path, *rows: dict[str, str]) -> Path:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    path = tmp_path / "outages.csv"
    path.write_text(text.getvalue(), newline="")
    return path


def outage(tmp_path: Path, **changed: str) -> Outage:
    (row,) = accepted(ioda_outages.read(write(tmp_path, ROW | changed)))
    assert isinstance(row.record, Outage)
    assert decode(EVIDENCE, encode(row.record)) == row.record
    return row.record


def refusal(tmp_path: Path, **changed: str) -> str:
    assert changed.keys() <= ROW.keys()
    (row,) = rejected(ioda_outages.read(write(tmp_path, ROW | changed)))
    return str(row)


def test_a_country(tmp_path: Path) -> None:
    found = outage(tmp_path)
    assert found.id == "ioda-curated/0B5D56D9"
    assert (found.country, found.place.kind, found.place.name) == ("ZW", "country", "Zimbabwe")
    assert found.from_s == int(dt.datetime(2019, 1, 15, 7, 9, tzinfo=dt.UTC).timestamp())
    assert found.until_s == int(dt.datetime(2019, 1, 17, 8, 58, tzinfo=dt.UTC).timestamp())
    assert (found.from_uncertainty_s, found.until_uncertainty_s, found.precision) == (600, 600, "minute")
    assert found.signals == ("bgp", "ping-slash24")
    assert (found.lineage, found.series) == ("ioda", "ioda/country/ZW/bgp+ping-slash24")


def test_a_region_and_a_network(tmp_path: Path) -> None:
    region = outage(tmp_path, Country="Venezuela", **{SCOPE: "Region (Mérida)"})
    assert (region.place.kind, region.place.name, region.country) == ("region", "Mérida", "VE")
    network = outage(tmp_path, Country="Chile", **{SCOPE: "AS (27653)"})
    assert (network.place.kind, network.place.network, network.country) == ("network", 27653, "CL")
    assert network.series.startswith("ioda/asn/27653/")


@pytest.mark.parametrize(
    ("seen", "signals", "uncertainty"),
    [
        (("True ", "FALSE", "FALSE "), ("bgp",), 300),
        (("FALSE", "True ", "False "), ("ping-slash24",), 600),
        (("FALSE", "", "True  "), ("ucsd-nt",), 600),
        (("TRUE", "TRUE", "TRUE"), ("bgp", "ping-slash24", "ucsd-nt"), 600),
    ],
)
def test_signals(tmp_path: Path, seen: tuple[str, ...], signals: tuple[str, ...], uncertainty: int) -> None:
    names = ("IODA BGP visible by human", "IODA AP visible by human ", " IODA IBR visible by human")
    found = outage(tmp_path, **dict(zip(names, seen, strict=True)))
    assert (found.signals, found.from_uncertainty_s, found.until_uncertainty_s) == (
        signals,
        uncertainty,
        uncertainty,
    )


def test_nothing_of_the_cause_reaches_the_evidence(tmp_path: Path) -> None:
    """Cause and confirmation are what evaluations compare with: evidence that held them would know the answer."""
    names = ("Cause", "Confirmation Status", "Manually verified", "Notes")
    plain = encode(outage(tmp_path))
    for name in names:
        assert encode(outage(tmp_path, **{name: "Cable-Cut"})) == plain
    assert not any(word in plain for word in (b"Government", b"Confirmed", b"president"))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"Begin time": ""}, "no begin time"),
        ({"Begin time": "2019-01-15"}, "begin time can't be read (2019-01-15)"),
        (
            {"Begin time": "Tuesday, January 35, 2019, 7:09 AM"},
            "begin time can't be read (Tuesday, January 35, 2019, 7:09 AM)",
        ),
        ({"Begin time": "Tuesday, January 15, 1019, 7:09 AM"}, "absurd time (Tuesday, January 15, 1019, 7:09 AM)"),
        ({"Country": "Atlantis"}, "unknown country (Atlantis)"),
        ({SCOPE: "Region (Atlantis)"}, "unknown region (Atlantis, ZW)"),
        ({SCOPE: "AS (none)"}, "unknown network (none, ZW)"),
        ({SCOPE: "Planet"}, "unknown scope (Planet)"),
        ({"IODA BGP visible by human": "", "IODA AP visible by human ": ""}, "no signal shows it"),
    ],
)
def test_what_is_rejected(tmp_path: Path, changed: dict[str, str], words: str) -> None:
    assert refusal(tmp_path, **changed) == words


def test_times_without_seconds_or_comma_and_around_noon(tmp_path: Path) -> None:
    noon = int(dt.datetime(2019, 1, 15, 12, tzinfo=dt.UTC).timestamp())
    assert outage(tmp_path, **{"Begin time": "Tuesday January 15, 2019, 12:00 PM"}).from_s == noon
    assert outage(tmp_path, **{"Begin time": "Tuesday, January 15, 2019, 12:00:00 AM"}).from_s == noon - 43_200


def test_a_weekday_that_is_none_of_that_date_is_flagged(tmp_path: Path) -> None:
    rows = list(ioda_outages.read(write(tmp_path, ROW | {"Begin time": "Monday, January 15, 2019, 7:09 AM"})))
    assert flags(rows) == {"weekday-disagrees": 1}


@pytest.mark.parametrize(
    ("end", "flag"), [("Tuesday, January 15, 2019, 7:08:00 AM", "ends-before-it-begins"), ("", "end-unknown")]
)
def test_an_end_that_is_none_is_flagged_and_uncertain(tmp_path: Path, end: str, flag: str) -> None:
    (row,) = accepted(ioda_outages.read(write(tmp_path, ROW | {"End time": end})))
    assert row.flags == (flag,)
    assert isinstance(row.record, Outage)
    assert (row.record.until_s or 0) - row.record.from_s == 600
    assert (row.record.from_uncertainty_s, row.record.until_uncertainty_s) == (600, 86_400)


def test_an_id_is_taken_once(tmp_path: Path) -> None:
    rows = list(ioda_outages.read(write(tmp_path, ROW, ROW | {"Country": "Chad"})))
    assert reasons(rows) == {"its ID is another row's": 1}


def test_rows_without_an_id_get_one_from_place_and_time(tmp_path: Path) -> None:
    first, second = outage(tmp_path, ID=""), outage(tmp_path, ID="", Country="Chad")
    assert first == outage(tmp_path, ID="")
    assert first.id != second.id


def test_another_list_is_refused(tmp_path: Path) -> None:
    row = {name: cell for name, cell in ROW.items() if "BGP" not in name}
    with pytest.raises(SourceError, match="investigated outages: it has no column `ioda_bgp_visible_by_human`"):
        list(ioda_outages.read(write(tmp_path, row)))


@pytest.mark.data
def test_the_published_list() -> None:
    rows = list(ioda_outages.read(published(IODA_FILE)))
    assert len(rows) == 630
    assert len(accepted(rows)) == 627
    assert reasons(rows) == {"no signal shows it": 3}
    assert flags(rows) == {"ends-before-it-begins": 23, "weekday-disagrees": 2}
    records = [row.record for row in accepted(rows)]
    assert all(isinstance(one, Outage) for one in records)
    assert len({one.id for one in records if isinstance(one, Outage)}) == 627
    assert all(decode(EVIDENCE, encode(one)) == one for one in records)
    assert [row.number for row in rows] == list(range(2, 632))


@pytest.mark.data
@pytest.mark.parametrize(
    ("country", "day", "kind"),
    [
        ("ZW", "2019-01-15", "country"), ("GA", "2019-01-07", "country"), ("ET", "2019-06-22", "country"),
        ("BJ", "2019-04-28", "country"), ("SL", "2018-03-31", "country"), ("IQ", "2019-10-02", "country"),
        ("CD", "2018-12-31", "country"), ("IN", "2019-08-04", "region"),
    ],
)  # fmt: skip
def test_published_outages_that_are_known_shutdowns(country: str, day: str, kind: str) -> None:
    found = [
        row.record
        for row in accepted(ioda_outages.read(published(IODA_FILE)))
        if isinstance(row.record, Outage)
        and row.record.country == country
        and dt.datetime.fromtimestamp(row.record.from_s, dt.UTC).date().isoformat() == day
    ]
    assert [one.place.kind for one in found] == [kind]
