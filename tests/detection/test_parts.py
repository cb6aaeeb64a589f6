"""Drops of parts that make an outage of the whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detection.parts import Drop, wholes

HOUR = 3_600
EQUAL = dict.fromkeys("abcdef", 1.0)


def test_most_parts_are_the_whole_and_few_are_not() -> None:
    out: dict[str, list[Drop]] = {name: [Drop(0, 10 * HOUR)] for name in "abc"}
    [one] = wholes(out, EQUAL)
    assert (one.from_s, one.until_s, one.share, one.parts) == (0, 10 * HOUR, 0.5, ("a", "b", "c"))
    assert wholes({name: out[name] for name in "ab"}, EQUAL) == []


def test_parts_count_by_their_weight() -> None:
    weights = EQUAL | {"a": 20.0}
    out: dict[str, list[Drop]] = {name: [Drop(0, HOUR)] for name in "bcdef"}
    assert wholes(out, weights) == []
    [one] = wholes({name: [Drop(0, HOUR)] for name in "abc"}, weights)
    assert one.share == 0.88


def test_it_begins_when_enough_are_out_and_ends_when_they_no_longer_are() -> None:
    out: dict[str, list[Drop]] = {
        "a": [Drop(0, 9 * HOUR)],
        "b": [Drop(HOUR, 8 * HOUR, 0.8)],
        "c": [Drop(2 * HOUR, None, 0.5)],
    }
    [one] = wholes(out, EQUAL)
    assert (one.from_s, one.until_s) == (2 * HOUR, 8 * HOUR)
    assert one.lost == one.mean_lost == pytest.approx(2.3 / 6, abs=1e-6)
    [still] = wholes({name: [Drop(0, None)] for name in "abcd"}, EQUAL)
    assert still.until_s is None


def test_two_nights_are_two_and_a_short_return_is_none() -> None:
    out: dict[str, list[Drop]] = {name: [Drop(0, 5 * HOUR), Drop(24 * HOUR, 29 * HOUR)] for name in "abcd"}
    assert [(one.from_s, one.until_s) for one in wholes(out, EQUAL)] == [(0, 5 * HOUR), (24 * HOUR, 29 * HOUR)]
    out = {name: [Drop(0, 5 * HOUR), Drop(5 * HOUR + 1_800, 9 * HOUR)] for name in "abcd"}
    assert [(one.from_s, one.until_s) for one in wholes(out, EQUAL)] == [(0, 9 * HOUR)]


def test_two_parts_add_up_to_nothing() -> None:
    assert wholes({"a": [Drop(0, HOUR)], "b": [Drop(0, HOUR)]}, {"a": 1, "b": 1}) == []


SPANS = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 30)), max_size=4)


@given(st.dictionaries(st.sampled_from("abcdef"), SPANS), st.randoms(use_true_random=False))
def test_order_makes_no_difference(drawn: dict[str, list[tuple[int, int]]], rng: object) -> None:
    out: dict[str, list[Drop]] = {
        name: [Drop(begin * HOUR, (begin + length) * HOUR) for begin, length in spans]
        for name, spans in drawn.items()
    }
    names = list(out)
    rng.shuffle(names)  # type: ignore[attr-defined]
    found = wholes(out, EQUAL)
    assert wholes({name: list(reversed(out[name])) for name in names}, EQUAL) == found
    for one in found:
        assert one.share >= 0.5
        assert len(one.parts) >= 3
