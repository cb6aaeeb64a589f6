"""Decoys: where they may lie, that they are the same each time, and what the answer at one is."""

from __future__ import annotations

from itertools import product

from streams import geography
from streams.correlation import CountryState, default_rules
from streams.correlation.windows import Span
from streams.evaluation.decoys import APART_S, WEEK_S, answers, decoys, happened
from streams.scoring import default_scorer
from streams.scoring.examples import measuring_scorer
from tests.correlation.evidence import ALMATY, ALMATY_REGION, ASTANA, COUNTRY, DAY_S, HOUR_S, START_S, claim, outage
from topics import Evidence, Shutdown

#: Four years of outages: of two regions by turns, of the whole country once.
LISTED = [
    *(outage(f"o{n}", (ALMATY_REGION, ASTANA)[n % 2], START_S + n * 30 * DAY_S) for n in range(48)),
    outage("all", COUNTRY, START_S + 700 * DAY_S, hours=30),
]


def shutdowns(*pieces: Evidence) -> list[Shutdown]:
    state = CountryState(default_rules(), measuring_scorer())
    for piece in pieces:
        state.apply(piece)
    return state.standing()


def test_no_outage_is_listed_near_a_decoy() -> None:
    found = decoys(LISTED, LISTED)
    assert len(found) > 80
    for position, listed in product(found, LISTED):
        near = Span(listed.from_s, listed.until_s or listed.from_s).meets(position.during, APART_S)
        assert not (near and geography.touches(listed.place, position.place))


def test_a_decoy_keeps_place_and_hour_or_time() -> None:
    begins = {one.from_s: one for one in LISTED}
    for position in decoys(LISTED, LISTED):
        if position.made == "moved to another place":
            assert begins[position.during.from_s].place.key != position.place.key
        else:
            whole = [one for one in LISTED if (position.during.from_s - one.from_s) % WEEK_S == 0]
            assert position.place.key in {one.place.key for one in whole}


def test_decoys_depend_on_the_list_alone() -> None:
    assert decoys(LISTED, LISTED) == decoys(LISTED[::-1], LISTED)


def test_the_answer_is_that_of_the_surest_shutdown_there() -> None:
    drop = outage("o0", ALMATY_REGION, START_S)
    alone = claim("c", ALMATY, START_S + 10 * WEEK_S, hours=24)
    found = answers([drop], [drop], shutdowns(drop, alone), default_scorer())
    assert found.truth == [True]
    assert found.scores[0] > 0.5
    assert found.by[0] is not None
    assert found.by[0].signals


def test_a_decoy_that_is_claimed_says_why_it_was_affirmed() -> None:
    """Claims of the whole country in every week meet whatever decoy there is."""
    listed = [outage("o0", ALMATY_REGION, START_S), outage("o1", ALMATY_REGION, START_S + 20 * WEEK_S)]
    claims = [
        claim(f"c{n}", COUNTRY, START_S + n * WEEK_S - HOUR_S, hours=6, scope="national") for n in range(-20, 41)
    ]
    found = answers(listed, listed, shutdowns(*listed, *claims), default_scorer())
    report = happened(found)
    assert report.made == {"moved in time": 2}
    assert [(one.reason, one.decoys) for one in report.affirmed] == [
        ("one source claims a cut of the place, nothing measured", 2)
    ]
    assert report.quality.precision == 0.5


def test_where_nothing_is_said_the_answer_is_0() -> None:
    listed = [outage("o0", ALMATY_REGION, START_S), outage("o1", ALMATY_REGION, START_S + 20 * WEEK_S)]
    found = answers(listed, listed, shutdowns(*listed), default_scorer())
    assert [score for score, true in zip(found.scores, found.truth, strict=True) if not true] == [0.0, 0.0]
    assert happened(found).affirmed == []
