"""What has become silent, or is silent no longer, is told once, and remembering it takes no more than it needs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.correlation.watermark import Watermark

KEYS = ("a", "b", "c")
ACTIONS = st.one_of(
    st.tuples(st.just("watch"), st.sampled_from(KEYS), st.integers(1, 6)),
    st.tuples(st.just("forget"), st.sampled_from(KEYS), st.just(0)),
    st.tuples(st.just("now"), st.just(""), st.integers(1, 6)),
)


@given(st.lists(ACTIONS, max_size=60), st.integers(0, 300))
def test_what_crosses_the_newest_is_told(actions: list[tuple[str, str, int]], busy: int) -> None:
    newest = Watermark({})
    due: dict[str, tuple[int, bool]] = {}
    for what, key, at in actions:
        if what == "watch":
            for _ in range(busy):
                newest.watch("x", at, silent=at < newest.s)
            newest.forget("x")
            newest.watch(key, at, silent=at < newest.s)
            due[key] = (at, at < newest.s)
        elif what == "forget":
            newest.forget(key)
            due.pop(key, None)
        else:
            newest.s = at
            crossed = {one for one, (at_s, silent) in due.items() if (at_s < at) is not silent}
            assert set(newest.crossed()) == crossed
            # Whoever is told looks at them again.
            for one in crossed:
                newest.watch(one, due[one][0], silent=due[one][0] < at)
                due[one] = (due[one][0], due[one][0] < at)


def test_a_shutdown_that_changes_for_ever_takes_no_more_room() -> None:
    newest = Watermark({})
    for at in range(10_000):
        newest.s = at // 2
        newest.watch("lasting", at, silent=at < newest.s)
        newest.watch(f"over {at}", at // 3, silent=at // 3 < newest.s)
        newest.forget(f"over {at}")
        newest.crossed()
    assert len(newest._open) + len(newest._silent) < 200


def test_what_was_given_out_as_silent_before_a_crash_and_is_not_is_told() -> None:
    newest = Watermark({})
    newest.s = 3
    newest.watch("was silent", 5, silent=True)
    newest.watch("was open", 2, silent=False)
    newest.watch("as it was", 2, silent=True)
    assert set(newest.crossed()) == {"was silent", "was open"}
    assert newest.crossed() == []
