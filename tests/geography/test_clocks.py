"""Local days and times as UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.geography import (
    GeographyError,
    country_place,
    day_span,
    find_place,
    local_day,
    read_moment,
    time_zones,
    zone,
)


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


# The local clock of Almaty: UTC+6 until 2024-03-01 00:00, when clocks went back to 23:00 (UTC+5).
#   ... 02-28 | 02-29 (25 h) | 03-01 ...
@pytest.mark.parametrize(
    ("text", "place", "start", "end"),
    [
        ("2021-02-28", "Asia/Almaty", "2021-02-27T18:00", "2021-02-28T18:00"),
        ("2024-02-28", "Asia/Almaty", "2024-02-27T18:00", "2024-02-28T18:00"),
        ("2024-02-29", "Asia/Almaty", "2024-02-28T18:00", "2024-02-29T19:00"),
        ("2024-03-01", "Asia/Almaty", "2024-02-29T19:00", "2024-03-01T19:00"),
        ("2021-03-14", "America/New_York", "2021-03-14T05:00", "2021-03-15T04:00"),
        ("2021-11-07", "America/New_York", "2021-11-07T04:00", "2021-11-08T05:00"),
        ("2021-02-28", "Asia/Kolkata", "2021-02-27T18:30", "2021-02-28T18:30"),
        ("2021-02-28", "UTC", "2021-02-28T00:00", "2021-03-01T00:00"),
        # Midnight itself is jumped over: the day begins at 01:00.
        ("2021-03-28", "Asia/Beirut", "2021-03-27T22:00", "2021-03-28T21:00"),
        # Midnight happens twice: the first counts.
        ("2021-11-07", "America/Havana", "2021-11-07T04:00", "2021-11-08T05:00"),
        # Samoa left 30 December 2011 out.
        ("2011-12-29", "Pacific/Apia", "2011-12-29T10:00", "2011-12-30T10:00"),
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00", "2011-12-30T10:00"),
        ("2011-12-31", "Pacific/Apia", "2011-12-30T10:00", "2011-12-31T10:00"),
    ],
)
def test_a_day(text: str, place: str, start: str, end: str) -> None:
    assert read_moment(text, place) == (utc(start), utc(end), True)


@pytest.mark.parametrize(
    ("text", "place", "at"),
    [
        ("2021-02-28T14:00", "Asia/Almaty", "2021-02-28T08:00"),
        ("2024-03-01T14:00", "Asia/Almaty", "2024-03-01T09:00"),
        ("2024-02-29T23:30", "Asia/Almaty", "2024-02-29T17:30"),
        ("2021-02-28T08:00Z", "Asia/Almaty", "2021-02-28T08:00"),
        ("2021-02-28T08:00:30Z", "Asia/Almaty", "2021-02-28T08:00:30"),
        ("2021-02-28T14:00+06:00", "Europe/London", "2021-02-28T08:00"),
        ("2021-02-28T14:00-03:30", "Europe/London", "2021-02-28T17:30"),
        ("2021-03-14T02:30", "America/New_York", "2021-03-14T07:00"),
        ("2021-11-07T01:30", "America/New_York", "2021-11-07T05:30"),
    ],
)
def test_a_clock_time(text: str, place: str, at: str) -> None:
    assert read_moment(text, place) == (utc(at), utc(at), False)


@pytest.mark.parametrize(
    "text",
    [
        "2021-02-29",
        "2021-13-01",
        "2021-00-10",
        "0000-01-01",
        "2021-02-28T24:00",
        "2021-02-28T14:60",
        "2021-02-28T14:00+25:00",
        "2021-02-28T14:00+05:75",
        "28 February 2021",
        "2021-02-28 14:00",
        "2021-02-28T14",
        "2021-2-28",
        "",
        "9999-12-31",
        "٢٠٢١-٠٢-٢٨",
    ],
)
def test_impossible(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no (moment|real date or time)"):
        read_moment(text, "Asia/Almaty")


@pytest.mark.parametrize("name", ["", "Asia/Atlantis", "../../etc/passwd", "Asia", "/Asia/Almaty", "zone.tab"])
def test_no_such_zone(name: str) -> None:
    with pytest.raises(GeographyError, match="no time zone"):
        zone(name)


def test_zones_come_from_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoneinfo.TZPATH", ())
    zone.cache_clear()
    before = datetime(2024, 2, 1, tzinfo=zone("Asia/Almaty"))
    after = datetime(2024, 4, 1, tzinfo=zone("Asia/Almaty"))
    assert before.utcoffset() == timedelta(hours=6)
    assert after.utcoffset() == timedelta(hours=5)


ZONES = st.sampled_from(
    [
        "Asia/Almaty",
        "Asia/Beirut",
        "Asia/Kathmandu",
        "Asia/Tehran",
        "Pacific/Apia",
        "Australia/Lord_Howe",
        "America/New_York",
        "America/Havana",
        "America/Sao_Paulo",
        "Africa/Casablanca",
        "Antarctica/Troll",
        "UTC",
    ]
)
DAYS = st.dates(date(1991, 1, 1), date(2035, 12, 31))


@given(DAYS, ZONES)
def test_days_follow_each_other_without_gaps(day: date, name: str) -> None:
    start, end = day_span(day, name)
    assert day_span(day + timedelta(days=1), name)[0] == end
    assert end - start in (0, *range(22 * 3600, 26 * 3600 + 1, 1800))


@given(DAYS, ZONES)
def test_a_day_holds_its_own_noon(day: date, name: str) -> None:
    start, end = day_span(day, name)
    noon, same, is_day = read_moment(f"{day}T12:00", name)
    assert noon == same
    assert not is_day
    assert start <= noon < end or start == end


def test_a_days_union_over_the_zones_of_a_country() -> None:
    russia, almaty = country_place("RU"), find_place("Almaty", "KZ")
    assert almaty is not None
    start, end = local_day(date(2024, 3, 1), russia)
    assert (start, end) == (utc("2024-02-29T12:00"), utc("2024-03-01T22:00"))
    for name in time_zones(russia):
        one, other = day_span(date(2024, 3, 1), name)
        assert start <= one < other <= end
    assert local_day(date(2024, 2, 29), almaty) == (utc("2024-02-28T18:00"), utc("2024-02-29T19:00"))
    assert local_day(date(2024, 3, 1), almaty) == (utc("2024-02-29T19:00"), utc("2024-03-01T19:00"))
