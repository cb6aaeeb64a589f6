"""Whose word a record is: the order of the rules, and both sides of each bound."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.claims import ClaimsStage, lineage
from streams.claims.lineage import COPY_CHARS, WORDING_CHARS, slug, wording
from tests.claims.reports import pieces, report
from topics import Reporter

LONG = "On February 28 the internet was gone in Almaty and Nur-Sultan, from two to five in the afternoon, they say."


@pytest.mark.parametrize(
    ("cites", "expected"),
    [
        (["Internet Protection Society"], "internet-protection-society"),
        (["internet  protection society."], "internet-protection-society"),
        (["IODA"], "ioda"),
        (["Internet Outage Detection and Analysis (IODA)"], "ioda"),
        (["IODA", "Internet Protection Society"], "internet-protection-society"),
        (["Internet Protection Society", "Media Alliance"], "internet-protection-society"),
        (["IODA", "Cloudflare Radar"], "ioda"),
        (["Общество защиты интернета"], "общество-защиты-интернета"),
        (["Réseau d’Étude"], "reseau-detude"),
    ],
)
def test_who_cites_has_the_lineage_of_the_cited(cites: list[str], expected: str) -> None:
    assert lineage("r-1", cites, reporter="organisation", name="Access Now", text=LONG) == expected


def test_a_name_is_a_lineage_whatever_the_text() -> None:
    assert lineage("r-1", [], reporter="media", name="Al Jazeera", text=LONG) == "al-jazeera"
    assert lineage("r-2", ["", " ?"], reporter="media", name="Al  JAZEERA") == "al-jazeera"


SOURCED = "Access Now received a report that the internet was cut in Almaty on Sunday."


def test_a_medium_that_gives_a_source_has_the_lineage_of_the_source() -> None:
    """Two papers that print one statement in two languages are one source; who speaks for itself is another."""
    translated = "Access Now получила сообщение, что в воскресенье в Алматы отключили интернет."
    assert lineage("r-1", [], reporter="media", name="Al Jazeera", text=SOURCED) == "access-now"
    assert lineage("r-2", [], reporter="media", name="Лента", text=translated) == "access-now"
    assert lineage("r-3", [], reporter="organisation", name="NetBlocks", text=SOURCED) == "netblocks"
    assert lineage("r-4", [], reporter="individual", text=SOURCED * 2, hand="x").startswith("text/")


def test_a_medium_is_no_source_of_its_own() -> None:
    own = "Al Jazeera said that the internet was cut in Almaty on Sunday."
    assert lineage("r-1", [], reporter="media", name="Al Jazeera", text=own) == "al-jazeera"


def test_who_is_cited_goes_before_who_is_printed() -> None:
    assert lineage("r-1", ["AFP"], reporter="media", name="Al Jazeera", text=SOURCED) == "afp"


def test_who_names_who_decided_says_what_no_measurement_shows() -> None:
    """A report that cites only who measures repeats the measurement, unless it says who decided."""
    for cites, judged, expected in (
        (["IODA"], False, "ioda"),
        (["IODA"], True, "access-now"),
        (["IODA", "Media Alliance"], True, "media-alliance"),
    ):
        found = lineage("r-1", cites, reporter="organisation", name="Access Now", judged=judged)
        assert found == expected


def test_copies_of_a_text_are_one_lineage() -> None:
    first = lineage("r-1", [], reporter="individual", text=LONG, hand="x")
    assert first.startswith("text/")
    assert lineage("r-2", [], reporter="media", text=LONG.upper().replace(",", " –")) == first
    assert lineage("r-3", [], reporter="individual", text=LONG + " Really.", hand="x") != first


def test_both_sides_of_the_length_of_a_copy() -> None:
    at, below = "x" * COPY_CHARS, "x" * (COPY_CHARS - 1)
    assert lineage("r-1", [], reporter="media", text=at) == lineage("r-2", [], reporter="media", text=at)
    assert lineage("r-1", [], reporter="media", text=below) != lineage("r-2", [], reporter="media", text=below)


def test_punctuation_does_not_make_a_text_long() -> None:
    assert lineage("r-1", [], reporter="individual", text="no internet" + "!" * 200).startswith("individual/")


def test_digests_stand_for_texts_and_hands_that_are_not_kept() -> None:
    def of(key: str, text: str | None = None, text_digest: str | None = None, hand: str | None = None) -> str:
        return lineage(key, [], reporter="individual", text=text, text_digest=text_digest, hand=hand)

    assert of("r-1", text_digest="a1", hand="y") == of("r-2", text_digest="a1", hand="x") == "text/a1"
    assert of("r-1", hand="x") == of("r-2", hand="x", text="another one") == "hand-x"
    assert of("r-1", hand="x") != of("r-2", hand="y")
    assert lineage("r-3", ["hand x"], reporter="media", name="Al Jazeera") == of("r-1", hand="x")
    assert lineage("r-1", ["AFP"], reporter="media", text_digest="a1", hand="x") == "afp"


def test_individuals_of_whom_nothing_says_who_they_are_are_one() -> None:
    """However many posts they are, and however differently they are worded: they may be one person's."""
    said = {lineage(f"r-{number}", [], reporter="individual", text=f"{number} {LONG}") for number in range(5)}
    said |= {lineage("r-9", [], reporter="individual"), lineage("r-8", [], reporter="individual", text_digest="a1")}
    assert said == {"individual/unnamed"}


def test_whoever_is_left_is_alone() -> None:
    one = lineage("r-1", [], reporter="media", text="no internet in Almaty")
    assert one == lineage("r-1", [], reporter="media")
    assert one != lineage("r-2", [], reporter="media", text="no internet in Almaty")
    assert lineage("n-1", []).startswith("source/")
    assert lineage("r-1", [], reporter="media", name="?!").startswith("media/")


@given(st.text(max_size=300), st.lists(st.text(max_size=300), max_size=3), st.text(max_size=400))
def test_a_lineage_fits_its_field(key: str, cites: list[str], text: str) -> None:
    assert 1 <= len(lineage(key, cites, reporter="individual", name=text, text=text)) <= 300


@given(st.text(min_size=1, max_size=50))
def test_slugs_are_stable(name: str) -> None:
    assert slug(slug(name)) == slug(name)


def test_the_wording_of_a_text_is_folded_cut_and_never_an_individuals() -> None:
    assert wording("  «Shutdown» in Almaty!  ") == wording("shutdown in ALMATY")
    assert wording(None) is None
    assert wording("?!") is None
    assert len(wording("word " * 1_000) or "") <= WORDING_CHARS
    (told,) = pieces(ClaimsStage(), report(text=LONG))
    (private,) = pieces(ClaimsStage(), report(text=LONG, reporter=Reporter(kind="individual")))
    assert told.wording == wording(LONG)
    assert private.wording is None
