"""Coincidences by chance: what is counted at each offset is what the engine would attach there."""

from __future__ import annotations

from streams.correlation import CountryState, default_rules
from streams.evaluation.sliding import WEEK_S, false_alarms
from streams.scoring import default_scorer
from tests.correlation.evidence import ALMATY, ALMATY_REGION, ASTANA, HOUR_S, START_S, claim, outage
from topics import Evidence, Place, Shutdown

WEEKS = 60


def world(*, own: Place = ALMATY, first: int = 0) -> tuple[list[Evidence], list[Shutdown]]:
    """An outage of Almaty every third week for more than a year, each at another hour so that they are no campaign,
    and a claim of two days every fifth week from week `first`."""
    begins = {n: START_S + n * WEEK_S + n * 5 % 24 * HOUR_S for n in range(0, WEEKS, 3)}
    pieces: list[Evidence] = [outage(f"o{n}", ALMATY_REGION, begin) for n, begin in begins.items()]
    pieces += [claim(f"c{n}", own, START_S + n * WEEK_S - 12 * HOUR_S, hours=48) for n in range(first, WEEKS, 5)]
    state = CountryState(default_rules(), default_scorer())
    for piece in pieces:
        state.apply(piece)
    return pieces, state.standing()


def test_what_is_observed_is_what_the_engine_corroborates() -> None:
    evidence, shutdowns = world()
    found = false_alarms(evidence, shutdowns)
    assert found is not None
    assert found.observed == sum(one.level == "corroborated" for one in shutdowns) == 4


def test_chance_meets_as_often_as_the_weeks_allow() -> None:
    """Every offset has a claim in a fifth of its weeks and an outage in a third: a fifteenth meets, wherever the
    claims begin."""
    for first in (0, 1):
        found = false_alarms(*world(first=first))
        assert found is not None
        assert 0.6 < found.expected / (WEEKS / 15) < 1.4


def test_claims_of_another_place_meet_nothing() -> None:
    evidence, shutdowns = world(own=ASTANA)
    found = false_alarms(evidence, shutdowns)
    assert found is not None
    assert (found.observed, found.expected, found.countries) == (0, 0, [])


def test_short_lists_count_nothing() -> None:
    pieces: list[Evidence] = [outage("o"), claim("c")]
    assert false_alarms(pieces, []) is None
    assert false_alarms(pieces[:1], []) is None
