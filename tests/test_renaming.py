"""The comparison up to renaming: it takes other names, and nothing else, for the same."""

from __future__ import annotations

import msgspec

from streams.correlation import CountryState, default_rules
from tests.correlation.evidence import ALMATY_REGION, ASTANA, DAY_S, START_S, outage
from tests.renaming import contents
from topics import Shutdown


def found() -> list[Shutdown]:
    state = CountryState(default_rules())
    for piece in (outage("a", ALMATY_REGION), outage("b", ASTANA), outage("c", ASTANA, START_S + 60 * DAY_S)):
        state.apply(piece)
    one, two, three = state.standing()
    assert len({one.id, two.id, three.id}) == 3
    return [
        msgspec.structs.replace(one, incident="i"),
        msgspec.structs.replace(two, incident="i"),
        msgspec.structs.replace(three, incident="k"),
    ]


def test_other_names_are_the_same() -> None:
    other = [
        msgspec.structs.replace(one, id=f"x-{number}", revision=9, incident=f"x-{one.incident}")
        for number, one in enumerate(reversed(found()))
    ]
    assert contents(other) == contents(found())


def test_anything_else_is_not() -> None:
    one, two, three = found()
    replace = msgspec.structs.replace
    for other in (
        [one, two],
        [replace(one, from_s=one.from_s + 1), two, three],
        [replace(one, digest="0" * 32), two, three],
        [replace(one, incident="k"), two, three],
        [replace(one, incident="j"), two, three],
        [replace(one, campaign="c"), two, three],
    ):
        assert contents(other) != contents([one, two, three])
    whole = [replace(one, campaign="c"), replace(two, campaign="c"), three]
    assert contents([replace(one, campaign="c"), replace(two, campaign="d"), three]) != contents(whole)
