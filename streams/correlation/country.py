"""All that is known of one country: its evidence, and the shutdowns that it has come to so far.

Two ways lead to the same shutdowns. `CountryState.apply` takes one piece of evidence and answers with
what changed, touching only its neighbourhood in time. `CountryState.load` takes evidence without concluding,
and `settle` concludes on all of it at once. Tests hold the two equal.

What is one neighbourhood is told by links. Outages are linked that could be one, by time and place. A claim
belongs to whatever measured things it meets; claims that meet none are linked among themselves. So a chain of
claims does not tie together what was measured, nor the other way round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from streams import geography
from streams.correlation.conclude import Surroundings, conclude, sealed
from streams.correlation.context import reach_of_protest
from streams.correlation.groups import Draft, claimed, claims_linked, cuts, measured, meets
from streams.correlation.lifecycle import ended, over, step
from streams.correlation.rules import Rules
from streams.correlation.timeline import Timeline
from streams.correlation.windows import Span, window
from streams.scoring import Recurrences, Scorer, default_scorer
from topics import (
    LATEST_S,
    Claim,
    Coverage,
    Evidence,
    Outage,
    Place,
    Protest,
    Shutdown,
    ShutdownChange,
    digest,
    encode,
)


class CountryState:
    """Evidence and shutdowns of one country. Not thread-safe; pure: no clock, no I/O."""

    def __init__(self, rules: Rules, scorer: Scorer | None = None) -> None:
        self.rules = rules
        self.scorer = scorer or default_scorer()
        self.pieces: dict[str, Evidence] = {}
        self.shutdowns: dict[str, Shutdown] = {}
        #: Ids of the outages and claims that each shutdown that stands was made of.
        self.uses: dict[str, tuple[str, ...]] = {}
        self._used_by: dict[str, set[str]] = defaultdict(set)
        self._outages = Timeline()
        self._recurrences = Recurrences()
        self._claims = Timeline()
        self._blocked = Timeline()
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
        near = _Near()
        if old is not None and not old.withdrawn:
            self._reach(old, near)
        if not self.load(piece):
            return []
        if not piece.withdrawn:
            self._reach(piece, near)
        return self._conclude(near, piece.id)

    def settle(self) -> list[ShutdownChange]:
        """Conclude on everything that was loaded, at once."""
        return self._conclude(_Near(set(self._outages.ids()), set(self._claims.ids())), None)

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
        if isinstance(piece, Outage):
            self._outages.add(piece.id, window(piece, self.rules))
            self._recurrences.add(piece)
        elif isinstance(piece, Claim):
            self._claims.add(piece.id, window(piece, self.rules))
            if not cuts(piece):
                self._blocked.add(piece.id, window(piece, self.rules))
        elif isinstance(piece, Coverage):
            self._coverage.add(piece.id, _closed(piece))
        else:
            self._protests.add(piece.id, reach_of_protest(piece, self.rules))

    def _unlist(self, piece: Evidence) -> None:
        for line in (self._outages, self._recurrences, self._claims, self._blocked, self._coverage, self._protests):
            line.discard(piece.id)

    def _outage(self, key: str) -> Outage:
        piece = self.pieces[key]
        assert isinstance(piece, Outage)
        return piece

    def _claim(self, key: str) -> Claim:
        piece = self.pieces[key]
        assert isinstance(piece, Claim)
        return piece

    def _around(self, piece: Evidence, line: Timeline, during: Span) -> list[str]:
        """The ids of what a timeline holds in a stretch of time, where its place touches the piece's."""
        place = piece.place
        return [key for key in line.during(during) if geography.touches(place, self.pieces[key].place)]

    def _reach(self, piece: Evidence, near: _Near) -> None:
        """Add the outages and claims whose shutdowns a piece can change."""
        if isinstance(piece, Outage | Claim):
            during = window(piece, self.rules)
            near.outages.update(self._around(piece, self._outages, during))
            near.claims.update(self._around(piece, self._claims, during))
            near.outages.update(self._recurrences.with_(piece.id))
        elif isinstance(piece, Protest):
            during = reach_of_protest(piece, self.rules)
            near.outages.update(self._outages.during(during))
            near.claims.update(key for key in self._claims.during(during) if self._alone(key))
        else:
            near.claims.update(key for key in self._around(piece, self._claims, _closed(piece)) if self._alone(key))

    def _alone(self, key: str) -> bool:
        """Whether a claim stands for itself, as far as was concluded: it met nothing measured."""
        return any(not self.shutdowns[one].signals for one in self._used_by.get(key, ()))

    def _component(self, seed: str) -> list[Outage]:
        """An outage and all that it is linked to, directly or not."""
        found: dict[str, Outage] = {}
        queue = [seed]
        while queue:
            key = queue.pop()
            if key not in found:
                found[key] = self._outage(key)
                queue += self._around(found[key], self._outages, self._outages.span(key))
        return list(found.values())

    # ------------------------------------------------------------------ conclusions

    def _conclude(self, near: _Near, because: str | None) -> list[ShutdownChange]:
        drafts, touched = self._drafts(near, because)
        made: dict[str, tuple[Shutdown, tuple[str, ...]]] = {}
        for draft in drafts:
            reach = draft.span.cut(self.rules.seconds("claim_span_s"))
            shutdown = conclude(draft, self._surroundings(draft, reach), self.rules, self.scorer)
            made[shutdown.id] = (shutdown, tuple(piece.id for piece in draft.pieces))
        gone = {key: self.uses[key] for key in sorted(touched - made.keys())}
        moved = self._replace(gone, made)
        fresh = {key: shutdown for key, (shutdown, _) in made.items()}
        self._name_incidents(moved, fresh)
        return self._changes(gone, fresh, because)

    def _drafts(self, near: _Near, because: str | None) -> tuple[list[Draft], set[str]]:
        """The drafts of a neighbourhood, and the shutdowns that stood there before."""
        groups = _Groups(self, near.outages)
        seen = groups.outages | ({because} if because is not None else set())
        touched = {one for key in seen for one in self._used_by.get(key, ()) if self.shutdowns[one].signals}
        claims = {key for key in near.claims if key in self._claims}
        claims.update(key for outage in groups.outages for key in self._claims_near(outage))
        claims.update(key for one in touched for key in self.uses[one] if key in self._claims)
        alone: set[str] = set()
        for claim in sorted(map(self._claim, claims), key=_begin):
            met = [draft for draft in groups.near(claim) if meets(claim, draft, self.rules)]
            for draft in met:
                draft.claims.append(claim)
            if not met:
                alone.add(claim.id)
        stood = {
            one
            for key in claims | ({because} if because is not None else set())
            for one in self._used_by.get(key, ())
            if not self.shutdowns[one].signals
        }
        mates = {key for one in stood for key in self.uses[one] if key in self._claims and key not in claims}
        found = [*groups.drafts]
        for component in self._alone_components(alone | mates, claims):
            found += claimed(component, self.rules)
            stood.update(one for claim in component for one in self._used_by.get(claim.id, ()))
        return found, touched | {one for one in stood if not self.shutdowns[one].signals}

    def _claims_near(self, outage: str) -> list[str]:
        return self._around(self.pieces[outage], self._claims, self._outages.span(outage))

    def _alone_components(self, alone: set[str], judged: set[str]) -> list[list[Claim]]:
        """Claims that stand for themselves, with all that they are linked to, directly or not.

        `alone` are where to begin; of the claims in `judged` only those among them stand for themselves.
        """
        found: list[list[Claim]] = []
        done: set[str] = set()
        for seed in sorted(alone):
            component: list[Claim] = []
            queue = [seed]
            while queue:
                key = queue.pop()
                if key in done:
                    continue
                done.add(key)
                claim = self._claim(key)
                component.append(claim)
                for other in self._claims.during(self._claims.span(key)):
                    stands = other in alone or (other not in judged and self._alone(other))
                    if stands and other not in done and claims_linked(claim, self._claim(other), self.rules):
                        queue.append(other)
            if component:
                found.append(component)
        return found

    def _surroundings(self, draft: Draft, reach: Span) -> Surroundings:
        own = [outage.id for outage in draft.outages]
        return Surroundings(
            coverage=self._covering(reach) if not own else (),
            protests=self._protesting(reach),
            blocked=self._blocking(draft.place, reach) if own else (),
            recurrence=self._recurrences.days(own),
        )

    def _blocking(self, place: Place, reach: Span) -> list[Claim]:
        """Claims of blocked services, to which no drop answers, but which go with cuts."""
        found = map(self._claim, self._blocked.during(reach))
        return [claim for claim in found if geography.touches(place, claim.place)]

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


@dataclass(slots=True)
class _Near:
    """Ids of the outages and claims in whose neighbourhood something changed."""

    outages: set[str] = field(default_factory=set)
    claims: set[str] = field(default_factory=set)


class _Groups:
    """The drafts that the outages of a neighbourhood make, component by component, and those of others near."""

    def __init__(self, state: CountryState, seeds: set[str]) -> None:
        self._state = state
        self._of: dict[str, list[Draft]] = {}
        #: The drafts of the neighbourhood, and the outages that they are made of.
        self.drafts: list[Draft] = []
        for seed in sorted(seeds):
            if seed in state._outages and seed not in self._of:
                self.drafts += self._make(seed)
        self.outages = set(self._of)

    def near(self, claim: Claim) -> list[Draft]:
        """The drafts, of this neighbourhood or not, that have an outage which could meet a claim."""
        state = self._state
        found: dict[int, Draft] = {}
        for key in state._around(claim, state._outages, state._claims.span(claim.id)):
            for draft in self._of[key] if key in self._of else self._make(key):
                found[id(draft)] = draft
        return list(found.values())

    def _make(self, seed: str) -> list[Draft]:
        component = self._state._component(seed)
        made = measured(component, self._state.rules)
        for outage in component:
            self._of[outage.id] = made
        return made


def _begin(claim: Claim) -> tuple[int, str]:
    return (claim.from_s, claim.id)


def _closed(piece: Coverage) -> Span:
    return Span(piece.from_s, LATEST_S if piece.until_s is None else piece.until_s)


def _order(shutdown: Shutdown) -> tuple[int, str]:
    return (shutdown.from_s, shutdown.id)


def _newer(piece: Evidence, old: Evidence) -> bool:
    """Whether a piece replaces another of its id: the higher revision, and of equals the greater bytes."""
    if piece.revision != old.revision:
        return piece.revision > old.revision
    return piece != old and encode(piece) > encode(old)
