"""Levels with their reasons, whose word weighs how much, what is set aside and what is not shown."""

from __future__ import annotations

from typing import Any

import pytest

from streams.correlation import CountryState, default_rules
from streams.correlation.trust import individuals_weight
from tests.correlation.evidence import (
    ALMATY,
    ALMATY_REGION,
    ASTANA,
    ATYRAU,
    COUNTRY,
    DAY_S,
    HOUR_S,
    START_S,
    claim,
    coverage,
    day_claim,
    outage,
)
from topics import Candidate, Claim, Evidence, Place, Shutdown, encode

RELEASE = "an internet shutdown was detected in two major cities on february 28 from about two to five"
VAGUE = claim("c", extent=None)
RESIDENTS = "residents of the city have been without any connection since noon and shops take no cards, they say"


def conclude(*pieces: Evidence) -> tuple[list[Shutdown], list[Candidate]]:
    state = CountryState(default_rules())
    for piece in pieces:
        assert state.load(piece)
    state.settle()
    return state.standing(), state.near_misses()


def people(number: int, **more: Any) -> list[Claim]:
    return [claim(f"person{one}", reporter="individual", **more) for one in range(number)]


@pytest.mark.parametrize(
    ("pieces", "level", "code", "series"),
    [
        ([outage("o")], "measured", "nobody-claims", ("ioda/o",)),
        ([outage("o"), claim("c", lineage="ioda")], "measured", "only-copies-claim", ("ioda/o",)),
        ([outage("o"), claim("c")], "corroborated", "claim-agrees", ("ioda/o",)),
        ([claim("c")], "reported", "no-series", ()),
        ([claim("c"), coverage("v", "nmn", ALMATY)], "reported", "missing", ("ioda/x",)),
        ([claim("c"), coverage("v", "nnn", COUNTRY)], "reported", "too-coarse", ("ioda/x",)),
        ([claim("c"), coverage("v", "ndn", ALMATY)], "reported", "shallow-drop", ("ioda/x",)),
        ([VAGUE, coverage("v", "nnn", ALMATY)], "reported", "normal-but-no-full-cut", ("ioda/x",)),
        ([claim("c"), coverage("v", "nnn", ALMATY)], "contradicted", "all-normal", ("ioda/x",)),
    ],
)  # fmt: skip
def test_the_first_reason_says_why_in_a_code_with_the_series(
    pieces: list[Evidence], level: str, code: str, series: tuple[str, ...]
) -> None:
    ((shutdown,), _) = conclude(*pieces)
    assert (shutdown.level, shutdown.why[0].code, shutdown.why[0].series) == (level, code, series)


def test_one_claim_that_is_not_denied_keeps_a_shutdown_reported() -> None:
    denied: list[Evidence] = [claim("c"), coverage("v", "n" * 3, ALMATY)]
    ((shutdown,), _) = conclude(*denied)
    assert shutdown.level == "contradicted"
    # The second goes on for longer than the series was normal.
    ((shutdown,), _) = conclude(*denied, claim("longer", hours=5))
    assert (shutdown.level, shutdown.measurement) == ("reported", "missing")


def test_the_place_is_the_finest_that_the_evidence_agrees_on() -> None:
    # The region is the city.
    ((shutdown,), _) = conclude(claim("r", ALMATY_REGION), claim("l", ALMATY))
    assert shutdown.place.name == "Almaty"
    # A weak drop of the country with a claim of one city is of the city; a strong one is of the country.
    ((shutdown,), _) = conclude(outage("o", COUNTRY), claim("l", ALMATY))
    assert (shutdown.level, shutdown.place.name, shutdown.scope) == ("corroborated", "Almaty", "local")
    assert "place-narrowed" in {reason.code for reason in shutdown.why}
    ((shutdown,), _) = conclude(outage("o", COUNTRY, severity="critical"), claim("l", ALMATY))
    assert (shutdown.level, shutdown.place.name, shutdown.scope) == ("corroborated", "Kazakhstan", "national")
    # Claims of two cities agree on neither.
    ((shutdown,), _) = conclude(outage("o", COUNTRY), claim("l", ALMATY), claim("other", ATYRAU))
    assert (shutdown.place.name, shutdown.scope) == ("Kazakhstan", "national")


@pytest.mark.parametrize(
    ("places", "stand_for"),
    [
        ((ALMATY, ALMATY_REGION), ["Almaty"]),  # the same for whoever measures
        ((COUNTRY, ALMATY), ["Almaty", "Kazakhstan"]),  # a town in a country is a place of its own
        ((COUNTRY, ALMATY, ASTANA), ["Almaty", "Kazakhstan", "Nur-Sultan"]),
        ((ATYRAU, ALMATY), ["Almaty", "Atyrau"]),
    ],
)
def test_claims_of_one_place_make_one_shutdown(places: tuple[Place, ...], stand_for: list[str]) -> None:
    found, _ = conclude(*(claim(f"c{number}", place) for number, place in enumerate(places)))
    assert sorted(shutdown.place.name for shutdown in found) == stand_for


def test_individuals_saturate_below_an_organisation() -> None:
    weights = [individuals_weight(number, default_rules()) for number in (0, 1, 5, 100)]
    assert weights == sorted(weights)
    assert weights[3] < weights[2] * 1.25 < 1
    ((crowd,), _) = conclude(*people(100))
    ((one,), _) = conclude(claim("organisation"))
    assert (crowd.level, crowd.support < one.support) == ("reported", True)
    assert sum(row.weight for row in crowd.evidence) == pytest.approx(crowd.support, abs=1e-3)


@pytest.mark.parametrize(("number", "shown"), [(2, False), (3, True)])
def test_individuals_are_shown_only_together(number: int, shown: bool) -> None:
    shutdowns, candidates = conclude(*people(number, place=ATYRAU))
    assert [one.level for one in shutdowns] == ["reported"] * shown
    assert candidates == []


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("others", [[], [claim("c")], [coverage("v", "nnn", ALMATY)]], ids=["none", "c", "normal"])
def test_few_individuals_move_nothing(number: int, others: list[Evidence]) -> None:
    """No level, number, place, time or figure is otherwise for one or two people."""
    given: list[Evidence] = [outage("o"), *others]
    assert conclude(*given, *people(number, from_s=START_S + HOUR_S, hours=1)) == conclude(*given)


def test_three_individuals_corroborate_in_one_row() -> None:
    ((shutdown,), _) = conclude(outage("o"), *people(3))
    assert (shutdown.level, shutdown.sources) == ("corroborated", 3)
    assert [row.id for row in shutdown.evidence] == ["o", "individuals/KZ/@1526384"]
    assert "3 individuals" in shutdown.why[0].words
    assert "person" not in encode(shutdown).decode().replace("by a person", "")
    assert "independent source" not in " ".join(reason.words for reason in shutdown.why)


@pytest.mark.parametrize(
    ("number", "apart_h", "series", "set_aside"),
    [(5, 0, "nnn", True), (4, 0, "nnn", False), (5, 0, "nmn", False), (5, 2, "n" * 12, False)],
)
def test_a_burst_where_all_is_normal_looks_coordinated(
    number: int, apart_h: int, series: str, set_aside: bool
) -> None:
    burst = [
        claim(f"p{one}", reporter="individual", from_s=START_S + one * apart_h * HOUR_S) for one in range(number)
    ]
    ((shutdown,), _) = conclude(*burst, coverage("v", series, ALMATY))
    assert ("suspected-coordination" in shutdown.flags) is set_aside
    assert ({row.role for row in shutdown.evidence if row.kind == "claim"} == {"set-aside"}) is set_aside
    assert (shutdown.support == 0) is set_aside


def test_what_looks_coordinated_is_kept_and_moves_nothing() -> None:
    calm = coverage("v", "n" * 24, ALMATY, from_s=START_S - 12 * HOUR_S)
    said = day_claim("paper", "2021-02-28", ALMATY, reporter="media")
    ((before,), _) = conclude(said, calm)
    ((after,), _) = conclude(said, calm, *people(30))
    same = ("id", "level", "place", "from_s", "until_s", "sources", "support", "probability", "scope", "precision")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    assert [row.words.split(" say")[0] for row in after.evidence if row.role == "set-aside"] == ["30 individuals"]
    assert "suspected-coordination" in {reason.code for reason in after.why}


def test_near_duplicate_texts_of_several_sources_are_one_lineage() -> None:
    release = claim("release", lineage="society", wording=RELEASE)
    copy = claim("copy", lineage="paper", wording=f"reuters reports that {RELEASE}")
    other = claim("other", lineage="agency", wording=RESIDENTS)
    ((shutdown,), _) = conclude(outage("o"), release, copy, other)
    assert shutdown.sources == 2
    assert "copies-folded" in {reason.code for reason in shutdown.why}
    assert {row.id: row.lineage for row in shutdown.evidence}["copy"] == "paper"
    assert {row.id: row.lineage for row in shutdown.evidence}["release"] == "paper"


def test_short_texts_are_alike_by_chance() -> None:
    short = [claim(name, lineage=name, wording="no internet in almaty") for name in "ab"]
    ((shutdown,), _) = conclude(outage("o"), *short)
    assert shutdown.sources == 2


def test_a_claim_that_repeats_the_measurement_weighs_nothing() -> None:
    ((shutdown,), _) = conclude(outage("o"), claim("c", lineage="ioda"), claim("d"))
    assert (shutdown.sources, shutdown.support) == (1, 1.0)


def test_the_kinds_of_reporters_weigh_by_rule() -> None:
    kinds = ("individual", "media", "organisation", "operator", "government")
    weights = [conclude(outage("o"), claim("c", reporter=kind))[0][0].support for kind in kinds]
    assert weights == sorted(weights)
    assert weights[2] == 1.0


def test_a_report_that_is_withdrawn_moves_nothing_any_more() -> None:
    import msgspec

    state = CountryState(default_rules())
    for piece in (outage("o"), claim("c")):
        state.apply(piece)
    changes = state.apply(msgspec.structs.replace(claim("c"), revision=1, withdrawn=True))
    (change,) = changes.shutdowns
    assert (change.change, change.shutdown.level, change.because) == ("updated", "measured", ("c",))
    assert change.words.startswith("updated from corroborated to measured: ")


def test_what_is_days_apart_is_no_candidate() -> None:
    assert conclude(outage("o"), claim("c", from_s=START_S + 3 * DAY_S))[1] == []
