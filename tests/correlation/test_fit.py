"""Tables of places and sizes: which drop is large enough, and near enough, for which claim."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.correlation.evidence import (
    ALMATY,
    ALMATY_REGION,
    ASTANA,
    ATYRAU,
    ATYRAU_REGION,
    COUNTRY,
    NETWORK,
    claim,
    coverage,
    outage,
)
from tests.correlation.runs import at_once, one_by_one, standing, with_piece
from topics import Evidence, Place


def fit(*pieces: Evidence) -> tuple[str, bool]:
    """The level of what was measured as `o`, and whether it is called a part of what is claimed."""
    shutdown = with_piece("o", *pieces)
    return shutdown.level, "part of what is claimed" in " ".join(reason.words for reason in shutdown.why)


@pytest.mark.parametrize(
    ("said_of", "dropped_in", "ratio", "level", "part"),
    [
        (ALMATY, ALMATY_REGION, 0.3, "corroborated", False),  # the same for whoever measures
        (ALMATY_REGION, ALMATY, 0.3, "corroborated", False),
        (COUNTRY, ALMATY_REGION, 0.3, "corroborated", True),
        (ATYRAU_REGION, ATYRAU, 0.3, "corroborated", True),
        # The whole around it: as large as the town's share of it, 0.66, would make
        (ATYRAU, ATYRAU_REGION, 0.672, "corroborated", False),
        (ATYRAU, ATYRAU_REGION, 0.673, "measured", False),
        # … or half of it, where the town is a small part
        (ATYRAU, COUNTRY, 0.5, "corroborated", False),
        (ATYRAU, COUNTRY, 0.51, "measured", False),
        (ALMATY, COUNTRY, 0.9, "measured", False),  # 15 % of the people: less than a fifth
        (ASTANA, ALMATY_REGION, 0.1, "measured", False),
        (ATYRAU_REGION, ALMATY_REGION, 0.1, "measured", False),
    ],
)
def test_how_a_drops_place_lies_to_the_claimed_one(
    said_of: Place, dropped_in: Place, ratio: float, level: str, part: bool
) -> None:
    assert fit(outage("o", dropped_in, ratio_min=ratio), claim("c", said_of)) == (level, part)


@pytest.mark.parametrize(
    ("said", "signal", "ratio", "level"),
    [
        # A fifth of what a full cut would cost: 0.9 of fixed lines in probing
        ({}, "ping-slash24", 0.81, "corroborated"),
        ({}, "ping-slash24", 0.83, "measured"),
        ({}, "bgp", 0.89, "corroborated"),  # half of fixed lines
        ({}, "bgp", 0.91, "measured"),
        # Half of it, where the claim doesn't say that all was cut
        ({"extent": None}, "ping-slash24", 0.90, "corroborated"),
        ({"extent": None}, "ping-slash24", 0.92, "measured"),
        # Probing sees 0.15 of mobile networks, traffic 0.9
        ({"networks": ("mobile",)}, "ping-slash24", 0.96, "corroborated"),
        ({"networks": ("mobile",)}, "ping-slash24", 0.98, "measured"),
        ({"networks": ("mobile",)}, "gtr", 0.83, "measured"),
    ],
)
def test_how_large_a_drop_must_be(said: dict[str, Any], signal: str, ratio: float, level: str) -> None:
    assert fit(outage("o", signals=(signal,), ratio_min=ratio), claim("c", **said))[0] == level


@pytest.mark.parametrize(
    ("place", "said", "expected"),
    [
        (COUNTRY, {}, ("corroborated", True)),
        (COUNTRY, {"wording": "customers of kazakhtelecom are offline"}, ("corroborated", False)),
        (COUNTRY, {"wording": "kazakhtelecoms customers are offline"}, ("corroborated", False)),
        (COUNTRY, {"wording": "customers of newkazakhtelecom are offline"}, ("corroborated", True)),  # another name
        (COUNTRY, {"reporter": "operator", "reporter_name": "Kazakhtelecom"}, ("corroborated", False)),
        (COUNTRY, {"reporter": "media", "reporter_name": "Kazakhtelecom"}, ("corroborated", True)),
        (ALMATY, {}, ("measured", False)),  # where in the country the network lies isn't known
    ],
)
def test_a_network_is_a_part_or_what_is_named(
    place: Place, said: dict[str, Any], expected: tuple[str, bool]
) -> None:
    assert fit(outage("o", NETWORK), claim("c", place, **said)) == expected


@pytest.mark.parametrize(
    ("excluded", "dropped_in", "level"),
    [
        ((), ALMATY_REGION, "corroborated"),
        ((ALMATY_REGION,), ALMATY_REGION, "measured"),
        ((ALMATY,), ALMATY_REGION, "measured"),  # nearly all of the region's people
        ((ATYRAU,), ATYRAU_REGION, "measured"),  # two thirds of them
        ((ATYRAU_REGION,), ATYRAU, "measured"),
        ((ALMATY_REGION,), ASTANA, "corroborated"),
        ((ALMATY_REGION, ASTANA), COUNTRY, "corroborated"),  # the rest of the country is most of it
    ],
)
def test_places_that_a_claim_leaves_out_meet_nothing_of_it(
    excluded: tuple[Place, ...], dropped_in: Place, level: str
) -> None:
    assert fit(outage("o", dropped_in), claim("c", COUNTRY, excluded=excluded))[0] == level


@pytest.mark.parametrize("partial", [False, True])
def test_a_claim_of_an_unnamed_part_meets_a_part(partial: bool) -> None:
    assert fit(outage("o"), claim("c", COUNTRY, partial=partial)) == ("corroborated", True)


@pytest.mark.parametrize(
    ("series", "said", "level"),
    [
        ({}, {}, "measured"),  # the country's own probing was normal all the while
        ({"signal": "gtr"}, {}, "measured"),
        ({"signal": "bgp"}, {}, "corroborated"),  # routing alone denies nothing
        ({"signal": "merit-nt"}, {}, "corroborated"),
        ({"hours": "ndn"}, {}, "corroborated"),
        ({"hours": "nmn"}, {}, "corroborated"),
        ({"place": ASTANA}, {}, "corroborated"),  # not the claimed place's own
        ({}, {"networks": ("mobile",)}, "corroborated"),  # probing would not have seen it
        ({"signal": "gtr"}, {"networks": ("mobile",)}, "measured"),
        ({}, {"partial": True}, "corroborated"),
    ],
)
def test_a_part_corroborates_nothing_where_the_places_own_series_stayed_normal(
    series: dict[str, Any], said: dict[str, Any], level: str
) -> None:
    given: dict[str, Any] = {"hours": "nnn", "place": COUNTRY} | series
    assert fit(outage("o"), claim("c", COUNTRY, **said), coverage("v", **given))[0] == level


def test_a_series_that_is_normal_elsewhere_keeps_no_drop_of_the_place_itself_from_its_claim() -> None:
    normal = coverage("v", "nnn", ALMATY_REGION, signal="gtr", series="ioda/google")
    assert fit(outage("o"), claim("c", ALMATY), normal) == ("corroborated", False)
    shutdown = with_piece("o", outage("o"), claim("c", ALMATY), normal)
    assert ("same-drop", "others-normal") in {(reason.code, reason.detail) for reason in shutdown.why}


@pytest.mark.parametrize(
    "later",
    [
        {"withdrawn": True},  # the series that spoke against it is taken back
        {"hours": "nmn"},  # or says something else
    ],
)
def test_a_claim_meets_a_part_again_once_nothing_speaks_against_it(later: dict[str, Any]) -> None:
    normal = coverage("v", "nnn", COUNTRY)
    pieces: list[Evidence] = [outage("o"), claim("c", COUNTRY), normal]
    state, _ = one_by_one(pieces)
    assert sorted(one.level for one in state.standing()) == ["contradicted", "measured"]
    state, _ = one_by_one([*pieces, replace(normal, revision=1, **later)])
    assert [one.level for one in state.standing()] == ["corroborated"]
    assert standing(state) == at_once([*pieces, replace(normal, revision=1, **later)])
