"""Revisions in any order, duplicates, withdrawals: what stands in the end is what the newest revision says.

        r0: Almaty, Atyrau      r1: Almaty        r2: Shymkent      r3: withdrawn
Almaty  ████████████████████    ██████████        withdrawn
Atyrau  ████████████████████    withdrawn
Shymk.                                            ████████████      withdrawn
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.claims import ClaimsStage
from streams.located import piece_revision
from streams.protests import ProtestsStage
from tests.claims.reports import item, report, run, standing
from topics import Report

VERSIONS = (
    report(places=("Almaty", "Atyrau")),
    report(places=("Almaty",), revision=1, extent="full"),
    report(places=("Shymkent",), revision=2),
    report(places=("Shymkent",), revision=3, withdrawn=True),
)


def names(found: dict[str, Any]) -> list[str]:
    return sorted(piece.place.name for piece in found.values())


@pytest.mark.parametrize(
    ("versions", "expected"),
    [(1, ["Almaty", "Atyrau"]), (2, ["Almaty"]), (3, ["Shymkent"]), (4, [])],
)
def test_what_stands_after_each_revision_in_every_order(versions: int, expected: list[str]) -> None:
    for order in permutations(VERSIONS[:versions]):
        store: dict[str, bytes] = {}
        results = [run(ClaimsStage(), one, store=store) for one in order]
        found = standing(results)
        assert names(found) == expected
        assert names(standing([run(ClaimsStage(), *order)])) == expected, "in one batch or many"


def test_places_gone_are_withdrawn_where_they_were() -> None:
    store: dict[str, bytes] = {}
    before = [piece for _, piece in run(ClaimsStage(), VERSIONS[0], store=store).out]
    after: list[Any] = [piece for _, piece in run(ClaimsStage(), VERSIONS[2], store=store).out]
    gone = {piece.id: piece for piece in after if piece.withdrawn}
    assert gone.keys() == {piece.id for piece in before}  # type: ignore[attr-defined]
    for piece in before:
        now: Any = gone[piece.id]  # type: ignore[attr-defined]
        assert (now.place, now.from_s, now.until_s) == (piece.place, piece.from_s, piece.until_s)  # type: ignore[attr-defined]
        assert now.revision > piece.revision  # type: ignore[attr-defined]
    assert [piece.place.name for piece in after if not piece.withdrawn] == ["Shymkent"]


def test_a_withdrawal_goes_to_the_country_where_the_claim_was() -> None:
    store: dict[str, bytes] = {}
    run(ClaimsStage(), report(), store=store)
    moved = run(ClaimsStage(), report(country="Chad", places=("N'Djamena",), revision=1), store=store)
    assert {(piece.country, piece.withdrawn) for _, piece in moved.out} == {("TD", False), ("KZ", True)}  # type: ignore[attr-defined]


def test_duplicates_and_older_revisions_do_nothing() -> None:
    store: dict[str, bytes] = {}
    assert run(ClaimsStage(), VERSIONS[1], store=store).out
    before = dict(store)
    for old in (VERSIONS[1], VERSIONS[0], VERSIONS[1]):
        assert run(ClaimsStage(), old, store=store).out == []
    assert store == before


def test_a_batch_that_comes_again_to_an_empty_store_makes_the_same() -> None:
    """After a crash the same records come, with a store that holds what was written of them, or nothing."""
    first = run(ClaimsStage(), *VERSIONS)
    assert run(ClaimsStage(), *VERSIONS).out == first.out
    assert names(standing([first, run(ClaimsStage(), *VERSIONS)])) == []


def test_something_withdrawn_before_it_was_seen_stays_away() -> None:
    store: dict[str, bytes] = {}
    assert run(ClaimsStage(), VERSIONS[3], store=store).out == []
    assert run(ClaimsStage(), *VERSIONS[:3], store=store).out == []


def test_withdrawn_needs_no_place_that_is_known() -> None:
    store: dict[str, bytes] = {}
    run(ClaimsStage(), VERSIONS[0], store=store)
    result = run(ClaimsStage(), report(country="Atlantis", start="x", withdrawn=True, revision=9), store=store)
    assert not result.refused
    assert all(piece.withdrawn for _, piece in result.out)  # type: ignore[attr-defined]
    assert len(result.out) == 2


def test_a_revision_that_cannot_be_used_changes_nothing() -> None:
    bad = report(country="Atlantis", revision=5)
    for order in ((VERSIONS[0], bad), (bad, VERSIONS[0])):
        store: dict[str, bytes] = {}
        results = [run(ClaimsStage(), one, store=store) for one in order]
        assert names(standing(results)) == ["Almaty", "Atyrau"]
        assert sum(len(result.refused) for result in results) == 1


def test_two_records_of_one_revision_rank_the_same_in_any_order() -> None:
    one, two = report(places=("Almaty",)), report(places=("Atyrau",))
    assert names(standing([run(ClaimsStage(), one, two)])) == names(standing([run(ClaimsStage(), two, one)]))


def test_revisions_rank_before_content() -> None:
    assert piece_revision(1, "00000" + "f" * 27) > piece_revision(0, "f" * 32)
    assert piece_revision(2**42, "f" * 32) < 2**63


PLACES = st.lists(st.sampled_from(["Almaty", "Atyrau", "Shymkent", "nationwide"]), max_size=3).map(tuple)
HISTORIES = st.lists(
    st.builds(
        lambda places, revision, key, withdrawn: report(key, places=places, revision=revision, withdrawn=withdrawn),
        PLACES, st.integers(0, 3), st.sampled_from(["a", "b"]), st.booleans(),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


@given(HISTORIES, st.randoms(use_true_random=False), st.integers(1, 4))
def test_any_order_any_batches_any_repeats_end_the_same(history: list[Report], chance: Any, size: int) -> None:
    wanted = standing([run(ClaimsStage(), *history)])
    shuffled = [*history, *history]
    chance.shuffle(shuffled)
    store: dict[str, bytes] = {}
    batches = [shuffled[start : start + size] for start in range(0, len(shuffled), size)]
    found = standing([run(ClaimsStage(), *batch, store=store) for batch in batches])
    assert found == wanted


def test_protests_share_the_machinery() -> None:
    store: dict[str, bytes] = {}
    results = [
        run(ProtestsStage(), item(places=("Almaty", "Atyrau")), store=store),
        run(ProtestsStage(), item(places=("Atyrau",), revision=1), store=store),
        run(ProtestsStage(), item(places=("Almaty",)), store=store),
    ]
    assert names(standing(results)) == ["Atyrau"]


def test_the_state_of_a_record_is_small() -> None:
    store: dict[str, bytes] = {}
    places = tuple(f"{name} {'x' * 5_000}" for name in ("Almaty", "Atyrau", "Shymkent"))
    run(ClaimsStage(), report(places=("Almaty", "Atyrau", "Shymkent", *places), text="y" * 20_000), store=store)
    assert len(store["form:r-1"]) < 2_000
