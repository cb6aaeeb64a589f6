"""All that is known of one country: its evidence, and the shutdowns that it has come to so far.

Two ways lead to the same shutdowns. `CountryState.apply` takes one piece of evidence and answers with
what changed, touching only the pieces that the new one is linked to. `CountryState.load` takes evidence
without concluding, and `settle` concludes on all of it at once. Tests hold the two equal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from streams import geography
from streams.correlation.conclude import conclude, sealed
from streams.correlation.context import reach_of_protest
from streams.correlation.groups import drafts
from streams.correlation.lifecycle import ended, over, step
from streams.correlation.rules import Rules
from streams.correlation.timeline import Timeline
from streams.correlation.windows import Core, Span, linked, window
from topics import (
    LATEST_S,
    Claim,
    Coverage,
    Evidence,
    Outage,
    Protest,
    Shutdown,
    ShutdownChange,
    digest,
    encode,
)


class CountryState:
    """Evidence and shutdowns of one country. Not thread-safe; pure: no clock, no I/O."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.pieces: dict[str, Evidence] = {}
        self.shutdowns: dict[str, Shutdown] = {}
        #: Ids of the outages and claims that each shutdown that stands was made of.
        self.uses: dict[str, tuple[str, ...]] = {}
        self._used_by: dict[str, set[str]] = defaultdict(set)
        self._cores = Timeline()
        self._coverage = Timeline()
        self._protests = Timeline()
        self._standing = Timeline()

    # ------------------------------------------------------------------ evidence

    def load(self, piece: Evidence) -> bool:
        """Take a piece in, without concluding. False if it is known already, or older than what is known."""
        old = self.pieces.get(piece.id)
        if old is not None and not _newer(piece, old):
            return False
        if old is not None:
            self._unlist(old)
        self.pieces[piece.id] = piece
        if not piece.withdrawn:
            self._list(piece)
        return True

    def restore(self, shutdown: Shutdown, uses: tuple[str, ...]) -> None:
        """Take in a shutdown as it was last given out."""
        self.shutdowns[shutdown.id] = shutdown
        if not over(shutdown):
            self._stand(shutdown, uses)

    def apply(self, piece: Evidence) -> list[ShutdownChange]:
        """Take a piece in and conclude: the changes it makes, in order. None if it says nothing new."""
        old = self.pieces.get(piece.id)
        before = self._near(old) if old is not None and not old.withdrawn else set()
        if not self.load(piece):
            return []
        after = self._near(piece) if not piece.withdrawn else set()
        return self._conclude({key for key in before | after if key in self._cores}, piece.id)

    def settle(self) -> list[ShutdownChange]:
        """Conclude on everything that was loaded, at once."""
        return self._conclude(set(self._cores.ids()), None)

    def standing(self) -> list[Shutdown]:
        """The shutdowns that stand: neither merged nor retracted; by begin and id."""
        return sorted((self.shutdowns[key] for key in self.uses), key=_order)

    def drop(self, piece_ids: Iterable[str], shutdown_ids: Iterable[str]) -> None:
        """Forget evidence and shutdowns that have expired. What was given out stays as it was given out."""
        for key in piece_ids:
            self._unlist(self.pieces.pop(key))
        for key in shutdown_ids:
            self.shutdowns.pop(key)
            if key in self.uses:
                self._fall(key)

    # ------------------------------------------------------------------ what is near what

    def _list(self, piece: Evidence) -> None:
        if isinstance(piece, Outage | Claim):
            self._cores.add(piece.id, window(piece, self.rules))
        elif isinstance(piece, Coverage):
            self._coverage.add(piece.id, _closed(piece))
        else:
            self._protests.add(piece.id, reach_of_protest(piece, self.rules))

    def _unlist(self, piece: Evidence) -> None:
        for line in (self._cores, self._coverage, self._protests):
            line.discard(piece.id)

    def _core(self, key: str) -> Core:
        piece = self.pieces[key]
        assert isinstance(piece, Outage | Claim)
        return piece

    def _near(self, piece: Evidence) -> set[str]:
        """The outages and claims whose shutdowns a piece can change."""
        if isinstance(piece, Outage | Claim):
            return {piece.id, *self._linked(piece)}
        if isinstance(piece, Protest):
            return set(self._cores.during(reach_of_protest(piece, self.rules)))
        claims = ((key, self._core(key)) for key in self._cores.during(_closed(piece)))
        return {
            key for key, core in claims if isinstance(core, Claim) and geography.touches(core.place, piece.place)
        }

    def _linked(self, piece: Core) -> list[str]:
        near = self._cores.during(window(piece, self.rules))
        return [key for key in near if key != piece.id and linked(piece, self._core(key), self.rules)]

    def _components(self, seeds: Iterable[str]) -> list[list[Core]]:
        """For each seed everything that it is linked to, directly or not; seeds linked to each other share one."""
        found: list[list[Core]] = []
        done: set[str] = set()
        for seed in sorted(seeds):
            component: list[Core] = []
            queue = [seed]
            while queue:
                key = queue.pop()
                if key not in done:
                    done.add(key)
                    component.append(self._core(key))
                    queue += [other for other in self._linked(self._core(key)) if other not in done]
            if component:
                found.append(component)
        return found

    # ------------------------------------------------------------------ conclusions

    def _conclude(self, seeds: set[str], because: str | None) -> list[ShutdownChange]:
        components = self._components(seeds)
        touched = {one for cores in components for core in cores for one in self._used_by.get(core.id, ())}
        if because is not None:
            touched |= self._used_by.get(because, set())
        made: dict[str, tuple[Shutdown, tuple[str, ...]]] = {}
        for draft in (draft for cores in components for draft in drafts(cores, self.rules)):
            reach = draft.span.cut(self.rules.seconds("claim_span_s"))
            shutdown = conclude(draft, self._covering(reach), self._protesting(reach), self.rules)
            cores = (*draft.outages, *draft.nested, *draft.claims)
            made[shutdown.id] = (shutdown, tuple(piece.id for piece in cores))
        gone = {key: self.uses[key] for key in sorted(touched - made.keys())}
        moved = self._replace(gone, made)
        fresh = {key: shutdown for key, (shutdown, _) in made.items()}
        self._name_incidents(moved, fresh)
        return self._changes(gone, fresh, because)

    def _covering(self, reach: Span) -> list[Coverage]:
        found = (self.pieces[key] for key in self._coverage.during(reach))
        return [piece for piece in found if isinstance(piece, Coverage)]

    def _protesting(self, reach: Span) -> list[Protest]:
        found = (self.pieces[key] for key in self._protests.during(reach))
        return [piece for piece in found if isinstance(piece, Protest)]

    def _replace(
        self, gone: dict[str, tuple[str, ...]], made: dict[str, tuple[Shutdown, tuple[str, ...]]]
    ) -> list[Span]:
        """Let the new shutdowns stand instead of the old; the spans where incidents may be others now."""
        moved: list[Span] = []
        for key in gone:
            moved.append(self._standing.span(key))
            self._fall(key)
        for key, (shutdown, uses) in made.items():
            if key in self.uses:
                moved.append(self._standing.span(key))
                self._fall(key)
            self._stand(shutdown, uses)
            moved.append(self._standing.span(key))
        return moved

    def _stand(self, shutdown: Shutdown, uses: tuple[str, ...]) -> None:
        self.uses[shutdown.id] = uses
        until = LATEST_S if shutdown.until_s is None else shutdown.until_s
        cut = Span(shutdown.from_s, until).cut(self.rules.seconds("claim_span_s"))
        self._standing.add(shutdown.id, cut)
        for piece in uses:
            self._used_by[piece].add(shutdown.id)

    def _fall(self, key: str) -> None:
        self._standing.discard(key)
        for piece in self.uses.pop(key):
            self._used_by[piece].discard(key)
            if not self._used_by[piece]:
                del self._used_by[piece]

    def _name_incidents(self, moved: list[Span], fresh: dict[str, Shutdown]) -> None:
        """Give every shutdown of each chain that may have changed the chain's name, made from its first.

        `fresh` are the shutdowns just concluded; others of those chains are added to it.
        """
        gap = self.rules.seconds("incident_gap_s")
        done: set[str] = set()
        for span in moved:
            for start in list(self._standing.during(span.grown(gap))):
                if start in done:
                    continue
                chain = self._chain(start, gap)
                done |= chain
                first = min(chain, key=lambda key: (self._standing.span(key).from_s, key))
                name = f"incident-{digest(first)[:16]}"
                for key in chain:
                    now = fresh.get(key) or self.shutdowns[key]
                    if key in fresh or now.incident != name:
                        fresh[key] = sealed(msgspec.structs.replace(now, incident=name))

    def _chain(self, start: str, gap: int) -> set[str]:
        found: set[str] = set()
        queue = [start]
        while queue:
            key = queue.pop()
            if key not in found:
                found.add(key)
                queue += [
                    one for one in self._standing.during(self._standing.span(key).grown(gap)) if one not in found
                ]
        return found

    def _changes(
        self, gone: dict[str, tuple[str, ...]], fresh: dict[str, Shutdown], because: str | None
    ) -> list[ShutdownChange]:
        found: list[ShutdownChange] = []
        causes = () if because is None else (because,)
        for shutdown in sorted(fresh.values(), key=_order):
            found += self._give_out(shutdown, causes)
        for key, uses in gone.items():
            heirs = {heir for piece in uses for heir in self._used_by.get(piece, ())}
            heir = min((self.shutdowns[one] for one in heirs), key=_order, default=None)
            found += self._give_out(ended(self.shutdowns[key], heir), causes)
        return found

    def _give_out(self, shutdown: Shutdown, because: tuple[str, ...]) -> list[ShutdownChange]:
        before = self.shutdowns.get(shutdown.id)
        if before is not None and before.digest == shutdown.digest:
            return []
        revision = 1 if before is None else before.revision + 1
        now = msgspec.structs.replace(shutdown, revision=revision)
        self.shutdowns[shutdown.id] = now
        return [step(before, now, because)]


def _closed(piece: Coverage) -> Span:
    return Span(piece.from_s, LATEST_S if piece.until_s is None else piece.until_s)


def _order(shutdown: Shutdown) -> tuple[int, str]:
    return (shutdown.from_s, shutdown.id)


def _newer(piece: Evidence, old: Evidence) -> bool:
    """Whether a piece replaces another of its id: the higher revision, and of equals the greater bytes."""
    if piece.revision != old.revision:
        return piece.revision > old.revision
    return piece != old and encode(piece) > encode(old)
