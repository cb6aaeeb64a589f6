"""Dates of feeds: the forms of RFC 822 and 3339, what templates make of them, names of zones, other languages."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from streams.sources import feeds
from streams.sources.feed_times import ZONE_UNKNOWN, published, zones
from streams.sources.rows import Accepted
from topics import Report

AT = dt.datetime(2021, 2, 28, 14, 5, tzinfo=dt.UTC)


def moment(text: str) -> dt.datetime | None:
    found, _ = published(text)
    return None if found is None else dt.datetime.fromtimestamp(found, dt.UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 28 Feb 2021 14:05:00 GMT",
        "Sun, 28 Feb 2021 14:05 +0000",
        "28 February 2021 14:05:00",
        "28-Feb-2021 14:05:00 UTC",
        "Sunday, 28-Feb-21 14:05:00 GMT",
        "Sun Feb 28 14:05:00 2021",
        "Sun Feb 28 14:05:00 UTC 2021",
        "February 28, 2021 14:05",
        "2021-02-28T14:05:00Z",
        "2021-02-28 14:05:00 UTC",
        "2021/02/28 14:05",
        "2021-02-28T14:05:00.123+00:00",
        "Sun, 28 Feb 2021 14:05:00 Z",
        "Sun, 28 Feb 2021 14:05:00 +0000 (Coordinated Universal Time)",
        "Вс, 28 фев 2021 14:05:00 +0000",
        "Dom, 28 fev 2021 14:05:00 +0000",
        "dim., 28 févr. 2021 14:05:00 +0000",
    ],
)
def test_one_moment_in_many_forms(text: str) -> None:
    assert moment(text) == AT
    assert published(text)[1] == ()


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("EAT", 3), ("MSK", 3), ("IST", 5.5), ("PKT", 5), ("WAT", 1), ("CAT", 2), ("EST", -5), ("PDT", -7),
        ("NPT", 5.75),
        ("GMT+6", 6), ("UTC+03:30", 3.5), ("+06:00", 6), ("+0630", 6.5), ("-5", -5), ("GMT-0300", -3), ("BRT", -3),
        ("ICT", 7), ("WIB", 7), ("ALMT", 6),
    ],
)  # fmt: skip
def test_zones(zone: str, hours: float) -> None:
    assert moment(f"Sun, 28 Feb 2021 14:05:00 {zone}") == AT - dt.timedelta(hours=hours)
    assert published(f"2021-02-28 14:05:00 {zone}") == published(f"Sun, 28 Feb 2021 14:05:00 {zone}")


@pytest.mark.parametrize("zone", ["XYZT", "Mars/Olympus", "+9900"])
def test_an_unknown_zone_is_flagged(zone: str) -> None:
    assert published(f"Sun, 28 Feb 2021 14:05:00 {zone}")[1] == (ZONE_UNKNOWN,)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "soon", "31 Feb 2021 10:00", "2021", "9" * 500, "99:99", "0000-00-00"]
)
def test_what_is_no_date(text: str) -> None:
    assert moment(text) in (None, dt.datetime(2021, 1, 1, tzinfo=dt.UTC))


def test_zones_are_within_a_day() -> None:
    assert all(-12 * 60 <= minutes <= 14 * 60 for minutes in zones().values())


def test_by_a_clock_of_nobody_knows_where_only_the_day_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHUTDOWNS_SALT", "a salt for the tests alone")
    path = tmp_path / "feed.xml"
    item = "<item><guid>1</guid><title>Internet is down in Kampala</title><pubDate>{}</pubDate></item>"
    path.write_text(f"<rss><channel>{item.format('Sun, 28 Feb 2021 14:05:00 XYZT')}</channel></rss>")
    (row,) = feeds.read(path)
    assert isinstance(row, Accepted)
    assert isinstance(row.record, Report)
    assert (row.record.start, row.record.approximate) == ("2021-02-28", True)
    assert ZONE_UNKNOWN in row.record.flags
