"""A drop of a campaign that is withdrawn leaves nothing behind that a later drop of the place would look for."""

from __future__ import annotations

from msgspec.structs import replace

from tests.correlation.evidence import ALMATY_REGION, DAY_S, START_S, outage
from tests.correlation.runs import at_once, one_by_one, standing


def test_a_drop_after_one_of_the_campaign_was_withdrawn() -> None:
    cuts = [outage(f"day-{day}", ALMATY_REGION, START_S + day * DAY_S) for day in range(6)]
    withdrawn = replace(cuts[2], revision=cuts[2].revision + 1, withdrawn=True)
    later = outage("later", ALMATY_REGION, START_S + 9 * DAY_S)
    state, _ = one_by_one([*cuts, withdrawn, later])
    assert standing(state) == at_once([*cuts, withdrawn, later])
    assert {one for key in state.kept for one in state.kept[key].uses} == {
        *(f"day-{day}" for day in (0, 1, 3, 4, 5)),
        "later",
    }
