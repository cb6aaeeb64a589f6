"""Times in words."""

from __future__ import annotations

import datetime as dt

import pytest

from streams.cli.rendering import span_words
from topics import LATEST_S


def utc(text: str) -> int:
    return int(dt.datetime.fromisoformat(f"{text}+00:00").timestamp())


@pytest.mark.parametrize(
    ("begin", "end", "zone", "days", "words"),
    [
        ("2021-02-28T08:00", "2021-02-28T11:00", "Asia/Almaty", False, "28 Feb 2021, 14:00 to 17:00 (UTC+06:00)"),
        (
            "2021-02-28T16:00", "2021-02-28T19:00", "Asia/Almaty", False,
            "28 Feb 2021, 22:00 to 1 Mar 2021, 01:00 (UTC+06:00)",
        ),
        ("2024-02-29T18:00", "2024-02-29T18:30", "Asia/Almaty", False, "29 Feb 2024, 23:00 to 23:30 (UTC+05:00)"),
        (
            "2024-02-29T17:00", "2024-02-29T18:30", "Asia/Almaty", False,
            "29 Feb 2024, 23:00 (UTC+06:00) to 23:30 (UTC+05:00)",
        ),
        ("2021-02-28T08:00", None, "Asia/Kathmandu", False, "28 Feb 2021, 13:45, not over yet (UTC+05:45)"),
        ("2021-02-27T18:00", "2021-02-28T18:00", "Asia/Almaty", True, "28 Feb 2021, time of day unknown"),
        (
            "2021-02-27T18:00", "2021-03-02T18:00", "Asia/Almaty", True,
            "28 Feb 2021 to 2 Mar 2021, times of day unknown",
        ),
        ("2021-02-27T18:00", None, "Asia/Almaty", True, "since 28 Feb 2021, end unknown"),
    ],
)  # fmt: skip
def test_spans(begin: str, end: str | None, zone: str, days: bool, words: str) -> None:
    assert span_words(utc(begin), None if end is None else utc(end), zone, days=days) == words


def test_the_latest_moment_there_is_means_open() -> None:
    assert "not over yet" in span_words(utc("2021-02-28T08:00"), LATEST_S, "UTC")
