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
                newest.watch("x", at)
            newest.forget("x")
            newest.watch(key, at)
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
                newest.watch(one, due[one][0])
                due[one] = (due[one][0], due[one][0] < at)


def test_a_shutdown_that_changes_for_ever_takes_no_more_room() -> None:
    newest = Watermark({})
    for at in range(10_000):
        newest.s = at // 2
        newest.watch("lasting", at)
        newest.watch(f"over {at}", at // 3)
        newest.forget(f"over {at}")
        newest.crossed()
    assert len(newest._open) + len(newest._silent) < 200
