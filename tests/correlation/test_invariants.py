"""Invariants 2 to 5 and 9 of the design, on generated histories."""

from __future__ import annotations

import random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.correlation import Changes, CorrelateStage, CountryState
from streams.correlation.lifecycle import LEVELS, over
from streams.stage import Overlay, Store
from tests.correlation.evidence import ALMATY, ALMATY_REGION, COUNTRY, blocking, claim, coverage, outage
from tests.correlation.histories import campaigns, histories
from tests.correlation.runs import at_once, one_by_one, standing
from topics import RECORD_LIMIT_BYTES, SHUTDOWN_CHANGES, Evidence, Outage, ShutdownChange


@given(histories() | campaigns(), st.randoms(use_true_random=False))
def test_order_and_duplicates_do_not_matter(evidence: list[Evidence], rng: random.Random) -> None:
    arriving = evidence * 2
    rng.shuffle(arriving)
    state, _ = one_by_one(arriving)
    assert standing(state) == at_once(evidence)


@given(histories(), st.randoms(use_true_random=False))
def test_nothing_vanishes(evidence: list[Evidence], rng: random.Random) -> None:
    rng.shuffle(evidence)
    state, changes = one_by_one(evidence)
    given_out = {change.shutdown.id for change in changes}
    assert given_out == state.shutdowns.keys()
    for shutdown in state.shutdowns.values():
        followed = shutdown
        for _ in state.shutdowns:
            if followed.status == "merged":
                assert followed.merged_into is not None
                followed = state.shutdowns[followed.merged_into]
        assert followed.status != "merged", "merging goes round in a circle"
        assert (followed.id in state.kept) is (followed.status != "retracted")


@given(histories())
def test_every_change_is_a_step(evidence: list[Evidence]) -> None:
    _, changes = one_by_one(evidence)
    seen: dict[str, ShutdownChange] = {}
    for change in changes:
        before = seen.get(change.shutdown.id)
        assert change.shutdown.revision == (1 if before is None else before.shutdown.revision + 1)
        assert change.changed, "a revision that changes nothing"
        assert (change.change == "opened") is (before is None or over(before.shutdown))
        assert over(change.shutdown) is (change.change in ("merged", "retracted"))
        seen[change.shutdown.id] = change


@given(histories())
def test_known_evidence_gives_nothing(evidence: list[Evidence]) -> None:
    state, _ = one_by_one(evidence)
    assert [state.apply(piece) for piece in evidence] == [Changes()] * len(evidence)


@given(histories())
def test_withdrawing_everything_retracts_everything(evidence: list[Evidence]) -> None:
    state, _ = one_by_one(evidence)
    for piece in evidence:
        state.apply(msgspec.structs.replace(piece, revision=9, withdrawn=True))
    assert state.standing() == []
    assert {shutdown.status for shutdown in state.shutdowns.values()} <= {"merged", "retracted"}


def standing_of(state: CountryState, piece: str) -> tuple[int, float]:
    """The highest level and probability of the shutdowns that a piece is part of."""
    found = [state.shutdowns[key] for key in state.used_by(piece)]
    return max(LEVELS.index(one.level) for one in found), max(one.probability or 0.0 for one in found)


@given(histories(most=8))
def test_support_never_lowers_level_or_probability(evidence: list[Evidence]) -> None:
    base = outage("base", ALMATY_REGION)
    before, _ = one_by_one([*evidence, base])
    after, _ = one_by_one([*evidence, base, claim("support", ALMATY, lineage="somebody-else")])
    for was, now in zip(standing_of(before, "base"), standing_of(after, "base"), strict=True):
        assert now >= was


@given(histories(most=8))
def test_contradiction_never_raises_level_or_probability(evidence: list[Evidence]) -> None:
    plain = [piece for piece in evidence if not isinstance(piece, Outage)]
    said = claim("said", ALMATY)
    before, _ = one_by_one([*plain, said])
    after, _ = one_by_one([*plain, said, coverage("calm", "n" * 24, ALMATY, series="ioda/calm")])
    for was, now in zip(standing_of(before, "said"), standing_of(after, "said"), strict=True):
        assert now <= was


@given(histories(most=8))
def test_measured_blocking_never_lowers_level_or_probability_and_makes_no_shutdown(
    evidence: list[Evidence],
) -> None:
    before, _ = one_by_one(evidence)
    after, _ = one_by_one([*evidence, blocking("tests", COUNTRY)])
    assert after.kept.keys() == before.kept.keys()
    for key in before.kept:
        was, now = before.shutdowns[key], after.shutdowns[key]
        assert LEVELS.index(now.level) >= LEVELS.index(was.level)
        assert (now.probability or 0.0) >= (was.probability or 0.0)


def flush(overlay: Overlay, store: Store, most: int | None = None) -> None:
    for key, value in list(overlay.changes())[:most]:
        if value is None:
            store.pop(key, None)
        else:
            store[key] = value


@settings(max_examples=60)
@given(histories() | campaigns(), st.integers(0, 1_000_000))
def test_a_stage_that_crashes_while_writing_ends_the_same(evidence: list[Evidence], seed: int) -> None:
    rng = random.Random(seed)
    arriving = evidence * 2
    rng.shuffle(arriving)
    store: Store = {}
    stage = CorrelateStage()
    seen: dict[str, int] = {}
    at = 0
    while at < len(arriving):
        batch = arriving[at : at + rng.randrange(1, 6)]
        overlay = Overlay(store)
        result = stage.process(batch, overlay)
        for topic, record in result.out:
            if topic is SHUTDOWN_CHANGES:
                assert isinstance(record, ShutdownChange)
                seen[record.shutdown.id] = record.shutdown.revision
        if rng.random() < 0.3:
            flush(overlay, store, rng.randrange(len(list(overlay.changes())) + 1))
            stage = CorrelateStage()
            continue
        flush(overlay, store)
        at += len(batch)
    assert all(len(value) < RECORD_LIMIT_BYTES for value in store.values())
    fresh = CorrelateStage()
    fresh.process([], store)
    assert standing(fresh.memory("KZ", store).state) == at_once(evidence)
    assert {key: one.revision for key, one in fresh.memory("KZ", store).state.shutdowns.items()} == seen
