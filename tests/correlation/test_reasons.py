"""Reasons by meaning: no sentence says more than its evidence carries."""

from __future__ import annotations

import re
from typing import Any

import pytest

from streams.correlation.words import country_words, distance, listed, sentence
from tests.correlation.evidence import (
    ALMATY,
    ASTANA,
    ATYRAU,
    COUNTRY,
    HOUR_S,
    START_S,
    claim,
    coverage,
    day_claim,
    outage,
    protest,
)
from tests.correlation.runs import conclude
from topics import Claim, CommonDrop, Evidence, Origin, Shutdown

UNCLAIMED = "nobody has claimed it"


def words(shutdown: Shutdown) -> str:
    return " ".join(reason.words for reason in shutdown.why)


def people(number: int, **more: Any) -> list[Claim]:
    return [claim(f"person{one}", reporter="individual", **more) for one in range(number)]


def common(verdict: Any, *countries: str) -> CommonDrop:
    return CommonDrop(
        id="common",
        origin=Origin(source="watch"),
        country="KZ",
        place=COUNTRY,
        from_s=START_S,
        until_s=START_S + 10_800,
        lineage="watch",
        verdict=verdict,
        drop="drop",
        signals=("ping-slash24", "gtr"),
        source="ioda" if verdict == "source-failure" else None,
        countries=("KZ", *countries),
    )


EVERY_WAY: list[list[Evidence]] = [
    [outage("o")],
    [outage("o"), claim("c")],
    [outage("o"), claim("c", lineage="ioda")],
    [outage("o"), *people(1)],
    [outage("o"), *people(4)],
    [outage("o"), claim("c"), *people(4)],
    [outage("o"), claim("a", attribution="technical", cause="a power cut", reporter_name="KEGOC")],
    [outage("o", signals=("merit-nt",)), claim("c")],
    [outage("o", cause="cable cut"), protest("p", "2021-02-28")],
    [claim("c")],
    [claim("c", attribution="announced")],
    [claim("c"), coverage("v", "nmn", ALMATY)],
    [claim("c"), coverage("v", "nnn", COUNTRY)],
    [claim("c"), coverage("v", "ndn", ALMATY)],
    [claim("c", extent=None), coverage("v", "nnn", ALMATY)],
    [claim("c"), coverage("v", "nnn", ALMATY)],
    [*people(5), coverage("v", "nnn", ALMATY)],
    [outage("o"), common("shared-cause", "KG", "UZ")],
    [outage("o"), common("source-failure", "BR", "JP")],
]


@pytest.mark.parametrize("pieces", EVERY_WAY)
def test_every_reason_is_a_sentence_that_cites_its_rule(pieces: list[Evidence]) -> None:
    for shutdown in conclude(*pieces):
        for reason in shutdown.why:
            assert reason.words[0] == reason.words[0].upper()
            assert reason.words.endswith(".")
            assert re.fullmatch(r"\w+/\d+", reason.rule)
            assert not re.search(r"\b1 \w+s\b(?! of)|\b0 ", reason.words), reason.words


@pytest.mark.parametrize("pieces", EVERY_WAY)
def test_nobody_has_claimed_it_is_said_only_where_nobody_has(pieces: list[Evidence]) -> None:
    people = [piece for piece in pieces if isinstance(piece, Claim) and piece.reporter == "individual"]
    claimed = len(people) > 2 or any(isinstance(piece, Claim) and piece not in people for piece in pieces)
    for shutdown in conclude(*pieces):
        assert (UNCLAIMED in words(shutdown)) <= (not claimed)


def test_an_unclaimed_drop_is_said_to_be_one() -> None:
    (shutdown,) = conclude(outage("o"))
    assert UNCLAIMED in shutdown.why[0].words


@pytest.mark.parametrize("pieces", EVERY_WAY)
def test_the_number_of_sources_told_is_the_number_counted(pieces: list[Evidence]) -> None:
    for shutdown in conclude(*pieces):
        told = re.findall(
            r"(\d+) (?:independent sources?|individuals?)\b(?! weigh| or more)", shutdown.why[0].words
        )
        if told:
            assert sum(map(int, told)) == shutdown.sources


@pytest.mark.parametrize("number", [1, 2, 3, 5])
@pytest.mark.parametrize("measured", [True, False])
def test_an_individual_is_no_independent_source(number: int, measured: bool) -> None:
    for shutdown in conclude(*([outage("o")] if measured else []), *people(number)):
        assert "independent source" not in words(shutdown)
        assert "person" not in words(shutdown)


@pytest.mark.parametrize(
    ("hours", "length", "throughout"), [("nnn", 3, True), ("nmn", 3, False), ("nnn", 30, False), ("nun", 3, False)]
)
def test_normal_throughout_is_said_only_of_what_was(hours: str, length: int, throughout: bool) -> None:
    (shutdown,) = conclude(claim("c", hours=length), coverage("v", hours, ALMATY))
    assert ("throughout" in words(shutdown)) is throughout


def test_one_dead_series_beside_a_normal_one_is_not_normal_throughout() -> None:
    (shutdown,) = conclude(
        claim("c"),
        coverage("v", "nmm", ALMATY, series="ioda/a/ping-slash24"),
        coverage("w", "nnn", ALMATY, series="ioda/b/bgp", signal="bgp"),
    )
    assert "throughout" not in words(shutdown)
    assert shutdown.why[0].series == ("ioda/a/ping-slash24",)


@pytest.mark.parametrize(
    ("lineage", "said"), [("a", "1 independent source says"), ("b", "2 independent sources say ")]
)
def test_the_verb_fits_the_number_of_sources(lineage: str, said: str) -> None:
    (shutdown,) = conclude(outage("o"), claim("a"), claim("b", lineage=lineage))
    assert said in shutdown.why[0].words


def test_who_claims_one_town_does_not_claim_the_country() -> None:
    (shutdown,) = conclude(outage("o", COUNTRY, severity="critical"), claim("c", ALMATY))
    assert "says that Almaty was cut off" in shutdown.why[0].words
    assert "that Kazakhstan" not in shutdown.why[0].words


def test_who_names_a_fault_does_not_say_that_it_was_cut_off() -> None:
    (shutdown,) = conclude(outage("o"), claim("c", attribution="technical", cause="a power cut"))
    assert "cut off" not in shutdown.why[0].words


def test_countries_are_named() -> None:
    (shutdown,) = conclude(outage("o"), common("shared-cause", "KG", "UZ"))
    (reason,) = [one for one in shutdown.why if one.detail == "shared-cause"]
    assert "Kyrgyzstan and Uzbekistan" in reason.words
    assert not re.search(r"\b[A-Z]{2}\b", reason.words)


def test_one_series_sees_and_several_see() -> None:
    mobile = claim("c", networks=("mobile",))
    one = coverage("v", "nnn", ALMATY, series="ioda/a/ping-slash24")
    two = coverage("w", "nnn", ALMATY, series="ioda/b/bgp", signal="bgp")
    assert "it sees fixed lines" in words(conclude(mobile, one)[0])
    assert "they see fixed lines" in words(conclude(mobile, one, two)[0])


def test_one_signal_that_stayed_normal_is_named_and_a_missing_one_is_not() -> None:
    calm = coverage("v", "nnn", signal="merit-nt", series="ioda/x/merit-nt")
    (shutdown,) = conclude(outage("o"), calm)
    (reason,) = [one for one in shutdown.why if one.detail == "others-normal"]
    assert reason.words.startswith("The Merit telescope of")
    (shutdown,) = conclude(outage("o"), coverage("v", "nmn", signal="merit-nt", series="ioda/x/merit-nt"))
    assert not [one for one in shutdown.why if one.detail == "others-normal"]


def test_protests_near_it_are_context_and_no_proof() -> None:
    (shutdown,) = conclude(outage("o"), protest("p", "2021-02-28"))
    (reason,) = [one for one in shutdown.why if one.code == "protests-near"]
    assert "1 protest " in reason.words
    assert "no proof" in reason.words


def test_copies_are_told_of_as_copies() -> None:
    text = "an internet shutdown was detected in two major cities on february 28 from about two to five o'clock"
    (shutdown,) = conclude(outage("o"), claim("a", wording=text), claim("b", wording=text), claim("c"))
    assert shutdown.sources == 2
    assert "2 independent sources" in shutdown.why[0].words
    (reason,) = [one for one in shutdown.why if one.code == "copies-folded"]
    assert reason.words.startswith("1 text ")


def test_places_that_no_series_covers_are_named() -> None:
    named = {one.place.name: one.why[0].words for one in conclude(claim("a", ATYRAU), claim("b", ASTANA))}
    assert all(place in said for place, said in named.items())


def agreement(*pieces: Evidence) -> str:
    (shutdown,) = [one for one in conclude(*pieces) if one.signals]
    (said,) = [one.words for one in shutdown.why if one.code == "agrees-in-time-and-place" and not one.detail]
    return said


@pytest.mark.parametrize("few", [1, 2])
def test_of_too_few_individuals_neither_the_number_is_told_nor_the_time(few: int) -> None:
    folk = [claim(f"person{one}", COUNTRY, START_S - HOUR_S, 1, reporter="individual") for one in range(few)]
    drop = outage("o", COUNTRY, START_S + HOUR_S, severity="critical")
    alone, beside = agreement(drop, *folk), agreement(drop, *folk, claim("c", COUNTRY, START_S + HOUR_S))
    for said in (alone, beside):
        assert "too few" in said
        assert "after" not in said
    assert not re.search(r"\d", alone)
    assert re.findall(r"\d+ \w+", beside) == ["1 claim"]
    (shutdown,) = conclude(drop, *folk)
    assert "after" not in shutdown.why[0].words


def test_claims_and_reports_by_individuals_are_told_apart() -> None:
    assert "1 claim and 4 reports by individuals agree " in agreement(outage("o"), claim("c"), *people(4))
    assert agreement(outage("o"), *people(4)).startswith("4 reports by individuals agree ")
    assert agreement(outage("o"), claim("c")).startswith("1 claim agrees ")
    assert agreement(outage("o"), claim("c"), claim("d")).startswith("2 claims agree ")


def test_a_time_off_is_told_of_claims_that_may_be_shown() -> None:
    late = outage("o", from_s=START_S + 24 * HOUR_S, hours=8, severity="critical", ratio_min=0.05)
    two = day_claim("c", "2021-02-28"), day_claim("d", "2021-02-28")
    assert "14 h after what 2 claims name," in agreement(late, *two)
    beside = agreement(
        late, *two, *(day_claim(f"person{one}", "2021-02-28", reporter="individual") for one in (1, 2))
    )
    assert "14 h after what 2 claims name," in beside


def test_words_for_lists_countries_and_distances() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert sentence("the UCSD telescope dropped") == "The UCSD telescope dropped"
    assert country_words(["KZ", "KG", "KZ"]) == "Kazakhstan and Kyrgyzstan"
    assert country_words(["KZ", "KG", "UZ"], most=1) == "Kazakhstan and 2 others"
    assert country_words(["ZZ"]) == "ZZ"
    assert distance(30) == "1 min after"
    assert distance(60 * 3_600) == "2.5 days after"
    assert distance(-7_200) == "2 h before"
    assert distance(3 * 86_400) == "3 days after"
