"""Dates as lists write them, and in the links beside them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.sources.dates import AGREE_DAYS, dates_in_links, links, links_disagree, read_date

FEB_28 = dt.date(2021, 2, 28)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2019-01-15", dt.date(2019, 1, 15)),
        (" 2019-01-15 00:00:00 ", dt.date(2019, 1, 15)),
        ("2019-01-15T00:00", dt.date(2019, 1, 15)),
        ("1/15/2019", dt.date(2019, 1, 15)),
        ("12/1/2020", dt.date(2020, 12, 1)),
        ("1/15/20", dt.date(2020, 1, 15)),
        ("1/15/2019 0:00:00", dt.date(2019, 1, 15)),
        ("2020-02-29", dt.date(2020, 2, 29)),
    ],
)
def test_dates(text: str, day: dt.date) -> None:
    found = read_date(text, "end")
    assert (found.day, found.ongoing, found.flags) == (day, False, ())


@pytest.mark.parametrize("text", ["Ongoing", "ongoing ", "ONGOING.", "On-going"])
def test_what_goes_on(text: str) -> None:
    found = read_date(text, "end")
    assert (found.day, found.ongoing, found.flags) == (None, True, ())


@pytest.mark.parametrize("text", ["", "  ", "Unknown", "Unkown ", "N/A", "-"])
def test_what_is_not_known(text: str) -> None:
    found = read_date(text, "end")
    assert (found.day, found.ongoing, found.flags) == (None, False, ())


@pytest.mark.parametrize(
    ("text", "day", "flag"),
    [
        ("4/1/2018 upon CAF visit", dt.date(2018, 4, 1), "end-in-words"),
        ("2018-04-01, at night", dt.date(2018, 4, 1), "end-in-words"),
        ("31/12/2018", dt.date(2018, 12, 31), "end-day-first"),
        ("April/2017 following the inauguration", None, "end-unreadable"),
        ("2019-02-30", None, "end-unreadable"),
        ("2019-13-01", None, "end-unreadable"),
        ("soon", None, "end-unreadable"),
    ],
)
def test_doubtful_dates_are_flagged(text: str, day: dt.date | None, flag: str) -> None:
    found = read_date(text, "end")
    assert (found.day, found.flags) == (day, (flag,))


@given(st.text(max_size=40))
def test_any_text_is_a_date_or_none(text: str) -> None:
    found = read_date(text, "end")
    assert not (found.day and found.ongoing)


@given(st.dates(min_value=dt.date(1990, 1, 1), max_value=dt.date(2099, 12, 31)))
def test_both_forms_mean_the_same_day(day: dt.date) -> None:
    assert read_date(day.isoformat(), "end").day == day
    assert read_date(f"{day.month}/{day.day}/{day.year}", "end").day == day


@pytest.mark.parametrize(
    "cell",
    [
        "https://a.org/x; https://b.org/y",
        "https://a.org/x, https://b.org/y ",
        "https://a.org/x\n\nhttps://b.org/y",
        "see https://a.org/x;https://b.org/y.",
    ],
)
def test_links_however_they_are_separated(cell: str) -> None:
    assert links(cell) == ["https://a.org/x", "https://b.org/y"]


def test_links_keep_their_own_commas_and_words_are_none() -> None:
    assert links("https://a.org/x,y?z=1,2 and more") == ["https://a.org/x,y?z=1,2"]
    assert links("Facebook Transparency Report") == []
    assert links("") == []


@pytest.mark.parametrize(
    "address",
    [
        "https://www.aljazeera.com/news/2021/2/28/dozens-detained",
        "https://www.accessnow.org/internet-shutdowns-kazakhstan-feb-28-protests/",
        "https://example.org/2021-02-28-report",
        "https://example.org/2021/feb/28/report",
        "https://example.org/28-February-2021/report",
        "https://example.org/report-february-28-2021",
        "https://example.org/report_2021_02_28.html",
    ],
)
def test_dates_in_links(address: str) -> None:
    assert set(dates_in_links([address], dt.date(2021, 3, 28))) == {FEB_28}


@pytest.mark.parametrize(
    "address",
    [
        "https://twitter.com/netblocks/status/1122449020243382272",
        "https://2021-02-28.example.org/report",
        "https://explorer.ooni.org/chart?since=2021-02-28&until=2021-03-28",
        "https://example.org/report#2021/02/28",
        "https://example.org/imran-leads-march-1.88134610",
        "https://example.org/2021/02/a-month-only",
        "https://example.org/2021/13/45/",
        "https://example.org/2021-02-30",
        "https://example.org/you-may-like",
        "https://example.org/12021/02/28",
        "https://example.org/feb-30-x",
    ],
)
def test_no_dates_in_links(address: str) -> None:
    assert list(dates_in_links([address], FEB_28)) == []


def test_a_date_without_a_year_is_the_nearest() -> None:
    assert list(dates_in_links(["https://a.org/dec-31"], dt.date(2019, 1, 2))) == [dt.date(2018, 12, 31)]
    assert list(dates_in_links(["https://a.org/jan-2"], dt.date(2018, 12, 30))) == [dt.date(2019, 1, 2)]
    assert list(dates_in_links(["https://a.org/feb-29"], dt.date(2021, 3, 1))) == [dt.date(2020, 2, 29)]


def agrees(link_day: int, start: int = 10, end: int | None = 12, *, ongoing: bool = False) -> bool:
    day = dt.date(2021, 1, 1) + dt.timedelta(days=link_day)
    first = dt.date(2021, 1, 1) + dt.timedelta(days=start)
    last = None if end is None else dt.date(2021, 1, 1) + dt.timedelta(days=end)
    return not links_disagree([f"https://a.org/{day.isoformat()}/x"], first, last, ongoing=ongoing)


def test_both_sides_of_the_bound() -> None:
    assert agrees(10 - AGREE_DAYS)
    assert not agrees(10 - AGREE_DAYS - 1)
    assert agrees(11)
    assert agrees(12 + AGREE_DAYS)
    assert not agrees(12 + AGREE_DAYS + 1)
    assert not agrees(10 + AGREE_DAYS + 1, end=None)


def test_what_goes_on_agrees_with_every_later_date() -> None:
    assert agrees(300, end=None, ongoing=True)
    assert not agrees(1, end=None, ongoing=True)


def test_one_link_that_agrees_is_enough_and_none_is_no_doubt() -> None:
    far, near = "https://a.org/2020/01/01/", "https://a.org/2021/02/27/"
    assert links_disagree([far], FEB_28, FEB_28)
    assert not links_disagree([far, near], FEB_28, FEB_28)
    assert not links_disagree(["https://a.org/x"], FEB_28, FEB_28)
    assert not links_disagree([], FEB_28, None)
