"""The stage: what stands in the end is the same in any order and split, and what is kept is bounded."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.stage import Overlay, Result, StateError, Store
from streams.watch import DEFAULT_RULES, WatchRules, WatchStage, drop_store, find_groups
from streams.watch.pieces import changed
from tests.watch.drops import COAST, FAR, HOUR_S, START_S, drop, standing
from topics import DROPS, EVIDENCE, CommonDrop, Drop, decode, encode

DAY_S = 86_400


def run(batches: Iterable[Sequence[Drop]], store: Store | None = None, stage: WatchStage | None = None) -> Result:
    """What a stage gives of batches, one after the other, by way of bytes as in Kafka."""
    whole, kept, one = Result(), {} if store is None else store, stage or WatchStage()
    for batch in batches:
        result = one.process([decode(DROPS, encode(record)) for record in batch], kept)
        whole.out += [(topic, decode(topic, encode(piece))) for topic, piece in result.out]
        whole.refused += result.refused
    return whole


def pieces(result: Result) -> list[Any]:
    return [piece for _, piece in result.out]


def naive(drops: Iterable[Drop]) -> dict[str, CommonDrop]:
    """What should stand, worked out at once from the newest revisions."""
    newest: dict[str, Drop] = {}
    for one in drops:
        if one.id not in newest or one.revision > newest[one.id].revision:
            newest[one.id] = one
    begins = [one.from_s for one in newest.values()]
    found = find_groups(newest.values(), DEFAULT_RULES, min(begins), max(begins))
    return standing(piece for group in found for piece in changed(None, group, 1))


#: What counts the tests of one service that fail.
SERVICE = "ooni-anomalies-whatsapp"


@st.composite
def worlds(draw: st.DrawFn) -> list[Drop]:
    """Drops of a few hours in few countries, many of them alike, with later revisions of some."""
    minutes = st.integers(-30, 30).map(lambda minute: minute * 5)
    made = draw(
        st.lists(
            st.builds(
                drop,
                st.sampled_from([*FAR, *COAST]),
                st.sampled_from(["ping-slash24", "bgp", "gtr", SERVICE]),
                minutes,
                st.sampled_from([60, 60, 90, 600, None]),
            ),
            min_size=1,
            max_size=40,
            unique_by=lambda one: one.id,
        )
    )
    failing = [
        drop(country, minute=draw(st.sampled_from([0, 5]))) for country in draw(st.sets(st.sampled_from(FAR)))
    ]
    days = st.sampled_from([0, 1_440, 2_880])
    failing += [
        drop(country, SERVICE, draw(days), 2_880, source="ooni") for country in draw(st.sets(st.sampled_from(FAR)))
    ]
    world = list({one.id: one for one in [*made, *failing]}.values())
    for one in draw(st.lists(st.sampled_from(world), max_size=10, unique_by=lambda one: one.id)):
        more = {"from_s": one.from_s + draw(st.sampled_from([0, 600, 7_200])), "until_s": None}
        gone = {"withdrawn": draw(st.booleans())}
        world.append(msgspec.structs.replace(one, revision=1, **more, **gone))
    return world


@given(worlds(), st.randoms(use_true_random=False), st.integers(1, 9))
def test_any_order_and_split_ends_in_the_same(world: list[Drop], chance: random.Random, size: int) -> None:
    twice = world + world[: len(world) // 2]
    chance.shuffle(twice)
    found = run(twice[at : at + size] for at in range(0, len(twice), size))
    assert standing(pieces(found)) == naive(world)
    assert not found.refused


@given(worlds(), st.randoms(use_true_random=False))
def test_after_a_crash_what_comes_again_means_the_same(world: list[Drop], chance: random.Random) -> None:
    stage, store, out = WatchStage(), dict[str, bytes](), list[Any]()
    half = max(1, len(world) // 2)
    out += pieces(run([world[:half]], store, stage))
    # A batch whose records were sent, and of whose writes the first few arrived.
    overlay = Overlay(store)
    out += pieces(run([world[half:]], overlay, stage))
    writes = list(overlay.changes())
    for key, value in writes[: chance.randint(0, len(writes))]:
        if value is None:
            store.pop(key, None)
        else:
            store[key] = value
    # Then all of it once more, in batches of other sizes.
    for one in world[half:]:
        out += pieces(run([[one]], store))
    assert standing(out) == naive(world)


def test_after_a_crash_a_country_leaves_under_the_same_revision() -> None:
    store: dict[str, bytes] = {}
    out = pieces(run([[drop(at) for at in FAR]], store))
    # One country joins and another leaves: at once before the crash, one after the other when they come again.
    late = [drop("GM"), drop("NZ", "bgp", 20)]
    first = pieces(run([late], dict(store)))
    again = pieces(run([[one] for one in late], store))
    gone = [[one for one in found if one.country == "NZ" and one.withdrawn] for found in (first, again)]
    assert [(one.revision, one.withdrawn) for one in gone[0]] == [(7, True)]
    assert [(one.revision, one.withdrawn) for one in gone[1]] == [(7, True)]
    assert standing(out + first + again) == naive([*(drop(at) for at in FAR), *late])


@given(worlds())
def test_what_is_taken_back_leaves_nothing(world: list[Drop]) -> None:
    gone = [msgspec.structs.replace(one, revision=2, withdrawn=True) for one in world]
    assert standing(pieces(run([world, gone]))) == {}
    assert standing(pieces(run([gone, world]))) == {}


def test_pieces_are_revised_when_more_countries_join() -> None:
    first = run([[drop(at) for at in FAR[:4]]], store := dict[str, bytes]())
    assert {piece.countries for piece in pieces(first)} == {tuple(sorted(FAR[:4]))}
    second = run([[drop(FAR[4])]], store)
    assert {piece.country for piece in pieces(second)} == set(FAR)
    assert {(piece.countries, piece.revision) for piece in pieces(second)} == {(tuple(sorted(FAR)), 5)}
    # One that says nothing else changes nothing, and one that ends later only its own country's piece.
    assert run([[drop(FAR[4])]], store).out == []
    later = msgspec.structs.replace(drop(FAR[4], minutes=130), revision=1)
    assert [piece.country for piece in pieces(run([[later]], store))] == [FAR[4]]


def test_a_piece_says_where_and_when_it_was() -> None:
    known = [drop(at, known_s=START_S + 900 + number) for number, at in enumerate(FAR)]
    kenya = next(piece for piece in pieces(run([known])) if piece.country == "KE")
    assert kenya.id == f"common-drop/source-failure/ioda/ping-slash24/{START_S}/KE"
    assert (kenya.drop, kenya.lineage) == (f"source-failure/ioda/ping-slash24/{START_S}",) * 2
    assert (kenya.place.key, kenya.place.time_zone) == ("KE", "Africa/Nairobi")
    assert (kenya.from_s, kenya.until_s, kenya.known_s) == (START_S, START_S + 2 * HOUR_S, START_S + 904)
    assert (kenya.source, kenya.signals, kenya.origin.source) == ("ioda", ("ping-slash24",), "watch")


def test_a_country_whose_other_signals_drop_leaves_the_failure() -> None:
    store: dict[str, bytes] = {}
    run([[drop(at) for at in FAR]], store)
    found = pieces(run([[drop("NZ", "bgp", 20)]], store))
    assert {piece.country: piece.withdrawn for piece in found} == {at: at == "NZ" for at in FAR}


def test_what_is_older_than_is_kept_is_refused_and_expires() -> None:
    stage = WatchStage(WatchRules(expiry_s=30 * DAY_S))
    store: dict[str, bytes] = {}
    run([[drop(at) for at in FAR]], store, stage)
    keys = set(store)
    run([[drop("KE", minute=30 * 1_440)]], store, stage)
    assert keys <= set(store)
    run([[drop("KE", minute=31 * 1_440)]], store, stage)
    late = run([[drop("PE", minute=5)]], store, stage)
    assert [(one.reason, one.field) for one in late.refused] == [("out-of-bounds", "from_s")]
    assert {key.split("/")[0] for key in store} == {"n", "d", "i", "x"}
    assert sum(key.startswith("d/") for key in store) == 2


def test_a_flood_is_bounded() -> None:
    long = "x" * 250
    flood = [
        msgspec.structs.replace(drop("KE", minute=1), id=f"{long}{number}", lineage=long) for number in range(3_000)
    ]
    store: dict[str, bytes] = {}
    found = run([flood[at : at + 500] for at in range(0, 3_000, 500)], store)
    assert {one.reason for one in found.refused} == {"out-of-bounds"}
    assert max(map(len, store.values())) <= drop_store.HOUR_BYTES + 10
    # The next hour has room, and so have revisions of what is there that are no longer.
    assert not run([[drop("KE", minute=61)], [msgspec.structs.replace(flood[0], revision=1)]], store).refused


def test_damaged_state_is_told() -> None:
    store: dict[str, bytes] = {}
    run([[drop("KE")]], store)
    store[f"d/{START_S // HOUR_S}"] = b"\xc1"
    with pytest.raises(StateError, match="d/"):
        run([[drop("PE")]], store)


def test_what_it_gives_is_evidence_of_each_country() -> None:
    found = run([[drop(at) for at in FAR]])
    assert {topic for topic, _ in found.out} == {EVIDENCE}
    assert {EVIDENCE.key(piece) for piece in pieces(found)} == set(FAR)
    assert len({DROPS.key(drop(at)) for at in FAR}) == 1
