"""Competing explanations: who gives another cause, who denies, what measurers say, and what is not listed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from streams.correlation.explanations import LISTED, Explained, explain
from tests.correlation.evidence import ALMATY, HOUR_S, START_S, claim, outage
from topics import Cause, Claim, Origin, Outage


def cause(key: str, kind: Any = "power", **more: Any) -> Cause:
    given: dict[str, Any] = {"lineage": key, "origin": Origin(source="gdacs")} | more
    return Cause(id=key, country="KZ", place=ALMATY, from_s=START_S, until_s=START_S + HOUR_S, kind=kind, **given)


def technical(key: str, why: str | None = "a power cut", **more: Any) -> Claim:
    return claim(key, attribution="technical", cause=why, **more)


def explained(
    claims: list[Claim] | None = None,
    outages: list[Outage] | None = None,
    causes: list[Cause] | None = None,
    denials: list[Claim] | None = None,
) -> Explained:
    return explain(claims or [], outages or [], causes or [], denials or [])


def test_what_nobody_explains_has_no_explanation() -> None:
    assert explained([claim("c"), claim("d", attribution="ordered")], [outage("o")]) == Explained((), (), None)


@pytest.mark.parametrize(
    ("why", "kind"),
    [("a power cut", "power"), ("fibre cable damaged", "cable"), (None, "technical"), ("reasons", "technical")],
)
def test_a_claim_of_a_fault_is_an_explanation_with_its_source(why: str | None, kind: str) -> None:
    found = explained([technical("c", why, reporter="operator", reporter_name="Kazakhtelecom")])
    (row,) = found.rows
    assert (row.kind, row.id, row.source, row.lineage) == (kind, "c", "Kazakhtelecom", "c")
    ((words, ids),) = found.sentences
    assert ids == ("c",)
    assert "Kazakhtelecom" in words
    assert found.verdict is None


@pytest.mark.parametrize("reporter", ["media", "operator", "government", "organisation"])
@pytest.mark.parametrize("cites", [(), ("NetBlocks",)])
def test_who_has_no_name_is_told_of_by_what_they_are_and_whom_they_cite(reporter: Any, cites: tuple[str]) -> None:
    """A measurement that somebody cites is no word of who measured it alone, nor is `media` anybody's name."""
    nameless = technical("c", reporter=reporter, cites=cites)
    denial = claim("d", attribution="denied", reporter=reporter)
    found = explained([nameless], denials=[denial])
    for row in found.rows:
        assert re.match(rf"an? ([\w-]+ )?({'outlet' if reporter == 'media' else reporter})\b", row.source)
        assert row.words.startswith(row.source)
    (words,) = [row.words for row in found.rows if row.id == "c"]
    assert ("after NetBlocks" in words) is bool(cites)


@pytest.mark.parametrize("kind", ["power", "cable", "disaster", "attack", "maintenance", "war-damage", "technical"])
def test_a_cause_near_it_is_an_explanation(kind: str) -> None:
    found = explained(causes=[cause("q", kind)])
    ((words, ids),) = found.sentences
    assert [(row.kind, row.id, row.source) for row in found.rows] == [(kind, "q", "gdacs")]
    assert ids == ("q",)
    assert "gdacs" in words
    assert "Almaty" in words


def test_a_cause_is_told_by_its_title() -> None:
    (row,) = explained(causes=[cause("q", "disaster", title="Magnitude 6.1 near Almaty")]).rows
    assert row.words == "Magnitude 6.1 near Almaty"


def test_a_denial_is_told_as_one_and_by_whom() -> None:
    found = explained(denials=[claim("d", attribution="denied", reporter="government", reporter_name="Ministry")])
    ((words, ids),) = found.sentences
    assert [(row.kind, row.source) for row in found.rows] == [("denial", "Ministry")]
    assert ids == ("d",)
    assert words.startswith("It is denied: Ministry")
    assert "Another explanation" not in words


def test_nothing_of_an_individual_is_listed() -> None:
    person: dict[str, Any] = {"reporter": "individual", "reporter_name": "A. Person"}
    found = explained([technical("secret", **person)], denials=[claim("hidden", attribution="denied", **person)])
    assert found == Explained((), (), None)


@pytest.mark.parametrize(
    ("causes", "verdict"),
    [
        ([None], None),
        (["power outage"], "technical"),
        (["cable cut"], "technical"),
        (["government directed"], "ordered"),
        (["power outage", "government directed"], "ordered"),
        ([None, "power outage"], "technical"),
    ],
)
def test_who_measured_it_may_say_why(causes: list[str | None], verdict: str | None) -> None:
    outages = [outage(f"o{number}", cause=why) for number, why in enumerate(causes)]
    assert explained(outages=outages).verdict == verdict
    assert explained(outages=outages[::-1]).verdict == verdict


def test_a_verdict_of_an_order_is_no_competing_explanation() -> None:
    found = explained(outages=[outage("o", cause="government directed")])
    assert found.rows == ()
    ((words, ids),) = found.sentences
    assert "somebody decided it" in words
    assert ids == ("o",)


def test_one_kind_is_one_sentence_with_all_that_it_stands_on() -> None:
    found = explained([technical("c")], [outage("o", cause="power outage")], [cause("q"), cause("r", "cable")])
    assert [(words.count("power cut") > 0, ids) for words, ids in found.sentences] == [
        (False, ("r",)),
        (True, ("c", "o", "q")),
    ]


def test_the_list_is_bounded_each_once_and_in_one_order() -> None:
    causes = [cause(f"q{number:03}") for number in range(LISTED + 10)]
    found = explained(causes=causes * 2)
    assert [row.id for row in found.rows] == [f"q{number:03}" for number in range(LISTED)]
    assert explained(causes=causes[::-1]).rows == found.rows


def test_long_words_and_references_are_bounded() -> None:
    long = Origin(source="gdacs", reference="https://example.org/" + "x" * 2_000)
    (row,) = explained(causes=[cause("q", title="y" * 900, origin=long)]).rows
    assert len(row.words) == 300
    assert row.reference is None
