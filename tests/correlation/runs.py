"""Evidence of one country run at once and piece by piece, and what it has come to."""

from __future__ import annotations

from collections.abc import Sequence

from streams.correlation import CountryState, Rules, default_rules
from topics import Evidence, ShutdownChange

Digests = dict[str, str]


def at_once(evidence: Sequence[Evidence], rules: Rules | None = None) -> Digests:
    """What stands after all evidence was loaded and then concluded on."""
    state = CountryState(rules or default_rules())
    for piece in evidence:
        state.load(piece)
    state.settle()
    return standing(state)


def one_by_one(
    evidence: Sequence[Evidence], rules: Rules | None = None
) -> tuple[CountryState, list[ShutdownChange]]:
    """The country after each piece was concluded on as it came, and the steps."""
    state = CountryState(rules or default_rules())
    changes = [change for piece in evidence for change in state.apply(piece).shutdowns]
    return state, changes


def standing(state: CountryState) -> Digests:
    """Shutdowns and candidates that stand: everything that a country has come to."""
    shutdowns = {one.id: one.digest for one in state.standing()}
    return shutdowns | {one.id: one.digest for one in state.near_misses()}
