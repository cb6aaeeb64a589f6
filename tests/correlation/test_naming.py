"""Ids: which shutdown keeps one where evidence merges, splits, moves or was given out before."""

from __future__ import annotations

import random
import string
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.correlation import CountryState, default_rules
from streams.correlation.incidents import Member
from streams.correlation.naming import Conclusion, Kept, Names, order
from streams.correlation.windows import Span
from tests.correlation.evidence import HOUR_S, START_S, outage
from topics import Shutdown


def base() -> Shutdown:
    state = CountryState(default_rules())
    state.load(outage("o"))
    state.settle()
    (shutdown,) = state.standing()
    return shutdown


BASE = base()


def made(key: str, uses: str, from_h: int = 0) -> Conclusion:
    """A conclusion whose evidence is pieces of one letter each: capitals are outages."""
    from_s = START_S + from_h * HOUR_S
    evidence = tuple(msgspec.structs.replace(BASE.evidence[0], id=piece) for piece in uses)
    shutdown = msgspec.structs.replace(BASE, id=key, from_s=from_s, until_s=from_s + HOUR_S, evidence=evidence)
    return Conclusion(shutdown, Kept(tuple(uses)), Member(Span(from_s, from_s + HOUR_S), 0, measured=True))


def named(concluded: list[Conclusion], before: list[Conclusion], *others: Conclusion) -> dict[str, str]:
    """The evidence of each id, after `before` was looked at again beside `others` that stand."""
    touched = {one.shutdown.id: one.shutdown for one in before}
    kept = {one.shutdown.id: one.kept for one in (*before, *others)}
    found = Names(str.isupper).name(concluded, touched, kept)
    assert all(key == one.shutdown.id for key, one in found.items())
    return {key: "".join(one.kept.uses) for key, one in found.items()}


def test_the_oldest_id_wins_a_merge() -> None:
    older, younger = made("older", "A", 0), made("younger", "BCD", 3)
    for before in ([older, younger], [younger, older]):
        assert named([made("new", "ABCD")], before) == {"older": "ABCD"}


def test_a_split_keeps_the_id_where_most_evidence_is() -> None:
    before = made("id", "ABC")
    parts = [made("left", "A", 0), made("right", "BC", 5)]
    assert named(parts, [before]) == {"id": "BC", "left": "A"}
    assert named(parts[::-1], [before]) == {"id": "BC", "left": "A"}


def test_what_was_measured_says_more_than_a_claim() -> None:
    assert named([made("x", "a", 0), made("y", "B", 5)], [made("id", "aB")]) == {"id": "B", "x": "a"}
    assert named([made("x", "abc", 0), made("y", "D", 5)], [made("id", "abcD")]) == {"id": "abc", "y": "D"}


def test_an_id_stays_while_any_of_its_evidence_stands() -> None:
    assert named([made("new", "cde")], [made("id", "ABc")]) == {"id": "cde"}
    assert named([made("new", "de")], [made("id", "ABc")]) == {"new": "de"}


def test_an_id_that_another_shutdown_has_is_not_given_out_again() -> None:
    found = named([made("id", "B", 5)], [], made("id", "A"))
    assert "id" not in found
    ((key, uses),) = found.items()
    assert uses == "B"
    assert key.startswith(f"{BASE.country}-")
    # The same evidence gets the same one again.
    assert named([made("id", "B", 5)], [], made("id", "A")) == found


def test_two_of_one_id_get_two() -> None:
    found = named([made("id", "A", 0), made("id", "B", 5)], [])
    assert len(found) == 2
    assert found["id"] == "A"


def test_of_two_with_all_of_its_evidence_the_one_with_least_beside_keeps_the_id() -> None:
    before = made("id", "B", 0)
    for after in ([made("x", "AB", 0), made("y", "B", 0)], [made("y", "B", 0), made("x", "AB", 0)]):
        assert named(after, [before]) == {"id": "B", "x": "AB"}


@pytest.mark.parametrize("order", [1, -1])
def test_each_of_several_keeps_its_own(order: int) -> None:
    before = [made("p", "AB", 0), made("q", "CD", 4)]
    after = [made("x", "ABe", 0), made("y", "CDf", 4)]
    assert named(after[::order], before[::order]) == {"p": "ABe", "q": "CDf"}


GROUPS = st.lists(st.integers(0, 3), min_size=8, max_size=8)


def grouped(groups: list[int], prefix: str) -> list[Conclusion]:
    pieces = "ABCDefgh"
    found = []
    for group in sorted(set(groups)):
        uses = "".join(piece for piece, own in zip(pieces, groups, strict=True) if own == group)
        found.append(made(f"{prefix}{group}", uses, pieces.index(uses[0])))
    return found


@given(before=GROUPS, after=GROUPS, data=st.data())
def test_no_id_is_given_twice_and_order_makes_no_difference(
    before: list[int], after: list[int], data: st.DataObject
) -> None:
    old, new = grouped(before, "old"), grouped(after, "new")
    found = named(new, old)
    assert sorted(found.values()) == sorted("".join(one.kept.uses) for one in new)
    # All evidence was looked at again, and all of it stands: as many ids stay as can.
    assert len(set(found) & {one.shutdown.id for one in old}) >= 1
    for key in set(found) & {one.shutdown.id for one in old}:
        (own,) = [one for one in old if one.shutdown.id == key]
        assert set(own.kept.uses) & set(found[key])
    assert named(data.draw(st.permutations(new)), data.draw(st.permutations(old))) == found


def test_a_name_changes_nothing_but_the_id() -> None:
    one = made("new", "A")
    (after,) = Names(str.isupper).name([one], {"id": made("id", "A").shutdown}, {"id": Kept(("A",))}).values()
    assert after == replace(one, shutdown=msgspec.structs.replace(one.shutdown, id="id"))


def plainly(concluded: list[Conclusion], before: list[Conclusion]) -> dict[str, str]:
    """The same for ids that were given out, each conclusion compared with each id."""
    waiting = sorted(concluded, key=lambda one: order(one.shutdown))
    found: dict[str, str] = {}
    for was in sorted(before, key=lambda one: order(one.shutdown)):
        shared = [
            sum(2 if piece.isupper() else 1 for piece in was.kept.uses if piece in one.kept.uses) for one in waiting
        ]
        best = max(range(len(waiting)), key=lambda at: (shared[at], -len(waiting[at].kept.uses), -at), default=None)
        if best is not None and shared[best]:
            found[was.shutdown.id] = "".join(waiting.pop(best).kept.uses)
    return found


@given(st.integers(0, 2**32))
@settings(max_examples=150)
def test_claims_of_everything_change_no_name(seed: int) -> None:
    """Two or three claims are a part of nearly all of many conclusions: those are looked at after the others."""
    rng = random.Random(seed)

    def some(name: str, most: int) -> Conclusion:
        own = {rng.choice(string.ascii_letters[:-6]) for _ in range(rng.randrange(most))}
        common = {piece for piece in "xyz" if rng.random() < 0.8}
        return made(name, "".join(sorted(own | common)) or "w", rng.randrange(9))

    concluded = [some(f"new{number}", 4) for number in range(rng.randrange(50))]
    before = [some(f"old{number}", 4) for number in range(rng.randrange(40))]
    found = named(concluded, before)
    assert {key: uses for key, uses in found.items() if key.startswith("old")} == plainly(concluded, before)
