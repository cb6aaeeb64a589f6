"""Evidence of one country run at once and piece by piece, and what it has come to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from streams.correlation import CorrelateStage, CountryState, Rules, default_rules
from streams.correlation.lifecycle import over
from streams.stage import Store
from topics import Evidence, Record, Shutdown, ShutdownChange, Topic

#: Digests of what stands, by what belongs together: ids and names made from ids are left out, since those depend on
#: what was given out before.
Digests = tuple[tuple[str, ...], ...]


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
    """Shutdowns, incident by incident, and candidates that stand: everything that a country has come to."""
    incidents: dict[str, list[str]] = {}
    for one in state.standing():
        incidents.setdefault(one.incident, []).append(f"{one.digest} {one.campaign is not None}")
    assert len({one.id for one in state.standing()}) == len(state.kept)
    near = tuple(sorted(f"{one.id} {one.digest}" for one in state.near_misses()))
    return (*sorted(tuple(sorted(own)) for own in incidents.values()), near)


def conclude(*pieces: Evidence) -> list[Shutdown]:
    """The shutdowns that stand after all evidence was loaded and then concluded on."""
    state = CountryState(default_rules())
    for piece in pieces:
        assert state.load(piece)
    state.settle()
    return state.standing()


def with_piece(key: str, *pieces: Evidence) -> Shutdown:
    """The one shutdown that lists a piece of evidence."""
    (found,) = [one for one in conclude(*pieces) if key in {row.id for row in one.evidence}]
    return found


@dataclass
class Country:
    """A stage with its store, what it gave out, and each shutdown as consumers hold it."""

    store: Store = field(default_factory=dict)
    stage: CorrelateStage = field(default_factory=CorrelateStage)
    given_out: dict[str, Shutdown] = field(default_factory=dict)
    out: list[tuple[Topic, Record]] = field(default_factory=list)

    def take(self, pieces: Iterable[Evidence]) -> list[ShutdownChange]:
        """Take pieces in, one after the other: the steps."""
        before = len(self.out)
        for piece in pieces:
            self.out += self.stage.process([piece], self.store).out
        found = [record for _, record in self.out[before:] if isinstance(record, ShutdownChange)]
        self.given_out |= {change.shutdown.id: change.shutdown for change in found}
        return found

    @property
    def stands(self) -> dict[str, str]:
        """What stands by what consumers hold: digests by id."""
        return {key: one.digest for key, one in self.given_out.items() if not over(one)}
