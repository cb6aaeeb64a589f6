"""Since when: clocks, parts of the day, days, durations, calendars; both sides of what may be before or after.

All seen from Wednesday, 21 September 2022, 12:30 UTC, which is 18:30 in Almaty, 14:30 in Khartoum, 15:30 in Addis
Ababa and Nairobi.
"""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.texts import TextReading, read_text
from streams.texts.calendars import ethiopian, persian

PUBLISHED_S = 1_663_763_400


def read(text: str, published_s: int = PUBLISHED_S) -> TextReading:
    reading = read_text(text, published_s)
    assert reading.verdict == "report", reading
    return reading


@pytest.mark.parametrize(
    ("words", "start"),
    [
        ("since 14:00", "2022-09-21T14:00"),
        ("since 2 pm", "2022-09-21T14:00"),
        ("since 2pm", "2022-09-21T14:00"),
        ("since 2 p.m.", "2022-09-21T14:00"),
        ("since 11 am", "2022-09-21T11:00"),
        ("since 12 pm", "2022-09-21T12:00"),
        ("since 12 am", "2022-09-21T00:00"),
        ("since two in the afternoon", "2022-09-21T14:00"),
        ("since 5 this morning", "2022-09-21T05:00"),
        ("since 9 last night", "2022-09-20T21:00"),
        ("since 23:00", "2022-09-20T23:00"),
        ("since 08:00 UTC", "2022-09-21T08:00Z"),
        ("since 08:00 GMT today", "2022-09-21T08:00Z"),
        ("since noon", "2022-09-21T12:00"),
        ("since midnight", "2022-09-21T00:00"),
        ("since this morning", "2022-09-21T09:00"),
        ("since yesterday evening", "2022-09-20T20:00"),
        ("since last night", "2022-09-20T23:00"),
        ("since 14:00 yesterday", "2022-09-20T14:00"),
        ("since 10:00 on Monday", "2022-09-19T10:00"),
        ("since Monday", "2022-09-19"),
        ("since Wednesday", "2022-09-21"),
        ("since Thursday", "2022-09-15"),
        ("since 18 September", "2022-09-18"),
        ("since September 18", "2022-09-18"),
        ("since 18 September 2022", "2022-09-18"),
        ("since 2022-09-18", "2022-09-18"),
        ("for two hours", "2022-09-21T16:30"),
        ("for 3 days", "2022-09-18"),
        ("two hours ago", "2022-09-21T16:30"),
        ("30 minutes ago", "2022-09-21T18:00"),
        ("", "2022-09-21T12:30Z"),
    ],
)
def test_english(words: str, start: str) -> None:
    assert read(f"Internet has been cut in Almaty {words}").start == start


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Internet was cut in Almaty from 14:00 to 17:00", "2022-09-21T14:00", "2022-09-21T17:00"),
        ("Internet was cut in Almaty 14:00-17:00", "2022-09-21T14:00", "2022-09-21T17:00"),
        ("Internet was cut in Almaty between 2 and 5 pm", "2022-09-21T14:00", "2022-09-21T17:00"),
        ("Internet was cut in Almaty yesterday from 22:00 until 03:00", "2022-09-20T22:00", "2022-09-21T03:00"),
        ("Internet was cut in Almaty from 5 to 8 September", "2022-09-05", "2022-09-08"),
        ("В Алматы не было интернета с 14:00 до 17:00", "2022-09-21T14:00", "2022-09-21T17:00"),
        ("В Алматы интернет отключали с двух до пяти часов дня", "2022-09-21T14:00", "2022-09-21T17:00"),
        ("اینترنت در زاهدان از ساعت ۱۵:۳۰ تا ۱۸ قطع بود", "2022-09-21T15:30", "2022-09-21T18:00"),
        ("В Алматы с 9 утра до 18 вечера нет интернета", "2022-09-21T09:00", "2022-09-21T18:00"),
        ("Internet coupé à Conakry de 8h à 11h30", "2022-09-21T08:00", "2022-09-21T11:30"),
    ],
)
def test_ranges(text: str, start: str, end: str) -> None:
    reading = read(text)
    assert (reading.start, reading.end, reading.ongoing) == (start, end, False)


@pytest.mark.parametrize(
    ("hour", "start"),
    [(9, "2021-02-28T14:00"), (7, "2021-02-28T02:00")],
    ids=["at three in the afternoon", "at one in the afternoon"],
)
def test_two_oclock_is_the_last_one_that_has_passed(hour: int, start: str) -> None:
    at_s = int(dt.datetime(2021, 2, 28, hour, tzinfo=dt.UTC).timestamp())
    assert read("Нет интернета в Алматы с двух часов", at_s).start == start


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("В Алматы с 14:00 нет интернета", "2022-09-21T14:00"),
        ("В Алматы нет интернета с трёх часов дня", "2022-09-21T15:00"),
        ("В Алматы с семи утра нет интернета", "2022-09-21T07:00"),
        ("В Алматы уже два часа нет интернета", "2022-09-21T16:30"),
        ("В Алматы вчера вечером пропал интернет", "2022-09-20T20:00"),
        ("В Алматы интернета нет с понедельника", "2022-09-19"),
        ("В Алматы 18 сентября отключили интернет", "2022-09-18"),
        ("В Алматы 18.09.2022 отключили интернет", "2022-09-18"),
        ("Алматыда сағат 14:00-ден бері интернет жоқ", "2022-09-21T14:00"),
        ("Алматыда кеше кешке интернет өшірілді", "2022-09-20T20:00"),
        ("У Києві з 9 ранку немає інтернету", "2022-09-21T09:00"),
        ("Coupure d'internet à Conakry depuis 10h", "2022-09-21T10:00"),
        ("Coupure d'internet à Conakry depuis deux heures", "2022-09-21T10:30"),
        ("Coupure d'internet à Conakry hier soir", "2022-09-20T20:00"),
        ("Sin internet en La Habana desde las 7 de la mañana", "2022-09-21T07:00"),
        ("Sin internet en La Habana desde hace dos horas", "2022-09-21T06:30"),
        ("Sin internet en La Habana desde anoche", "2022-09-20T23:00"),
        ("الإنترنت مقطوع في الخرطوم منذ الساعة الثانية ظهرا", "2022-09-21T14:00"),
        ("الإنترنت مقطوع في الخرطوم منذ ساعتين", "2022-09-21T12:30"),
        ("الإنترنت مقطوع في الخرطوم منذ مساء أمس", "2022-09-20T20:00"),
        ("اینترنت تهران از ساعت ۱۴ قطع است", "2022-09-21T14:00"),
        ("اینترنت تهران از دیشب قطع است", "2022-09-20T23:00"),
        ("اینترنت تهران از ۲۷ شهریور قطع است", "2022-09-18"),
        ("जयपुर में सुबह 10 बजे से इंटरनेट बंद है", "2022-09-21T10:00"),
        ("जयपुर में कल शाम से इंटरनेट बंद है", "2022-09-20T20:00"),
        ("ရန်ကုန်မှာ ဒီမနက်ကတည်းက အင်တာနက် မရဘူး", "2022-09-21T09:00"),
        ("በአዲስ አበባ ከጠዋቱ 2 ሰዓት ጀምሮ ኢንተርኔት የለም", "2022-09-21T08:00"),
        ("በአዲስ አበባ ከምሽቱ 1 ሰዓት ጀምሮ ኢንተርኔት የለም", "2022-09-20T19:00"),
        ("በአዲስ አበባ ከመስከረም 8 ጀምሮ ኢንተርኔት የለም", "2022-09-18"),
        ("Diyarbakır'da saat 14.00'ten beri internet yok", "2022-09-21T14:00"),
        ("Hakuna intaneti Nairobi tangu saa nane mchana", "2022-09-21T14:00"),
        ("Sem internet em Maputo desde ontem à noite", "2022-09-20T20:00"),
    ],
)
def test_other_languages(text: str, start: str) -> None:
    assert read(text).start == start


@pytest.mark.parametrize(
    ("text", "ongoing"),
    [
        ("No internet in Almaty", True),
        ("No internet in Almaty since 14:00", True),
        ("Internet was cut in Almaty on Monday", False),
        ("Internet was cut in Almaty from 14:00 to 17:00", False),
    ],
)
def test_what_goes_on(text: str, ongoing: bool) -> None:
    assert read(text).ongoing is ongoing


def test_what_came_back_ended_about_when_it_was_said() -> None:
    reading = read("Internet was cut in Almaty this morning. It is back now.")
    assert (reading.start, reading.end) == ("2022-09-21T09:00", "2022-09-21T12:30Z")


@pytest.mark.parametrize("words", ["in 2019", "two years ago", "on 5 March 2021", "last year", "6 months ago"])
def test_the_past_is_no_report(words: str) -> None:
    assert read_text(f"Internet was cut in Almaty {words}", PUBLISHED_S).verdict == "none"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (persian(1399, 12, 30), dt.date(2021, 3, 20)),
        (persian(1403, 12, 30), dt.date(2025, 3, 20)),
        (persian(1357, 11, 22), dt.date(1979, 2, 11)),
        (ethiopian(2013, 13, 5), dt.date(2021, 9, 10)),
        (ethiopian(2015, 13, 6), dt.date(2023, 9, 11)),
        (ethiopian(2016, 1, 1), dt.date(2023, 9, 12)),
    ],
)
def test_calendars(made: dt.date, expected: dt.date) -> None:
    assert made == expected


def test_days_that_calendars_lack() -> None:
    for calendar, date in ((persian, (1400, 12, 30)), (persian, (1400, 13, 1)), (ethiopian, (2014, 13, 6))):
        with pytest.raises(ValueError, match="calendar has no"):
            calendar(*date)


@given(st.dates(dt.date(1980, 1, 1), dt.date(2085, 1, 1)))
def test_persian_days_follow_each_other(day: dt.date) -> None:
    """Each day has one date: those of two days are never the same, and the next is the next."""
    year = day.year - 621
    dates = [(y, m, d) for y in (year - 1, year) for m in range(1, 13) for d in range(1, 32)]
    found = []
    for date in dates:
        try:
            found.append(persian(*date))
        except ValueError:
            continue
    assert day in found
    assert all((after - before).days == 1 for before, after in pairwise(found))
