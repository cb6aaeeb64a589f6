"""What the newest evidence turns is told once, and remembering it takes no more than it needs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.correlation.watermark import Turn, Watermark

KEYS = ("a", "b", "c")
ACTIONS = st.one_of(
    st.tuples(st.just("watch"), st.sampled_from(KEYS), st.lists(st.integers(1, 6), min_size=1, max_size=2)),
    st.tuples(st.just("forget"), st.sampled_from(KEYS), st.just([0])),
    st.tuples(st.just("now"), st.just(""), st.lists(st.integers(1, 6), min_size=1, max_size=1)),
)


def turns(newest: Watermark, moments: list[int]) -> tuple[Turn, ...]:
    """Turns as they are at this moment."""
    return tuple(Turn(at, at < newest.s) for at in moments)


@given(st.lists(ACTIONS, max_size=60), st.integers(0, 300))
def test_what_crosses_the_newest_is_told(actions: list[tuple[str, str, list[int]]], busy: int) -> None:
    newest = Watermark({})
    due: dict[str, tuple[Turn, ...]] = {}
    for what, key, moments in actions:
        if what == "watch":
            for _ in range(busy):
                newest.watch("x", turns(newest, moments))
            newest.forget("x")
            due[key] = turns(newest, moments)
            newest.watch(key, due[key])
        elif what == "forget":
            newest.forget(key)
            due.pop(key, None)
        else:
            newest.s = moments[0]
            crossed = {key for key, known in due.items() if known != turns(newest, [one.after_s for one in known])}
            assert set(newest.crossed()) == crossed
            # Whoever is told looks at them again.
            for one in crossed:
                due[one] = turns(newest, [known.after_s for known in due[one]])
                newest.watch(one, due[one])


def test_a_shutdown_that_changes_for_ever_takes_no_more_room() -> None:
    newest = Watermark({})
    for at in range(10_000):
        newest.s = at // 2
        newest.watch("lasting", turns(newest, [at]))
        newest.watch(f"over {at}", turns(newest, [at // 3]))
        newest.forget(f"over {at}")
        newest.crossed()
    assert len(newest._ahead) + len(newest._passed) < 200


def test_what_was_given_out_as_passed_before_a_crash_and_is_not_is_told() -> None:
    newest = Watermark({})
    newest.s = 3
    newest.watch("was silent", [Turn(5, passed=True)])
    newest.watch("was open", [Turn(2, passed=False)])
    newest.watch("as it was", [Turn(2, passed=True), Turn(7, passed=False)])
    assert set(newest.crossed()) == {"was silent", "was open"}
    assert newest.crossed() == []
