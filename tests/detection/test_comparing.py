"""What is an outage and what is not: rhythms, long cuts, gaps, noise, scale, and where a file begins."""

from __future__ import annotations

import numpy as np
import pytest

from streams.detection import DEFAULT_RULES
from streams.detection.rules import unjudged_reason
from tests.detection.series import DAY, HOUR, MONDAY, cut, daily, flat, judged, spans, times
from topics.signals import SIGNALS, SignalFacts

#: How many hours of a file are cut off: wherever it begins, it comes to the same.
BEGINS = range(0, 48, 5)


@pytest.mark.parametrize("step_s", [HOUR // 2, HOUR, 2 * HOUR])
@pytest.mark.parametrize("hours", BEGINS)
def test_nights_are_no_outages_whatever_hour_the_file_begins_at(hours: int, step_s: int) -> None:
    at = times(8, step_s, start_s=MONDAY + hours * HOUR)
    found = judged(at, daily(at, low=0.15), "gtr", step_s)
    assert spans(found) == []
    assert found.unjudged[: DAY // step_s - 1].all(), "a day must be known"


@pytest.mark.parametrize("step_s", [HOUR // 2, HOUR, 2 * HOUR])
@pytest.mark.parametrize("hours", BEGINS)
def test_a_cut_of_traffic_is_found_whatever_hour_the_file_begins_at(hours: int, step_s: int) -> None:
    at = times(9, step_s, start_s=MONDAY + hours * HOUR)
    begin, end = MONDAY + 5 * DAY + 16 * HOUR, MONDAY + 7 * DAY + 14 * HOUR
    found = judged(at, cut(daily(at, 80.0), at, begin, end, 0.01), "gtr", step_s)
    first, back = (int(at[np.searchsorted(at, moment)]) for moment in (begin, end))
    assert spans(found) == [(first, back)]


def test_a_low_as_deep_as_the_night_is_an_outage_at_noon() -> None:
    at = times(10)
    values = daily(at)
    begin, end = MONDAY + 8 * DAY + 12 * HOUR, MONDAY + 8 * DAY + 15 * HOUR
    assert spans(judged(at, cut(values, at, begin, end, 0.25), "netflows")) == [(begin, end)]


def test_a_cut_on_the_second_day_is_told_by_the_quietest_hour_seen() -> None:
    at = times(4, start_s=MONDAY + 13 * HOUR)
    begin, end = MONDAY + DAY + 5 * HOUR, MONDAY + DAY + 11 * HOUR
    found = judged(at, cut(flat(at, 15, noise=0.05), at, begin, end, 0.01), "merit-nt")
    assert spans(found) == [(begin, end)]


@pytest.mark.parametrize("days", [12, 40, 300])
def test_an_outage_ends_when_values_return_and_not_before(days: int) -> None:
    at = times(days + 10)
    begin, end = MONDAY + 4 * DAY, MONDAY + (4 + days) * DAY
    for signal, values in (("ping-slash24", flat(at)), ("gtr", daily(at))):
        found = judged(at, cut(values, at, begin, end, 0.04), signal)
        assert spans(found) == [(begin, end)]
        assert not found.drops[at >= end].any()


def test_a_slow_return_ends_when_values_are_what_they_were() -> None:
    at = times(20)
    values = cut(flat(at), at, MONDAY + 5 * DAY, MONDAY + 6 * DAY, 0.1)
    values = cut(values, at, MONDAY + 6 * DAY, MONDAY + 8 * DAY, 0.6)
    assert spans(judged(at, values, "ping-slash24")) == [(MONDAY + 5 * DAY, MONDAY + 8 * DAY)]


def test_a_lasting_change_of_level_is_no_outage_and_is_told() -> None:
    at = times(40)
    change = MONDAY + 10 * DAY
    found = judged(at, cut(flat(at), at, change, at[-1] + 1, 0.7), "ping-slash24")
    assert found.outages == ()
    [level] = found.levels
    assert (level.from_s, round(level.ratio, 1)) == (change, 0.7)
    assert found.prediction[-1] == pytest.approx(70, rel=0.05)


def test_a_cut_that_comes_back_to_another_level_ends_there() -> None:
    at = times(40)
    values = cut(flat(at), at, MONDAY + 10 * DAY, MONDAY + 12 * DAY, 0.05)
    values = cut(values, at, MONDAY + 12 * DAY, int(at[-1]) + 1, 0.7)
    assert spans(judged(at, values, "ping-slash24")) == [(MONDAY + 10 * DAY, MONDAY + 12 * DAY)]


def test_a_return_in_steps_is_part_of_the_outage() -> None:
    at = times(40)
    values = cut(flat(at), at, MONDAY + 10 * DAY, MONDAY + 15 * DAY, 0.05)
    values = cut(values, at, MONDAY + 15 * DAY, MONDAY + 27 * DAY, 0.6)
    assert spans(judged(at, values, "ping-slash24")) == [(MONDAY + 10 * DAY, MONDAY + 27 * DAY)]


@pytest.mark.parametrize("signal", ["bgp", "ping-slash24", "gtr"])
@pytest.mark.parametrize("days", [9, 20, 35])
def test_a_level_that_values_come_back_from_was_an_outage(signal: str, days: int) -> None:
    at = times(days + 25, HOUR // 2)
    begin, end = MONDAY + 12 * DAY + 7 * HOUR, MONDAY + (12 + days) * DAY + 3 * HOUR
    normal = daily(at) if signal == "gtr" else flat(at, noise=0.003)
    values = cut(normal, at, begin, end, 0.6)
    so_far = at < end
    assert spans(judged(at[so_far], values[so_far], signal, HOUR // 2)) == []
    found = judged(at, values, signal, HOUR // 2)
    assert spans(found) == [(begin, end)]
    assert found.levels == ()
    assert found.prediction[-30:] == pytest.approx(normal[-30:], rel=0.15)


def test_after_many_weeks_it_was_a_level_of_its_own() -> None:
    at = times(90)
    found = judged(at, cut(flat(at), at, MONDAY + 12 * DAY, MONDAY + 60 * DAY, 0.7), "ping-slash24")
    assert spans(found) == []
    assert len(found.levels) == 1


def test_a_day_of_old_values_is_no_return() -> None:
    at = times(50)
    values = cut(flat(at), at, MONDAY + 12 * DAY, int(at[-1]) + 1, 0.7)
    values = np.where((at >= MONDAY + 25 * DAY) & (at < MONDAY + 25 * DAY + 18 * HOUR), values / 0.7, values)
    assert [level.from_s for level in judged(at, values, "ping-slash24").levels] == [MONDAY + 12 * DAY]


def test_silence_is_missing_and_not_back() -> None:
    at = times(20)
    values = cut(flat(at), at, MONDAY + 5 * DAY, MONDAY + 9 * DAY, 0.05)
    values[(at >= MONDAY + 6 * DAY) & (at < MONDAY + 8 * DAY)] = np.nan
    assert spans(judged(at, values, "ping-slash24")) == [(MONDAY + 5 * DAY, MONDAY + 9 * DAY)]


@pytest.mark.parametrize(
    ("silent_h", "ends_at", "uncertainty_h"),
    [(8, "back", 9), (30, "last heard", 31), (9 * 24, "last heard", 7 * 24), (800 * 24, "last heard", 7 * 24)],
)
def test_an_outage_that_falls_silent_ends_with_that_uncertainty(
    silent_h: int, ends_at: str, uncertainty_h: int
) -> None:
    at = times(8)
    begin, heard = MONDAY + 5 * DAY, MONDAY + 5 * DAY + 6 * HOUR
    values = cut(flat(at), at, begin, int(at[-1]), 0.05)[at < heard]
    later = heard + silent_h * HOUR + np.arange(48) * HOUR
    whole = np.concatenate((at[at < heard], later))
    [ended] = judged(whole, np.concatenate((values, np.full(48, 100.0))), "ping-slash24").outages
    assert ended.until_s == (int(later[0]) if ends_at == "back" else heard)
    assert ended.until_uncertainty_s == uncertainty_h * HOUR


def test_an_outage_that_nothing_follows_is_open() -> None:
    at = times(6)
    values = cut(flat(at, noise=0.002), at, MONDAY + 5 * DAY, int(at[-1]) + 1, 0.1)
    assert spans(judged(at, values, "bgp")) == [(MONDAY + 5 * DAY, None)]


@pytest.mark.parametrize("scale", [1e-3, 0.01, 1.0, 1e6])
@pytest.mark.parametrize("signal", ["merit-nt", "gtr-norm", "http-requests", "ping-slash24", "connectivity-index"])
def test_the_unit_of_values_makes_no_difference(signal: str, scale: float) -> None:
    at = times(8)
    begin, end = MONDAY + 6 * DAY + 3 * HOUR, MONDAY + 6 * DAY + 9 * HOUR
    assert spans(judged(at, cut(flat(at), at, begin, end, 0.05) * scale, signal)) == [(begin, end)]


def test_a_drop_is_as_deep_as_it_is_relative_to_the_noise() -> None:
    at = times(14, 600)
    begin, end = MONDAY + 12 * DAY, MONDAY + 12 * DAY + 4 * HOUR
    for noise, is_outage in ((0.01, True), (0.15, False)):
        values = cut(flat(at, noise=noise), at, begin, end, 0.85)
        found = spans(judged(at, values, "ping-slash24", 600))
        assert found == ([(begin, end)] if is_outage else []), noise


def test_one_bad_value_is_no_outage() -> None:
    at = times(14, 600)
    values = flat(at, 20, noise=0.06)
    values[1_500] *= 0.55
    assert spans(judged(at, values, "ping-slash24", 600)) == []


@pytest.mark.parametrize("level", [0.0, 0.3])
def test_one_bad_value_is_no_outage_however_low(level: float) -> None:
    at = times(14, 600)
    values = flat(at, 20_000, noise=0.005)
    values[[1_500, 1_600]] *= level
    assert spans(judged(at, values, "ping-slash24", 600)) == []


@pytest.mark.parametrize("count", [5, 20, 38])
@pytest.mark.parametrize("percent", [False, True])
def test_a_network_of_few_is_judged_by_what_chance_does_to_few(count: int, percent: bool) -> None:
    at = times(40, 900)
    values = np.random.default_rng(count).binomial(count, 0.96, len(at)).astype(float)
    values = cut(values, at, MONDAY + 30 * DAY, MONDAY + 30 * DAY + 5 * HOUR, 0)
    found = judged(at, values * (100 / count if percent else 1), "ping-slash24", 900)
    assert spans(found) == [(MONDAY + 30 * DAY, MONDAY + 30 * DAY + 5 * HOUR)]


@pytest.mark.parametrize("mean", [0.5, 3.0, 15.0])
def test_few_addresses_at_a_telescope_are_no_outage_when_none_comes(mean: float) -> None:
    at = times(30, 900)
    values = np.random.default_rng(7).poisson(mean, len(at)).astype(np.float64) * (100 / 19)
    assert spans(judged(at, values, "merit-nt", 900)) == []


@pytest.mark.parametrize("signal", ["gtr", "merit-nt"])
@pytest.mark.parametrize("hours", [26, 30, 36, 44])
def test_a_cut_of_days_in_the_first_days_is_one_outage(signal: str, hours: int) -> None:
    """Half of the hours were never seen before the cut."""
    at = times(12, HOUR // 2, start_s=MONDAY + 15 * HOUR)
    begin, end = MONDAY + (hours + 6) * HOUR, MONDAY + 9 * DAY
    values = cut(daily(at, low=0.4), at, begin, end, 0.02)
    assert spans(judged(at, values, signal, HOUR // 2)) == [(begin, end)]


def test_nights_without_a_network_are_told_each_for_weeks_while_days_grow_quieter() -> None:
    """Each UTC day ends, and the next begins, in an outage."""
    at = times(60, HOUR // 2)
    begins = [MONDAY + (14 + night) * DAY + 18 * HOUR for night in range(40)]
    values = daily(at, low=0.4) * np.maximum(0.7, 1 - 0.01 * np.maximum(0, at - begins[0]) / DAY)
    for begin in begins:
        values = cut(values, at, begin, begin + 8 * HOUR, 0.1)
    found = spans(judged(at, values, "gtr", HOUR // 2))
    assert [begin for begin, _ in found] == begins
    assert sum(end != begin + 8 * HOUR for begin, end in found) <= 2


def test_a_holiday_is_no_cut() -> None:
    """Traffic that doesn't rise in the morning, and lies 35 % below for a day."""
    at = times(16)
    values = daily(at)
    share = 1 - 0.35 * np.clip((at - MONDAY - 10 * DAY) / (6 * HOUR), 0, 1) * (at < MONDAY + 11 * DAY)
    assert spans(judged(at, values * share, "traffic")) == []


def test_a_burst_of_one_volunteer_is_no_baseline() -> None:
    counts = [900.0, 60, 180, 90, 130, 80, 900, 140, 2, 6, 0, 1, 110, 95]
    at = times(len(counts), DAY)
    found = judged(at, np.array(counts), "ooni-measurements", DAY)
    assert spans(found) == [(MONDAY + 8 * DAY, MONDAY + 12 * DAY)]


def test_too_few_to_tell_is_no_drop() -> None:
    at = times(20)
    values = np.full(len(at), 2.0)
    values[240:270] = 0
    assert spans(judged(at, values, "ooni-measurements")) == []


def test_a_series_of_nothing_is_never_judged() -> None:
    at = times(5)
    found = judged(at, np.zeros(len(at)), "ping-slash24")
    assert found.unjudged.all()
    assert found.outages == ()


def test_an_index_must_be_low_for_three_hours() -> None:
    at = times(5)
    values = np.full(len(at), 10.0)
    values[60:63], values[75:77], values[90:99] = 4, 4, 8
    assert spans(judged(at, values, "connectivity-index")) == [(MONDAY + 60 * HOUR, MONDAY + 63 * HOUR)]


@pytest.mark.parametrize("facts", SIGNALS, ids=lambda facts: facts.code)
def test_every_signal_of_the_catalogue_is_judged_or_says_why_not(facts: SignalFacts) -> None:
    code = facts.code
    assert (code in DEFAULT_RULES.unjudged) == (unjudged_reason(code) is not None)
    if code not in DEFAULT_RULES.unjudged:
        assert code in DEFAULT_RULES.of(code).signals
        assert DEFAULT_RULES.of(code).rhythm == facts.rhythm
