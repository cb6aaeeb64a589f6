"""Which drops are one: both verdicts, each limit from either side."""

from __future__ import annotations

import math
from typing import Any

import pytest

from streams.watch import DEFAULT_RULES, WatchRules, find_groups
from streams.watch.failures import poisson_tail
from tests.watch.drops import COAST, FAR, HOUR_S, START_S, drop, groups, told
from topics import Drop

FAILED = ("source-failure", sorted(FAR[:4]))
SHARED = ("shared-cause", ["GM", "GN"])


def failing(last: Drop, *more: Drop) -> list[Drop]:
    """Probing that fails in three countries far apart, and what is given."""
    return [*(drop(country) for country in FAR[:3]), last, *more]


def cut(*more: Drop, signals: tuple[str, ...] = ("ping-slash24", "bgp")) -> list[Drop]:
    """A country that drops on several signals, and what is given."""
    return [*(drop("GM", signal) for signal in signals), *more]


# ---------------------------------------------------------------------- a service's failure

DAY_MINUTES = 24 * 60


def failing_tests(
    country: str, day: int = 0, days: float | None = 2, service: str = "whatsapp", **more: Any
) -> Drop:
    minutes = None if days is None else days * DAY_MINUTES
    given = {"source": "ooni", "lineage": "ooni"} | more
    return drop(country, f"ooni-anomalies-{service}", day * DAY_MINUTES, minutes, **given)


@pytest.mark.parametrize(
    ("last", "fails"),
    [
        (failing_tests(FAR[3]), True),
        (failing_tests(FAR[3], day=1), True),
        (failing_tests(FAR[3], day=-1, days=3), True),
        (failing_tests(FAR[3], day=2), False),
        (failing_tests(FAR[3], days=None), True),  # it may end with the others
        (failing_tests(FAR[3], days=9), False),  # blocked there, and the rest are three
        (failing_tests(FAR[3], service="telegram"), False),
        (failing_tests(FAR[3], source="others"), False),
        (drop(FAR[3]), False),
    ],
)
def test_a_service_whose_tests_fail_everywhere_failed_itself(last: Drop, fails: bool) -> None:
    found = groups([*(failing_tests(country) for country in FAR[:3]), last])
    assert told(found) == ([FAILED] if fails else [])


def test_neighbours_that_block_a_service_together_do_so_themselves() -> None:
    assert groups(failing_tests(country) for country in COAST) == []
    assert groups(failing_tests(country) for country in ("KE", "TZ", "PE", "BO")) == []


def test_blocking_and_drops_of_networks_know_nothing_of_each_other() -> None:
    """Neither adds a second kind to the other, nor makes it a country's own."""
    network = [drop(country) for country in FAR[:4]]
    service = [failing_tests(country) for country in FAR[:4]]
    assert sorted(told(groups([*network, *service]))) == [FAILED, FAILED]
    coast = [one for country in COAST[:2] for one in (drop(country), failing_tests(country))]
    assert groups(coast) == []


# ---------------------------------------------------------------------- a source's failure


def test_a_source_that_fails_everywhere_is_told_from_cuts() -> None:
    (found,) = groups(drop(country) for country in FAR)
    assert told([found]) == [("source-failure", sorted(FAR))]
    assert (found.source, found.signals, found.at_s) == ("ioda", ("ping-slash24",), START_S)
    assert {(member.from_s, member.until_s) for member in found.members} == {(START_S, START_S + 2 * HOUR_S)}


@pytest.mark.parametrize(
    ("countries", "fails"),
    [
        (FAR[:4], True),
        (FAR[:3], False),
        # Four, three of them far apart; and four of which no three are.
        (("KE", "TZ", "PE", "VN"), True),
        (("KE", "TZ", "PE", "BO"), False),
        (COAST, False),
    ],
)
def test_it_takes_four_countries_and_three_places(countries: tuple[str, ...], fails: bool) -> None:
    assert bool(groups(drop(country) for country in countries)) == fails


@pytest.mark.parametrize(
    ("signal", "minute", "fails"),
    [
        # A step of probing is 10 minutes, of BGP 5, which counts as 10; of Google traffic half an hour.
        ("ping-slash24", 10, True),
        ("ping-slash24", 11, False),
        ("ping-slash24", -10, True),
        ("bgp", 10, True),
        ("bgp", 11, False),
        ("gtr", 30, True),
        ("gtr", 31, False),
        ("mozilla", 60, True),
        ("mozilla", 61, False),
        ("a-signal-of-theirs", 10, True),
        ("a-signal-of-theirs", 11, False),
    ],
)
def test_begins_lie_within_a_step(signal: str, minute: int, fails: bool) -> None:
    # From 0 on in three countries, and `minute` later in the fourth.
    found = groups([*(drop(country, signal) for country in FAR[:3]), drop(FAR[3], signal, minute)])
    assert told(found) == ([FAILED] if fails else [])


@pytest.mark.parametrize(
    ("minutes", "shares"),
    [
        # The others last 120 minutes. Half of the longer of both must be common to both.
        (60, True),
        (59, False),
        (240, True),
        (241, False),
        (None, True),
    ],
)
def test_they_share_most_of_their_time(minutes: int | None, shares: bool) -> None:
    found = groups([*(drop(country) for country in FAR[:4]), drop("NZ", minutes=minutes)])
    assert told(found) == [("source-failure", sorted(FAR if shares else FAR[:4]))]


def test_while_most_go_on_nobody_knows_how_long_it_will_last() -> None:
    open_ = [drop(country, minutes=None) for country in FAR[:3]]
    assert told(groups([*open_, drop(FAR[3], minutes=10), drop(FAR[4], minutes=120)])) == [
        ("source-failure", sorted(FAR))
    ]


@pytest.mark.parametrize(
    ("other", "own"),
    [
        # Another kind of signal in the same country: a drop of its own, up to an hour either side.
        (drop("FI", "bgp", 60), True),
        (drop("FI", "bgp", 61), False),
        (drop("FI", "bgp", -60, 5), True),
        (drop("FI", "bgp", -61, 1_000), False),
        # The same kind of another origin saw it too; another series of the same origin is the same instrument.
        (drop("FI", "ping-slash24", 0, source="other", lineage="other"), True),
        (drop("FI", "ping-slash24-loss", 0), False),
        # In another country it says nothing of this one.
        (drop("SE", "bgp"), False),
    ],
)
def test_a_country_with_a_drop_of_its_own_is_not_covered(other: Drop, own: bool) -> None:
    found = groups(failing(drop("FI"), drop("NZ"), other))
    assert told(found) == [("source-failure", sorted(FAR if not own else {*FAR} - {"FI"}))]
    # Nor does it count: without it they are three.
    assert bool(groups(failing(drop("FI"), other))) != own


def test_an_outage_of_several_kinds_is_no_failure_of_one() -> None:
    assert not groups(drop(country, signals=("bgp", "ping-slash24")) for country in FAR)


def test_sources_and_signals_fail_each_for_itself() -> None:
    one, other = FAR[:2], FAR[2:4]
    assert not groups([*(drop(at) for at in one), *(drop(at, source="other") for at in other)])
    assert not groups([*(drop(at) for at in one), *(drop(at, "bgp") for at in other)])


def test_a_failure_twice_is_two() -> None:
    twice = [drop(country, minute=minute, minutes=20) for country in FAR for minute in (0, 61)]
    assert [group.at_s for group in groups(twice)] == [START_S, START_S + 61 * 60]


@pytest.mark.parametrize(
    ("usual", "fails"),
    [
        # A window of 10 minutes, which holds both its ends, is 15 of the 700 minutes around: by chance 0.12 drops
        # begin in it where 5 begin around, and 4 with a probability of 8 in a million; 0.14 where 6 do.
        (5, True),
        (6, False),
    ],
)
def test_more_drop_than_by_chance(usual: int, fails: bool) -> None:
    around = [drop("IN", minute=30 + 25 * number, minutes=10) for number in range(usual)]
    assert bool(groups([*(drop(at) for at in FAR[:4]), *around])) == fails
    # Twelve are more than that; and what began long before says nothing of what is usual now.
    assert groups([*(drop(at) for at in (*FAR, "KZ", "CL", "US")), *around])
    long_before = [drop("IN", minute=-361 - 25 * number, minutes=10) for number in range(usual)]
    assert groups([*(drop(at) for at in FAR[:4]), *long_before])


@pytest.mark.parametrize(("count", "mean"), [(4, 0.1), (1, 0.5), (30, 20.0), (3, 3.0)])
def test_the_poisson_tail_is_one_less_what_is_below(count: int, mean: float) -> None:
    below = sum(math.exp(-mean) * mean**number / math.factorial(number) for number in range(count))
    expected = 1.0 if count <= mean else 1 - below
    assert poisson_tail(count, mean) == pytest.approx(expected, rel=1e-6)


def test_of_windows_that_overlap_the_fuller_counts() -> None:
    # Kenya begins 10 minutes before all but Peru: its window lacks New Zealand, Peru's has all but Kenya.
    #       minute -10   0   +1
    #       KE      |
    #       PE VN FI     |
    #       NZ  EG           |
    drops = [drop("KE", minute=-10), *(drop(at) for at in ("PE", "VN", "FI"))]
    drops += [drop(at, minute=1) for at in ("NZ", "EG")]
    assert told(groups(drops)) == [("source-failure", ["EG", "FI", "NZ", "PE", "VN"])]


# ---------------------------------------------------------------------- one cause in neighbouring countries


def test_neighbours_that_drop_together_on_two_kinds_share_a_cause() -> None:
    (found,) = groups(cut(drop("GN", "ping-slash24", 10, 30), drop("GN", "bgp", 5, None)))
    assert told([found]) == [SHARED]
    assert (found.source, found.signals) == (None, ("bgp", "ping-slash24"))
    assert [(one.from_s - START_S, one.until_s) for one in found.members] == [
        (0, START_S + 2 * HOUR_S),
        (300, None),
    ]


@pytest.mark.parametrize(
    ("country", "shared"),
    [
        ("SN", True),  # around it
        ("GN", True),  # 73 km
        ("SL", False),  # 410 km: it joins what neighbours share, and doesn't begin it
        ("KE", False),
    ],
)
def test_they_are_neighbours(country: str, shared: bool) -> None:
    assert bool(groups(cut(drop(country), drop(country, "bgp")))) == shared


@pytest.mark.parametrize(("country", "joins"), [("SL", True), ("BJ", False)])
def test_countries_farther_on_join(country: str, joins: bool) -> None:
    # From Senegal and Gambia it is 410 km or less to Sierra Leone, and more than 1,000 to Benin.
    both = [drop(at, signal) for at in ("SN", country) for signal in ("ping-slash24", "bgp")]
    assert told(groups(cut(*both))) == [("shared-cause", sorted(["GM", "SN", *([country] * joins)]))]


@pytest.mark.parametrize(
    ("signals", "shared"),
    [
        (("ping-slash24", "bgp"), True),
        (("ping-slash24", "merit-nt"), False),
        (("ping-slash24",), False),
        (("bgp", "merit-nt", "ping-slash24"), True),
    ],
)
def test_the_same_two_kinds_drop_in_both(signals: tuple[str, ...], shared: bool) -> None:
    assert bool(groups(cut(*(drop("GN", signal) for signal in signals)))) == shared


def test_two_telescopes_are_one_kind() -> None:
    telescopes = ("merit-nt", "ucsd-nt")
    assert not groups(drop(country, signal) for country in ("GM", "GN") for signal in telescopes)


@pytest.mark.parametrize(
    ("signal", "minute", "shared"),
    [
        # Two steps: of probing and BGP 20 minutes, of Google traffic an hour.
        ("bgp", 20, True),
        ("bgp", 21, False),
        ("bgp", -20, True),
        ("bgp", -21, False),
        ("gtr", 60, True),
        ("gtr", 61, False),
    ],
)
def test_they_begin_within_two_steps(signal: str, minute: int, shared: bool) -> None:
    others = (drop("GN"), drop("GN", signal, minute))
    assert bool(groups(cut(*others, signals=("ping-slash24", signal)))) == shared


def test_one_outage_of_several_signals_is_enough() -> None:
    assert told(groups(drop(at, signals=("bgp", "ping-slash24", "ucsd-nt")) for at in ("GM", "GN"))) == [SHARED]


def test_two_coasts_at_one_moment_are_two() -> None:
    # Gambia and Guinea, Samoa and American Samoa: none of one coast lies near one of the other.
    both = [drop(at, signal) for at in ("GM", "GN", "WS", "AS") for signal in ("bgp", "ping-slash24")]
    assert told(groups(both)) == [("shared-cause", ["AS", "WS"]), SHARED]


def test_too_many_countries_are_no_cable() -> None:
    drops = [drop(at, signal) for at in COAST for signal in ("bgp", "ping-slash24")]
    assert told(groups(drops, WatchRules(shared_most=4))) == [("shared-cause", sorted(COAST))]
    assert not groups(drops, WatchRules(shared_most=3))


# ---------------------------------------------------------------------- both


def test_what_was_withdrawn_and_what_is_on_no_map_does_not_count() -> None:
    gone = drop("NZ", withdrawn=True)
    assert told(groups([*(drop(at) for at in FAR[:4]), gone, drop("ZZ")])) == [FAILED]


@pytest.mark.parametrize(("first", "last", "count"), [(0, 0, 1), (1, 1_439, 0), (0, 1_440, 2), (1, 1_440, 1)])
def test_groups_are_those_that_begin_when_asked_for(first: int, last: int, count: int) -> None:
    drops = [drop(at, minute=minute) for at in FAR for minute in (0, 24 * 60)]
    found = find_groups(drops, DEFAULT_RULES, START_S + first * 60, START_S + last * 60)
    assert len(found) == count


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"step_least_s": 7_200}, "step_least_s"),
        ({"failure_places": 5}, "failure_places"),
        ({"failure_places": 1}, "failure_places"),
        ({"usual_s": 3_600}, "usual_s"),
        ({"near_km": 2_000.0}, "near_km"),
        ({"expiry_s": 3_600}, "expiry_s"),
    ],
)
def test_rules_that_contradict_each_other_are_refused(given: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        WatchRules(**given)  # type: ignore[arg-type]
