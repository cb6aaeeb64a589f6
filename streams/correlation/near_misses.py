"""The candidates of one country as they were given out: what fell short of a shutdown, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

import msgspec

from streams.correlation.candidates import no_longer
from streams.correlation.given_out import release
from topics import Candidate

#: Candidates by id, each with the outages, or else the claims, that it is of.
Fallen = dict[str, tuple[Candidate, tuple[str, ...]]]


class NearMisses:
    """Every candidate ever given out, by id; and the outages, or else the claims, of those which stand."""

    def __init__(self) -> None:
        self.candidates: dict[str, Candidate] = {}
        self.owners: dict[str, tuple[str, ...]] = {}
        self._owned_by: dict[str, set[str]] = defaultdict(set)

    def restore(self, candidate: Candidate, owners: tuple[str, ...]) -> None:
        """Take in a candidate as it was last given out."""
        self.candidates[candidate.id] = candidate
        if candidate.standing:
            self._own(candidate.id, owners)

    def drop(self, key: str) -> None:
        """Forget a candidate that has expired."""
        self.candidates.pop(key)
        self._disown(key)

    def standing(self) -> list[Candidate]:
        """Those that stand; by begin and id."""
        return sorted((self.candidates[key] for key in self.owners), key=lambda one: (one.from_s, one.id))

    def of(self, pieces: Iterable[str]) -> set[str]:
        """The ids of those that stand and are of any of some pieces."""
        return {one for key in pieces for one in self._owned_by.get(key, ())}

    def moved(self, fallen: Fallen) -> set[str]:
        """Those of some candidates that stand already, of other pieces."""
        return {key for key, (_, owners) in fallen.items() if key in self.owners and self.owners[key] != owners}

    def replace(self, missed: Collection[str], fallen: Fallen) -> list[Candidate]:
        """Let new candidates stand instead of the old ones in `missed`, and give out what differs."""
        found: list[Candidate] = []
        for key in sorted(set(missed) - fallen.keys()):
            self._disown(key)
            found += self._give_out(no_longer(self.candidates[key]))
        for key, (candidate, owners) in sorted(fallen.items()):
            self._disown(key)
            self._own(key, owners)
            found += self._give_out(candidate)
        return found

    def _give_out(self, candidate: Candidate) -> list[Candidate]:
        before = self.candidates.get(candidate.id)
        if before is not None and before.digest == candidate.digest:
            return []
        now = msgspec.structs.replace(candidate, revision=1 if before is None else before.revision + 1)
        self.candidates[candidate.id] = now
        return [now]

    def _own(self, key: str, owners: tuple[str, ...]) -> None:
        self.owners[key] = owners
        for claim in owners:
            self._owned_by[claim].add(key)

    def _disown(self, key: str) -> None:
        release(self._owned_by, self.owners.pop(key, ()), key)
