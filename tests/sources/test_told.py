"""Texts as rows: what is announced, what says only when it was back, and what was only talked of."""

from __future__ import annotations

import datetime as dt

import pytest

from streams.claims import ClaimsStage
from streams.sources.rows import Accepted, Rejected, Row
from streams.sources.told import ENDED, Manner, Told, rows
from tests.claims.reports import pieces
from topics import INVALID, REPORTS, Claim, Report, Reporter

#: 21 September 2022, 12:30 UTC: 18:30 in Osh.
PUBLISHED_S = 1_663_763_400


def read(text: str, home: str | None = None) -> list[Row]:
    told = Told("a/1", "posts", text, PUBLISHED_S, 0, Reporter(kind="individual", digest="h"))
    return list(rows(told, Manner(salt=b"of a test", country=home), 1))


def report_of(text: str, home: str | None = None) -> Report:
    found = [row.record for row in read(text, home) if isinstance(row, Accepted) and row.topic is REPORTS]
    assert len(found) == 1
    assert isinstance(found[0], Report)
    return found[0]


def claim_of(text: str, home: str | None = None) -> Claim:
    (claim,) = pieces(ClaimsStage(), report_of(text, home))
    assert isinstance(claim, Claim)
    return claim


def moment(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp())


@pytest.mark.parametrize(
    "text",
    [
        "Internet will be cut in Osh tomorrow from 9 am",
        "Завтра с 9:00 в Оше отключат интернет",
        "Notice: internet in Osh to be suspended from 9 am on 22 September",
    ],
)
def test_what_is_announced_is_an_announced_claim(text: str) -> None:
    claim = claim_of(text)
    assert (claim.attribution, claim.ongoing) == ("announced", False)
    assert claim.from_s == moment("2022-09-22T09:00+06:00")


@pytest.mark.parametrize("text", ["Internet restored in Osh at 3 pm", "В Оше интернет появился в 15:00"])
def test_what_was_back_at_a_time_ends_what_goes_on(text: str) -> None:
    """The claim has an end, which closes what goes on until somebody says that it is over, and no length."""
    claim = claim_of(text)
    assert claim.until_s == moment("2022-09-21T15:00+06:00")
    assert claim.until_s - claim.from_s <= 60
    assert claim.from_uncertainty_s >= 1800
    assert (claim.ongoing, claim.attribution) == (False, "unknown")
    assert ENDED in claim.flags


def test_an_order_is_a_claim_until_its_end() -> None:
    claim = claim_of("Internet suspended in Osh till 5 pm tomorrow")
    assert (claim.from_s, claim.until_s) == (PUBLISHED_S, moment("2022-09-22T17:00+06:00"))


@pytest.mark.parametrize(
    "text",
    [
        "The EU condemns the internet shutdown in Osh",
        "Lost contact with a reporter in Osh since noon",
        "The bank's site is down in Osh",
        "Internet is back in Osh after two days",
    ],
)
def test_what_is_no_report_makes_no_record(text: str) -> None:
    (row,) = read(text)
    assert isinstance(row, Rejected)


def test_all_operators_are_those_of_the_channels_country() -> None:
    assert report_of("Internet is gone at all operators", "KG").scope == "national"
    (row,) = read("Internet is gone at all operators")
    assert isinstance(row, Accepted)
    assert row.topic is INVALID
