"""The assessment of a draft: what claims weigh off the day and in a campaign, bursts, and who is not shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.correlation import default_rules
from streams.correlation.assessment import Assessment, assess
from streams.correlation.claim_drafts import claimed
from streams.correlation.drafts import Draft
from streams.correlation.joins import Join
from streams.correlation.places import pair
from streams.correlation.trust import individuals_weight
from tests.correlation.evidence import ALMATY, ALMATY_REGION, ATYRAU, HOUR_S, START_S, claim, coverage, outage
from topics import Claim, Coverage

RULES = default_rules()
NORMAL = coverage("v", "n" * 24, ALMATY, from_s=START_S - 6 * HOUR_S)


def alone(claims: list[Claim], *pieces: Coverage) -> Assessment:
    (draft,) = claimed(claims, RULES)
    return assessed(draft, *pieces)


def assessed(draft: Draft, *pieces: Coverage, joins: dict[str, Join] | None = None) -> Assessment:
    return assess(draft, pieces, joins or {}, lambda said, place: pair(said.place, place, RULES), RULES)


def measured(*claims: Claim, carried: tuple[Claim, ...] = ()) -> Draft:
    (draft,) = claimed([claim("any")], RULES)
    return replace(draft, place=ALMATY_REGION, outages=[outage("o")], claims=list(claims), carried=list(carried))


def people(number: int, **more: Any) -> list[Claim]:
    return [claim(f"p{one}", reporter="individual", **more) for one in range(number)]


def test_a_claim_weighs_less_off_its_day() -> None:
    on, off = Join("same", 0), Join("same", 5 * HOUR_S)
    said = claim("c")
    assert assessed(measured(said), joins={"c": on}).sources.support == 1.0
    found = assessed(measured(said), joins={"c": off})
    assert found.sources.support == RULES.number("off_day_worth")
    assert found.backing == [said]


def test_a_claim_of_another_night_of_the_campaign_weighs_less_and_backs() -> None:
    other = claim("other")
    found = assessed(measured(carried=(other,)))
    assert found.sources.support == RULES.number("campaign_worth")
    assert found.backing == found.told_backing == [other]
    assert found.draft.claims == []


def test_an_individual_of_another_night_is_not_told_of() -> None:
    found = assessed(measured(carried=tuple(people(1))))
    assert len(found.backing) == 1
    assert found.told_backing == []


def test_who_repeats_the_measurement_backs_nothing() -> None:
    found = assessed(measured(claim("c", lineage="ioda"), claim("d")))
    assert [one.id for one in found.backing] == ["d"]
    assert found.sources.support == 1.0


def test_a_denial_backs_nothing_and_is_no_shutdown() -> None:
    found = assessed(measured(claim("d", attribution="denied")))
    assert found.backing == []
    assert not alone([claim("d", attribution="denied")]).shown


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_too_few_individuals_count_and_are_not_shown(number: int) -> None:
    shown = number >= RULES.count("individuals_shown")
    found = assessed(measured(*people(number)))
    assert len(found.few) == (0 if shown else number)
    assert len(found.draft.claims) == (number if shown else 0)
    assert len(found.backing) == number
    assert len(found.told_backing) == (number if shown else 0)
    assert found.sources.support == pytest.approx(individuals_weight(number, RULES), abs=1e-5)
    assert found.shown
    assert alone(people(number)).shown is shown


@pytest.mark.parametrize(
    ("number", "apart_s", "burst"),
    [
        (RULES.count("burst_individuals"), 0, RULES.count("burst_individuals")),
        (RULES.count("burst_individuals") - 1, 0, 0),
        (RULES.count("burst_individuals"), RULES.seconds("burst_s"), 0),
    ],
)
def test_many_who_begin_within_hours_are_a_burst(number: int, apart_s: int, burst: int) -> None:
    each = [claim(f"p{one}", reporter="individual", from_s=START_S + one * apart_s) for one in range(number)]
    assert assessed(measured(*each)).burst == burst


def test_a_burst_is_set_aside_only_where_series_deny_it() -> None:
    burst = people(RULES.count("burst_individuals"))
    denied = alone(burst, NORMAL)
    assert set(denied.aside) == {one.id for one in burst}
    assert denied.sources.support == 0
    assert denied.counted == []
    # It is shown for what it is.
    assert denied.shown
    telescope = coverage("v", "nnn", ALMATY, signal="merit-nt")
    for pieces in ([], [telescope], [coverage("v", "nmn", ALMATY)]):
        assert alone(burst, *pieces).aside == {}
    assert assessed(measured(*burst), NORMAL).aside == {}
    assert alone(people(RULES.count("burst_individuals") - 1), NORMAL).aside == {}


def test_an_organisation_is_never_set_aside() -> None:
    found = alone([*people(10), claim("organisation")], NORMAL)
    assert "organisation" not in found.aside
    assert found.counted == [claim("organisation")]
    assert found.sources.support == 1.0


def test_what_was_measured_is_asked_of_each_claim_and_of_none_beside_a_drop() -> None:
    found = alone([claim("c"), claim("longer", hours=30)], NORMAL)
    assert {key: one.state for key, one in found.seen.items()} == {"c": "normal", "longer": "missing"}
    assert assessed(measured(claim("c")), NORMAL).seen == {}


def test_a_place_that_nobody_measured_says_so() -> None:
    assert alone([claim("c", ATYRAU)], NORMAL).seen["c"].state == "no-series"


@given(number=st.integers(1, 12), organisations=st.integers(0, 3))
def test_a_further_claim_never_lowers_support(number: int, organisations: int) -> None:
    named = [claim(f"organisation{one}") for one in range(organisations)]
    fewer, more = (assessed(measured(*named, *people(count))) for count in (number, number + 1))
    assert fewer.sources.support <= more.sources.support
    another = assessed(measured(*named, claim("another"), *people(number)))
    assert fewer.sources.support < another.sources.support
    assert {one.id for one in fewer.backing} <= {one.id for one in more.backing}
