"""Individuals' reports, from the topic to what is concluded: nobody is named, and few are not shown at all."""

from __future__ import annotations

from typing import Any

import pytest

from streams.claims import ClaimsStage
from streams.pipeline import Offline
from tests.claims.reports import MIDNIGHT_S, pieces, report
from topics import REPORTS, Claim, Origin, Report, Reporter, encode

#: What others might put into a report that they write to the topic themselves.
TELLING: dict[str, Any] = {
    "origin": Origin(source="form", reference="https://t.me/aigerim_b/12"),
    "cause": "my neighbour Aigerim says: protest",
    "ordered_by": "Aigerim Bekova of the ministry",
    "text": "Aigerim Bekova, +7 701 123 45 67: no internet in Almaty",
}
PLANTED = ("Aigerim", "Bekova", "701 123", "t.me")


def by_person(number: int = 1, **given: Any) -> Report:
    who = Reporter(kind="individual", name="Aigerim Bekova", digest=f"hand-{number}")
    content = {"reporter": who, "start": "2021-02-28T14:00", "extent": "full", **TELLING}
    return report(f"r-{number}", **(content | given))


def claim(given: Report) -> Claim:
    (found,) = pieces(ClaimsStage(), given)
    assert isinstance(found, Claim)
    return found


def test_of_an_individual_only_place_time_and_kind_go_on() -> None:
    found = claim(by_person())
    assert (found.reporter, found.reporter_name, found.origin.reference) == ("individual", None, None)
    assert (found.cause, found.ordered_by) == (None, None)
    assert not [word for word in PLANTED if word in encode(found).decode()]
    assert claim(by_person(cause="protest")).cause == "protest"


def test_of_an_organisation_they_all_do() -> None:
    found = claim(by_person(reporter=Reporter(kind="organisation", name="Media Alliance")))
    assert found.reporter_name == "Media Alliance"
    assert found.origin.reference == "https://t.me/aigerim_b/12"
    assert found.ordered_by == "Aigerim Bekova of the ministry"


def test_addresses_are_not_repeated_in_flags() -> None:
    found = claim(by_person(places=("Almaty", "Bekova 12 Aigerimville")))
    assert found.flags == ("unlocated",)


@pytest.mark.parametrize(("kind", "expected"), [("individual", "region"), ("organisation", "point")])
def test_an_individuals_coordinates_are_their_region(kind: Any, expected: str) -> None:
    given = by_person(places=(), latitude=43.2567, longitude=76.9286, reporter=Reporter(kind=kind, name="A"))
    assert claim(given).place.kind == expected


def run(*given: Report) -> Offline:
    offline = Offline(MIDNIGHT_S + 86_400)
    for one in given:
        offline.add(REPORTS.name, encode(one))
    assert not offline.rejected
    return offline


def test_of_fewer_than_three_people_nothing_is_told() -> None:
    for people in (1, 2):
        offline = run(*(by_person(number) for number in range(people)))
        assert (offline.shutdowns(), offline.candidates()) == ([], [])


def test_posts_that_do_not_say_whose_they_are_are_one_persons() -> None:
    unnamed = Reporter(kind="individual")
    posts = [by_person(number, reporter=unnamed, text=f"{number} no internet in Almaty") for number in range(9)]
    assert run(*posts).shutdowns() == []
    (found,) = run(*posts, by_person(10), by_person(11, text="other words")).shutdowns()
    assert "3 individuals" in found.why[0].words


def test_three_people_are_shown_and_none_of_them_named() -> None:
    offline = run(*(by_person(number, text=f"{number} no internet") for number in range(3)))
    (found,) = offline.shutdowns()
    assert (found.level, found.place.name) == ("reported", "Almaty")
    told = encode(found).decode() + "".join(encode(one).decode() for one in offline.candidates())
    assert not [word for word in (*PLANTED, "hand-", "claim/", "r-0", "r-1", "r-2") if word in told]


def test_one_person_who_reports_three_times_is_one() -> None:
    same = Reporter(kind="individual", digest="hand-1")
    assert run(*(by_person(number, reporter=same, text=None) for number in range(3))).shutdowns() == []
