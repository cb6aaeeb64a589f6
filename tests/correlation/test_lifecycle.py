"""The life of shutdowns and candidates: what opens, ends, merges and comes back, and what is told of it."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from streams.correlation import CountryState, default_rules
from tests.correlation.evidence import (
    ALMATY,
    ALMATY_REGION,
    DAY_S,
    HOUR_S,
    START_S,
    claim,
    coverage,
    day_claim,
    local,
    outage,
    protest,
)
from topics import Candidate, Coverage, Evidence, Place, Shutdown, ShutdownChange

ALMATY_OBLAST = Place(
    kind="region", country="KZ", name="Almaty", region="KAZ-3207", latitude=44.0, longitude=77.0, radius_km=300.0,
    time_zone="Asia/Almaty",
)  # fmt: skip


def unfold(*pieces: Evidence) -> tuple[CountryState, list[ShutdownChange]]:
    state = CountryState(default_rules())
    return state, [change for piece in pieces for change in state.apply(piece).shutdowns]


def only(state: CountryState) -> Shutdown:
    (shutdown,) = state.standing()
    return shutdown


# |==a==|   2 h   |==b==|      and then what lies between them:      |==a==|==bridge==|==b==|
def test_an_id_survives_a_merge_and_the_content_is_that_of_the_set() -> None:
    a, b = outage("a"), outage("b", from_s=START_S + 5 * HOUR_S)
    bridge = outage("bridge", from_s=START_S + 3 * HOUR_S, hours=2)
    digests = set()
    for order in itertools.permutations((a, b, bridge)):
        state, changes = unfold(*order)
        digests.add(only(state).digest)
        # The first that was given out; where two were before they became one, that whose evidence is older.
        first = order[0] if bridge in order[:2] else a
        assert only(state).id == only(unfold(first)[0]).id
        for one in state.shutdowns.values():
            followed = one
            while followed.merged_into is not None:
                followed = state.shutdowns[followed.merged_into]
            assert followed.id == only(state).id
        assert all(change.because for change in changes)
    assert len(digests) == 1
    state, changes = unfold(a, b, bridge)
    assert [(change.change, change.because) for change in changes] == [
        ("opened", ("a",)),
        ("opened", ("b",)),
        ("updated", ("bridge",)),
        ("merged", ("bridge",)),
    ]


def test_a_merge_that_is_taken_back_opens_the_younger_again() -> None:
    bridge = outage("bridge", from_s=START_S + 3 * HOUR_S, hours=2)
    state, _ = unfold(outage("a"), outage("b", from_s=START_S + 5 * HOUR_S), bridge)
    changes = state.apply(msgspec.structs.replace(bridge, revision=1, withdrawn=True)).shutdowns
    assert [change.change for change in changes] == ["updated", "opened"]
    assert len(state.standing()) == 2


def test_each_step_names_what_changed_and_because_of_what() -> None:
    ongoing = outage("o", hours=None)
    over = msgspec.structs.replace(outage("o"), revision=1)
    gone = msgspec.structs.replace(outage("o"), revision=2, withdrawn=True)
    _, changes = unfold(ongoing, claim("c"), protest("p", "2021-02-28"), over, gone)
    assert [(one.change, one.because, one.shutdown.level) for one in changes] == [
        ("opened", ("o",), "measured"),
        ("escalated", ("c",), "corroborated"),
        ("updated", ("p",), "corroborated"),
        ("closed", ("o",), "corroborated"),
        # The claim still stands, and so does the id.
        ("updated", ("o",), "reported"),
    ]
    assert len({one.shutdown.id for one in changes}) == 1
    assert {"level", "sources", "support", "evidence"} <= set(changes[1].changed)
    assert "until_s" in changes[3].changed
    assert changes[1].words.startswith("escalated from measured to corroborated: ")
    assert changes[1].words.endswith("; because of c")


@pytest.mark.parametrize(
    ("letters", "signal", "status", "hours"),
    [
        ("ddddn", "ping-slash24", "closed", 4),  # the first normal hour is its end
        ("ddddd", "ping-slash24", "open", None),
        ("ddmmm", "ping-slash24", "open", None),  # missing ends nothing
        ("ddddn", "bgp", "open", None),  # nor does another signal
    ],
)
def test_coverage_closes_an_open_outage(letters: str, signal: str, status: str, hours: int | None) -> None:
    told = coverage("v", letters, ALMATY_REGION, signal=signal)
    state, _ = unfold(outage("o", hours=None), told)
    shutdown = only(state)
    assert shutdown.status == status
    assert shutdown.until_s == (None if hours is None else START_S + hours * HOUR_S)
    assert ("closed-by-coverage" in {reason.code for reason in shutdown.why}) is (status == "closed")


def newer(days: float) -> Coverage:
    return coverage("newest", "n", ALMATY, from_s=int(START_S + days * DAY_S) - HOUR_S)


# |open ======== 14 days of the country's newest evidence ========| closed
@pytest.mark.parametrize(("days", "status"), [(13.9, "open"), (14, "open"), (14.1, "closed")])
def test_what_is_open_ends_after_fourteen_days_of_silence(days: float, status: str) -> None:
    state, _ = unfold(outage("o", hours=None), newer(days))
    assert only(state).status == status
    other, _ = unfold(newer(days), outage("o", hours=None))
    assert only(other).digest == only(state).digest


def test_a_series_that_is_still_down_breaks_the_silence() -> None:
    down = coverage("down", "d", ALMATY_REGION, from_s=START_S + 10 * DAY_S)
    state, changes = unfold(outage("o", hours=None), newer(20), down)
    assert only(state).status == "open"
    assert [change.change for change in changes] == ["opened", "closed", "updated"]


def misses(*pieces: Evidence) -> list[Candidate]:
    state, _ = unfold(*pieces)
    return state.near_misses()


# outage   |08:00====11:00|    2 h window |13:00    12 h further: |01:00
@pytest.mark.parametrize(
    ("from_h", "short_s"), [(5, None), (5 + 1 / 60, 60), (6, HOUR_S), (17, 12 * HOUR_S), (17 + 1 / 60, None)]
)
def test_a_claim_that_misses_its_window_is_a_candidate(from_h: float, short_s: int | None) -> None:
    found = misses(outage("o"), claim("c", from_s=int(START_S + from_h * HOUR_S), hours=1))
    assert [(one.condition, one.short_s) for one in found] == ([] if short_s is None else [("time", short_s)])


# |claim of 28 Feb|... +48 h after it began |... near: 2 days
@pytest.mark.parametrize(
    ("begin", "severity", "short_s"),
    [
        ("2021-02-28T14:00", "warning", None),  # it is the cut
        ("2021-03-02T00:00", "critical", None),  # so is a strong one beside the day
        ("2021-03-02T00:01", "critical", 60),
        ("2021-03-04T00:00", "critical", 2 * DAY_S),
        ("2021-03-04T00:01", "critical", None),
    ],
)
def test_a_day_claim_that_misses_its_window_is_a_candidate(begin: str, severity: str, short_s: int | None) -> None:
    found = misses(outage("o", from_s=local(begin), severity=severity), day_claim("c", "2021-02-28"))
    assert [(one.condition, one.short_s) for one in found] == ([] if short_s is None else [("time", short_s)])


def test_a_neighbouring_regions_drop_is_a_candidate() -> None:
    (one,) = misses(outage("o", ALMATY_OBLAST), claim("c", ALMATY_REGION))
    assert (one.condition, one.short_km) == ("place", 0.0)
    assert {row.id for row in one.evidence} == {"o", "c"}
    assert "next to it" in one.words


@pytest.mark.parametrize(
    ("pieces", "condition"),
    [
        ((outage("o"), claim("c", lineage="ioda")), "lineage"),
        ((outage("o"), claim("c", extent="service")), "extent"),
        ((claim("c"), coverage("v", "ndn", ALMATY)), "depth"),
    ],
)
def test_the_condition_that_is_missing_is_named(pieces: tuple[Evidence, ...], condition: str) -> None:
    (one,) = misses(*pieces)
    assert one.condition == condition
    assert one.standing


def test_a_candidate_that_is_met_stands_no_longer() -> None:
    state = CountryState(default_rules())
    state.apply(claim("c"))
    (born,) = state.apply(outage("late", from_s=START_S + 6 * HOUR_S)).candidates
    (gone,) = state.apply(outage("o")).candidates
    assert (born.standing, born.condition, born.revision) == (True, "time", 1)
    assert (gone.id, gone.standing, gone.revision) == (born.id, False, 2)
    assert state.near_misses() == []


# |==a==|  4 h  |==b==|      a moves up to b:      |==a==||==b==|
def test_an_outage_that_moves_up_to_another_takes_it_in() -> None:
    a, b = outage("a", hours=1), outage("b", from_s=START_S + 5 * HOUR_S)
    moved = msgspec.structs.replace(a, from_s=START_S + 3 * HOUR_S, until_s=START_S + 4 * HOUR_S, revision=1)
    state, _ = unfold(a, b, moved)
    assert only(state).digest == only(unfold(b, moved)[0]).digest
