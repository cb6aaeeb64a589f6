"""What is flat and what is not: growth, saw-teeth, peaks, and runs too short to say."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from streams.bench.verdict import LEAST_S, Look, Totals, Verdict, bounded, flat, judge, slope

GOOD = Totals(seconds=3_600, wanted=1_000, fed=1_000, ended=0, refused=0, changes=10)
HOUR_S = 3_600


def looks(
    memory: Callable[[float], float] = lambda _: 200.0,
    state: Callable[[float], float] = lambda _: 50.0,
    delay: Callable[[float], float] = lambda _: 2.0,
    seconds: int = HOUR_S,
) -> list[Look]:
    """A look each 5 s; figures are functions of the time as a share of an hour."""
    return [
        Look(
            at_s=float(at),
            event_s=at,
            memory_mb={"detect": memory(at / HOUR_S)},
            state_mb={"detect": state(at / HOUR_S)},
            lag={"detect": 0},
            delay_s={"detect": delay(at / HOUR_S)},
        )
        for at in range(0, seconds + 1, 5)
    ]


def faults(verdict: Verdict) -> str:
    return "; ".join(verdict.faults)


def test_what_stays_is_flat() -> None:
    noise = random.Random(1)
    verdict = judge(looks(memory=lambda _: 200 + noise.uniform(-5, 5)), GOOD)
    assert verdict.faults == []
    assert [one.good for one in verdict.trends] == [True, True, True]


def test_growth_in_the_first_half_is_how_it_fills() -> None:
    assert judge(looks(memory=lambda t: 100 + 200 * min(t, 0.5)), GOOD).faults == []


@pytest.mark.parametrize(("an_hour", "good"), [(9.0, True), (11.0, False), (100.0, False)])
def test_slow_growth_is_flat_up_to_a_share_an_hour(an_hour: float, good: bool) -> None:
    noise = random.Random(2)
    verdict = judge(looks(memory=lambda t: 200 + an_hour * t + noise.uniform(0, 3)), GOOD)
    assert (verdict.faults == []) is good
    assert good or "memory of detect grows by" in faults(verdict)


def test_of_what_is_small_a_few_megabytes_are_nothing() -> None:
    assert judge(looks(memory=lambda t: 30 + 7 * t), GOOD).faults == []


def test_what_fills_a_heap_of_its_own_is_judged_by_its_limit() -> None:
    grows = looks(memory=lambda t: 300 + 200 * t)
    assert judge(grows, GOOD, {"detect": 500.0}).faults == []
    assert faults(judge(grows, GOOD, {"detect": 499.0})) == "memory of detect is up to 500 MB, and may be 499 MB"
    assert "memory of detect grows" in faults(judge(grows, GOOD, {"kafka": 500.0}))


def saw(teeth: float, low: float, high: float) -> Callable[[float], float]:
    """So many teeth an hour, each a rise from low to high and a fall."""
    return lambda t: low + (high - low) * (t * teeth % 1)


@pytest.mark.parametrize("teeth", [20, 27.5, 60, 400])
def test_saw_teeth_of_compaction_are_flat(teeth: float) -> None:
    verdict = judge(looks(memory=saw(teeth, 200, 400), state=saw(teeth, 20, 90)), GOOD)
    assert verdict.faults == []


def test_saw_teeth_that_climb_are_not() -> None:
    tooth = saw(60, 0, 200)
    assert "memory of detect grows" in faults(judge(looks(memory=lambda t: 200 + 40 * t + tooth(t)), GOOD))


def test_a_peak_at_the_end_is_no_growth() -> None:
    verdict = judge(looks(memory=lambda t: 900 if t > 0.95 else 200), GOOD)
    assert verdict.faults == []
    assert verdict.trends[0].most == 900


def test_state_that_grows_is_told_by_its_stage() -> None:
    assert faults(judge(looks(state=lambda t: 50 + 20 * t), GOOD)).startswith("state of detect grows by 20.0 MB")


def test_a_delay_may_peak_and_must_not_stay() -> None:
    assert judge(looks(delay=lambda t: 90 if 0.7 < t < 0.72 else 1), GOOD).faults == []
    assert "delay of detect" in faults(judge(looks(delay=lambda t: 90 if 0.7 < t < 0.85 else 1), GOOD))


def test_a_delay_that_grows_is_told_before_it_is_long() -> None:
    verdict = judge(looks(delay=lambda t: 25 * t), GOOD)
    assert verdict.trends[-1].most < 30
    assert "changes by +25.0 s an hour" in faults(verdict)


def test_a_short_run_says_nothing_of_slopes_and_much_of_delays() -> None:
    short = int(LEAST_S) - 5
    verdict = judge(looks(memory=lambda t: 1_000 * t, seconds=short), GOOD)
    assert verdict.faults == []
    assert [one.good for one in verdict.trends] == [None, None, True]
    assert "delay of detect" in faults(judge(looks(delay=lambda t: 3_600 * t, seconds=short), GOOD))


@pytest.mark.parametrize(
    ("totals", "words"),
    [
        (Totals(seconds=3_600, wanted=1_000, fed=979, ended=0, refused=0, changes=1), "only 979 of 1,000"),
        (Totals(seconds=3_600, wanted=1, fed=1, ended=2, refused=0, changes=1), "ended 2 times"),
        (Totals(seconds=3_600, wanted=1, fed=1, ended=0, refused=3, changes=1), "3 records were refused"),
        (Totals(seconds=3_600, wanted=1, fed=1, ended=0, refused=0, changes=0), "no shutdown"),
    ],
)
def test_what_else_is_a_fault(totals: Totals, words: str) -> None:
    assert words in faults(judge(looks(), totals))


def test_a_short_feed_may_be_some_seconds_behind_at_its_end() -> None:
    def short(fed: int) -> Totals:
        return Totals(seconds=10, wanted=1_000, fed=fed, ended=0, refused=0, changes=1)

    assert judge(looks(seconds=10), short(710)).faults == []
    assert "only 690 of 1,000" in faults(judge(looks(seconds=10), short(690)))


def test_a_run_that_nobody_saw_has_no_verdict() -> None:
    with pytest.raises(ValueError, match="nobody looked"):
        judge([], GOOD)


def test_single_looks_have_no_slope() -> None:
    assert slope([(1.0, 5.0)]) == 0
    assert flat("memory", [5.0], [100.0], 0.05, 1).good
    assert bounded("delay", [5.0], [31.0], 30).good is False
