"""As how many people posts at the form count, and what that costs who makes people up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import forged_posts
from benchmarks.forged_posts import ATTACKS, cost
from streams.api.limits import BURST_S, Bursts
from streams.sources.posted import read_posted
from topics import Report

THREATS = Path(__file__).parents[2] / "docs" / "THREATS.md"


def test_the_documents_table_is_what_attacks_come_to() -> None:
    assert forged_posts.table() in THREATS.read_text(), "run: python -m benchmarks.forged_posts"


@pytest.mark.parametrize(
    "name", [name for name in ATTACKS if "nobody" in name or ("one client" in name and "apart" not in name)]
)
def test_one_client_alone_moves_no_level_at_once(name: str) -> None:
    found = cost(ATTACKS[name])
    assert (found.made_up, found.measured) == ("nothing", cost(ATTACKS["as two people, from two clients"]).measured)


def person(author: str = "a", start: str = "2021-02-28T14:00") -> Report:
    given = {"country": "KZ", "place": "Atyrau", "start": start, "author": author}
    return read_posted(given, received_s=1_614_600_000, salt=b"x" * 16, secret="s").report


def test_nothing_ties_one_day_of_a_person_to_another() -> None:
    assert person().reporter.digest == person(start="2021-02-28T20:00").reporter.digest
    assert person().reporter.digest != person("b").reporter.digest
    # 02:00 of 1 March by the clocks of Atyrau, in two ways.
    assert person(start="2021-02-28T21:00Z").reporter.digest == person(start="2021-03-01").reporter.digest
    assert person().reporter.digest != person(start="2021-02-27T14:00").reporter.digest


@pytest.fixture
def at() -> tuple[list[float], Callable[[bytes, str], str]]:
    now = [0.0]
    return now, Bursts(lambda: now[0]).hand


def test_a_burst_is_the_first_authors_until_it_is_over(at: tuple[list[float], Callable[[bytes, str], str]]) -> None:
    now, hand = at
    assert [hand(b"x", author) for author in "abc"] == ["a", "a", "a"]
    now[0] = BURST_S - 1
    assert hand(b"x", "b") == "a"
    assert hand(b"y", "b") == "b", "another client, or the same about another country"
    now[0] = BURST_S
    assert hand(b"x", "b") == "b"
    # A stream of posts from one address, as of a mobile operator, is not one person for ever.
    now[0] = 2 * BURST_S
    assert hand(b"x", "c") == "c"
